"""Three private RabbitMQ nodes on this machine that form one cluster, for tests of what happens when one of them dies.

Each node has its own name, ports, data and log; they share the Erlang cookie and one epmd, through which they find each
other. Quorum queues get a member on each, so that any two of them go on.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from deploy import broker_users
from deploy.broker import START_SECONDS, BrokerFailed, PrivateBroker
from deploy.processes import Child
from services.chassis import settings

NODES = 3


class Node(PrivateBroker):
    """One node; `first` is the one whose epmd and cluster it joins, None for the first itself."""

    def __init__(self, number: int, first: Node | None) -> None:
        super().__init__()
        self.number, self.first = number, first
        self.folder = self.home / f"broker-{number}"

    def cluster(self) -> str:
        """The peers that a new node looks for, as an Erlang term."""
        if self.first is None:
            return ""
        return f"{{cluster_nodes, {{['{self.first.node}'], disc}}}},"

    def take_ports(self) -> None:
        """Decide where the node will listen."""
        self._remember()

    def _remember(self) -> None:
        super()._remember()
        if self.first is not None:
            self.ports["epmd"] = self.first.ports["epmd"]

    def _processes(self, server: str) -> list[Child]:
        processes = super()._processes(server)
        if self.first is not None:
            del processes[0]
        processes[-1].rename(f"broker-{self.number}")
        return processes


class Cluster:
    """What `System` needs of a broker, of three nodes at once. URIs name all of them, separated by a semicolon."""

    def __init__(self) -> None:
        first = Node(1, None)
        self.nodes = [first, *(Node(number, first) for number in range(2, NODES + 1))]

    @property
    def children(self) -> list[Child]:
        return [child for node in self.nodes for child in node.children]

    @property
    def uri(self) -> str:
        return ";".join(node.uri for node in self.nodes)

    def company_uri(self, code: str) -> str:
        return ";".join(node.company_uri(code) for node in self.nodes)

    def launch(self) -> None:
        """Return when all nodes are members: a queue gets its members when it is declared, by whoever comes first."""
        for node in self.nodes:
            node.take_ports()
        try:
            self.nodes[0].start()
            for node in self.nodes[1:]:
                node.launch()
            for node in self.nodes[1:]:
                node.wait()
            if not _until(self.is_whole, START_SECONDS):
                raise BrokerFailed("the nodes did not form a cluster")
        except BrokerFailed:
            self.stop()
            raise

    def wait(self) -> None:
        """It is there already."""
        broker_users.write_secret(settings.private_amqp_uri_file(), self.uri)

    def thin_queues(self) -> list[str]:
        """Quorum queues that have no member on some node; with one node less they might stop."""
        thin = []
        for line in self.ctl("list_queues", "name", "type", "members").splitlines():
            name, _, rest = line.partition("\t")
            kind, _, members = rest.partition("\t")
            if kind.endswith("quorum") and members.count("@") < NODES:
                thin.append(name)
        return thin

    def is_whole(self) -> bool:
        """Whether every node runs and knows the others as running."""
        said = self._living().ctl("eval", "length(rabbit_nodes:all_running()).")
        return said.strip() == str(NODES)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against a node that runs."""
        return self._living().ctl(*arguments)

    def pids(self) -> list[int]:
        return [pid for node in self.nodes if _runs(node) for pid in node.pids()]

    def crash(self, number: signal.Signals = signal.SIGKILL, node: int = 0) -> None:
        self.nodes[node].crash(number)

    def resume(self, node: int = 0) -> None:
        self.nodes[node].resume()

    def stop(self) -> None:
        """The node that stops last is the one that may start first."""
        for node in reversed(self.nodes):
            node.stop()

    def _living(self) -> Node:
        for node in self.nodes:
            if _runs(node):
                return node
        raise BrokerFailed("no node of the cluster runs")


def _runs(node: Node) -> bool:
    return bool(node.children) and node.children[-1].returncode is None


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
