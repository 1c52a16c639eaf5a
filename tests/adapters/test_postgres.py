"""The private PostgreSQL server: what it makes, who may reach it, and that it goes however we end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from verify_scene import installed_postgres

from backwright.adapters import postgres
from backwright.adapters.postgres import Binaries, PostgresServer, find_binaries
from backwright.adapters.postgres_folder import remove_stale
from backwright.adapters.sandbox import Space, open_sandbox
from backwright.adapters.shell import Completed, run
from backwright.core.errors import MachineError, ToolMissing


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer.start(installed_postgres()) as running:
        yield running


def psql(server: PostgresServer, role: str, database: str, statement: str) -> Completed:
    where = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": role,
        "PGDATABASE": database,
        "PATH": os.defpath,
    }
    argv = (str(installed_postgres().folder / "psql"), "-X", "-q", "-A", "-t", "-c", statement)
    return run(argv, cwd=Path("/"), env=where, timeout=30)


def processes(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def wait_until(what: str, condition: object) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError(what)


def test_roles_and_databases_as_the_project_names_them(server: PostgresServer) -> None:
    server.reset(["shop user", "other"], ["shop", 'we"ird', "postgres"])
    assert psql(server, "shop user", "shop", "CREATE TABLE t(x int); SELECT current_user").output == "shop user\n"
    assert psql(server, "other", "shop", "INSERT INTO t VALUES (1); SELECT count(*) FROM t").output == "1\n"
    assert psql(server, "shop user", 'we"ird', "CREATE TABLE t(x int)").exit_code == 0
    assert psql(server, "shop user", "postgres", "CREATE TABLE t(x int)").exit_code == 0
    assert psql(server, "shop user", "shop", "CREATE DATABASE made_by_tests").exit_code == 0


def test_a_reset_leaves_nothing_of_before(server: PostgresServer) -> None:
    server.reset(["a"], ["one"])
    psql(server, "a", "one", "CREATE TABLE t(x int)")
    psql(server, "a", "one", "CREATE DATABASE extra")
    server.reset(["a"], ["one"])
    assert psql(server, "a", "one", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").output == "0\n"
    assert "extra" not in server.query("SELECT datname FROM pg_database")


def test_extensions_that_only_a_superuser_may_make(server: PostgresServer) -> None:
    """Trusted ones the project makes itself; of the others those that are installed; unknown names do no harm."""
    server.reset(["a"], ["one"], ["pageinspect", "citext", "no-such-extension"])
    assert server.query("SELECT extname FROM pg_extension ORDER BY 1", database="one") == ["pageinspect", "plpgsql"]
    assert psql(server, "a", "one", "CREATE EXTENSION IF NOT EXISTS pageinspect").exit_code == 0
    assert psql(server, "a", "one", "CREATE EXTENSION citext").exit_code == 0


def test_nobody_is_superuser_over_tcp(server: PostgresServer) -> None:
    server.reset(["a"], ["one"])
    refused = psql(server, "backwright_scratch_admin", "one", "SELECT 1")
    assert refused.exit_code != 0
    assert "pg_hba.conf rejects" in refused.output
    assert psql(server, "a", "one", "COPY (SELECT 1) TO PROGRAM 'true'").exit_code != 0
    status = server.folder.stat()
    assert status.st_mode & 0o067 == 0  # nobody sees what is in it, and nobody but our own group gets through
    assert not status.st_mode & 0o010 or status.st_gid == os.getegid()


def test_a_command_in_the_sandbox_gets_to_it(server: PostgresServer, tmp_path: Path) -> None:
    """Also where we are root: inside, root has no power over folders of others."""
    sandbox = open_sandbox()
    if sandbox.tier.name != "bubblewrap":
        if os.environ.get("CI"):
            raise AssertionError(f"no bubblewrap here: {sandbox.tier.because}")
        pytest.skip("no bubblewrap here")
    server.reset(["a"], ["one"])
    inside = sandbox.run_in(Space(writable=(tmp_path,), relays={server.port: server.socket}))
    client = str(installed_postgres().folder / "psql")
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "a", "PGDATABASE": "one", "PATH": os.defpath}
    done = inside((client, "-X", "-A", "-t", "-c", "SELECT current_user"), cwd=tmp_path, env=where, timeout=30)
    assert done.output == "a\n"


def test_the_servers_refusal_is_told(server: PostgresServer) -> None:
    with pytest.raises(MachineError, match="syntax error"):
        server.query("SELEC 1")


def test_a_port_that_is_taken_is_not_shared() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(MachineError, match="is used by another server"):
            PostgresServer.start(installed_postgres(), taken.getsockname()[1])


def test_it_stops_and_takes_its_folder_along() -> None:
    running = PostgresServer.start(installed_postgres())
    assert processes(running.folder)
    running.stop()
    assert not running.folder.exists()
    assert not processes(running.folder)


def start_elsewhere(tmp_path: Path) -> tuple[subprocess.Popen[bytes], Path, int]:
    """A process of its own that starts a server and waits: its handle, the server's folder and keeper."""
    note = tmp_path / "note"
    code = (
        "import sys, time; from pathlib import Path\n"
        "from backwright.adapters.postgres import PostgresServer, find_binaries\n"
        "server = PostgresServer.start(find_binaries())\n"
        f"Path({str(note)!r}).write_text(f'{{server.folder}} {{server.keeper}}')\n"
        "time.sleep(60)\n"
    )
    installed_postgres()
    process = subprocess.Popen([sys.executable, "-c", code])
    wait_until("the server did not start", lambda: note.exists() and " " in note.read_text())
    folder, keeper = note.read_text().split()
    return process, Path(folder), int(keeper)


