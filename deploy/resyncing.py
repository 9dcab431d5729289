"""``./anju resync``: let the owners of replicated records tell them again, so that every replica is built anew."""

from __future__ import annotations

from rich.console import Console

from admin.rpc import Services
from services.chassis import settings, topology
from services.contracts.errors import AnjuError


class ResyncRefused(RuntimeError):
    """A service did not tell its records; the text says which and why."""


def replicated() -> list[str]:
    """Every resource that some service keeps a replica of, such as ``leads/home``."""
    return sorted({one for catalogue in topology.catalogues().values() for one in catalogue["replicates"]})


def resync(out: Console, wanted: list[str]) -> None:
    """Tell these resources again, all of them if none is named. Older news never overwrites newer."""
    known = replicated()
    for resource in wanted:
        if resource not in known:
            raise settings.SettingInvalid("resource", f"must be one of {', '.join(known)}", resource)
    services = Services(settings.amqp_uri(), deadline=60)
    try:
        for resource in wanted or known:
            service, _, name = resource.partition("/")
            told = services.resync(service, name)["told"]
            out.print(f"{resource}: {told} told")
    except AnjuError as refused:
        raise ResyncRefused(f"{resource}: {type(refused).__name__}: {refused}") from refused
    finally:
        services.close()
