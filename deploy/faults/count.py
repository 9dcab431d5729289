"""The independent count, in the words of Jepsen's total-queue: the ledger of the load against the facts.

It is pure: a ledger and facts in, rows out. What each column means is in docs/reliability.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from deploy.faults.facts import Facts, names
from deploy.faults.ledger import ACKNOWLEDGED, REFUSED, Ledger

#: States of a held message that nobody has to look at any more.
SETTLED = ("applied", "discarded")


@dataclass
class Row:
    """One kind of operation and what became of it. `expected`: how many have to be in quarantine."""

    name: str
    attempts: int = 0
    acknowledged: int = 0
    effects: int = 0
    lost: int = 0
    duplicated: int = 0
    recovered: int = 0
    quarantined: int = 0
    unexpected: int = 0
    again: int = 0
    detail: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicated or self.unexpected)


def total(
    name: str,
    attempted: Iterable[str],
    acknowledged: Iterable[str],
    effects: Counter[str],
    *,
    quarantined: Iterable[str] = (),
    again: int = 0,
    wire: bool = False,
) -> Row:
    """One row. `wire`: the effects are arrivals, of which at-least-once allows several; they count as `again`."""
    tried, told, held = set(attempted), set(acknowledged), set(quarantined)
    there = {key for key, number in effects.items() if number > 0}
    lost, unexpected = told - there - held, there - tried
    twice = {key for key in there if effects[key] > 1}
    extra = sum(effects[key] - 1 for key in twice)
    row = Row(name, len(tried), len(told), len(there), len(lost), 0 if wire else extra, len((there & tried) - told))
    row.quarantined, row.unexpected, row.again = len(held), len(unexpected), again + (extra if wire else 0)
    row.detail = {"lost": names(lost), "unexpected": names(unexpected)}
    row.detail["duplicated"] = "" if wire else names(twice)
    return row


def count(ledger: Ledger, facts: Facts) -> list[Row]:
    """Every row of the table."""
    rows = [_reports(ledger, facts), _entries(facts), _numbers(facts), _answers(ledger, facts), _bad(ledger, facts)]
    rows += [_commands(ledger, facts), _repeats(facts)]
    rows += _events(facts)
    rows += _company_inboxes(ledger, facts)
    rows += _subscribers_effects(facts)
    rows += [_held(ledger, facts), _dead_letters(facts)]
    return rows


def _key(company: str, ref: str) -> str:
    return f"{company}/{ref}"


def _reports(ledger: Ledger, facts: Facts) -> Row:
    said = [one for one in ledger.messages.values() if one.kind == "report"]
    effects = Counter(_key(one["company"], one["ref"]) for one in facts.orders if one["ref"])
    held = _held_back(facts)
    return total(
        "repairs reported: work orders",
        [_key(one.company, one.subject) for one in said],
        [_key(one.company, one.subject) for one in said if one.outcome == ACKNOWLEDGED],
        effects,
        quarantined=[_key(one.company, one.subject) for one in said if one.body in held],
        again=sum(one.sends - 1 for one in said),
    )


def _held_back(facts: Facts) -> set[bytes]:
    """Companies' messages that wait for somebody; not those that took effect after all."""
    return {body for _, state, _, body in facts.held["maintenance"] if state not in SETTLED}


def _entries(facts: Facts) -> Row:
    """Every order has one beginning in the audit, however often its report came."""
    orders = [one["id"] for one in facts.orders]
    begun: Counter[str] = Counter()
    for (service, resource, record_id, command), number in facts.changed.items():
        opening = command == "report_work_order" or command.startswith("on_")
        if service == "maintenance" and resource == "work_order" and opening:
            begun[record_id] += number
    return total("work orders: audit entries", orders, orders, begun)


def _numbers(facts: Facts) -> Row:
    """The human numbers have no gap: a number that was given and is not there would be a work order that is not."""
    series = Counter(
        int(number.rpartition("-")[2]) for number in facts.made["maintenance", "work_order", "number"].elements()
    )
    wanted = [str(number) for number in range(1, max(series, default=0) + 1)]
    return total("work orders: numbers without a gap", wanted, wanted, Counter({str(k): v for k, v in series.items()}))


