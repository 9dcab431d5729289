"""The paths of one service: lists, records, histories and commands."""

from __future__ import annotations

import re
import uuid
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, request
from flask_appbuilder.api import BaseApi, expose

from admin import files, reveals
from admin.actors import actor_of
from admin.api import lists, openapi
from admin.api.answers import Refused
from admin.api.body import json_object
from admin.api.guard import door
from admin.api.payload import ID, payload_schema, problems
from admin.catalogues import catalogues
from admin.described import Command, Resource
from admin.page import services
from services.contracts.errors import Forbidden, NotFound, UnknownCommand, ValidationFailed

MAX_KEY = 64
KEYS = uuid.UUID("6f8f7a2e-5c0e-5b7b-9c6e-0a9d3a3f1c55")  # the namespace of command ids made from Idempotency-Key


def api_of(service: str) -> type[BaseApi]:
    """The API class of one service."""
    name = f"{service.title()}Api"
    return type(name, (ServiceApi,), {"service": service, "resource_name": service, "openapi_spec_tag": service})


class ServiceApi(BaseApi):
    """`/api/v1/<service>/...`, as docs/how-to/use-the-rest-api.md describes it."""

    service = ""

    def __init__(self) -> None:
        super().__init__()
        self._schemas: dict[str, ma.Schema] = {}

    @expose("/<name>", methods=["GET"])
    @door
    def find(self, name: str) -> Response:
        """A page of records."""
        resource = self._resource(name)
        found = services().search(self.service, name, lists.read(resource, request.args), actor_of(g.user))
        return jsonify({"count": found["count"], "capped": bool(found.get("capped")), "result": found["result"]})

    @expose("/<name>/<id>", methods=["GET"])
    @door
    def show(self, name: str, id: str) -> Response:
        """One record and the moves that this caller may make now."""
        self._resource(name)
        found = services().fetch(self.service, name, self._id(name, id), actor_of(g.user))
        return _with_version(jsonify({"result": found["result"], "actions": found["actions"]}), found["result"])

    @expose("/<name>/<id>", methods=["PUT", "PATCH", "DELETE"])
    @door
    def refuse_change(self, name: str, id: str) -> Response:
        """Records change by commands only; whoever tries it with an entry of a register is on record (X-47)."""
        self._attempted(self._resource(name), id, request.method.lower())
        raise Refused(405, "method_not_allowed", allowed=["GET"])

    @expose("/<name>/<id>/history", methods=["GET"])
    @door
    def history(self, name: str, id: str) -> Response:
        """What happened to a record, newest first."""
        self._resource(name)
        found = services().history(self.service, name, self._id(name, id), actor_of(g.user))
        return jsonify({"result": found["result"]})

    @expose("/<name>/<id>/files/<sha256>", methods=["GET"])
    @door
    def file(self, name: str, id: str, sha256: str) -> Response:
        """A file that a record names, for whoever may read the record."""
        self._resource(name)
        found = services().fetch(self.service, name, self._id(name, id), actor_of(g.user))
        answer = files.sent(found["result"], sha256)
        if answer is None:
            raise NotFound(resource="file", id=sha256[:64] if sha256.isalnum() else "")
        return answer

    @expose("/reports/<name>", methods=["GET"])
    @door
    def report(self, name: str) -> Response:
        """The rows of a report, with the filters of the list behind each count."""
        chosen = catalogues().report(self.service, name)
        params = lists.params_of(chosen.params, request.args)
        found = services().report(self.service, name, params, actor_of(g.user))
        return jsonify({"result": found["rows"], "capped": found["capped"], "params": found["params"]})

    @expose("/<name>", methods=["POST"])
    @door
    def execute(self, name: str) -> Response:
        """Carry out a command, once per `Idempotency-Key` of a caller."""
        command = self._command(name)
        command_id = _command_id(g.user.username)
        payload = json_object()
        version = _version(payload)
        actor = actor_of(g.user)
        if not command.allowed_to(actor["roles"]):
            # Before the fields: whoever may not give a command is not told what is missing from it.
            raise Forbidden(command=name, roles=command.described.get("by", []))
        if wrong := problems(self._schema(command), payload):
            raise ValidationFailed(errors=wrong)
        done = services().execute(self.service, name, payload, actor=actor, command_id=command_id, version=version)
        reveals.noted(command, actor, payload, done)
        beside = {name: value for name, value in done.items() if name not in ("result", "replayed")}
        response = _with_version(jsonify({"result": done["result"], **beside}), done["result"])
        if done["replayed"]:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def add_api_spec(self, api_spec: Any) -> None:
        """One path per resource and per command, instead of one per method of this class."""
        openapi.describe(api_spec, catalogues(), self.service)

    def _resource(self, name: str) -> Resource:
        book = catalogues()
        if (resource := book.at(f"{self.service}/{name}")) is not None:
            return resource
        try:
            book.command(self.service, name)
        except UnknownCommand:
            raise UnknownCommand(code="unknown_resource", resource=name[:60]) from None
        raise Refused(405, "method_not_allowed", allowed=["POST"])

    def _command(self, name: str) -> Command:
        try:
            return catalogues().command(self.service, name)
        except UnknownCommand:
            if catalogues().at(f"{self.service}/{name}") is not None:
                raise Refused(405, "method_not_allowed", allowed=["GET"]) from None
            if (register := catalogues().named_in(self.service, name)) is not None:
                self._attempted(register, str(json_object().get("id", "")), name)
            raise UnknownCommand(command=name[:60]) from None

    def _attempted(self, register: Resource, id: str, what: str) -> None:
        if register.append_only:
            told = services().tell_attempt
            told(self.service, register.name, id[:40], what, actor=actor_of(g.user), door="rest")

    def _id(self, resource: str, id: str) -> str:
        """The id of a path; one that no record can have is not worth a question."""
        if len(id) > (ID.max_length or 0) or "\x00" in id or not id.isprintable():
            raise NotFound(resource=resource, id=re.sub(r"\W", "", id)[:40])
        return id

    def _schema(self, command: Command) -> ma.Schema:
        if command.name not in self._schemas:
            self._schemas[command.name] = payload_schema(command.name, command.kind, command.params)
        return self._schemas[command.name]


def _command_id(user: str) -> str:
    """The caller's key, made their own: two people's keys never meet, and nobody is answered with another's result."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise Refused(400, "idempotency_key_missing", "Idempotency-Key")
    if len(key) > MAX_KEY:
        raise Refused(400, "idempotency_key_too_long", "Idempotency-Key", max=MAX_KEY)
    return str(uuid.uuid5(KEYS, f"{user}\n{key}"))


def _version(payload: dict[str, Any]) -> int | None:
    """The version that the caller saw, from `If-Match` or from `version` in the body (which is taken out of it)."""
    given = payload.pop("version", None)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
        raise ValidationFailed.of("version", "invalid_integer")
    if given is not None and given < 1:
        raise ValidationFailed.of("version", "at_least", min=1)
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return given
    match = re.fullmatch(r'(?:W/)?"?([1-9][0-9]{0,8})"?', header)
    if match is None:
        raise Refused(400, "if_match_invalid", "If-Match")
    if given is not None and given != int(match[1]):
        raise Refused(400, "versions_differ", "If-Match")
    return int(match[1])


def _with_version(response: Response, record: dict[str, Any]) -> Response:
    """The record's version as an ETag, to be sent back as `If-Match`."""
    response.headers["ETag"] = f'"{record["version"]}"'
    return response