def test_it_goes_when_we_are_killed(tmp_path: Path) -> None:
    process, folder, _ = start_elsewhere(tmp_path)
    assert processes(folder)
    process.kill()
    process.wait()
    wait_until("the server outlives us", lambda: not folder.exists() and not processes(folder))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server itself stays until the next start")
def test_it_goes_when_we_and_its_keeper_are_killed_and_the_rest_is_cleaned_up(tmp_path: Path) -> None:
    process, folder, keeper = start_elsewhere(tmp_path)
    process.send_signal(signal.SIGSTOP)  # so that the keeper dies first
    os.kill(keeper, signal.SIGKILL)
    process.kill()
    process.wait()
    wait_until("the server outlives its keeper", lambda: not processes(folder))
    assert folder.exists()
    assert remove_stale() >= 1
    assert not folder.exists()


def test_what_is_not_ours_or_in_use_is_not_cleaned_up(server: PostgresServer, tmp_path: Path) -> None:
    linked = server.folder.parent / "backwright-pg-link"
    (tmp_path / "precious").mkdir()
    linked.symlink_to(tmp_path)
    try:
        remove_stale()
    finally:
        linked.unlink()
    assert (tmp_path / "precious").exists()
    assert server.query("SELECT 1") == ["1"]


def test_no_server_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_PLACES", ())
    with pytest.raises(ToolMissing) as caught:
        find_binaries({"PATH": "/nonexistent"})
    assert "apt install postgresql" in caught.value.hints[0]


def test_the_newest_of_several_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9.6.24", "16.2", "15.9"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "postgres", "psql"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian {version}-1)'\n")
            (folder / name).chmod(0o755)
    monkeypatch.setattr(postgres, "_PLACES", (f"{tmp_path}/*/bin",))
    assert find_binaries({"PATH": "/nonexistent"}) == Binaries(tmp_path / "16.2" / "bin", (16, 2))


def test_a_cluster_that_cannot_be_made_says_why() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)  # the server's user must get in
        (folder / "initdb").write_text("#!/bin/sh\necho 'no space left on device'\nexit 1\n")
        (folder / "initdb").chmod(0o755)
        with pytest.raises(MachineError, match="no space left on device"):
            PostgresServer.start(Binaries(folder, (16,)))
