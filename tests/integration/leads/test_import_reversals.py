"""What of an import is taken back, what stays, and how long its workbook is kept (L-02, X-65)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.chassis.duties import Task
from services.chassis.imports import ImportBatch, ImportRow
from services.chassis.imports.registers import ImportSource
from services.contracts.errors import Conflict
from services.leads.customers import Customer, CustomerStage
from services.leads.customers.duplicates import DuplicateCandidate
from tests.integration.leads.import_world import Office, office
from tests.integration.leads.world import World

__all__ = ["office"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-02", "L-03")
def test_a_second_telephone_does_not_take_the_place_of_the_first_and_pairs_go_with_their_row(office: Office) -> None:
    uid = office.customer("13800000001", "王芳")
    for kind, key in (("phone", "13900000001"), ("id_no", "11010519491231002X")):
        office.world.do("add_key_customer", {"id": uid, "key_kind": kind, "key": key})
    batch = office.hand_in(
        [("王芳芳", "13900000001", None, "11010519491231002X"), ("王女士", "13700000001", None, None)]
    )
    assert office.rows(batch)[0].changes == {"name": ["王芳", "王芳芳"]}
    done = office.do("run", batch)
    assert (office.world.get(Customer, uid).phone, office.world.get(Customer, uid).name) == ("13800000001", "王芳芳")
    (pair,) = office.world.all(DuplicateCandidate)
    assert pair.state == "suspected"
    office.do("revert", done)
    assert office.states(batch) == ["reverted", "reverted"]
    assert office.world.get(DuplicateCandidate, pair.id).state == "dropped"
    assert [one.state for one in office.world.all(Task, Task.record_id == pair.id)] == ["dropped"]


@pytest.mark.requirement("L-02")
def test_what_was_used_or_changed_since_is_not_taken_back_and_says_why(office: Office) -> None:
    world = office.world
    world.do("set_up_project", {"code": "P02", "name": "翡翠湾", "company_id": "C01"})
    office.customer("13800000001", "甲")
    office.customer("13800000002", "乙")
    elsewhere = office.customer("13800000009", "别处", "P02")
    rows = [
        ("甲二", "13800000001"), ("乙二", "13800000002"), ("丙", "13800000003"), ("丁", "13800000004"),
        ("戊", "13800000005"), ("别处二", "13800000009"),
    ]  # fmt: skip
    done = office.do("run", office.hand_in(rows))
    made = {row.label.split()[0]: row.record_id for row in office.rows(done)}
    world.now += timedelta(minutes=1)
    world.do("update_customer", {"id": made["乙二"], "name": "乙三"})
    world.do("update_customer", {"id": made["丙"], "name": "丙二"})
    world.do("begin_customer_stage", {"uid": made["丁"], "project_id": "P02"})
    back = office.do("revert", done)
    assert office.states(back) == ["reverted", "kept", "kept", "kept", "reverted", "reverted"]
    assert office.reasons(back) == [
        [], ["import_changed_after"], ["import_changed_after"], ["import_used_after"], [], ["import_stage_stays"],
    ]  # fmt: skip
    assert office.customers() == {
        "13800000001": "甲", "13800000002": "乙三", "13800000003": "丙二", "13800000004": "丁", "13800000009": "别处",
    }  # fmt: skip
    assert {one.project_id for one in world.all(CustomerStage, CustomerStage.uid == elsewhere)} == {"P01", "P02"}


@pytest.mark.requirement("X-65")
def test_what_a_workbook_held_goes_when_its_term_is_over(office: Office) -> None:
    world, second = office.world, timedelta(seconds=1)
    office.customer("13800000001", "甲")
    checked = office.hand_in([("甲二", "13800000001"), ("乙", "13800000002")])
    begun = world.now
    done = office.do("run", office.hand_in([("丙", "13800000003"), ("甲三", "13800000001")]))
    assert held(world, done) == (0, 1), "the rows go when the batch is done, what was there before does not"

    world.at(begun + timedelta(days=30) - second)
    assert (office.batch(checked.id).state, office.batch(done.id).state) == ("checked", "done")
    late = office.hand_in([("丁", "13800000004"), ("甲四", "13800000001")])
    world.at(begun + timedelta(days=30))
    assert (office.batch(checked.id).state, held(world, checked)) == ("discarded", (0, 0))
    assert (office.batch(done.id).state, held(world, done)) == ("settled", (0, 0))
    with pytest.raises(Conflict):
        world.do("revert_import_batch", {"id": done.id}, by=office.steward)
    assert office.customers() == {"13800000001": "甲三", "13800000003": "丙"}

    world.at(begun + timedelta(days=50))
    ran = office.do("run", late)
    world.at(begun + timedelta(days=80) - second)
    assert office.batch(ran.id).state == "done", "the term begins anew with the run"
    back = office.do("revert", ran)
    assert (back.state, held(world, back)) == ("reverted", (0, 0))


def held(world: World, batch: ImportBatch) -> tuple[int, int]:
    """Parts of the workbook that are kept, and rows with what was there before."""
    with world.reading() as work:
        parts = sa.select(sa.func.count()).select_from(ImportSource).where(ImportSource.batch_id == batch.id)
        before = sa.select(sa.func.count()).select_from(ImportRow)
        kept = before.where(ImportRow.batch_id == batch.id, ImportRow.before.is_not(sa.null()))
        return work.session.scalar(parts), work.session.scalar(kept)
