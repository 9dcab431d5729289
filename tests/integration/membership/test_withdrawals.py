"""An import was taken back: nobody of the club turns to who was in it (L-02)."""

from __future__ import annotations

import pytest

from services.chassis.duties import Task
from services.chassis.parking import ParkedMessage
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintClosed, EnquiryAnswered
from services.contracts.events.leads import CustomerRegistered, CustomerUpdated, CustomerWithdrawn
from services.contracts.events.leads_sales import ChurnRiskDetected, ObjectionRecorded
from services.membership.content_suggestions import ContentSuggestion
from services.membership.follow_ups import FollowUp
from services.membership.profiles import Profile
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import UID

GONE = CustomerUpdated(uid=UID, record_version=2, name="王芳", lifecycle_stage="registered", state="withdrawn")
CLOSED = ComplaintClosed(case_id="case-1", number="C 1", uid=UID, project_id="P01", closing_note="已解决")


@pytest.mark.requirement("L-02")
def test_the_profile_ends_and_nothing_that_was_planned_is_done(world: World) -> None:
    silent = ChurnRiskDetected(uid=UID, project_id="P01", days=30, last_contact_at=START)
    said = {"objection_id": "o1", "topic": "budget", "content": "首付高", "strength": "weak"}
    objected = ObjectionRecorded(uid=UID, project_id="P01", **said)
    world.take(*(delivery(one) for one in (CustomerRegistered(uid=UID, kind="person"), CLOSED, silent, objected)))
    world.do("invite_member", {"uid": UID, "project_id": "P01"})
    gone = delivery(CustomerWithdrawn(uid=UID))
    world.take(delivery(GONE), gone, gone)
    assert world.get(Profile, UID).state == "withdrawn"
    assert [one.state for one in world.all(FollowUp)] == ["called_off"]
    assert [one.state for one in world.all(ContentSuggestion)] == ["dropped"]
    tasks = {one.subject: one.state for one in world.all(Task)}
    assert tasks == {"wake_up_customer": "dropped", "withdrawn_customer_is_member": "open"}


@pytest.mark.requirement("L-02")
def test_nobody_begins_anything_with_who_was_taken_back_and_late_news_do_no_harm(world: World) -> None:
    world.take(delivery(CustomerRegistered(uid=UID, kind="person")), delivery(GONE))
    world.take(delivery(CustomerWithdrawn(uid=UID)))
    with pytest.raises(ValidationFailed) as refused:
        world.do("schedule_follow_up", {"theme": "other", "uid": UID, "due_on": START.date()})
    assert refused.value.errors["uid"][0]["code"] == "withdrawn_reference"
    asked = {"enquiry_id": "e1", "number": "E 1", "channel": "telephone", "answered_by": "human", "topic": "other"}
    world.take(delivery(EnquiryAnswered(uid=UID, at=START, **asked)), delivery(CLOSED))
    assert world.get(Profile, UID).last_contact_at is None
    assert world.all(FollowUp) == []
    assert world.all(ParkedMessage) == []
