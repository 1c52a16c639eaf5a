"""A private PostgreSQL server for as long as it is needed: from the machine's own binaries, in a temporary folder.

It listens on 127.0.0.1 and on a socket in its folder. Over TCP only the project's roles may connect, without a password
and without being superusers; the superuser can be reached through the socket alone, with a password. Nothing
is kept: no fsync, and the folder goes with the server (`postgres_keeper.py` sees to that, however we end).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from backwright.adapters.postgres_folder import make_folder, remove_server, remove_stale
from backwright.adapters.shell import Completed, printable, run
from backwright.core.errors import MachineError, ToolMissing

_SUPERUSER = "backwright_scratch_admin"
_START_TIMEOUT = 60.0  # seconds
_STATEMENT_TIMEOUT = 60.0
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_RULES = """local all {superuser} password
local all all trust
host all {superuser} 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
"""
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb`, `postgres` and `psql`, and its version."""

    folder: Path
    version: tuple[int, ...]


def find_binaries(environ: Mapping[str, str] | None = None) -> Binaries:
    """The newest PostgreSQL server on this machine. Raises `ToolMissing` with how to install one."""
    found = {}
    for folder in _folders(os.environ if environ is None else environ):
        if all((folder / name).is_file() for name in ("initdb", "postgres", "psql")):
            done = run((str(folder / "postgres"), "--version"), cwd=Path("/"), env={}, timeout=10)
            version = re.search(r"PostgreSQL\) (\d+(?:\.\d+)*)", done.output)
            if done.exit_code == 0 and version:
                found[tuple(int(n) for n in version.group(1).split("."))] = folder
    if not found:
        raise ToolMissing(
            "no PostgreSQL server is installed on this machine",
            hints=("install it: apt install postgresql, or brew install postgresql",),
        )
    newest = max(found)
    return Binaries(found[newest], newest)


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    path = environ.get("PATH", os.defpath)
    for tool in ("postgres", "initdb"):
        place = shutil.which(tool, path=path)
        if place:
            yield Path(place).resolve().parent
    asked = shutil.which("pg_config", path=path)
    if asked:
        yield Path(run((asked, "--bindir"), cwd=Path("/"), env={"PATH": path}, timeout=10).output.strip() or "/nowhere")
    for pattern in _PLACES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")))


