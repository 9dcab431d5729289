"""What rests in a project while complaints have told of a group complaint or a crisis (C-33, C-72)."""

from __future__ import annotations

import pytest

from services.chassis.duties import Task
from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.complaints import CrisisWarningIssued, GroupComplaintConfirmed
from services.membership.care import care_tasks
from services.membership.project_holds import ProjectHold
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import HOME, UID

GROUP = GroupComplaintConfirmed(
    cluster_id="g1",
    number="GC 2026-P01-000001",
    project_id="P01",
    category="home_quality",
    cause="防水",
    level=4,
    wording="正在排查",
)
CRISIS = CrisisWarningIssued(case_id="c1", number="CP 2026-P01-000001", project_id="P01", level=4)
ENTRY = {"entry": "other", "uid": UID, "home_id": HOME, "due_on": START.date(), "project_id": "P01"}


@pytest.mark.requirement("C-72")
def test_a_confirmed_group_lets_the_activities_rest_until_somebody_ends_it(world: World) -> None:
    world.take(delivery(GROUP, message_id="m1"), delivery(GROUP, message_id="m1"), delivery(GROUP, message_id="m2"))
    (hold,) = world.all(ProjectHold)
    assert (hold.state, hold.cause, hold.project_id, hold.about) == ("held", "group_complaint", "P01", GROUP.number)
    assert hold.wording == "正在排查"
    (task,) = world.all(Task, Task.subject == "suspend_activities")
    assert (task.role, task.state) == ("club_officer", "open")
    with pytest.raises(ValidationFailed):
        world.do("hold_project_hold", {"project_id": "P01", "cause": "group_complaint"})
    world.do("lift_project_hold", {"id": hold.id, "reason": "群诉已化解"})
    assert [one.state for one in world.all(Task, Task.subject == "suspend_activities")] == ["dropped"]
    world.take(delivery(GROUP, message_id="m3"))
    assert [one.state for one in world.all(ProjectHold)] == ["lifted", "held"]


@pytest.mark.requirement("C-33")
def test_nothing_is_sent_out_during_a_crisis(world: World) -> None:
    entry = world.add(care_tasks, "due", **ENTRY, company_id="C01")
    world.take(delivery(GROUP))
    world.do("send_care_task", {"id": world.add(care_tasks, "due", **ENTRY).id, "channel": "sms"})
    world.take(delivery(CRISIS, message_id="m1"), delivery(CRISIS, message_id="m2"))
    (hold,) = world.all(ProjectHold, ProjectHold.cause == "crisis")
    with pytest.raises(IllegalMove) as silent:
        world.do("send_care_task", {"id": entry.id, "channel": "sms"})
    assert silent.value.code == "communications_suspended"
    world.do("lift_project_hold", {"id": hold.id, "reason": "危机解除"})
    assert world.do("send_care_task", {"id": entry.id, "channel": "sms"})["state"] == "sent"
