"""Which sales agents may turn to a customer: those whose protection runs (domain 4.2, L-40).

The ends that leads does not tell of, such as a deal, are those of the window.
"""

from __future__ import annotations

from typing import Any

from services.chassis.work import Work
from services.contracts.events.leads_sales import OwnershipAssigned, OwnershipExpired
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Day, ProjectId, User
from services.membership.profiles import KEPT, Profile, profile_of, profiles


@profiles.change(KEPT, by=[Role.SYSTEM])
def let_contact(profile: Profile, project_id: ProjectId, agent: User, starts_on: Day, ends_on: Day, work: Work) -> None:
    """An agent may turn to the customer from a day to another; of each agent in a project the latest window is kept."""
    right = to_wire({"project_id": project_id, "agent": agent, "from": starts_on, "until": ends_on})
    profile.contact_rights = [*_others(profile, project_id, agent, work), right]


@profiles.change(KEPT, by=[Role.SYSTEM])
def end_contact(profile: Profile, project_id: ProjectId, agent: User, work: Work) -> None:
    """The agent's window has run out: the customer is nobody's, or another one's."""
    profile.contact_rights = _others(profile, project_id, agent, work)


@profiles.reacts(OwnershipAssigned)
def on_ownership_assigned(event: OwnershipAssigned, work: Work) -> None:
    """The customer is this agent's for a while (L-40)."""
    window = {"agent": event.agent, "starts_on": event.starts_on, "ends_on": event.ends_on}
    _change(work, let_contact, event, **window)


@profiles.reacts(OwnershipExpired)
def on_ownership_expired(event: OwnershipExpired, work: Work) -> None:
    """The days are exceeded (L-46)."""
    _change(work, end_contact, event, agent=event.former_agent)


def _change(work: Work, function: Any, event: OwnershipAssigned | OwnershipExpired, **what: Any) -> None:
    profile = profile_of(work, event.uid)
    if profile.state in KEPT:
        work.perform(function, profile, project_id=event.project_id, **what)


def rights_of(work: Work, uid: str, project_id: str | None = None) -> list[dict[str, Any]]:
    """The rights that run today, in one project or in all; the one that began first comes first (L-43, R7)."""
    profile = work.session.get(Profile, uid)
    running = [one for one in profile.contact_rights if _runs(one, work)] if profile is not None else []
    return sorted((one for one in running if project_id in (None, one["project_id"])), key=lambda one: str(one["from"]))


def agent_of(work: Work, uid: str, project_id: str | None) -> str | None:
    """The agent who has to be asked before anybody else turns to the customer."""
    return next((str(one["agent"]) for one in rights_of(work, uid, project_id)), None)


def _others(profile: Profile, project_id: str, agent: str, work: Work) -> list[dict[str, Any]]:
    mine = project_id, agent
    return [one for one in profile.contact_rights if (one["project_id"], one["agent"]) != mine and _runs(one, work)]


def _runs(right: dict[str, Any], work: Work) -> bool:
    return str(right["until"]) >= work.today.isoformat()
