"""What `check` does besides looking: fixes, comments, baselines; and what is said about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from backwright.surfaces.cli.session import Session
from backwright.surfaces.cli.streams import write

if TYPE_CHECKING:
    from backwright.app.again import Again
    from backwright.app.config import Config
    from backwright.report.results import CheckResult, FixResult


class Wanted(NamedTuple):
    """What the command line asks for besides the findings."""

    since: str | None
    fix: bool
    unsafe_fixes: bool
    add_ignores: str
    baseline: str
    write_baseline: str
    only: tuple[Path, ...] = ()


def checked(session: Session, where: Path, config: Config, wanted: Wanted, again: Again | None = None) -> CheckResult:
    """The findings that are left after all that was asked for; `again` as in `app.check`, where nothing was."""
    result = _found(session, where, config, wanted, again)
    if wanted.fix and fix(session, where, config, result, unsafe=wanted.unsafe_fixes):
        result = _found(session, where, config, wanted)
    if wanted.add_ignores and add_ignores(session, where, result, wanted.add_ignores):
        result = _found(session, where, config, wanted)
    if wanted.write_baseline:
        from backwright.app.baseline import write_baseline

        number = write_baseline(session.base / wanted.write_baseline, result)
        session.say(
            f"Wrote {wanted.write_baseline} with {number} findings. Use it with: --baseline {wanted.write_baseline}"
        )
    return result


def _found(session: Session, where: Path, config: Config, wanted: Wanted, again: Again | None = None) -> CheckResult:
    from backwright.app.check import check_repository

    result = check_repository(where, config, since=wanted.since, only=wanted.only, again=again)
    if wanted.baseline:
        from backwright.app.baseline import without_known

        return without_known(session.base / wanted.baseline, result)
    return result


def show_diff(session: Session, where: Path, config: Config, result: CheckResult, *, unsafe: bool) -> int:
    """Write what `--fix` would change as a unified diff; 1 when it would change anything."""
    from backwright.app.fixing import fix_findings

    made = fix_findings(where, config, result.findings, unsafe=unsafe, write=False)
    write(sys.stdout, made.diff)
    _say_refused(session, made)
    if not made.fixed:
        session.say(
            "No finding has a fix." if unsafe else "No finding has a safe fix. --unsafe-fixes shows the others."
        )
    return 1 if made.fixed else 0


def fix(session: Session, where: Path, config: Config, result: CheckResult, *, unsafe: bool) -> bool:
    """Make the fixes and say how to take them back; whether anything was changed."""
    from backwright.app.fixing import fix_findings

    made = fix_findings(where, config, result.findings, unsafe=unsafe, write=True)
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
    for place, reason in made.refused:
        session.say(f"not fixed: {place}: {reason}")
