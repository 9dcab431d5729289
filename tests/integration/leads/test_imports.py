"""Customers from a workbook: checked, carried out, taken back; in parts that survive any end of the process (L-02)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import imports
from services.chassis.imports import carrying, steps
from services.chassis.imports.registers import ImportSource
from services.chassis.settings import ROOT
from services.chassis.tables import Audit
from services.contracts.errors import Conflict, Forbidden, NotFound, ValidationFailed
from services.contracts.events.leads import CustomerRegistered, CustomerUpdated, CustomerWithdrawn
from services.leads.customers import Customer, CustomerStage
from services.leads.customers.importing import CustomerImport
from tests.integration.leads.import_world import Office, office
from tests.integration.leads.world import person
from tests.sheets import upload, workbook

__all__ = ["office"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-02")
def test_a_batch_is_checked_then_carried_out_then_taken_back(office: Office) -> None:
    office.customer("13800000001", "王建国")
    office.customer("13800000002", "赵一")
    batch = office.hand_in(
        [
            ("李新", "138 0000 0003", "个人", None),
            ("王建华", "13800000001", None, "11010519491231002X"),
            ("赵一", "+86 13800000002", None, None),
            ("错号", "123", None, None),
            ("李新二", 13800000003, None, None),
            ("钱多", "13800000004", None, None),
        ]
    )
    assert (batch.state, batch.rows, batch.done, batch.problem) == ("checked", 6, 6, None)
    assert office.states(batch) == ["add", "update", "skip", "wrong", "wrong", "add"]
    assert batch.counts == {"add": 2, "update": 1, "skip": 1, "wrong": 2}
    rows = office.rows(batch)
    assert [row.label for row in rows][:2] == ["李新 138****0003", "王建华 138****0001"]
    assert rows[1].changes == {"name": ["王建国", "王建华"], "id_no": [None, "1****************X"]}
    assert office.reasons(batch) == [[], [], ["import_nothing_new"], ["pattern"], ["import_twice"], []]
    assert rows[4].reasons[0]["params"] == {"row": 2}
    before = {"13800000001": "王建国", "13800000002": "赵一"}
    assert office.customers() == before, "nothing is changed by a dry run"

    office.world.do("leave_out_import_row", {"id": rows[5].id}, by=office.steward)
    office.world.do("leave_out_import_row", {"id": rows[1].id}, by=office.steward)
    office.world.do("take_in_import_row", {"id": rows[1].id}, by=office.steward)
    with pytest.raises(Conflict, match="import_nothing_new"):
        office.world.do("take_in_import_row", {"id": rows[2].id}, by=office.steward)
    assert office.batch(batch.id).counts == {"add": 1, "update": 1, "skip": 2, "wrong": 2}

    told = len(office.world.told(CustomerRegistered)), len(office.world.told(CustomerUpdated))
    done = office.do("run", batch)
    assert (done.state, done.todo, done.done) == ("done", 2, 2)
    assert done.counts == {"add": 0, "update": 0, "skip": 2, "wrong": 2, "added": 1, "updated": 1}
    assert office.customers() == {**before, "13800000001": "王建华", "13800000003": "李新"}
    uid = office.rows(batch)[0].record_id
    assert [one["uid"] for one in office.world.told(CustomerRegistered)][told[0] :] == [uid]
    assert len(office.world.told(CustomerUpdated)) == told[1] + 2
    with office.world.reading() as work:
        about = Audit.resource == "customer", Audit.record_id == uid
        entries = work.session.scalars(sa.select(Audit).where(*about)).all()
    assert {(one.user, one.command, one.correlation_id) for one in entries} == {
        ("cao.rui", "run_import_batch", batch.id)
    }
    with pytest.raises(Conflict):
        office.world.do("leave_out_import_row", {"id": rows[0].id}, by=office.steward)

    back = office.do("revert", done)
    assert back.state == "reverted"
    assert office.states(batch) == ["reverted", "reverted", "skip", "wrong", "wrong", "skip"]
    assert office.customers() == before
    assert office.world.get(Customer, uid).state == "withdrawn"
    assert [one["uid"] for one in office.world.told(CustomerWithdrawn)] == [uid]
    assert [one["state"] for one in office.world.told(CustomerUpdated) if one["uid"] == uid][-1] == "withdrawn"

    again = office.do("run", office.hand_in([("李新", "13800000003", "个人", None)]))
    assert office.rows(again)[0].record_id != uid, "a UID is not used again, and the telephone is free"
    assert office.customers()["13800000003"] == "李新"


@pytest.mark.requirement("L-02")
def test_a_process_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.customer("13900000007", "早在")
    monkeypatch.setattr(steps, "READ_TOGETHER", 50)
    many = [(f"客户{number}", f"139{number:08d}", None, None) for number in range(90)]
    batch = office.hand_in(many)
    assert batch.counts == {"add": 89, "update": 1}
    office.world.do("run_import_batch", {"id": batch.id}, by=office.steward)
    going_on = (
        "from services.leads.service import SERVICE; from services.chassis import imports\n"
        f"SERVICE.open({database_url!r})\nwhile imports.step(SERVICE): pass"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ANJU_FAULT": "import_before_commit:3"}
    killed = subprocess.run([sys.executable, "-W", "ignore", "-c", going_on], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    midway = office.batch(batch.id)
    assert (midway.state, midway.done) == ("running", 2 * carrying.DONE_TOGETHER)
    assert len(office.customers()) == 2 * carrying.DONE_TOGETHER

    attempts = []
    whole = carrying.recount

    def once_broken(*given: Any, **more: Any) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("the first one")
        whole(*given, **more)

    monkeypatch.setattr(carrying, "recount", once_broken)
    assert not imports.step(office.world.service), "a part that fails as a whole is left alone for a while"
    assert office.batch(batch.id).done == midway.done
    office.world.at(office.world.now + timedelta(minutes=5))
    office.work()
    done = office.batch(batch.id)
    assert (done.state, done.done) == ("done", 90)
    assert done.counts == {"add": 0, "update": 0, "added": 89, "updated": 1}
    assert office.customers() == {phone: name for name, phone, *_ in many}
    assert len(office.world.told(CustomerRegistered)) == 90


def test_a_bad_row_keeps_nobody_elses_from_being_done(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.customer("13800000001", "甲")
    office.customer("13800000002", "乙")
    batch = office.hand_in(
        [("甲二", "13800000001"), ("丙", "13800000003"), ("乙二", "13800000002"), ("丁", "13800000004")]
    )
    office.customer("13800000003", "先到")
    row = office.rows(batch)[0]
    office.world.do("update_customer", {"id": row.record_id, "name": "甲三"})

    whole = CustomerImport.add

    def fails(self: Any, work: Any, values: Any, given: Any) -> Any:
        made = whole(self, work, values, given)
        if values["name"] == "丁":
            raise RuntimeError("after it was made")
        return made

    monkeypatch.setattr(CustomerImport, "add", fails)
    done = office.do("run", batch)
    assert office.states(done) == ["wrong", "wrong", "updated", "wrong"]
    assert office.reasons(done) == [["import_changed_since"], ["import_changed_since"], [], ["service_fault"]]
    assert office.customers() == {"13800000001": "甲三", "13800000002": "乙二", "13800000003": "先到"}
    assert done.counts == {"add": 0, "update": 0, "updated": 1, "wrong": 3}


@pytest.mark.requirement("L-03", "X-65")
def test_whom_the_uploader_does_not_know_is_attached_and_not_shown(office: Office) -> None:
    world = office.world
    world.do("set_up_project", {"code": "P02", "name": "翡翠湾", "company_id": "C01"})
    uid = office.customer("13800000009", "别处", "P02", id_no="11010519491231002X")
    other = office.customer("13800000008", "此处")
    marketing = person("zhou.yan", "marketing", scope="project:P01")
    batch = office.hand_in(
        [("改名", "13800000009", None, None), ("此处", "13800000008", None, "11010519491231002X")], by=marketing
    )
    assert office.states(batch) == ["update", "wrong"]
    assert office.rows(batch)[0].changes == {"project_id": [None, "P01"]}
    assert office.rows(batch)[1].reasons == [{"field": "id_no", "code": "taken", "params": {}}]
    done = office.do("run", batch, by=marketing)
    assert office.states(done) == ["updated", "wrong"]
    assert world.get(Customer, uid).name == "别处"
    assert {one.project_id for one in world.all(CustomerStage, CustomerStage.uid == uid)} == {"P01", "P02"}
    assert world.get(Customer, other).id_no is None

    with pytest.raises(Forbidden):
        world.do("upload_import_batch", upload(workbook([("某", "13800000001")]), "P02"), by=marketing)
    with pytest.raises(Forbidden):
        world.do("upload_import_batch", upload(workbook([])), by=person("zhao.min", "sales_agent"))
    colleague = person("wu.di", "marketing", scope="project:P01")
    with pytest.raises(NotFound):
        world.do("revert_import_batch", {"id": batch.id}, by=colleague)


def test_a_workbook_that_cannot_be_taken_says_why(office: Office) -> None:
    world = office.world
    with pytest.raises(ValidationFailed) as refused:
        world.do("upload_import_batch", {**upload(b""), "content": "!"}, by=office.steward)
    assert refused.value.errors["content"][0]["code"] == "not_a_workbook"
    with pytest.raises(ValidationFailed) as refused:
        world.do("upload_import_batch", upload(workbook([]), "P77"), by=office.steward)
    assert list(refused.value.errors) == ["project_id"]
    for content, code in (
        (workbook([]), "workbook_without_rows"),
        (workbook([("某", "13800000001")], ("姓名", "备注")), "columns_missing"),
    ):
        made = world.do("upload_import_batch", upload(content), by=office.steward)
        office.work()
        batch = office.batch(made["id"])
        assert (batch.state, batch.problem["code"]) == ("failed", code)
    discarded = office.do("discard", office.hand_in([("某", "13800000001")]))
    assert discarded.state == "discarded"
    assert office.customers() == {}


def test_a_row_that_the_workbook_has_no_longer_stops_the_run_and_not_the_service(office: Office) -> None:
    batch = office.hand_in([("甲", "13800000001")])
    office.world.do("run_import_batch", {"id": batch.id}, by=office.steward)
    with office.world.service.database.write() as session:
        session.execute(sa.delete(ImportSource))
    assert not imports.step(office.world.service)
    assert (office.batch(batch.id).state, office.customers()) == ("running", {})
