"""Asking before the commands of a repository run for the first time: they come from the repository, not from us."""

from __future__ import annotations

import sys
from pathlib import Path

from backwright.adapters.trust import TrustStore, key_of
from backwright.app.config import find_root
from backwright.core.errors import NotAllowed
from backwright.core.verdict import Contract
from backwright.report.terminal import Canvas, Part, Screen, Styled
from backwright.surfaces.cli.streams import write

_ONLY_OURS = ("guardrails", "raw_sql")  # built-in steps that read the repository and run nothing of it


class Asker:
    """A `Consent`: remembers a yes outside the repository, and asks again when a command changes.

    `yes` allows this call only and is not remembered; `yes_to` does so for the commands of which it is the key.
    """

    def __init__(
        self,
        path: Path,
        *,
        yes: bool,
        no_input: bool,
        screen: Screen,
        store: TrustStore | None = None,
        yes_to: str = "",
    ) -> None:
        self._yes = yes
        self._yes_to = yes_to
        self._no_input = no_input
        self._screen = screen
        self._store = store or TrustStore(find_root(path) or path)

    def __call__(self, contract: Contract) -> None:
        """Return when the commands may run. Raises `NotAllowed` when nobody may be asked, or the answer is no."""
        if self._yes or not _commands(contract) or self._store.allows(contract):
            return
        lines = [f"{name}   {command}" for name, command in _commands(contract)]
        lines += [f"granted   {grant}" for grant in contract.grants]
        if self._yes_to and self._yes_to == key_of("\n".join(lines)):
            return
        if self._no_input or not _can_ask():
            raise NotAllowed(
                "these commands come from the repository and have not been allowed to run",
                where=contract.source,
                hints=(*lines, "allow them this once with --yes"),
            )
        write(sys.stderr, self._question(contract))
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise NotAllowed("the commands of the repository may not run", where=contract.source)
        self._store.allow(contract)

    def _question(self, contract: Contract) -> str:
        canvas = Canvas(self._screen)
        canvas.line(f"To verify, these commands of {contract.source or 'the repository'} run on this machine:")
        canvas.gap()
        rows: list[list[Part]] = [[Styled(name, "bold"), command] for name, command in _commands(contract)]
        rows += [[Styled("granted", "bold"), grant] for grant in contract.grants]
        canvas.table(rows)
        canvas.gap()
        return canvas.text() + "\nRun them, now and whenever they are exactly these? [y/N] "


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _commands(contract: Contract) -> list[tuple[str, str]]:
    """What runs code of the repository: each command as it would be typed, with its folder and its environment."""
    from shlex import join, quote

    shown = []
    for step in contract.steps:
        if step.builtin in _ONLY_OURS:
            continue
        if step.argv:
            env = "".join(f"{name}={quote(value)} " for name, value in sorted(step.env.items()))
            folder = f"   (in {step.cwd})" if step.cwd else ""
            shown.append((step.name, f"{env}{join(step.argv)}{folder}"))
        elif step.builtin:
            shown.append((step.name, f"built in: runs the {step.builtin} of the repository"))
    return shown
