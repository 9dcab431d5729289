"""Production's files: they parse, name every service, carry no secret, and agree with the launcher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from admin import settings as console
from deploy.broker import MAX_MESSAGE_BYTES
from services.chassis import settings
from services.contracts import SERVICES

pytestmark = pytest.mark.unit
DEPLOY = settings.ROOT / "deploy"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))


def documents() -> list[dict[str, Any]]:
    return [one for path in KUBERNETES for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_compose_runs_every_service_after_the_migrations() -> None:
    services = compose()["services"]
    for name in SERVICES:
        assert services[name]["command"] == ["python", "-m", "services.chassis.run", name]
    for name in (*SERVICES, "console"):
        assert services[name]["depends_on"] == {"migrated": {"condition": "service_completed_successfully"}}


def test_compose_takes_its_secrets_from_outside() -> None:
    for service in compose()["services"].values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASS", "SECRET", "URI", "URL")):
                assert "${" in value, name
                assert ":?" in value, f"{name} must be refused when it is not set"


def test_compose_publishes_on_loopback_only() -> None:
    for service in compose()["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_kubernetes_runs_every_service_and_the_console() -> None:
    deployments = {one["metadata"]["name"]: one for one in documents() if one["kind"] == "Deployment"}
    assert set(deployments) == {*SERVICES, "console"}
    for name, one in deployments.items():
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["selector"]["matchLabels"] == labels == {"app": "anju", "part": name}
        (container,) = one["spec"]["template"]["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        if name in SERVICES:
            assert container["command"] == ["python", "-m", "services.chassis.run", name]


def test_applying_the_folder_applies_no_secret() -> None:
    assert not [one for one in documents() if one["kind"] == "Secret"]


def test_the_example_is_refused_until_it_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    example = yaml.safe_load((DEPLOY / "kubernetes" / "examples" / "secret.yaml").read_text(encoding="utf-8"))
    for name, value in example["stringData"].items():
        monkeypatch.setenv(name, value)
    for setting in (console.secret_key, console.database_url, console.amqp_uri):
        with pytest.raises(console.SettingInvalid, match="CHANGE-ME of the example"):
            setting()
    for setting in (settings.amqp_uri, lambda: settings.database_url("leads")):
        with pytest.raises(settings.SettingInvalid, match="CHANGE-ME of the example"):
            setting()


def test_uploaded_files_outlive_every_console_and_all_of_them_share_them() -> None:
    (console,) = [one for one in documents() if one["kind"] == "Deployment" and one["metadata"]["name"] == "console"]
    pod = console["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    folder = next(one["value"] for one in container["env"] if one["name"] == "ANJU_FILES")
    name = next(one["name"] for one in container["volumeMounts"] if one["mountPath"] == folder)
    (volume,) = [one for one in pod["volumes"] if one["name"] == name]
    claims = {one["metadata"]["name"]: one for one in documents() if one["kind"] == "PersistentVolumeClaim"}
    assert claims[volume["persistentVolumeClaim"]["claimName"]]["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.mark.parametrize("text", [DEPLOY / "compose.yaml", DEPLOY / "kubernetes" / "broker.yaml"])
def test_the_broker_has_the_same_limits_everywhere(text: Path) -> None:
    assert f"max_message_size = {MAX_MESSAGE_BYTES}" in text.read_text(encoding="utf-8")


def test_the_image_copies_what_exists_and_installs_by_hash() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert copied
    assert all((settings.ROOT / name).exists() for name in copied)
    assert any("--require-hashes" in line for line in lines)


def test_the_locks_carry_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (settings.ROOT / name).read_text(encoding="utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")
        for word in ("http:", "https:", "--index-url", "--find-links", "file:"):
            assert word not in text
