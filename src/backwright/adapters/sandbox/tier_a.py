"""Runs a command in bubblewrap: starts it held back, sets its limits, lets it go, and tells the two kinds of failure apart."""

from __future__ import annotations

import json
import os
import resource
import select
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from backwright.adapters import shell
from backwright.adapters.sandbox import bubblewrap, seccomp
from backwright.adapters.sandbox.descriptors import memory_file
from backwright.adapters.sandbox.places import places_of_program
from backwright.adapters.sandbox.space import HOME, Space
from backwright.adapters.sandbox.watchdog import Watchdog
from backwright.adapters.shell import Attendance, Completed
from backwright.core.errors import MachineError
from backwright.core.permissions import Permissions

RELAY = Path(__file__).parents[1] / "guest" / "relay.py"
_START = 10.0  # seconds that bubblewrap may take to make the sandbox
_LAST_WORDS = 2.0  # seconds that what it wrote may take to be here
_CLEAN = {"PATH": "/usr/bin:/bin"}  # of bubblewrap itself, which `--clearenv` leaves readable in /proc/1/environ
_SOCKETS = "/run/backwright"


@dataclass(frozen=True)
class Wrapped:
    """One command about to run in bubblewrap."""

    space: Space
    permissions: Permissions
    program: Path

    def with_space(self, space: Space) -> shell.Run:
        """The same in another space."""
        return replace(self, space=space).run

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        attended: Attendance = shell.NOBODY,
    ) -> Completed:
        """As `shell.run`. Raises `MachineError` where the sandbox could not be made: the command has not run then."""
        with ExitStack() as stack:
            files: list[int] = []

            def held(content: bytes) -> int:
                files.append(memory_file(content, stack))
                return files[-1]

            sockets = {place: f"{_SOCKETS}/{port}" for port, place in self.space.relays.items()}
            space = replace(self.space, readable=(*self.space.readable, *self._ours()))
            words = bubblewrap.arguments(
                space,
                self.permissions,
                cwd=cwd,
                env=_inside(env, space),
                held=held,
                seccomp=seccomp.program(families(self.permissions.network)),
                sockets=sockets,
            )
            gate = _Gate(stack, bubblewrap.limits_of(self.permissions))
            words += ["--json-status-fd", str(gate.status_in), "--block-fd", str(gate.block_out)]
            order = held("\0".join(words).encode("utf-8", "surrogateescape") + b"\0")
            dog = Watchdog(self.permissions.bounds, self.space.writable)
            command = [str(self.program), "--args", str(order), "--", *self._command(argv)]
            done = shell.run(
                command,
                cwd=Path("/"),
                env=_CLEAN,
                timeout=timeout,
                attended=replace(
                    attended,
                    started=_both(gate.opened, dog.started, attended.started),
                    why_stop=lambda: dog.why_stop() or (attended.why_stop() if attended.why_stop else ""),
                    descriptors=(*files, gate.status_in, gate.block_out, *attended.descriptors),
                ),
            )
            return _told(replace(done, argv=tuple(argv)), gate, argv[0])

    def _command(self, argv: Sequence[str]) -> list[str]:
        if not self.space.relays:
            return list(argv)
        ports = [f"{port}={_SOCKETS}/{port}" for port in self.space.relays]
        return [sys.executable, "-I", "-S", str(RELAY), *ports, "--", *argv]

    def _ours(self) -> list[Path]:
        """What the relay needs: our own interpreter, without anything that is installed for it."""
        return [RELAY, *places_of_program(Path(sys.executable))] if self.space.relays else []


class _Gate:
    """Holds the command back until its limits are set, and hears from bubblewrap what became of it."""

    def __init__(self, stack: ExitStack, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._status_out, self.status_in = os.pipe()
        self.block_out, self._block_in = os.pipe()
        self._open = {self._status_out, self.status_in, self.block_out, self._block_in}
        self._heard = b""
        stack.callback(self._close_all)

    def opened(self, _pid: int) -> None:
        """Bubblewrap runs: wait for the process that becomes the command, limit it, let it go."""
        self._close(self.status_in)
        self._close(self.block_out)
        deadline = time.monotonic() + _START
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self._status_out], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._status_out, 4096) if ready else b""
            if not chunk:
                return  # it ended, or hangs: what it wrote says why
            self._heard += chunk
        with suppress(ProcessLookupError, BrokenPipeError):
            self._limit(json.loads(self._heard.splitlines()[0])["child-pid"])
            os.write(self._block_in, b"1")

    def ended(self) -> bool:
        """Whether the command itself came to an end. Bubblewrap is gone; who else holds its end open is not waited for."""
        self._close(self.status_in)
        while b'"exit-code"' not in self._heard and select.select([self._status_out], [], [], _LAST_WORDS)[0]:
            chunk = os.read(self._status_out, 4096)
            if not chunk:
                break
            self._heard += chunk
        return b'"exit-code"' in self._heard

    def _limit(self, pid: int) -> None:
        for name, value in self._limits.items():
            kind = getattr(resource, name)
            _, hard = resource.prlimit(pid, kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (most, most))

    def _close_all(self) -> None:
        for descriptor in list(self._open):
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.discard(descriptor)
            os.close(descriptor)


def families(network: str) -> tuple[int, ...]:
    """The sockets that may be made: Unix ones always, since the file system decides what they reach."""
    inet = (seccomp.INET, seccomp.INET6, seccomp.NETLINK)
    return (seccomp.UNIX, *(inet if network != "none" else ()))


def _inside(env: Mapping[str, str], space: Space) -> dict[str, str]:
    """The variables as they are true inside."""
    temporary = Path(env.get("TMPDIR", bubblewrap.TEMPORARY))
    if not any(temporary.is_relative_to(place) for place in space.writable):
        temporary = Path(bubblewrap.TEMPORARY)
    own = {"HOME": HOME, "USER": "sandbox", "LOGNAME": "sandbox", "TMPDIR": str(temporary)}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", **env, **own}


def _told(done: Completed, gate: _Gate, name: str) -> Completed:
    """How the command ended, where it was the command that ended."""
    if done.timed_out or done.stopped:
        return done
    both = (done.errors or done.output).strip()
    if done.exit_code == 1 and both.startswith(f"bwrap: execvp {name}:"):
        return replace(done, exit_code=None, output=both.removeprefix("bwrap: execvp "), errors="")
    if not gate.ended():
        raise MachineError(
            f"the sandbox could not start: {both.splitlines()[-1] if both else 'bubblewrap said nothing'}"
        )
    if done.exit_code is not None and done.exit_code > 128:
        return replace(done, exit_code=128 - done.exit_code)  # as a signal's number, as where there is no sandbox
    return done


def _both(*calls: Callable[[int], None] | None) -> Callable[[int], None]:
    def call(pid: int) -> None:
        for one in calls:
            if one:
                one(pid)

    return call
