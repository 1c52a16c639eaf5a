"""Runs a command under Landlock and seccomp, where bubblewrap cannot make namespaces: less is possible inside, and less is hidden."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from backwright.adapters import shell
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.sandbox import bubblewrap, seccomp
from backwright.adapters.sandbox.descriptors import memory_file
from backwright.adapters.sandbox.space import Space
from backwright.adapters.sandbox.watchdog import Watchdog
from backwright.adapters.shell import Attendance, Completed
from backwright.core.errors import MachineError
from backwright.core.permissions import Permissions

CONFINE = Path(__file__).parents[1] / "guest" / "confine.py"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class Confined:
    """One command about to run. `abi` is the version of Landlock; there is no network, whatever is permitted."""

    space: Space
    permissions: Permissions
    abi: int

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        attended: Attendance = shell.NOBODY,
    ) -> Completed:
        """As `shell.run`. Raises `MachineError` where the command could not be confined: it has not run then."""
        with ExitStack() as stack:
            own = stack.enter_context(PrivateDir("home"))
            order = memory_file(self._order(own, env), stack)
            status_out, status_in = os.pipe()
            stack.callback(os.close, status_out)
            held = os.fdopen(status_in, "wb")
            stack.callback(held.close)
            dog = Watchdog(self.permissions.bounds, (*self.space.writable, own))

            def started(pid: int) -> None:
                held.close()
                dog.started(pid)
                if attended.started:
                    attended.started(pid)

            done = shell.run(
                [sys.executable, "-I", "-S", str(CONFINE), str(order), str(status_in), "--", *argv],
                cwd=cwd,
                env={"PATH": "/usr/bin:/bin"},
                timeout=timeout,
                attended=replace(
                    attended,
                    started=started,
                    why_stop=lambda: dog.why_stop() or (attended.why_stop() if attended.why_stop else ""),
                    descriptors=(order, status_in, *attended.descriptors),
                ),
            )
            return _told(replace(done, argv=tuple(argv)), os.read(status_out, 4096).decode("utf-8", "replace"))

    def _order(self, own: Path, env: Mapping[str, str]) -> bytes:
        home, temporary = own / "home", own / "tmp"
        for folder in (home, temporary):
            folder.mkdir()
        for path, content in self.space.home.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(content)
        writable = [*self.space.writable, *self.space.open, home, temporary]
        given = Path(env.get("TMPDIR", temporary))
        inside = any(given.is_relative_to(place) for place in writable)
        variables = {**env, "HOME": str(home), "TMPDIR": str(given if inside else temporary)}
        code = seccomp.program((), truncate=self.abi >= 3, memory_files=False, shared=False)
        readable = [*bubblewrap.system_places(), Path("/proc"), *self.space.readable, *map(Path, self.permissions.read)]
        order = {
            "limits": bubblewrap.limits_of(self.permissions),
            "readable": [str(place) for place in readable],
            "writable": [*_DEVICES, *map(str, writable)],
            "seccomp": base64.b64encode(code).decode(),
            "env": variables,
        }
        return json.dumps(order).encode()


def _told(done: Completed, status: str) -> Completed:
    word, _, rest = status.partition(" ")
    if word == "missing":
        return replace(done, exit_code=None, output=rest, errors="")
    if word != "started" and not (done.timed_out or done.stopped):
        raise MachineError(f"the sandbox could not start: {rest or done.tail(1) or 'it said nothing'}")
    return done
