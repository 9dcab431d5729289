"""Every service's revisions lead to exactly the tables that it declares, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from deploy import heads, migrations
from services.chassis import settings
from services.contracts import SERVICES

pytestmark = pytest.mark.integration


@pytest.fixture(params=["sqlite", "postgresql"])
def configured(request: pytest.FixtureRequest, anju_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of each kind, told about by the environment as in production."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database()
    monkeypatch.setenv("ANJU_DATABASE_URL", url)
    yield "postgresql"
    server.drop_database(url)


def test_every_service_has_revisions() -> None:
    assert migrations.services_with_migrations() == sorted(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_revisions_make_what_is_declared(configured: str, service: str) -> None:
    assert migrations.upgrade(service) is True
    assert migrations.upgrade(service) is False
    assert migrations.differences(service, settings.database_url(service)) == []
    guarded = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal",
    }
    engine = sa.create_engine(settings.database_url(service))
    with engine.connect() as connection:
        found = set(connection.scalars(sa.text(guarded[configured])))
    engine.dispose()
    assert found >= set(migrations.guards(service)), "what was made anew on SQLite has lost its triggers"


@pytest.mark.parametrize("service", SERVICES)
def test_the_revisions_go_back_to_nothing(configured: str, service: str) -> None:
    migrations.upgrade(service)
    migrations.downgrade(service)
    engine = sa.create_engine(settings.database_url(service))
    assert set(sa.inspect(engine).get_table_names()) <= {migrations.VERSION_TABLE}
    engine.dispose()
    assert migrations.upgrade(service) is True


@pytest.mark.parametrize("service", SERVICES)
def test_the_database_itself_refuses_to_change_the_audit(configured: str, service: str) -> None:
    """X-47: also for whoever comes around the application."""
    migrations.upgrade(service)
    engine = sa.create_engine(settings.database_url(service))
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                'INSERT INTO audit (at, "user", name, command, resource, record_id, version, to_state, changes,'
                " correlation_id) VALUES ('2026-01-01 00:00:00', 'u', 'n', 'c', 'r', 'i', 1, 's', '{}', 'x')"
            )
        )
    for statement in ("UPDATE audit SET name = 'other'", "DELETE FROM audit"):
        with pytest.raises(sa.exc.DBAPIError, match="audit is append-only"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_services_share_a_postgresql_database_in_schemas_of_their_own(
    postgres: object, anju_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()  # type: ignore[attr-defined]
    monkeypatch.setenv("ANJU_DATABASE_URL", url)
    for service in SERVICES:
        migrations.upgrade(service)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg2:"))
    found = sa.inspect(engine)
    assert set(SERVICES) <= set(found.get_schema_names())
    assert found.get_table_names("public") == []
    for service in SERVICES:
        assert "outbox" in found.get_table_names(service)
    engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_a_warm_start_needs_no_alembic_to_know_that_nothing_is_to_do(anju_home: Path, service: str) -> None:
    assert not heads.is_at_head(service)
    migrations.upgrade(service)
    assert heads.is_at_head(service)
    engine = sa.create_engine(settings.database_url(service))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'another'"))
    engine.dispose()
    assert not heads.is_at_head(service)


def test_a_database_that_is_away_is_named(anju_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANJU_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/anju")
    with pytest.raises(migrations.MigrationFailed, match=r"leads: .*Connection refused") as failed:
        migrations.upgrade("leads")
    assert "secret" not in str(failed.value)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[sa.MetaData], None]:
    """A checkout with one service, ``leads``, that declares the given tables."""
    (tmp_path / "services" / "leads").mkdir(parents=True)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "alembic").symlink_to(settings.ROOT / "deploy" / "alembic")
    monkeypatch.setattr(settings, "ROOT", tmp_path)

    def declare(metadata: sa.MetaData) -> None:
        monkeypatch.setattr(migrations, "service_metadata", lambda _: metadata)

    return declare


def test_a_revision_is_written_from_the_declared_tables(
    tree: Callable[[sa.MetaData], None], tmp_path: Path, configured: str
) -> None:
    first = sa.MetaData()
    sa.Table("visit", first, sa.Column("id", sa.String(40), primary_key=True))
    tree(first)
    path = migrations.make("leads", "Visits")
    assert path == tmp_path / "services/leads/migrations/leads_0001.py"
    assert migrations.make("leads", "Nothing new") is None
    assert migrations.upgrade("leads") is True

    second = sa.MetaData()
    sa.Table("visit", second, sa.Column("id", sa.String(40), primary_key=True), sa.Column("note", sa.Text()))
    tree(second)
    assert migrations.make("leads", "Notes") == tmp_path / "services/leads/migrations/leads_0002.py"
    assert migrations.upgrade("leads") is True
    assert migrations.differences("leads", settings.database_url("leads")) == []
