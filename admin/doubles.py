"""`FakeServices`: the services in memory, with the methods of `admin.rpc.Services`, driven by the catalogues alone.

It knows what a catalogue says: fields, states, transitions, roles, scopes, masks. It does not know a service's own
rules (gates, calculated fields, reactions). tests/api/suite holds it to the same behaviour as the real thing.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from admin.api.payload import payload_schema, problems
from admin.doubles_matching import (
    OTHERWISE,
    check,
    contains,
    covers,
    fields_of,
    fits,
    masked,
    scopes_of,
)
from services.contracts.errors import (
    AnjuError,
    Forbidden,
    IdempotencyConflict,
    IllegalMove,
    NotFound,
    OwnSubmission,
    ServiceUnavailable,
    StaleVersion,
    UnknownCommand,
    ValidationFailed,
)
from services.contracts.fields import Field, schema_of, to_wire

Answer = dict[str, Any]
Actor = dict[str, Any]
Record = dict[str, Any]


class FakeServices:
    """Records, commands and queries of every service in the catalogues. Answers are copies; threads may share it."""

    def __init__(
        self, catalogues: Mapping[str, Mapping[str, Any]], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.catalogues = catalogues
        self.now = now
        self.down: set[str] = set()
        self.calls: list[tuple[Any, ...]] = []
        self.advice: dict[tuple[str, str], Answer] = {}
        self.reports: dict[tuple[str, str], list[dict[str, Any]]] = {}
        #: What a register's service would find out by itself about each new record.
        self.calculated: dict[tuple[str, str], dict[str, Any]] = {}
        self._records: dict[tuple[str, str], dict[str, Record]] = {}
        self._history: dict[str, list[dict[str, Any]]] = {}
        self._receipts: dict[str, tuple[str, Answer]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def put(self, service: str, resource: str, **values: Any) -> Record:
        """Keep a record as if it had been there; fields that are not given are None, the state is the first one."""
        described = self._resource(service, resource)
        record: Record = {
            "id": str(uuid.uuid4()),
            "version": 1,
            "state": described["initial"],
            "company_id": None,
            "project_id": None,
            "created_at": to_wire(self.now()),
            "created_by": "system",
            "clocks": [],
        }
        for field in fields_of(described).values():
            missing = self._number(resource) if field.kind == "number" and field.read_only else field.default
            record.setdefault(field.name, [] if field.many and missing is None else missing)
        record |= to_wire(values)
        self._records.setdefault((service, resource), {})[record["id"]] = record
        return copy.deepcopy(record)

    @contextmanager
    def away(self, *services: str) -> Iterator[None]:
        """These services are unavailable for as long as the block runs."""
        self.down |= set(services)
        try:
            yield
        finally:
            self.down -= set(services)

    def tell_attempt(self, service: str, resource: str, id: str, attempted: str, *, actor: Actor, door: str) -> None:
        """As `Services.tell_attempt`."""
        self._reach(service, "tell_attempt", resource, id, attempted, actor["user"], door)

    def execute(
        self,
        service: str,
        command: str,
        payload: dict[str, Any],
        *,
        actor: Actor,
        command_id: str,
        version: int | None = None,
        correlation_id: str | None = None,
    ) -> Answer:
        """As `Services.execute`."""
        self._reach(service, "execute", command, payload, command_id)
        described = self.catalogues.get(service, {}).get("commands", {}).get(command)
        if described is None:
            raise UnknownCommand(command=command)
        with self._lock:
            digest = hashlib.sha256(json.dumps([command, payload, version, actor["user"]]).encode()).hexdigest()
            if command_id in self._receipts:
                seen, answer = self._receipts[command_id]
                if seen != digest:
                    raise IdempotencyConflict(command_id=command_id)
                return copy.deepcopy(answer | {"replayed": True})
            record = self._carry_out(service, command, described, payload, actor, version)
            answer = {"result": self._shown(service, described["resource"], record), "replayed": False}
            if described.get("reveals"):
                named = next(one for one in described["params"] if one["name"] == "field")
                field = payload.get("field") or named["default"]
                answer["revealed"] = {"field": field, "value": record[field], "seconds": 120}
            self._receipts[command_id] = digest, copy.deepcopy(answer)
            return copy.deepcopy(answer)

    def fetch(self, service: str, resource: str, id: str, actor: Actor) -> Answer:
        """As `Services.fetch`."""
        self._reach(service, "fetch", resource, id)
        described = self._resource(service, resource)
        record = self._visible(service, resource, id, actor)
        actions = []
        for name, command in self.catalogues[service]["commands"].items():
            if command["resource"] == resource and command["kind"] != "create" and record["state"] in command["from"]:
                obstacle = self._obstacle(name, command, record, actor)
                if obstacle is None or type(obstacle) is not Forbidden:
                    told = {"code": obstacle.code, "params": obstacle.params} if obstacle else None
                    actions.append({"command": name, "allowed": obstacle is None, "obstacle": told})
        return {"result": self._shown(service, resource, record, described), "actions": actions}

    def search(self, service: str, resource: str, params: dict[str, Any], actor: Actor) -> Answer:
        """As `Services.search`; pages count from 0."""
        self._reach(service, "search", resource, params)
        return self._found(service, resource, params, actor)

    def _found(self, service: str, resource: str, params: dict[str, Any], actor: Actor) -> Answer:
        described = self._resource(service, resource)
        fields = fields_of(described)
        page, size = params.get("page", 0), params.get("page_size", 25)
        if not 1 <= size <= 100:
            raise ValidationFailed.of("page_size", "number_range", min=1, max=100)
        found = [one for one in self._readable(service, resource, actor) if contains(one, described, params.get("q"))]
        by_state = None
        for name, wanted in (params.get("filters") or {}).items():
            if name in OTHERWISE and name not in fields:
                found = [one for one in found if OTHERWISE[name](one, wanted)]
                continue
            if any(one["name"] == name for one in described.get("narrowed", ())):
                found = [one for one in found if bool(one.get(name)) == wanted]
                continue
            check(fields, name)
            if name == "state":
                by_state = wanted
            else:
                found = [one for one in found if fits(fields[name], one.get(name), wanted)]
        tabs = {state: sum(one["state"] == state for one in found) for state in described["states"]}
        if by_state:
            found = [one for one in found if fits(fields["state"], one["state"], by_state)]
        order = params.get("order") or "-created_at"
        name = order.removeprefix("-")
        check(fields, name)
        found.sort(key=lambda one: one["id"])
        found.sort(key=lambda one: (one.get(name) is not None, one.get(name)), reverse=order.startswith("-"))
        shown = [self._shown(service, resource, one) for one in found[page * size : (page + 1) * size]]
        answer: Answer = {"count": len(found), "capped": False, "result": shown}
        if params.get("tabs"):
            answer |= {"tabs": {state: number for state, number in tabs.items() if number}, "least": 1_000}
        return answer

    def search_each(self, service: str, asked: list[Any], actor: Actor) -> Answer:
        """As `Services.search_each`."""
        self._reach(service, "search_each", asked)
        answers: list[Answer] = []
        for resource, params in asked:
            try:
                answers.append(self._found(service, resource, params, actor))
            except AnjuError as refused:
                answers.append({"refused": type(refused).__name__, "with": list(refused.args)})
        return {"result": answers}

    def history(self, service: str, resource: str, id: str, actor: Actor) -> Answer:
        """As `Services.history`: audit entries only."""
        self._reach(service, "history", resource, id)
        self._visible(service, resource, id, actor)
        return {"result": copy.deepcopy(self._history.get(id, []))[::-1]}

    def options(self, service: str, resource: str, q: str, actor: Actor) -> Answer:
        """As `Services.options`."""
        self._reach(service, "options", resource, q)
        described = self._resource(service, resource)
        found = [one for one in self._readable(service, resource, actor) if contains(one, described, q)]
        return {"result": [{"id": one["id"], "label": str(one[described["title"]])} for one in found[:20]]}

    def health(self, service: str) -> Answer:
        """As `Services.health`."""
        self._reach(service, "health")
        held = {"parked": 0, "retrying": 0, "rejected": 0}
        outbox = {"waiting": 0, "oldest_seconds": 0.0}
        return {"service": service, "database": True, "outbox": outbox, "inbox": held, "relay": True}

    def gather(self, calls: Sequence[tuple[Any, ...]], *, deadline: float | None = None) -> list[Answer | AnjuError]:
        """As `Services.gather`."""
        answers: list[Answer | AnjuError] = []
        for name, *arguments in calls:
            try:
                answers.append(getattr(self, name)(*arguments))
            except AnjuError as error:
                answers.append(error)
        return answers

    def advise(self, service: str, command: str, payload: dict[str, Any], actor: Actor) -> Answer:
        """As `Services.advise`; answers what `advice` holds for the command."""
        self._reach(service, "advise", command, payload)
        if command not in self.catalogues[service]["commands"]:
            raise UnknownCommand(command=command)
        return copy.deepcopy(self.advice.get((service, command), {"suggestions": [], "cautions": []}))

    def report(self, service: str, name: str, params: dict[str, Any], actor: Actor) -> Answer:
        """As `Services.report`; answers the rows that `reports` holds."""
        self._reach(service, "report", name, params)
        described = self.catalogues[service].get("reports", {}).get(name)
        if described is None:
            raise UnknownCommand(code="unknown_report", report=name)
        if not set(described["by"]) & set(actor["roles"]):
            raise Forbidden(command=name, roles=described["by"])
        return {"rows": copy.deepcopy(self.reports.get((service, name), [])), "capped": False, "params": params}

    def broker(self, *, deadline: float | None = None) -> bool:
        """As `Services.broker`; told to be away like a service, by the name `broker`."""
        return "broker" not in self.down

    def close(self) -> None:
        """As `Services.close`."""

    def _reach(self, service: str, *call: Any) -> None:
        self.calls.append((service, *call))
        if service in self.down or "broker" in self.down or service not in self.catalogues:
            raise ServiceUnavailable(service=service)

    def _resource(self, service: str, resource: str) -> Mapping[str, Any]:
        described: Mapping[str, Any] | None = self.catalogues[service]["resources"].get(resource)
        if described is None:
            raise UnknownCommand(code="unknown_resource", resource=resource)
        return described

    def _carry_out(
        self,
        service: str,
        command: str,
        described: Mapping[str, Any],
        payload: dict[str, Any],
        actor: Actor,
        version: int | None,
    ) -> Record:
        params = [Field.from_json(one) for one in described["params"]]
        record: Record | None = None
        if described["kind"] != "create":
            if not isinstance(payload.get("id"), str):
                raise ValidationFailed.of("id", "required")
            record = self._visible(service, described["resource"], payload["id"], actor)
            if version is not None and version != record["version"]:
                raise StaleVersion(current=record["version"], given=version, state=record["state"], by=[], changes={})
        wrong = problems(payload_schema(command, described["kind"], params), payload)
        if wrong:
            raise ValidationFailed(errors=wrong)
        schema = schema_of(command, params)
        values = schema.dump(schema.load({name: value for name, value in payload.items() if name != "id"}))
        known = fields_of(self._resource(service, described["resource"]))
        kept = {name: value for name, value in values.items() if name in known}
        if record is None:
            if not scopes_of(described["by"], actor):
                raise Forbidden(command=command, roles=described["by"])
            kept |= self.calculated.get((service, described["resource"]), {})
            new = self.put(service, described["resource"], created_by=actor["user"], state=described["to"], **kept)
            record = self._records[service, described["resource"]][new["id"]]
            self._note(
                record, command, actor, None, {name: [None, value] for name, value in masked(kept, known).items()}
            )
            return record
        if (obstacle := self._obstacle(command, described, record, actor)) is not None:
            raise obstacle
        before = record["state"]
        was, becomes = masked(record, known), masked(kept, known)
        changes = {name: [was.get(name), becomes[name]] for name, value in kept.items() if record.get(name) != value}
        record |= kept | {"state": described["to"] or before, "version": record["version"] + 1}
        self._note(record, command, actor, before, changes)
        return record

    def _obstacle(self, name: str, command: Mapping[str, Any], record: Record, actor: Actor) -> AnjuError | None:
        if record["state"] not in command["from"]:
            return IllegalMove(command=name, state=record["state"])
        if not covers(scopes_of(command["by"], actor), record):
            return Forbidden(command=name, roles=command["by"])
        entries = self._history.get(record["id"], [])
        if command.get("decision") and entries and entries[-1]["actor"] == actor["name"]:
            return OwnSubmission(command=name)
        return None

    def _note(self, record: Record, command: str, actor: Actor, before: str | None, changes: dict[str, Any]) -> None:
        detail = {"from": before, "to": record["state"], "changes": changes}
        entry = {"at": to_wire(self.now()), "kind": "audit", "name": command, "actor": actor["name"], "detail": detail}
        self._history.setdefault(record["id"], []).append(entry)

    def _readable(self, service: str, resource: str, actor: Actor) -> list[Record]:
        scopes = scopes_of(self._resource(service, resource)["readers"], actor)
        return [one for one in self._records.get((service, resource), {}).values() if covers(scopes, one)]

    def _visible(self, service: str, resource: str, id: str, actor: Actor) -> Record:
        scopes = scopes_of(self._resource(service, resource)["readers"], actor)
        record = self._records.get((service, resource), {}).get(id)
        if record is None or not covers(scopes, record):
            raise NotFound(resource=resource, id=id)
        return record

    def _shown(self, service: str, resource: str, record: Record, described: Mapping[str, Any] | None = None) -> Record:
        return masked(copy.deepcopy(record), fields_of(described or self._resource(service, resource)))

    def _number(self, resource: str) -> str:
        initials = "".join(word[0] for word in resource.split("_")).upper()
        return f"{initials} {self.now():%Y}-P01-{next(self._numbers):06d}"