def _answers(ledger: Ledger, facts: Facts) -> Row:
    """An order that was accepted, and its appointment: one change each."""
    commands = {"repair_accepted": "accept_work_order", "repair_appointment_set": "reschedule_work_order"}
    said = {f"{commands[one.kind]}/{one.subject}": one for one in ledger.messages.values() if one.kind in commands}
    effects = Counter(
        {
            f"{command}/{record_id}": number
            for (service, resource, record_id, command), number in facts.changed.items()
            if service == "maintenance" and resource == "work_order" and command in commands.values()
        }
    )
    told = [key for key, one in said.items() if one.outcome == ACKNOWLEDGED]
    held = _held_back(facts)
    return total(
        "orders answered: changes",
        said,
        told,
        effects,
        quarantined=[key for key, one in said.items() if one.body in held],
        again=sum(one.sends - 1 for one in said.values()),
    )


def _bad(ledger: Ledger, facts: Facts) -> Row:
    """Wrong messages: each is kept once, whole, and has no effect."""
    said = {one.body: one for one in ledger.messages.values() if one.is_bad}
    kept = Counter(said[body].id for _, state, _, body in facts.held["maintenance"] if body in said)
    told = [one.id for one in said.values() if one.outcome == ACKNOWLEDGED]
    row = total("wrong messages: kept", [one.id for one in said.values()], told, kept)
    row.quarantined, row.effects = row.effects, 0
    row.again = sum(one.sends - 1 for one in said.values())
    return row


def _commands(ledger: Ledger, facts: Facts) -> Row:
    effects: Counter[str] = Counter()
    for key, command in ledger.commands.items():
        kind, *place = command.effect
        if kind == "row":
            effects[key] = facts.made[place[0], place[1], place[2]][place[3]]
        else:
            effects[key] = facts.changed[place[0], place[1], place[2], place[3]]
    told = [key for key, one in ledger.commands.items() if one.outcome == ACKNOWLEDGED]
    row = total("commands over REST: changes", ledger.commands, told, effects)
    row.again = sum(one.sends - 1 for one in ledger.commands.values())
    refused = [f"{one.name}: {one.problem}" for one in ledger.commands.values() if one.outcome == REFUSED]
    if refused:  # every command of the load is one that the rules allow
        row.unexpected += len(refused)
        row.detail["unexpected"] = names([row.detail["unexpected"], *refused])
    return row


def _repeats(facts: Facts) -> Row:
    """The second and every later report of a home and class is told to the lead, once."""
    pairs = Counter((one["home"], one["class"]) for one in facts.orders if one["ref"])
    of = {one["id"]: (one["home"], one["class"]) for one in facts.orders if one["ref"]}
    wanted = [f"{home}/{kind}/{turn}" for (home, kind), number in pairs.items() for turn in range(1, number)]
    seen: Counter[tuple[str, str]] = Counter()
    effects: Counter[str] = Counter()
    for order, number in facts.alerts.items():
        if order in of:
            home, kind = of[order]
            seen[home, kind] += 1
            effects[f"{home}/{kind}/{seen[home, kind]}"] = number
    return total("repeated repairs: alerts", wanted, wanted, effects)


def _events(facts: Facts) -> list[Row]:
    """Every event of a service that somebody subscribes to, in every subscriber: taken over once."""
    wanted: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for publisher, sent in facts.outbox.items():
        for message_id, name, exchange, _, is_sent in sent:
            if exchange == f"{publisher}.events":
                for subscriber in facts.subscribers.get((publisher, name), []):
                    wanted.setdefault((publisher, subscriber), []).append((message_id, is_sent))
    rows = []
    for (publisher, subscriber), told in sorted(wanted.items()):
        taken = Counter(
            {
                message_id: number
                for (source, message_id), number in facts.receipts[subscriber].items()
                if source == f"/anju/{publisher}"
            }
        )
        ids = [message_id for message_id, _ in told]
        rows.append(total(f"events of {publisher}: in {subscriber}", ids, [one for one, sent in told if sent], taken))
    return rows


