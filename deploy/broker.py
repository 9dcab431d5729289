"""A private RabbitMQ node per `home`, beside whatever else runs on the machine.

Everything is its own: node name, ports, Erlang cookie, epmd (so none is left behind and a system broker's is not
used), data, logs and configuration. It listens on 127.0.0.1 only and runs as whoever starts it, root or not.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import amqp
from kombu.utils.url import parse_url

from deploy import broker_users
from deploy.processes import Child
from services.chassis import settings

# Debian's /usr/sbin wrappers insist on root and switch to the system broker's user; the scripts below them do not.
SCRIPT_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin")
MAX_MESSAGE_BYTES = 262_144
START_SECONDS = 60
BOOT_DEFINITIONS = "definitions.json"

# Erlang terms, not rabbitmq.conf: translating that (Cuttlefish) costs five seconds of CPU at every start.
CONFIGURATION = """\
[{{rabbit, [
  {{tcp_listeners, [{{"{address}", {port}}}]}},
  {{max_message_size, {max_message_size}}},
  {{channel_max, 64}},
  {{heartbeat, 15}},
  {{consumer_timeout, 300000}},
  %% A small machine: stop publishers before the node is killed for memory; keep some disk for the databases.
  {{vm_memory_high_watermark, 0.3}},
  {{disk_free_limit, 200000000}},
  {{collect_statistics_interval, 30000}},
  {{load_definitions, "{definitions}"}},
  {cluster}
  {{log, [{{file, [{{level, warning}}]}}, {{console, [{{enabled, false}}]}}]}}
]}}].
"""


class BrokerMissing(RuntimeError):
    """No RabbitMQ server is installed here."""


class BrokerFailed(RuntimeError):
    """The private broker did not start or refused a command; the text says what it printed."""


def script(name: str) -> str | None:
    """The path of a RabbitMQ script such as ``rabbitmqctl``, or None."""
    return shutil.which(name, path=os.pathsep.join(SCRIPT_FOLDERS)) or shutil.which(name)


class PrivateBroker:
    """The node of the current `settings.home`."""

    def __init__(self) -> None:
        self.home = settings.home()
        self.folder = self.home / "broker"
        self.ports: dict[str, int] = {}
        self.node = ""
        self.children: list[Child] = []

    @property
    def uri(self) -> str:
        """For the services."""
        return self._uri(broker_users.SERVICE_USER)

    def company_uri(self, code: str) -> str:
        """For one property company."""
        return self._uri(broker_users.company_user(code))

    def _uri(self, user: str) -> str:
        if not self.ports:
            self._recall()
        secret = (self.home / "secrets" / f"amqp.{user}").read_text(encoding="utf-8").strip()
        return f"amqp://{user}:{secret}@127.0.0.1:{self.ports['amqp']}//"

    def start(self) -> None:
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start the node's processes; `wait` returns when it accepts connections. Meanwhile other work can be done."""
        server = script("rabbitmq-server")
        if server is None or shutil.which("epmd") is None:
            raise BrokerMissing(
                "rabbitmq-server is not installed: Debian/Ubuntu package rabbitmq-server, brew rabbitmq"
            )
        self._remember()
        self._write_configuration()
        self.children = self._processes(server)
        for child in self.children:
            child.start()

    def _processes(self, server: str) -> list[Child]:
        environment = self.environment()
        return [
            Child("epmd", ["epmd", "-address", "127.0.0.1", "-port", str(self.ports["epmd"])], environment, grace=2),
            # SIGTERM always: the script hands it to the node, which SIGKILL would leave behind.
            Child(
                "broker",
                [server],
                environment | self._without_optional_plugins(server),
                grace=20,
                orphaned=signal.SIGTERM,
            ),
        ]

    def wait(self) -> None:
        try:
            wait_until_reachable(self.uri, self.children)
        except BrokerFailed:
            self.stop()
            raise
        broker_users.write_secret(settings.private_amqp_uri_file(), self.uri)

    def stop(self) -> None:
        settings.private_amqp_uri_file().unlink(missing_ok=True)
        for child in reversed(self.children):
            child.stop()

    def pids(self) -> list[int]:
        """The node's own process, as it wrote it down; none before it has started and after it has ended."""
        if not self.children or self.children[-1].returncode is not None:
            return []
        try:
            return [int((self.folder / "node.pid").read_text(encoding="ascii"))]
        except (OSError, ValueError):
            return []

    def crash(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the node alone, and at once unless the signal is a gentler one; `resume` starts it again."""
        for pid in self.pids():
            os.kill(pid, number)
        script_of_node = self.children[-1].process
        assert script_of_node is not None
        script_of_node.wait(START_SECONDS)

    def resume(self) -> None:
        """Start the node with the data, ports and users that it had; returns when it accepts connections."""
        self.children[-1].start()
        wait_until_reachable(self.uri, self.children)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node and return what it printed."""
        if not self.node:
            self._recall()
        tool = script("rabbitmqctl")
        if tool is None:
            raise BrokerMissing("rabbitmqctl is not installed")
        done = subprocess.run(
            [tool, "-q", "-n", self.node, *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise BrokerFailed(f"rabbitmqctl {arguments[0]}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def add_company(self, code: str) -> None:
        """Make the company's user, or put its permissions and limits back."""
        document = broker_users.company_definitions(code)
        path = self.home / "secrets" / f"definitions.{code}.json"
        broker_users.write_definitions(path, document)
        try:
            self.ctl("import_definitions", str(path))
        finally:
            path.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """For the node and for its command line tools alike."""
        own = {
            "HOME": str(self.folder),  # where Erlang keeps the cookie
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.ports["amqp"]),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "logs"),
            "RABBITMQ_PID_FILE": str(self.folder / "node.pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "unused"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            # Threads for file access wait a moment before they sleep: loading code is thousands of short accesses.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +SDio 4 +sbwtdio short "
            "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self.ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP": os.devnull,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))}
        inherited.pop("NOTIFY_SOCKET", None)
        return inherited | own

    def _without_optional_plugins(self, server: str) -> dict[str, str]:
        """A view of the server's folder without the plugins that nobody enabled.

        Erlang looks through every plugin's folder for every module that it loads: a quarter of the time to boot.
        """
        installed = Path(server).resolve().parent.parent
        view = self.folder / "server"
        if not (installed / "plugins").is_dir() or any(letter.isspace() for letter in str(view)):
            return {}  # RabbitMQ's own scripts do not quote this folder
        shutil.rmtree(view, ignore_errors=True)
        (view / "plugins").mkdir(parents=True)
        for name in ("sbin", "escript"):
            (view / name).symlink_to(installed / name)
        for plugin in (installed / "plugins").iterdir():
            if not plugin.name.startswith("rabbitmq_") or plugin.name.startswith("rabbitmq_prelaunch"):
                (view / "plugins" / plugin.name).symlink_to(plugin)
        return {"RABBITMQ_SCRIPTS_DIR": str(view / "sbin")}

    def _remember(self) -> None:
        """Keep the node's name and ports from one start to the next, but take other ports if these are taken."""
        path = self.folder / "node.json"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_file():
            self._recall()
        self.node = self.node or f"anju-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]}@localhost"
        for name in ("amqp", "distribution", "epmd"):
            if not _is_free(self.ports.get(name, 0)):
                self.ports[name] = free_port()
        path.write_text(json.dumps({"node": self.node, "ports": self.ports}), encoding="utf-8")

    def _recall(self) -> None:
        try:
            remembered: dict[str, Any] = json.loads((self.folder / "node.json").read_text(encoding="utf-8"))
        except FileNotFoundError as absent:
            raise BrokerFailed("no private broker was started here yet; run ./anju up") from absent
        self.node, self.ports = remembered["node"], remembered["ports"]

    def cluster(self) -> str:
        """What the configuration says of other nodes: there are none."""
        return ""

    def _write_configuration(self) -> None:
        definitions = broker_users.write_definitions(
            self.folder / BOOT_DEFINITIONS, broker_users.definitions(broker_users.known_companies())
        )
        quoted = str(definitions).replace("\\", "\\\\").replace('"', '\\"')
        text = CONFIGURATION.format(
            address="127.0.0.1",
            port=self.ports["amqp"],
            max_message_size=MAX_MESSAGE_BYTES,
            definitions=quoted,
            cluster=self.cluster(),
        )
        (self.folder / "advanced.config").write_text(text, encoding="utf-8")
        (self.folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        cookie = self.folder / ".erlang.cookie"
        if not cookie.is_file():
            broker_users.write_secret(cookie, broker_users.remembered_secret("erlang_cookie"))
            cookie.chmod(0o400)


def wait_until_reachable(uri: str, children: list[Child]) -> None:
    """Return when the broker lets us in; `BrokerFailed` when one of its processes ends or it takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        for child in children:
            if child.returncode is not None:
                raise BrokerFailed(f"{child.name} ended with code {child.returncode}:\n{child.last_lines()}")
        if is_reachable(uri, timeout=1):
            return
        time.sleep(0.05)
    raise BrokerFailed(f"the broker did not answer within {START_SECONDS} s; see {children[-1].log}")


def is_reachable(uri: str, *, timeout: float = 2) -> bool:
    """Whether a login to the broker, or to one of the nodes of a cluster, works within the time."""
    return any(_lets_in(node, timeout) for node in uri.split(";"))


def _lets_in(uri: str, timeout: float) -> bool:
    parts = parse_url(uri)
    connection = amqp.Connection(
        host=f"{parts['hostname']}:{parts['port'] or 5672}",
        userid=parts["userid"] or "guest",
        password=parts["password"] or "guest",
        virtual_host=parts["virtual_host"] or "/",
        ssl=parts["transport"] == "amqps",
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
    )
    try:
        connection.connect()
        connection.close()
    except (OSError, amqp.exceptions.AMQPError):
        return False
    finally:
        connection.collect()
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    if not port:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
