"""What the commands of one project find in the sandbox: its tools and its scratch databases, and a private copy of its tree."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backwright.adapters.dependencies import generated
from backwright.adapters.pythonenv import GUEST
from backwright.adapters.sandbox import Sandbox, Space, places_of_program
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import Completed
from backwright.adapters.toolchain import Tools
from backwright.kit.redaction import redacted


@dataclass(frozen=True)
class Held:
    """Runs commands in `copy`, as `shell.run` does.

    `scratch` is a folder of ours that they may write, too. `lent` are folders of the copy whose files are those of the
    user's tree: they are read, but for what tools generate in them.
    """

    sandbox: Sandbox
    tools: Tools
    databases: ScratchDatabases
    scratch: Path
    copy: Path
    lent: Sequence[Path] = ()

    def __call__(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Completed:
        """What the command says comes back without secrets. Raises `MachineError` where the sandbox could not start."""
        run = self.sandbox.run_in(self._space(argv[0]))
        passed = {name: os.environ[name] for name in self.sandbox.permissions.environment if name in os.environ}
        done = run(argv, cwd=cwd, env={**env, **passed}, timeout=timeout)
        return replace(done, output=redacted(done.output, random=True), errors=redacted(done.errors, random=True))

    def _space(self, program: str) -> Space:
        own = places_of_program(Path(program)) if program.startswith("/") else []
        space = Space(
            writable=(self.copy, self.scratch, *self.tools.writes()),
            readable=(GUEST, *self.tools.places(), *(place for place in own if not place.is_relative_to(self.copy))),
            kept=tuple(self.lent),
            open=tuple(place for folder in self.lent for place in generated(folder)),
        )
        reached = self.sandbox.permissions.network == "host"  # then the machine's own 127.0.0.1 is there
        return space if reached else replace(space, relays=self.databases.sockets())


def why_unreachable(sandbox: Sandbox) -> str:
    """Why no command can reach a server of ours; `""` where it can."""
    return "" if sandbox.has_network else f"commands have no network here ({sandbox.describe()})"
