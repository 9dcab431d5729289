"""Schema migrations, one Alembic history per service in ``services/<service>/migrations``.

The environment is shared (``deploy/alembic``); a service's folder holds nothing but its revisions. Upgrading imports no
service: revisions are written in plain SQLAlchemy types. Writing a revision (`make`) imports the service to compare its
tables with an SQLite database at head.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis import settings
from services.chassis.guarding import append_only_ddl, guarded_columns
from services.chassis.records import Base
from services.chassis.words import index_name, searched_columns, word_index_ddl

VERSION_TABLE = "alembic_version"
#: The columns of an append-only table that joining may move, all others, and those that are written once.
Guarded = tuple[list[str], ...]


class MigrationFailed(RuntimeError):
    """A database could not be brought to the newest revision; the text says which and why."""


def services_with_migrations() -> list[str]:
    """The services that have at least one revision."""
    folders = (settings.ROOT / "services").glob("*/migrations")
    return sorted(folder.parent.name for folder in folders if any(folder.glob("[!_]*.py")))


def upgrade(service: str, url: str | None = None) -> bool:
    """Bring a service's database to head; whether anything was done. ``url``: default the configured one."""
    url = url or settings.database_url(service)
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            _prepare(connection, service)
            script = ScriptDirectory.from_config(_config(service))
            done = set(MigrationContext.configure(connection).get_current_heads())
            if done == set(script.get_heads()):
                return False
            command.upgrade(_config(service, connection), "head")
            connection.commit()
    except sa.exc.DBAPIError as wrong:
        raise MigrationFailed(f"{service}: {str(wrong.orig).strip()}") from wrong
    finally:
        engine.dispose()
    return True


def downgrade(service: str, url: str | None = None) -> None:
    """Take a service's database back to nothing; for tests of the revisions."""
    engine = _engine(url or settings.database_url(service))
    with engine.connect() as connection:
        command.downgrade(_config(service, connection), "base")
        connection.commit()
    engine.dispose()


def make(service: str, message: str) -> Path | None:
    """Write the revision that brings the database to the service's declared tables; None if they are equal already."""
    metadata = service_metadata(service)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/head.db"
        if service in services_with_migrations():
            upgrade(service, url)
        engine = _engine(url)
        with engine.connect() as connection:
            unindexed, unguarded = _tables_without_words(service), _tables_without_guard(service)
            if not unindexed and not unguarded and not compare_metadata(_comparison(connection), metadata):
                return None
            config = _config(service, connection)
            config.attributes["unindexed"] = unindexed
            config.attributes["metadata"] = metadata
            config.attributes["unguarded"], config.attributes["guarded"] = unguarded, guards(service)
            number = len(list((_folder(service)).glob("[!_]*.py"))) + 1
            script = command.revision(config, message, autogenerate=True, rev_id=f"{service}_{number:04d}")
        engine.dispose()
    path = Path(script[0].path if isinstance(script, list) else script.path)  # type: ignore[union-attr]
    # Where the test tools are installed the revision is written as everything else is.
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, str(path)], check=False, capture_output=True)
    return path


def differences(service: str, url: str) -> list[Any]:
    """What Alembic would still change in a database at head to reach the declared tables; empty is right."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            found = list(compare_metadata(_comparison(connection), service_metadata(service)))
            return [*found, *_tables_without_words(service).items(), *_tables_without_guard(service).items()]
    finally:
        engine.dispose()


def service_metadata(service: str) -> sa.MetaData:
    """The tables of one service alone: all services declare on one metadata, and each has some of them."""
    declared = importlib.import_module(f"services.{service}.service").SERVICE
    metadata = sa.MetaData(naming_convention=_naming())
    for table in declared.tables:
        getattr(table, "__table__", table).to_metadata(metadata)
    return metadata


def configure(context: Any) -> None:
    """Called by Alembic's environment file."""
    config: Config = context.config
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=config.attributes.get("metadata"),
        render_as_batch=True,
        render_item=_render_plain_type,
        process_revision_directives=_add_what_tables_do_not_say,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _comparison(connection: sa.Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_declared})


