"""`check --fix`, `--diff` and `--add-ignores`: what they write, and what is said about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from backwright.surfaces.cli.session import Session
from backwright.surfaces.cli.streams import write

if TYPE_CHECKING:
    from backwright.report.results import CheckResult, FixResult


def show_diff(session: Session, where: Path, result: CheckResult, *, unsafe: bool) -> int:
    """Write what `--fix` would change as a unified diff; 1 when it would change anything."""
    from backwright.app.fixing import fix_findings

    made = fix_findings(where, result.findings, unsafe=unsafe, write=False)
    write(sys.stdout, made.diff)
    _say_refused(session, made)
    if not made.fixed:
        session.say(
            "No finding has a fix." if unsafe else "No finding has a safe fix. --unsafe-fixes shows the others."
        )
    return 1 if made.fixed else 0


def fix(session: Session, where: Path, result: CheckResult, *, unsafe: bool) -> bool:
    """Make the fixes and say how to take them back; whether anything was changed."""
    from backwright.app.fixing import fix_findings

    made = fix_findings(where, result.findings, unsafe=unsafe, write=True)
    _say_refused(session, made)
    if made.landed_id:
        noun = "finding" if len(made.fixed) == 1 else "findings"
        files = "1 file" if len(made.paths) == 1 else f"{len(made.paths)} files"
        session.say(f"Fixed {len(made.fixed)} {noun} in {files}. Undo with: backwright apply --undo {made.landed_id}")
    return bool(made.landed_id)


def add_ignores(session: Session, where: Path, result: CheckResult, reason: str) -> bool:
    """Silence what was found by comments with a reason; whether anything was changed."""
    from backwright.app.fixing import ignore_findings

    made = ignore_findings(where, result.findings, reason)
    _say_refused(session, made)
    if made.landed_id:
        files = "1 file" if len(made.paths) == 1 else f"{len(made.paths)} files"
        session.say(f"Silenced {len(made.fixed)} in {files}. Undo with: backwright apply --undo {made.landed_id}")
    return bool(made.landed_id)


def _say_refused(session: Session, made: FixResult) -> None:
    for fingerprint, reason in made.refused:
        session.say(f"not fixed: {fingerprint}: {reason}")
