"""The scratch databases of a verification: SQLite files in a temporary folder, or a private PostgreSQL server.

Made when first asked for, shared by all steps and by the runs before and after the change, gone at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from backwright.adapters.postgres import Binaries, PostgresServer, find_binaries
from backwright.core.errors import BackwrightError
from backwright.engine.contract_database import DatabasePlan, Server

OFFERED = ("postgresql", "sqlite")


class ScratchDatabases:
    """`with ScratchDatabases(plan, folder) as databases: environment = databases.fresh()`.

    It remembers what the run before the change found out: `works_with`, whether the project's tests want their
    database "migrated" or "empty", and `env_files`, the `.env` files without which the project does not start.
    `unreachable` says why no server could be reached by the commands, where that is so.
    """

    def __init__(
        self,
        plan: DatabasePlan,
        folder: Path,
        binaries: Callable[[], Binaries] = find_binaries,
        *,
        unreachable: str = "",
    ) -> None:
        self.plan = plan
        self.folder = folder
        self.works_with = ""
        self.env_files: list[str] = []
        self._binaries = binaries
        self._unreachable = unreachable
        self._server: PostgresServer | None = None
        self._problem: str | None = None
        self._made = 0

    def problem(self) -> str:
        """Why there is no database for this project; `""` where there is one. Starts the server it is about."""
        if self._problem is None:
            self._problem = self._start()
        return self._problem

    @property
    def server(self) -> Server:
        """Where the databases are now."""
        return Server(str(self._current()), self._server.port if self._server else 0)

    def sockets(self) -> dict[int, Path]:
        """The ports on 127.0.0.1 that a command is to find a server at, and the sockets that lead there."""
        return {self._server.port: self._server.socket} if self._server else {}

    def fresh(self) -> dict[str, str]:
        """The environment of a step that gets empty databases. Where there are none it leads nowhere: see `problem`."""
        self._made += 1
        self._current().mkdir(parents=True, exist_ok=True)
        if not self.problem() and self._server:
            try:
                self._server.reset(self.plan.roles, self.plan.databases, self.plan.extensions)
            except BackwrightError as error:
                self._problem = error.message
        return self.plan.environment(self.server)

    def close(self) -> None:
        """Stops the server, if there is one."""
        if self._server:
            self._server.stop()
            self._server = None

    def _current(self) -> Path:
        return self.folder / f"databases-{self._made}"

    def _start(self) -> str:
        dialect = self.plan.dialect
        if dialect and dialect not in OFFERED:
            return f"it needs {dialect} ({self.plan.because}); scratch databases are PostgreSQL and SQLite only"
        if dialect != "postgresql":
            return ""
        if self._unreachable:
            return f"it needs PostgreSQL ({self.plan.because}), which cannot be reached: {self._unreachable}"
        try:
            self._server = PostgresServer.start(self._binaries(), self.plan.port)
        except BackwrightError as error:
            hint = f"; {error.hints[0]}" if error.hints else ""
            return f"it needs PostgreSQL ({self.plan.because}), but {error.message}{hint}"
        return ""

    def __enter__(self) -> ScratchDatabases:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
