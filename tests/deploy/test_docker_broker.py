"""The broker in a container: what is written for it, and how it is started. No Docker is needed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from deploy.docker_broker import CONFIGURATION_IN_CONTAINER, MOUNTED, DockerBroker
from deploy.processes import Child

pytestmark = pytest.mark.unit


@pytest.fixture
def launched(anju_home: Path, monkeypatch: pytest.MonkeyPatch) -> DockerBroker:
    monkeypatch.setattr(Child, "start", lambda self: None)
    broker = DockerBroker()
    broker.launch()
    return broker


def test_the_configuration_is_whole(launched: DockerBroker) -> None:
    text = (launched.folder / "advanced.config").read_text(encoding="utf-8")
    assert '{tcp_listeners, [{"0.0.0.0", 5672}]}' in text
    assert f'{{load_definitions, "{CONFIGURATION_IN_CONTAINER}/definitions.json"}}' in text
    assert "{{" not in text
    assert "cluster" not in text
    assert json.loads((launched.folder / "definitions.json").read_text(encoding="utf-8"))["users"]


def test_the_containers_user_can_read_it_and_others_of_this_machine_cannot(launched: DockerBroker) -> None:
    command = launched.command()
    for name in MOUNTED:
        assert f"{launched.folder / name}:{CONFIGURATION_IN_CONTAINER}/{name}:ro" in command
        assert stat.S_IMODE((launched.folder / name).stat().st_mode) == 0o644
    assert stat.S_IMODE(launched.folder.stat().st_mode) == 0o700
    assert f"127.0.0.1:{launched.port}:5672" in command
