"""The publisher that companies copy from docs/integration, run as they run it, with a company's own user."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from kombu import Connection, Queue

from services.chassis import settings
from tests.integration.live import CLOUD_EVENTS, Live
from tests.integration.maintenance.conftest import FOREIGN_HOME, HOME

FOLDER = settings.ROOT / "docs" / "integration"
PUBLISHER = FOLDER / "publisher.py"
#: As the guide tells a company to set it, so that following the guide is what is tested.
VARIABLE = (FOLDER / "README.md").read_text(encoding="utf-8").split("    export ", 1)[1].split("=", 1)[0]
REPORT = {
    "source_ref": "BX-2026-0415",
    "home_id": HOME,
    "reporter": "王女士",
    "repair_class": "leakage",
    "description": "厨房水管接头漏水，地面有积水。",
    "reported_at": "2026-05-01T16:00:00+08:00",
}


def run(url: str, kind: str, data: dict[str, Any], **environment: str) -> subprocess.CompletedProcess[str]:
    """The publisher as a company runs it: a process with nothing of ours on its path."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, str(PUBLISHER), kind],
        input=json.dumps(data, ensure_ascii=False),
        env={**clean, VARIABLE: url, **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.unit
def test_it_is_short_and_needs_nothing_of_ours() -> None:
    text = PUBLISHER.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    assert not re.search(r"^(from|import) (services|deploy|admin)", text, re.MULTILINE)


@pytest.mark.unit
def test_it_reads_the_variable_that_the_guide_sets() -> None:
    assert f'os.environ["{VARIABLE}"]' in PUBLISHER.read_text(encoding="utf-8")


@pytest.mark.unit
def test_the_guide_shows_a_report_that_the_contract_takes() -> None:
    from services.contracts.events.property import RepairReported

    guide = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = guide.split("<<'JSON'\n", 1)[1].split("JSON\n", 1)[0]
    assert RepairReported.load(json.loads(shown)).home_id == HOME


@pytest.mark.integration
@pytest.mark.requirement("X-403", "M-25.1")
def test_a_copied_publisher_makes_a_work_order(maintenance: Live, broker: Any, until: Callable[..., Any]) -> None:
    url = broker.company_uri("acme")
    sent = run(url, "repair_reported", REPORT)
    assert (sent.returncode, sent.stderr) == (0, "")
    row = "SELECT source_ref, description, reported_by_company, state FROM work_order"
    expected = [("BX-2026-0415", REPORT["description"], "acme", "reported")]
    assert until(lambda: maintenance.rows(row) == expected, 20), maintenance.rows(row)

    again = run(url, "repair_reported", REPORT)
    refused = run(url, "repair_reported", {**REPORT, "source_ref": "BX-2", "home_id": FOREIGN_HOME})
    assert again.returncode == refused.returncode == 0
    # The inbox is read as the guide shows it.
    answers: list[dict[str, Any]] = []
    with Connection(url) as connection, connection.channel() as channel:
        queue = Queue("property.acme.inbox", channel=channel, no_declare=True)

        def answered() -> list[dict[str, Any]]:
            while message := queue.get(accept=[CLOUD_EVENTS]):
                answers.append(json.loads(message.body))
                message.ack()
            return answers

        assert until(answered, 20)
    (answer,) = [one["data"] for one in answers]
    assert answer["message_id"] == refused.stdout.strip()
    assert (answer["reason"], answer["fields_at_fault"]) == ("foreign_project", ["home_id"])
    assert (answer["message"], answer["message_en"]) == (
        "该项目不由这家物业公司负责。",
        "The project is another company's.",
    )
    assert maintenance.rows("SELECT count(*) FROM work_order") == [(1,)]


@pytest.mark.integration
def test_a_wrong_password_is_told_at_once(broker: Any) -> None:
    host = broker.company_uri("acme").rsplit("@", 1)[1]
    sent = run(f"amqp://property.acme:wrong@{host}", "repair_reported", REPORT)
    assert sent.returncode == 1
    assert "ACCESS_REFUSED" in sent.stderr
