"""A sales site of the tests' own: its ring of today, brought into the order with which a test begins."""

from __future__ import annotations

from typing import Any

from tests.e2e.rest import Person

SITE, LEAD = "P02", "qian.jun"
AGENTS = {"zhao.min": "赵敏", "gao.peng": "高鹏", "fang.hui": "方慧", "lin.xue": "林雪"}
CHECKED = ("dress", "props", "sales_control", "sales_facts", "data_changes")


class Floor:
    """Whatever went on before: nobody receives, nothing is owed, and all who are on the site are ready."""

    def __init__(self, lead: Person, present: tuple[str, ...]) -> None:
        self.lead = lead
        opened = self._rows("roster", state="open")
        self.roster = opened[0] if opened else self._do("open_roster", project_id=SITE, agents=list(AGENTS))
        for reception in self._rows("reception", state="receiving"):
            self._do("finish_reception", id=reception["id"])
        for owed in self._rows("make_up_turn", state="owed"):
            self._of_ring("refuse_make_up", owed["agent"], reason="新的一轮")
        for agent in AGENTS:
            if self.slot(agent)["state"] != "off":
                self._of_ring("mark_away", agent)
        for agent in present:
            self._of_ring("mark_back", agent)
            self._make_ready(agent)

    def slot(self, agent: str) -> dict[str, Any]:
        """An agent's place as it is now."""
        (slot,) = self._rows("rotation_slot", agent=agent, roster_id=self.roster["id"])
        return slot

    def _make_ready(self, agent: str) -> None:
        checks = self._rows("readiness_check", agent=agent)
        check = next((one for one in checks if one["day"] == self.roster["day"]), None)
        if check is None:
            done = dict.fromkeys(CHECKED, True)
            self._do("declare_readiness_check", project_id=SITE, agent=agent, **done)
        elif check["state"] != "passed":
            again = {"incomplete": "complete", "failed": "recheck"}[check["state"]]
            self._do(f"{again}_readiness_check", id=check["id"])

    def _of_ring(self, command: str, agent: str, **more: Any) -> None:
        self._do(f"{command}_roster", id=self.roster["id"], agent=agent, **more)

    def _do(self, command: str, **payload: Any) -> dict[str, Any]:
        return self.lead.do("leads", command, **payload)

    def _rows(self, register: str, **filters: Any) -> list[dict[str, Any]]:
        return self.lead.rows(f"leads/{register}", project_id=SITE, **filters)