def _is_declared(found: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:
    """Whether the tables say it; the indexes of words are PostgreSQL's alone and stand beside them."""
    return not (reflected and kind == "index" and name == index_name(found.table.name))


def _tables_without_words(service: str) -> dict[str, tuple[str, ...]]:
    """The tables whose searched columns have no index of words yet: no revision says that it makes one for these."""
    indexed = {table: tuple(columns) for table, columns in _said_by_revisions(service, word_index_ddl.__name__)}
    tables = service_metadata(service).tables.values()
    wanted = {table.name: searched_columns(table) for table in tables if searched_columns(table)}
    return {name: columns for name, columns in wanted.items() if indexed.get(name) != columns}


def _tables_without_guard(service: str) -> dict[str, Guarded]:
    """The tables whose rows the database must refuse to change (X-47), where no revision says that it does so now."""
    guarded: dict[str, Any] = {
        table: columns or ([], []) for table, *columns in _said_by_revisions(service, append_only_ddl.__name__)
    }
    return {name: columns for name, columns in guards(service).items() if tuple(guarded.get(name, ())) != columns}


def guards(service: str) -> dict[str, Guarded]:
    """The append-only tables of a service, with their columns."""
    classes = [mapper.class_ for mapper in Base.registry.mappers if getattr(mapper.class_, "__append_only__", False)]
    tables = service_metadata(service).tables
    return {one.__tablename__: guarded_columns(one) for one in classes if one.__tablename__ in tables}


def _said_by_revisions(service: str, function: str) -> Iterator[list[Any]]:
    """What the revisions of a service give to a function, call by call in their order; the dialect is left out."""
    for path in sorted(_folder(service).glob("[!_]*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == function:
                literals = (one for one in node.args if isinstance(one, (ast.Constant, ast.List)))
                yield [ast.literal_eval(one) for one in literals]


def _render_plain_type(kind: str, item: Any, autogen_context: Any) -> Any:
    """Write a type of ours as the plain types beneath it, so that a revision never changes when our code does."""
    if kind != "type":
        return False
    if isinstance(item, postgresql.JSONB):  # Alembic renders the type within it without its module
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return f"postgresql.JSONB(none_as_null={item.none_as_null})"
    if not isinstance(item, sa.types.TypeDecorator):
        return False
    generic, embedded = item.impl_instance, item.load_dialect_impl(sqlite.dialect())
    if embedded._type_affinity is generic._type_affinity:
        return f"sa.{generic!r}"
    return f"sa.{generic!r}.with_variant(sa.{embedded!r}, 'sqlite')"


def _add_what_tables_do_not_say(context: Any, revision: Any, directives: list[Any]) -> None:
    """The triggers of append-only tables, and the indexes of words."""
    attributes = context.config.attributes if context.config else {}
    for directive in directives:
        steps = list(directive.upgrade_ops.ops)
        lost = _made_anew(steps, attributes.get("guarded", {}))
        for table, columns in (lost | attributes.get("unguarded", {})).items():
            directive.imports.add("from services.chassis.guarding import append_only_ddl")
            steps.append(_GuardTable(table, columns))
        for table, columns in attributes.get("unindexed", {}).items():
            directive.imports.add("from services.chassis.words import word_index_ddl")
            steps.append(_IndexWords(table, columns))
        directive.upgrade_ops.ops = steps


def _made_anew(steps: Sequence[Any], guarded: dict[str, Guarded]) -> dict[str, Guarded]:
    """The append-only tables that Alembic copies on SQLite, since they cannot be changed as they stand there: what is
    not copied with them is their triggers."""
    in_place = (ops.AddColumnOp, ops.CreateIndexOp, ops.DropIndexOp)
    changed = [one for one in steps if isinstance(one, ops.ModifyTableOps) and one.table_name in guarded]
    copied = [one for one in changed if not all(isinstance(each, in_place) for each in one.ops)]
    return {one.table_name: guarded[one.table_name] for one in copied}


class _GuardTable(ops.MigrateOperation):
    def __init__(self, table: str, columns: Guarded) -> None:
        self.table, self.columns = table, columns


class _IndexWords(ops.MigrateOperation):
    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table, self.columns = table, list(columns)


def _register_renderers() -> None:
    from alembic.autogenerate import renderers

    def executed(statements: str) -> list[str]:
        return [f"for statement in {statements}:\n    op.execute(sa.DDL(statement.replace('%', '%%')))"]

    @renderers.dispatch_for(_GuardTable)
    def _render_guard(_: Any, step: _GuardTable) -> list[str]:
        columns = "".join(f", {names!r}" for names in step.columns) if any(step.columns) else ""
        return executed(f'append_only_ddl("{step.table}", op.get_bind().dialect.name{columns})')

    @renderers.dispatch_for(_IndexWords)
    def _render_words(_: Any, step: _IndexWords) -> list[str]:
        return executed(f'{word_index_ddl.__name__}("{step.table}", {step.columns!r}, op.get_bind().dialect.name)')


_register_renderers()


def _prepare(connection: sa.Connection, service: str) -> None:
    schema = settings.schema(service)
    if (
        connection.dialect.name == "postgresql"
        and schema
        and f"search_path={schema}" in str(connection.engine.url.query)
    ):
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        connection.commit()


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return sa.create_engine(parsed, poolclass=sa.pool.NullPool)


def _folder(service: str) -> Path:
    return settings.ROOT / "services" / service / "migrations"


def _config(service: str, connection: sa.Connection | None = None) -> Config:
    if not re.fullmatch(settings.SERVICE_NAME, service) or not _folder(service).parent.is_dir():
        raise MigrationFailed(f"service: there is no service {service!r}")
    _folder(service).mkdir(exist_ok=True)
    config = Config(stdout=io.StringIO(), cmd_opts=argparse.Namespace(quiet=True))
    config.set_main_option("script_location", str(settings.ROOT / "deploy" / "alembic").replace("%", "%%"))
    config.set_main_option("version_locations", str(_folder(service)).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config


def _naming() -> dict[str, str]:
    from services.chassis.records import NAMING

    return NAMING
