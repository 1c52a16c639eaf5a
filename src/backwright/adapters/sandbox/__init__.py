"""Runs commands of a repository, and agents, where they can harm nothing.

    sandbox = open_sandbox(permissions)                     # ToolMissing (exit 3) where this machine has none
    run = sandbox.run_in(Space(writable=(copy,)))           # called as `shell.run`
    done = run(("pytest", "-q"), cwd=copy, env=environment, timeout=600)

An agent is a command whose home has files in it, and which reaches one host through a broker outside that holds the key:

    with Broker(Upstream("https://api.example.com", {"x-api-key": key}), folder / "broker.sock") as broker:
        space = Space(
            writable=(workspace,),
            readable=tuple(places_of_program(program)),
            home={".agent/settings.json": b"{}"},
            relays={8377: broker.place},                    # its http://127.0.0.1:8377
        )
        call = sandbox.call_in(space)                       # with `attended`: hears output, gives standard input, can stop it
        done = call(argv, cwd=workspace, env={...}, timeout=900, attended=Attendance(heard=..., given=prompt, apart=True))

Nothing is seen inside but the system's own programs and what a `Space` names, at the paths it has outside.
`MachineError` means that the sandbox could not start; whatever a command does itself is in what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backwright.adapters import shell
from backwright.adapters.sandbox.broker import Broker, Exchange, Quota, Upstream
from backwright.adapters.sandbox.places import places_of_program, places_on, refuse_secrets
from backwright.adapters.sandbox.probing import Tier, find_tier
from backwright.adapters.sandbox.space import HOME, Space
from backwright.adapters.sandbox.tier_a import Wrapped
from backwright.adapters.sandbox.tier_b import Confined
from backwright.adapters.shell import Attendance, Completed, Run
from backwright.core.errors import ToolMissing
from backwright.core.permissions import Permissions

__all__ = [
    "HOME", "Attendance", "Broker", "Completed", "Exchange", "Permissions", "Quota", "Sandbox", "Space", "Tier", "Upstream",
    "open_sandbox", "places_of_program", "places_on",
]  # fmt: skip


DEFAULT = Permissions()


class Call(Protocol):
    """As `shell.run`, with somebody who attends."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        attended: Attendance = shell.NOBODY,
    ) -> Completed: ...


@dataclass(frozen=True)
class Sandbox:
    """What holds the commands of one call of ours."""

    tier: Tier
    permissions: Permissions

    def call_in(self, space: Space) -> Call:
        """Runs commands in this space. They raise `MachineError` where the sandbox could not start."""
        match self.tier.name:
            case "bubblewrap":
                return Wrapped(space, self.permissions, Path(self.tier.program)).run
            case "landlock":
                return Confined(space, self.permissions, self.tier.abi).run
        assert self.is_external
        return shell.run  # a person said that the machine is the sandbox: `open_sandbox` lets no other case through

    def run_in(self, space: Space) -> Run:
        """`call_in`, for those who only run commands."""
        return self.call_in(space)

    @property
    def is_external(self) -> bool:
        """Whether nothing of ours holds the commands, as was asked for."""
        return self.tier.name == "external"

    @property
    def keeps(self) -> bool:
        """Whether `Space.kept` holds: that something in a writable folder cannot be written."""
        return self.tier.name == "bubblewrap"

    @property
    def has_network(self) -> bool:
        """Whether a command has a 127.0.0.1 and `Space.relays` lead out of it."""
        return (self.tier.name == "bubblewrap" and self.permissions.network != "none") or self.is_external

    def describe(self) -> str:
        """One line for people and journals: what holds, what is granted, what is weaker."""
        words = [self.tier.name]
        if self.tier.name != "external":
            words.append(f"network {self.permissions.network if self.tier.name == 'bubblewrap' else 'none'}")
        words += [grant for grant in self.permissions.grants() if not grant.startswith(("network=", "sandbox="))]
        because = f" ({self.tier.because})" if self.tier.because else ""
        return ", ".join(words) + because


def open_sandbox(permissions: Permissions = DEFAULT) -> Sandbox:
    """The best sandbox of this machine. Raises `ToolMissing` where there is none, `UsageError` for a folder that may not be read."""
    refuse_secrets(permissions.read)
    if permissions.external:
        return Sandbox(
            Tier("external", because="nothing of ours holds commands: the machine is said to be a sandbox"), permissions
        )
    tier = find_tier()
    if tier.name == "none":
        raise ToolMissing(
            f"commands of a repository run in a sandbox only, and this machine has none: {tier.because}",
            hints=(
                "allow user namespaces, and install bubblewrap 0.8 or later (apt install bubblewrap)",
                "or, where the whole machine or container is thrown away: --sandbox=external",
            ),
        )
    return Sandbox(tier, permissions)
