"""The commands behind ``./anju``. Each is short: what it does is in the module that it names."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from services.chassis import settings
from services.contracts import SERVICES

app = typer.Typer(
    name="anju",
    help="Anju (安居): run it, test it, look after it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def run() -> int:
    """The program: every expected failure is one message on stderr and a non-zero exit code."""
    try:
        app(prog_name="./anju")
    except (settings.SettingInvalid, OSError, RuntimeError, ValueError) as wrong:
        if not _is_expected(wrong):
            raise
        text = f"{wrong.strerror}: {wrong.filename}" if isinstance(wrong, OSError) and wrong.filename else str(wrong)
        err.print(f"anju: {text}", style="red", markup=False, soft_wrap=True)
        return 2 if isinstance(wrong, ValueError) else 1
    return 0


def _is_expected(wrong: Exception) -> bool:
    """Our own errors say what is wrong; anything else is a defect and shows where it came from."""
    return isinstance(wrong, OSError) or type(wrong).__module__.split(".")[0] in ("deploy", "services")


def _services(names: list[str] | None) -> list[str]:
    """The named services, or all."""
    for name in names or []:
        if name not in SERVICES:
            raise settings.SettingInvalid("service", f"must be one of {', '.join(SERVICES)}", name)
    return list(names or SERVICES)


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="With demo data and one account per role.")] = False,
) -> None:
    """Start everything: a private broker (unless ANJU_AMQP_URI is set), databases, services and console."""
    from deploy import foreground

    raise typer.Exit(foreground.up(out, demo=demo))


@app.command("test")
def run_tests(
    part: Annotated[list[str] | None, typer.Argument(help="lint, or folders of tests/; default: all.")] = None,
    k: Annotated[str | None, typer.Option("-k", help="Only tests whose names match, as pytest's -k.")] = None,
    fail_fast: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
    verbose: Annotated[bool, typer.Option("-v", help="Name every test.")] = False,
) -> None:
    """Run the linters and the tests."""
    from deploy import checks

    arguments = [*(["-k", k] if k else []), *(["-x"] if fail_fast else []), *(["-v"] if verbose else [])]
    raise typer.Exit(checks.run(part or [], arguments))


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds of each benchmark.")] = 5,
    short: Annotated[bool, typer.Option("--short", help="Few messages a round: seconds, and rough figures.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this benchmark; may be given several times.")] = None,
    seed: Annotated[int, typer.Option(help="Draws the order of contenders.")] = 1,
    write: Annotated[
        bool | None, typer.Option(help="Write docs/benchmarks.md. Default: when everything is measured at full length.")
    ] = None,
) -> None:
    """Measure side by side with the bare libraries; exit code 1 when a target is missed or a message was lost."""
    from deploy.bench import run
    from deploy.bench.figures import Plan

    plan = Plan(rounds, short, seed, lambda step: out.print(f"[dim]{step}[/]"))
    raise typer.Exit(run.run(out, plan, only or [], write=not (short or only) if write is None else write))


@app.command()
def migrate(
    service: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None,
    make: Annotated[str | None, typer.Option(help="Write a revision with this message instead.")] = None,
) -> None:
    """Bring the databases to the newest revision, or write a revision."""
    from deploy import system

    names = _services(service)
    for name in names:
        settings.database_url(name)  # a bad value is named even where there is nothing to migrate yet
    if make is None:
        changed = system.migrate(names)
        out.print(f"migrated: {', '.join(changed)}" if changed else "every database is at its newest revision")
        return
    from deploy import migrations

    for name in names:
        path = migrations.make(name, make)
        out.print(f"{name}: {path.relative_to(settings.ROOT) if path else 'nothing to change'}", soft_wrap=True)


@app.command()
def admit(
    user: Annotated[str, typer.Argument(help="The user name, such as li.na.")],
    role: Annotated[str, typer.Option(help="Its role, in the whole group.")],
    name: Annotated[str, typer.Option(help="What people call them; default: the user name.")] = "",
) -> None:
    """Make the first account of an installation; prints its first password, once."""
    from deploy import admitting

    admitting.admit(out, user, name, role)


@app.command()
def seed() -> None:
    """Put the demo data into a running system that is a demo."""
    from deploy import demo, system

    demo.refuse_elsewhere()
    code, _ = system.health(f"http://127.0.0.1:{settings.port()}")
    if code != 200:
        raise system.SystemFailed("the system is not up (see ./anju status); start it with ./anju up")
    demo.seed(lambda step: out.print(step))


@app.command()
def topology(
    company: Annotated[str | None, typer.Option(help="Make this property company's queues and RabbitMQ user.")] = None,
) -> None:
    """Declare the broker's topology, or one property company's part of it, and compare it with the live one."""
    from deploy import companies

    companies.declare_all(out) if company is None else companies.admit(out, company)


@app.command()
def status() -> None:
    """Show processes, broker, databases and queues; exit code 1 when something is down."""
    from deploy import status as look

    lines = look.gather()
    look.show(lines, out)
    raise typer.Exit(0 if all(line.good for line in lines) else 1)


@app.command()
def replay(
    note: Annotated[str, typer.Option(help="Why it may work now; kept with each message.")],
    service: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None,
    message: Annotated[str | None, typer.Option(help="Only the message with this id.")] = None,
) -> None:
    """Try parked messages once more, after their cause has been mended."""
    from deploy import replaying

    replaying.replay(out, _services(service), note, message_id=message)


@app.command()
def resync(
    resource: Annotated[
        list[str] | None, typer.Argument(help="Such as leads/home. Default: all that are replicated.")
    ] = None,
) -> None:
    """Tell projects, homes and customers again, so that the services' replicas are built anew."""
    from deploy import resyncing

    resyncing.resync(out, resource or [])


