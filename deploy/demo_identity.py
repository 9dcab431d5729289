"""Demo data of customer identity: keys, look-ups, two pairs that look like one customer, and one that was one."""

from __future__ import annotations

from deploy.demo_estate import AFFAIRS, SALES, Estate
from deploy.demo_story import Told

STEWARD = "cao.rui"

#: key: who it looks like, the name as it was heard, telephone, how they came
HEARD_AGAIN = {
    "sun": ("孙女士", "13700010007", "telephone"),
    "xu": ("徐先生", "13600010008", "in_person"),
    "gao": ("高女士", "13700010011", "activity"),
}
ASKED = ("13900010007", "13500010099", "13900010011")


class Identity:
    """Who is who on the sales floor."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.tell = estate, estate.story

    def tell_all(self) -> None:
        """The pairs are found by the names, the project and the last digits."""
        lin = {"id": self.estate.customers["lin"].id, "key_kind": "wechat", "key": "linmubai_88"}
        self.tell.carry_out("leads/customer", "add_key", SALES, "customer.lin.wechat", **lin)
        again = {key: self.hear_again(key) for key in HEARD_AGAIN}
        self.merge("gao", again["gao"])
        for number, key in enumerate(ASKED):
            self.tell.begin("leads/customer_lookup", "ask", SALES, f"lookup.{number}", project_id="P01", key=key)

    def hear_again(self, key: str) -> Told:
        """Somebody registers from another telephone."""
        name, phone, source = HEARD_AGAIN[key]
        return self.tell.begin(
            *("leads/customer", "register", SALES, f"customer.{key}.again"),
            kind="person",
            name=name,
            phone=phone,
            project_id="P01",
            source=source,
        )

    def merge(self, key: str, again: Told) -> None:
        """The steward has asked, customer affairs confirms."""
        survivor = self.estate.customers[key].id
        uid, other_uid = sorted((survivor, again.id))
        pair = self.tell.found("leads/duplicate_candidate", STEWARD, f"pair.{key}", uid=uid, other_uid=other_uid)
        pair.move("propose_merge", STEWARD, survivor_uid=survivor, reason="电话核实为同一人，换过手机号。")
        merge = self.tell.found("leads/customer_merge", STEWARD, f"merge.{key}", survivor_uid=survivor)
        merge.move("approve", AFFAIRS)
