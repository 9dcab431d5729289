"""The journey of a customer as a bar of time, with the feeling that each step carries (X-80)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin import values
from admin.directory import person_name
from admin.texts import state_name, t

Row = Mapping[str, Any]

STAGES = "leads/customer_stage"
STEPS = (
    *("viewing", "comparing", "deciding", "signing", "waiting"),
    *("taking_over", "decorating", "moving", "living"),
)
#: The step in which a stage finds the customer (X-72); `contracted` is signed at once and waits from then on.
OF_STAGE = {
    "registered": "viewing",
    "visited": "viewing",
    "interested": "comparing",
    "dormant": "comparing",
    "nurturing": "comparing",
    "reserved": "deciding",
    "contracted": "waiting",
    "owner": "taking_over",
    "old_owner": "living",
}
#: The step in which a home finds its owner (X-77).
OF_HOME = {
    "ready": "taking_over",
    "handover_booked": "taking_over",
    "handover_refused": "taking_over",
    "handed_over": "taking_over",
    "decorating": "decorating",
    "occupied": "moving",
    "out_of_warranty": "living",
}


@dataclass(frozen=True)
class Step:
    """One step: when it was reached, if it was, and whether the customer is in it now."""

    name: str
    reached: str
    tone: str

    @property
    def label(self) -> str:
        return t(f"journey.{self.name}")

    @property
    def feeling(self) -> str:
        return t(f"journey.{self.name}_feeling")


@dataclass(frozen=True)
class Journey:
    """The way through one project; `agent` received the customer last."""

    stage: Row
    steps: list[Step]

    @property
    def project(self) -> str:
        return str(self.stage.get("project_id") or "")

    @property
    def state(self) -> str:
        return str(self.stage["state"])

    @property
    def state_label(self) -> str:
        return state_name("leads", "customer_stage", self.state)

    @property
    def agent(self) -> str:
        return person_name(self.stage["agent"]) if self.stage.get("agent") else ""

    @property
    def since(self) -> str:
        return values.moment(self.stage.get("since"))[:10]

    @property
    def now(self) -> Step | None:
        """The step in which the customer is; none for one who is lost."""
        return next((one for one in self.steps if one.tone == "now"), None)


def journey(stage: Row, happened: Iterable[Row], homes: Sequence[Row], contracts: Sequence[Row]) -> Journey:
    """The steps of a stage, from what happened to it, and from the customer's homes and contracts in its project."""
    here = stage.get("project_id")
    homes = [one for one in homes if one.get("project_id") == here]
    dates = _dates(stage, happened)
    for contract in contracts:
        if contract.get("project_id") == here and contract.get("signed_on"):
            dates["signing"] = min(str(contract["signed_on"]), dates.get("signing", "9999"))
    for home in homes:
        for name, step in (("handed_over_on", "taking_over"), ("moved_in_on", "moving")):
            if home.get(name):
                dates[step] = str(home[name])
    now = _now(str(stage["state"]), homes)
    steps = []
    for place, name in enumerate(STEPS):
        tone = "ahead" if now is None or place > STEPS.index(now) else "now" if name == now else "past"
        reached = dates.get(name, "")
        steps.append(Step(name, reached, "past" if now is None and reached else tone))
    return Journey(stage, steps)


def _dates(stage: Row, happened: Iterable[Row]) -> dict[str, str]:
    """When each step was first reached, in local days."""
    dates: dict[str, str] = {}
    for entry in happened:  # newest first, so the first time is what stays
        step = OF_STAGE.get(str((entry.get("detail") or {}).get("to")))
        if entry.get("kind") == "audit" and step and entry["detail"].get("from") != entry["detail"]["to"]:
            dates[step] = values.moment(entry.get("at"))[:10]
    if (step := OF_STAGE.get(str(stage["state"]))) and step not in dates:
        dates[step] = values.moment(stage.get("since"))[:10]
    return dates


def _now(state: str, homes: Sequence[Row]) -> str | None:
    step = OF_STAGE.get(state)
    if state not in ("contracted", "owner"):
        return step
    reached = [OF_HOME[home["state"]] for home in homes if home.get("state") in OF_HOME]
    return max([step or STEPS[0], *reached], key=STEPS.index)