@app.command()
def faults(
    seed: Annotated[int | None, typer.Option(help="Replay the run with this seed. Default: drawn.")] = None,
    events: Annotated[
        int | None, typer.Option(min=15, help="Repair events from three companies; default 5000.")
    ] = None,
    commands: Annotated[int | None, typer.Option(min=12, help="Commands over the REST API; default 500.")] = None,
    kills: Annotated[int | None, typer.Option(min=0, help="SIGKILLs at random moments; default 60.")] = None,
    database: Annotated[str, typer.Option(help="postgresql or sqlite.")] = "postgresql",
    short: Annotated[bool, typer.Option("--short", help="The form of continuous integration.")] = False,
    cluster: Annotated[bool, typer.Option("--cluster", help="Three RabbitMQ nodes; one at a time is killed.")] = False,
) -> None:
    """Kill parts of a system of its own under load, then count: exit code 1 when something is lost or doubled."""
    from deploy import faults as trial

    wanted = trial.options(seed, database, short, cluster, events=events, commands=commands, kills=kills)
    raise typer.Exit(trial.run(out, wanted))


@app.command()
def detectors(
    trap: Annotated[list[str] | None, typer.Argument(help="Such as T6; default: all.")] = None,
    commit: Annotated[str | None, typer.Option(help="Try the code of this commit; default: as it lies here.")] = None,
) -> None:
    """Put known traps back into a copy of the code, one at a time: exit code 1 when the tests do not see one."""
    from deploy import detectors as check

    raise typer.Exit(check.run(out, trap or [], commit))


@app.command()
def contracts() -> None:
    """Write catalogues, goldens and the generated pages of docs/ from the services' declarations."""
    from deploy import documents
    from services.chassis import catalogue

    changed = [*catalogue.write_all(), *documents.write_all()]
    out.print(f"changed: {', '.join(changed)}" if changed else "catalogues, goldens and pages are up to date")


@app.command()
def lock() -> None:
    """Resolve the dependencies of pyproject.toml again into the hash-locked requirements."""
    import subprocess

    base = ["pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
    base += ["--no-header", "--no-annotate", "--quiet", "pyproject.toml"]
    for target, extra in (
        ("requirements.txt", []),
        ("requirements-test.txt", ["--extra", "test", "-c", "requirements.txt"]),
    ):
        command = [sys.executable, "-m", "uv", *base, *extra, "-o", target]
        if subprocess.run(command, cwd=settings.ROOT, check=False).returncode:
            raise typer.Exit(1)
