"""The private broker in a container, for a machine that has Docker and no RabbitMQ."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess

from deploy import broker_users
from deploy.broker import CONFIGURATION, MAX_MESSAGE_BYTES, BrokerFailed, free_port, wait_until_reachable
from deploy.processes import Child
from services.chassis import settings

IMAGE = "rabbitmq:3.13-alpine"
CONFIGURATION_IN_CONTAINER = "/etc/anju"
#: Mounted one by one: the folder itself is closed to everybody but its owner, and the container has another user.
MOUNTED = ("advanced.config", "definitions.json")


def is_available() -> bool:
    """Whether a Docker engine answers."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=20).returncode == 0


class DockerBroker:
    """The same doors as `deploy.broker.PrivateBroker`."""

    def __init__(self) -> None:
        self.folder = settings.home() / "broker"
        self.name = f"anju-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]}"
        self.port = free_port()
        self.children: list[Child] = []

    @property
    def uri(self) -> str:
        user = broker_users.SERVICE_USER
        return f"amqp://{user}:{broker_users.password(user)}@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        """`docker run` in the foreground, so that it ends with the launcher."""
        mounts = [f"{self.folder / name}:{CONFIGURATION_IN_CONTAINER}/{name}:ro" for name in MOUNTED]
        mounts.append(f"{self.name}:/var/lib/rabbitmq")
        return [
            *["docker", "run", "--rm", "--init", "--name", self.name, "--hostname", self.name],
            *["-p", f"127.0.0.1:{self.port}:5672", *[part for one in mounts for part in ("-v", one)]],
            *["-e", f"RABBITMQ_ADVANCED_CONFIG_FILE={CONFIGURATION_IN_CONTAINER}/advanced.config", IMAGE],
        ]

    def launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        definitions = broker_users.definitions(broker_users.known_companies())
        broker_users.write_definitions(self.folder / "definitions.json", definitions)
        text = CONFIGURATION.format(
            address="0.0.0.0",  # inside the container; the port is published on 127.0.0.1 only
            port=5672,
            max_message_size=MAX_MESSAGE_BYTES,
            definitions=f"{CONFIGURATION_IN_CONTAINER}/definitions.json",
            cluster="",
        )
        (self.folder / "advanced.config").write_text(text, encoding="utf-8")
        for name in MOUNTED:
            (self.folder / name).chmod(0o644)
        self.children = [Child("broker", self.command(), os.environ, grace=20, orphaned=signal.SIGTERM)]
        self.children[0].start()

    def wait(self) -> None:
        wait_until_reachable(self.uri, self.children)
        broker_users.write_secret(settings.private_amqp_uri_file(), self.uri)

    def start(self) -> None:
        self.launch()
        self.wait()

    def stop(self) -> None:
        settings.private_amqp_uri_file().unlink(missing_ok=True)
        for child in self.children:
            child.stop()

    def ctl(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            ["docker", "exec", "-i", self.name, "rabbitmqctl", "-q", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BrokerFailed(f"rabbitmqctl {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def add_company(self, code: str) -> None:
        self.ctl("import_definitions", stdin=json.dumps(broker_users.company_definitions(code)))
