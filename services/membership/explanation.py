"""What the page of a profile says: why the customer is in this segment, how they are treated, and who may turn to them
(X-357, B-83, B-84, B-56)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.chassis.advice import Caution
from services.chassis.work import Work
from services.membership.contact_rights import rights_of
from services.membership.profiles import Profile, profiles
from services.membership.rfm import Known, Rules, index_of, is_active, is_valuable, rules_of
from services.membership.segments import known_of

__all__ = ["profiles"]


@profiles.explains
def explain(profile: Profile, work: Work) -> Iterator[Caution]:
    """The segment with its treatment, the parts of it as they are now, the index with its parts, the agents."""
    yield Caution(f"treatment_{profile.segment}" if profile.segment else "not_placed_yet", {})
    known, middles = known_of(work, profile.id)
    rules = rules_of(work)
    yield from _value(known, middles, work)
    yield _activity(known, rules, work)
    yield _willingness(known, rules)
    for one in rights_of(work, profile.id):
        said = {"agent": one["agent"], "project": _name(work, one["project_id"])}
        yield Caution("may_contact", {**said, "from": one["from"], "until": one["until"]})


def _value(known: Known, middles: Mapping[str, Decimal], work: Work) -> Iterator[Caution]:
    """Of each project, the customer's amount beside the one to be above (B-84)."""
    for project, amount in sorted((known.amounts or {}).items()):
        said = {"project": _name(work, project), "amount": f"{amount:,.2f}"}
        if project not in middles:
            yield Caution("value_not_measured", said)
            continue
        level = "high" if is_valuable(Known(amounts={project: amount}), middles) else "low"
        yield Caution(f"value_{level}", {**said, "middle": f"{middles[project]:,.2f}"})
    if not known.amounts:
        yield Caution("value_none", {})


def _activity(known: Known, rules: Rules, work: Work) -> Caution:
    """The last contact and how many there were, beside what is asked of either (B-84)."""
    asked = {"recency": rules.recency.days, "period": rules.period.days, "contacts": rules.contacts}
    if known.last_contact_at is None:
        return Caution("activity_none", asked)
    level = "high" if is_active(known, rules, work.now) else "low"
    days = (work.now - known.last_contact_at).days
    return Caution(f"activity_{level}", {**asked, "days": days, "frequency": known.frequency})


def _willingness(known: Known, rules: Rules) -> Caution:
    """The index and its parts with their weights (B-56)."""
    said = {"index": index_of(known, rules), "referrals": known.referrals, "frequency": known.frequency}
    full = {"full_history": rules.full_history, "full_activity": rules.full_activity}
    return Caution("willingness", {**said, **full, "history": rules.history, "activity": rules.activity})


def _name(work: Work, project_id: str) -> str:
    return str((work.replica("leads/project", project_id) or {}).get("name") or project_id)