class PostgresServer:
    """A running server: `with PostgresServer.start(find_binaries()) as server`. `port` is its port on 127.0.0.1."""

    def __init__(
        self, binaries: Binaries, folder: Path, port: int, keeper: subprocess.Popen[bytes], password: str
    ) -> None:
        self.port = port
        self.folder = folder
        self.keeper = keeper.pid
        self._binaries = binaries
        self._keeper = keeper
        self._password = password

    @property
    def socket(self) -> Path:
        """Its Unix socket. Who gets it reaches what 127.0.0.1 reaches, and not the superuser, who has a password."""
        return self.folder / f".s.PGSQL.{self.port}"

    @classmethod
    def start(cls, binaries: Binaries, port: int = 0) -> PostgresServer:
        """Starts a server on `port`, or on any free one. Raises `MachineError` where it cannot or the port is taken."""
        remove_stale()
        if port and not _is_free(port):
            raise MachineError(f"port {port} of this machine is used by another server")
        problem = ""
        for _ in range(1 if port else 3):
            chosen = port or _free_port()
            server, problem = cls._try(binaries, chosen)
            if server:
                return server
            if "could not bind" not in problem:
                break
        raise MachineError(f"the scratch PostgreSQL server did not start: {problem}", where=str(binaries.folder))

    @classmethod
    def _try(cls, binaries: Binaries, port: int) -> tuple[PostgresServer | None, str]:
        user, folder = make_folder()
        password = secrets.token_hex(16)
        options = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
        order = {
            "initdb": str(binaries.folder / "initdb"),
            "postgres": str(binaries.folder / "postgres"),
            "folder": str(folder),
            "superuser": _SUPERUSER,
            "password": password,
            "rules": _RULES.format(superuser=_SUPERUSER),
            "options": [*options, "-c", f"port={port}", "-c", f"unix_socket_directories={folder}"],
            "user": user.pw_uid if user else None,
            "group": user.pw_gid if user else None,
        }
        program = Path(__file__).parent / "postgres_keeper.py"
        keeper = subprocess.Popen(
            [sys.executable, "-I", str(program), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            cwd="/",
            start_new_session=True,
        )
        server = cls(binaries, folder, port, keeper, password)
        try:
            (folder / "keeper.pid").write_text(str(keeper.pid))
            problem = server._wait()
        except BaseException:
            server.stop()
            raise
        if problem:
            server.stop()
            return None, problem
        return server, ""

    def _wait(self) -> str:
        """Until the server answers; what is wrong where it does not."""
        assert self._keeper.stdout is not None
        first = self._keeper.stdout.readline()
        if first != b"started\n":
            return printable((first + self._keeper.stdout.read()).decode(errors="replace")).strip()
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            if self._keeper.poll() is not None:
                return printable(self._keeper.stdout.read().decode(errors="replace")).strip() or "it ended at once"
            if self._psql(["SELECT 1"]).exit_code == 0:
                return ""
            time.sleep(0.05)
        return f"it did not answer within {_START_TIMEOUT:.0f} s"

    def reset(self, roles: Sequence[str], databases: Sequence[str], extensions: Sequence[str] = ()) -> None:
        """Makes the roles, drops every database there is, and makes these, empty and owned by the first role.

        `extensions` that only a superuser may make are made, where the machine has them. Raises `MachineError` with
        the server's message.
        """
        listed = self.query("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
        statements = [
            f"DO $$ BEGIN CREATE ROLE {_quoted(role)} LOGIN CREATEDB; EXCEPTION WHEN duplicate_object THEN END $$"
            for role in roles
        ]
        statements += [_drop(name, self._is_13) for name in listed]
        wanted = list(dict.fromkeys(databases))
        if "postgres" in wanted:  # this connection needs another database to stand in
            self.query(_drop("postgres", self._is_13), database="template1")
            self.query("CREATE DATABASE postgres TEMPLATE template0", database="template1")
        owner = _quoted(roles[0]) if roles else _SUPERUSER
        for name in wanted:
            if name == "postgres":
                statements.append(f"ALTER DATABASE postgres OWNER TO {owner}")
            else:
                statements.append(f"CREATE DATABASE {_quoted(name)} OWNER {owner} TEMPLATE template0")
        for name in roles[1:]:
            statements.append(f"GRANT {owner} TO {_quoted(name)}")
        self.query(*statements)
        for extension in self._for_superusers(extensions):
            for name in wanted:
                self.query(f"CREATE EXTENSION IF NOT EXISTS {_quoted(extension)} CASCADE", database=name)

    def _for_superusers(self, extensions: Sequence[str]) -> list[str]:
        if not extensions:
            return []
        listed = "SELECT DISTINCT name FROM pg_available_extension_versions"
        return sorted(set(extensions) & set(self.query(f"{listed} WHERE NOT trusted" if self._is_13 else listed)))

    @property
    def _is_13(self) -> bool:
        """Since version 13 there are trusted extensions, and databases can be dropped while somebody is connected."""
        return self._binaries.version >= (13,)

    def query(self, *statements: str, database: str = "postgres") -> list[str]:
        """Runs statements as the superuser; the rows of their results, columns joined by `|`. Raises `MachineError`."""
        if not statements:
            return []
        done = self._psql(statements, database)
        if done.exit_code != 0:
            raise MachineError(f"the scratch PostgreSQL server refused: {done.tail(5)}")
        return [line for line in done.output.splitlines() if line]

    def _psql(self, statements: Sequence[str], database: str = "postgres") -> Completed:
        words = [word for statement in statements for word in ("-c", statement)]
        argv = [str(self._binaries.folder / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *words]
        where = {"PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": _SUPERUSER, "PGDATABASE": database}
        where["PGPASSWORD"] = self._password
        return run(
            argv, cwd=Path("/"), env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **where}, timeout=_STATEMENT_TIMEOUT
        )

    def stop(self) -> None:
        """Stops the server and removes its folder; returns when both are gone."""
        if self._keeper.stdin and not self._keeper.stdin.closed:
            self._keeper.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(15)
        if self._keeper.poll() is None:
            self._keeper.kill()
            self._keeper.wait()
        if self._keeper.stdout:
            self._keeper.stdout.close()
        remove_server(self.folder)

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as probe:  # somebody may listen on all addresses, or on IPv6
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _drop(name: str, force: bool) -> str:
    return f"DROP DATABASE IF EXISTS {_quoted(name)}" + (" WITH (FORCE)" if force else "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
