"""The built-in step `migrations`: Alembic of the project's environment, on a scratch database and on no other."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from backwright.adapters.plainfile import read_plain
from backwright.adapters.pythonenv import GUEST, Environment
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import Completed, Run
from backwright.core.verdict import Step
from backwright.engine.contract_database import scratch_url
from backwright.engine.contract_variables import dialect_of
from backwright.engine.verifying import Ran
from backwright.engine.verifying_migrations import Trip, heads_of, judge_trip, trip_of

_REPORT_LIMIT = 16 << 20  # bytes

Commands = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Migrations:
    """Alembic in the folder `cwd`.

    `own` are the project's packages; SQLite files in `tree`, which is a private copy or None, may be written, too.
    """

    step: Step
    environment: Environment
    databases: ScratchDatabases
    cwd: Path
    scratch: Path
    run: Run
    tree: Path | None = None
    own: frozenset[str] = frozenset()

    def trip(self, env: Mapping[str, str], revisions: int) -> Ran:
        """Up, down by `revisions`, up again, drift, on the empty database that `env` leads to."""
        if not self.environment.has_module("alembic"):
            return Ran(unavailable="alembic is not installed in the project's environment")
        if self.databases.problem():
            return Ran(unavailable=self.databases.problem())
        started = time.monotonic()
        listed, _ = self._session((("heads", ("heads",)),), env)
        if listed.exit_code != 0:
            error = listed.tail(1)
            return Ran(exit_code=1, output=listed.output, problems=(f"heads: {error}",), detail=error)
        heads = heads_of(listed.output)
        commands = trip_of(heads, revisions)
        done, report = self._session(commands, env)
        if report is None:
            ending = "it did not end in time" if done.timed_out else f"alembic ended with {done.exit_code}"
            return Ran(exit_code=1, output=done.output, timed_out=done.timed_out, problems=(ending,), detail=ending)
        ran = judge_trip(report, [name for name, _ in commands], heads, done.output, self.own)
        return msgspec.structs.replace(ran, seconds=time.monotonic() - started, timed_out=done.timed_out)

    def upgrade(self, env: Mapping[str, str]) -> bool:
        """Brings the database of `env` to the newest revision; False where that fails."""
        if not self.environment.has_module("alembic"):
            return False
        _, report = self._session((("up", ("upgrade", "heads")),), env)
        return report is not None and all(step.ok for step in report.steps)

    def _session(self, commands: Commands, env: Mapping[str, str]) -> tuple[Completed, Trip | None]:
        self.scratch.mkdir(parents=True, exist_ok=True)
        report = self.scratch / "alembic-report.json"
        report.unlink(missing_ok=True)
        server = self.databases.server
        order = {
            "alembic": self._arguments(),
            "steps": commands,
            "port": server.port,
            "folders": [str(self.scratch), server.folder, *([str(self.tree)] if self.tree else [])],
            "report": str(report),
        }
        argv = (str(self.environment.python), str(GUEST / "alembic_session.py"), msgspec.json.encode(order).decode())
        done = self.run(argv, cwd=self.cwd, env=env, timeout=self.step.timeout)
        written = read_plain(report, _REPORT_LIMIT)
        return done, msgspec.json.decode(written, type=Trip) if written is not None else None

    def _arguments(self) -> list[str]:
        """The step's `-c FILE`, replaced by a scratch copy where the address in the file would lead elsewhere."""
        words = list(self.step.argv[1:])
        if not self.databases.plan.alembic_url or "-c" not in words:
            return words
        place = words.index("-c") + 1
        source = self.cwd / words[place]
        target = self.scratch / "alembic.ini"
        text = source.read_text(encoding="utf-8", errors="replace")
        target.write_text(self._rewritten(text, source.parent), encoding="utf-8")
        words[place] = str(target)
        return words

    def _rewritten(self, text: str, here: Path) -> str:
        def scratch(match: re.Match[str]) -> str:
            url = match["url"].strip().replace("%%", "%")
            if dialect_of(url) not in ("postgresql", "sqlite"):
                return match.group()
            return match["key"] + scratch_url(url, self.databases.server).replace("%", "%%")

        located = text.replace("%(here)s", str(here).replace("%", "%%"))
        return re.sub(r"(?m)^(?P<key>sqlalchemy\.url\s*=\s*)(?P<url>.*)$", scratch, located)
