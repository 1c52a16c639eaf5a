"""The scratch databases of a verification, as steps are told of them."""

from __future__ import annotations

from pathlib import Path

from verify_scene import installed_postgres

from backwright.adapters.postgres import Binaries
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import run
from backwright.core.errors import ToolMissing
from backwright.engine.contract_database import DatabasePlan, Variable

URL = Variable("DATABASE_URL", "url", "postgresql://shop@db/shop")
POSTGRES = DatabasePlan("postgresql", "of a test", (URL,), ("shop",), ("shop",))
SQLITE = DatabasePlan("sqlite", "of a test", (Variable("DATABASE_URL", "url", "sqlite:///./shop.db"),))


def none() -> Binaries:
    raise ToolMissing("no PostgreSQL server is installed on this machine", hints=("install it: …",))


def test_sqlite_files_are_new_for_every_step(tmp_path: Path) -> None:
    with ScratchDatabases(SQLITE, tmp_path / "made", none) as databases:
        first, second = databases.fresh(), databases.fresh()
        assert databases.problem() == ""
    assert first["DATABASE_URL"].startswith(f"sqlite:////{str(tmp_path).lstrip('/')}/made/")
    assert first != second
    assert Path(second["DATABASE_URL"].removeprefix("sqlite:///")).parent.is_dir()


def test_no_server_is_started_before_it_is_asked_for(tmp_path: Path) -> None:
    asked = []

    def binaries() -> Binaries:
        asked.append(1)
        return none()

    with ScratchDatabases(POSTGRES, tmp_path, binaries) as databases:
        assert databases.server.port == 0
        assert not asked
        assert "it needs PostgreSQL (of a test), but no PostgreSQL server is installed" in databases.problem()
        assert databases.fresh()["DATABASE_URL"] == "postgresql://shop@127.0.0.1:1/shop"
    assert asked == [1]


def test_a_database_that_is_not_offered(tmp_path: Path) -> None:
    with ScratchDatabases(DatabasePlan("mysql", "DB_URL is a mysql address"), tmp_path, none) as databases:
        assert databases.problem().startswith("it needs mysql (DB_URL is a mysql address)")


def test_no_database_at_all(tmp_path: Path) -> None:
    with ScratchDatabases(DatabasePlan("", "none", placeholders={"A": "1"}), tmp_path, none) as databases:
        assert (databases.problem(), databases.fresh()) == ("", {"A": "1"})


def test_a_postgresql_database_that_answers_and_is_empty_again(tmp_path: Path) -> None:
    with ScratchDatabases(POSTGRES, tmp_path, installed_postgres) as databases:
        for _ in range(2):
            env = databases.fresh()
            argv = (str(installed_postgres().folder / "psql"), "-X", env["DATABASE_URL"], "-c", "CREATE TABLE t(x int)")
            assert run(argv, cwd=tmp_path, env={}, timeout=30).exit_code == 0
        port = databases.server.port
    assert port != 0
    done = run((*argv[:3], "-c", "SELECT 1"), cwd=tmp_path, env={}, timeout=30)
    assert done.exit_code != 0


def test_a_server_that_dies_makes_the_next_step_unavailable(tmp_path: Path) -> None:
    with ScratchDatabases(POSTGRES, tmp_path, installed_postgres) as databases:
        databases.fresh()
        assert databases._server is not None
        databases._server.stop()
        databases.fresh()
        assert databases.problem()


def test_closing_twice_is_once(tmp_path: Path) -> None:
    databases = ScratchDatabases(SQLITE, tmp_path, none)
    databases.close()
    databases.close()
    assert databases.server.port == 0