def _company_inboxes(ledger: Ledger, facts: Facts) -> list[Row]:
    told: dict[str, list[tuple[str, bool]]] = {}
    for message_id, _, exchange, key, is_sent in facts.outbox["maintenance"]:
        if exchange == "property.outbound":
            told.setdefault(key.partition(".")[0], []).append((message_id, is_sent))
    return [
        total(
            f"events of maintenance: at {company}",
            [one for one, _ in sent],
            [one for one, is_sent in sent if is_sent],
            ledger.received.get(company, Counter()),
            wire=True,
        )
        for company, sent in sorted(told.items())
    ]


def _subscribers_effects(facts: Facts) -> list[Row]:
    """What other services make of these facts: one record each."""
    of_case = [one["id"] for one in facts.orders if one["case"]]
    cancelled = [one["id"] for one in facts.orders if one["case"] and one["state"] == "cancelled"]
    off = Counter(
        {
            record_id: number
            for (service, resource, record_id, command), number in facts.changed.items()
            if service == "complaints" and resource == "case_repair" and command == "on_work_order_cancelled"
        }
    )
    customers, homes = facts.made["leads", "customer", "id"], facts.made["leads", "home", "code"]
    rows = [
        total("repairs of a case: in complaints", of_case, of_case, facts.made["complaints", "case_repair", "id"]),
        total("repairs called off: in complaints", cancelled, cancelled, off),
        total("customers: profiles in membership", customers, customers, facts.made["membership", "profile", "id"]),
    ]
    for service in ("complaints", "maintenance", "membership"):
        wanted = [f"customer/{one}" for one in customers] + [f"home/{one}" for one in homes]
        copies = Counter(
            {
                f"{resource.partition('/')[2]}/{key}": number
                for (resource, key), number in facts.replicas[service].items()
                if resource in ("leads/customer", "leads/home")
            }
        )
        rows.append(total(f"customers and homes: copies in {service}", wanted, wanted, copies))
    rows += _handovers(facts)
    return rows


def _handovers(facts: Facts) -> list[Row]:
    """A completed handover begins the warranty, the household, the club, the care and a call (L-117)."""
    homes, pairs = [home for home, _ in facts.handed], [f"{home}:{uid}" for home, uid in facts.handed]
    items = facts.made["maintenance", "warranty_item", "home_id || '/' || category"]
    categories = {item.partition("/")[2] for item in items} or {"none"}
    wanted = [f"{home}/{category}" for home in homes for category in categories]
    noted = Counter(
        {
            home: facts.changed["leads", "home", home, "on_warranty_started"]
            for home in facts.made["leads", "home", "code"]
        }
    )
    calls = Counter({key: n for key, n in facts.made["membership", "follow_up", "cause"].items() if ":" in key})
    member = facts.made["membership", "member", "uid"]
    return [
        total("handovers: warranty items in maintenance", wanted, wanted, items),
        total("handovers: end of warranty noted in leads", homes, homes, noted),
        total("handovers: households in membership", homes, homes, facts.made["membership", "household", "home_id"]),
        total(
            "handovers: invitations in membership", (u for _, u in facts.handed), (u for _, u in facts.handed), member
        ),
        total("handovers: care tasks in membership", homes, homes, facts.made["membership", "care_task", "home_id"]),
        total("handovers: calls in membership", pairs, pairs, calls),
    ]


def _held(ledger: Ledger, facts: Facts) -> Row:
    """Messages that are held although nothing is wrong with them."""
    bad = {one.body for one in ledger.messages.values() if one.is_bad}
    held = [
        f"{service}/{message_id} ({state}, {reason})"
        for service, messages in facts.held.items()
        for message_id, state, reason, body in messages
        if body not in bad and state not in SETTLED
    ]
    row = Row("good messages held back", quarantined=len(held), unexpected=len(held))
    row.detail["unexpected"] = names(held)
    return row


def _dead_letters(facts: Facts) -> Row:
    """What the broker's own delivery limit caught: nothing may be there."""
    dead = {name: number for name, number in facts.queues.items() if name.endswith(".parked") and number}
    row = Row("dead letters", quarantined=sum(dead.values()), unexpected=sum(dead.values()))
    row.detail["unexpected"] = names(f"{name}: {number}" for name, number in dead.items())
    return row
