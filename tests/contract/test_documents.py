"""The generated pages are what the declarations say, and the AsyncAPI document holds together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from deploy import documents
from deploy.documents import asyncapi, examples, messages
from services.chassis import settings, topology, wire
from services.chassis.service import Service
from services.contracts import SERVICES, glossary
from services.contracts.events import Event, published_by
from services.contracts.fields import Field
from tests.contract.samples import samples

pytestmark = pytest.mark.unit
INTEGRATION = documents.DOCS / "integration"
EXAMPLES = [pytest.param(event, id=event.wire_name) for event in messages.sent()]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The committed AsyncAPI document."""
    loaded: dict[str, Any] = yaml.safe_load((INTEGRATION / "asyncapi.yaml").read_text(encoding="utf-8"))
    return loaded


def test_every_page_is_what_the_declarations_say(services: list[Service]) -> None:
    if len(services) < len(SERVICES):
        pytest.skip("not every service exists yet")
    stale = [
        str(path.relative_to(settings.ROOT))
        for path, text in documents.pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run ./anju contracts"


def test_every_link_of_a_page_leads_somewhere(services: list[Service]) -> None:
    pages = [*documents.pages(), INTEGRATION / "README.md"]
    broken = []
    for page in pages:
        if page.suffix != ".md":
            continue
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, fragment = target.partition("#")
            there = page.parent / file if file else page
            if not there.exists() or (fragment and not _has(there.read_text(encoding="utf-8"), fragment)):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def _has(text: str, fragment: str) -> bool:
    """Whether a page has this anchor, written out or made from a heading as GitHub does."""
    slugs = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"(?m)^#+ (.+)$", text)
    }
    return f'id="{fragment}"' in text or fragment in slugs


def test_the_document_is_asyncapi_three(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert set(document["info"]) >= {"title", "version"}
    assert document["defaultContentType"] == wire.CONTENT_TYPE
    for name, server in document["servers"].items():
        assert server["protocol"] == "amqps", name
        assert set(re.findall(r"{(\w+)}", server["host"])) == set(server["variables"])
    for channel in document["channels"].values():
        assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])
        assert channel["messages"]
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        prefix = operation["channel"]["$ref"] + "/messages/"
        assert all(one["$ref"].startswith(prefix) for one in operation["messages"])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(inside: Any) -> Iterator[str]:
        for key, value in inside.items() if isinstance(inside, dict) else enumerate(inside):
            if key == "$ref":
                yield value
            elif isinstance(value, (dict, list)):
                yield from references(value)

    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_it_names_every_message_and_the_real_exchange_and_queue(
    document: dict[str, Any], services: list[Service]
) -> None:
    company = topology.company_topology("evergreen")
    to_anju, to_company = document["channels"]["toAnju"], document["channels"]["toCompany"]
    assert to_anju["address"].format(company_code="evergreen") == company["exchanges"][0]["name"]
    assert to_company["address"].format(company_code="evergreen") == topology.company_inbox("evergreen")
    assert set(to_anju["messages"]) == set(published_by("property"))
    assert set(to_company["messages"]) == {event.wire_name for event in messages.told(services)}
    assert set(document["operations"]) == set(to_anju["messages"]) | set(to_company["messages"])


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    for name, message in document["components"]["messages"].items():
        validator = jsonschema.Draft202012Validator(message["payload"])
        validator.check_schema(message["payload"])
        for example in message["examples"]:
            assert list(validator.iter_errors(example["payload"])) == [], name


@pytest.mark.parametrize("event", EXAMPLES)
def test_the_schema_and_we_agree_on_what_a_company_may_send(event: type[Event]) -> None:
    validator = jsonschema.Draft202012Validator(asyncapi.payload(event))
    example = examples.cloud_event(event)
    for data in samples(event.fields()):
        assert list(validator.iter_errors({**example, "data": data})) == []
        assert event.load(data)
    for field in event.fields():
        for wrong in _wrong(field):
            data = {**example["data"], field.name: wrong}
            assert list(validator.iter_errors({**example, "data": data})), (field.name, wrong)
            with pytest.raises(Exception, match=field.name):
                event.load(data)


def _wrong(field: Field) -> Iterator[Any]:
    """Values that neither may take."""
    if field.kind == "files":
        yield from (7, [7], [""], ["x" * 301], ["x"] * 21)
    yield 7 if field.kind != "integer" else "7"
    if field.required:
        yield None
    if field.kind == "choice":
        yield "magic"
    if field.max_length:
        yield "x" * (field.max_length + 1)


def test_the_reasons_of_a_refusal_are_all_explained() -> None:
    raised = set()
    for path in ("services/chassis/wire.py", "services/maintenance/gateway.py"):
        for node in ast.walk(ast.parse((settings.ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                values = [one.value for one in node.keywords if one.arg == "code"]
                raised |= {str(one.value) for one in values if isinstance(one, ast.Constant)}
    assert raised <= set(messages.REASONS)
    assert [one for one in messages.REASONS if one not in glossary.terms("errors")] == []


def test_the_guide_gives_the_real_limits() -> None:
    from deploy.broker_users import COMPANY_LIMITS

    guide = (INTEGRATION / "README.md").read_text(encoding="utf-8")
    assert wire.MAX_BYTES == 262_144
    assert "262,144 bytes" in guide
    assert f"{topology.COMPANY_INTAKE_LENGTH:,} messages" in guide
    assert wire.CONTENT_TYPE in guide
    assert f"{COMPANY_LIMITS['max-connections']} connections with {COMPANY_LIMITS['max-channels']} channels" in guide
    assert [one for one in published_by("property") if f"`{one}`" not in guide] == []
