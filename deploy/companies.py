"""Property companies on the broker: their exchange, queues, user, permissions and limits."""

from __future__ import annotations

import os

from kombu import Connection
from rich.console import Console

from deploy import broker_users
from deploy.broker import PrivateBroker
from services.chassis import settings, topology


def declare_all(out: Console) -> None:
    """Declare everything and say what the live broker lacked or has differently."""
    wanted = topology.topology(companies=broker_users.known_companies())
    with Connection(settings.amqp_uri(), connect_timeout=5) as connection:
        missing = topology.compare(connection, wanted)
        topology.declare(connection, wanted)
    for difference in missing:
        out.print(f"was: {difference}", markup=False)
    out.print(
        "declared " + ", ".join(f"{len(part)} {kind}" for kind, part in wanted.items())  # type: ignore[arg-type]
    )


def admit(out: Console, code: str) -> None:
    """Let a company in: queues at once; its user at once on the private broker, else as a file to import."""
    try:
        user = broker_users.company_user(code)
    except ValueError as wrong:
        raise settings.SettingInvalid("--company", topology.COMPANY_CODE_RULE, code) from wrong
    with Connection(settings.amqp_uri(), connect_timeout=5) as connection:
        topology.declare_company(connection, code)
    secret = settings.home() / "secrets" / f"amqp.{user}"
    if os.environ.get("ANJU_AMQP_URI"):
        path = settings.home() / "secrets" / f"definitions.{code}.json"
        broker_users.write_definitions(path, broker_users.company_definitions(code))
        out.print("Its user is not made yet. On the broker's machine run:", soft_wrap=True)
        out.print(f"  rabbitmqctl import_definitions {path}", soft_wrap=True, markup=False)
    else:
        broker_users.password(user)
        PrivateBroker().add_company(code)
        out.print(f"user {user} is ready", markup=False)
    out.print(f"publishes to exchange {topology.company_exchange(code)}", markup=False)
    out.print(f"reads queue {topology.company_inbox(code)}", markup=False)
    out.print(f"password in {secret}", soft_wrap=True, markup=False)
