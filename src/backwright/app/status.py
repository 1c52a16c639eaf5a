"""`backwright` alone: where things stand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.adapters.journal import RunJournal
from backwright.adapters.landing import journal_bytes, landed
from backwright.adapters.memory import LastCheck, recall
from backwright.adapters.plans import saved_ids
from backwright.adapters.state import existing_state
from backwright.agent.replay import replay
from backwright.app.check import LAST_CHECK
from backwright.app.config import load
from backwright.app.map import map_tree
from backwright.app.results import Next, StatusResult
from backwright.core.events import Run
from backwright.core.stack import Stack

_STACK = ("language", "framework", "orm", "database")


def status(path: Path) -> StatusResult:
    """A few lines about the backend that `path` means. Raises as `open_project`."""
    with open_tree(path) as tree:
        root, found = tree.root, map_tree(tree, path, load(path))
    checked = recall(root, LAST_CHECK, LastCheck)
    run = last_run(root)
    return StatusResult(
        head=found.head,
        stack=_words(found.archmap.stack),
        findings=checked.findings if checked else None,
        checked=f"at {checked.commit or 'no commit'}, {_ago(checked.at)}" if checked else "",
        last_run=f"{run.id} {run.status}, {run.task}, {_ago(run.events[0].at)}" if run else "",
        undo=_undo(root),
        next=_next(checked, run, saved_ids(root)),
    )


def last_run(root: Path) -> Run | None:
    """The newest run of the journal; one whose process died without an ending is interrupted."""
    with RunJournal.read(root) as journal:
        ids = journal.runs() if journal is not None else ()
        if journal is None or not ids:
            return None
        return replay(ids[0], journal.events(ids[0]), alive=journal.alive(ids[0]))


def _undo(root: Path) -> str:
    """The last change that can be undone, how many more, and what is kept for it."""
    state = existing_state(root)
    known = [record for record in landed(state) if record.undoable] if state else []
    if state is None or not known:
        return ""
    last, size = known[-1], max(1, journal_bytes(state) // 1000)
    more = f" and {len(known) - 1} before it" if len(known) > 1 else ""
    return f"{last.id} {last.title}, {_ago(last.at)}{more}; {size} kB kept: backwright apply --undo {last.id}"


def _words(stack: Stack) -> str:
    parts = (stack.first(kind) for kind in _STACK)
    return ", ".join(f"{part.name} {part.version}".strip() for part in parts if part is not None)


def _next(checked: LastCheck | None, run: Run | None, plans: tuple[str, ...]) -> Next:
    if run is not None and run.status == "interrupted":
        return Next(f"backwright run --resume {run.id}", "it was interrupted; what it has finished is kept")
    if checked is None:
        return Next("backwright check", "see where the code leaves its architecture")
    if checked.findings:
        return Next("backwright check", "mend what was found")
    if plans and run is None:
        return Next(f"backwright apply {plans[0]}", "the newest plan")
    return Next("backwright plan …", "add a resource")


def _ago(at: str) -> str:
    """`2 hours ago` of an ISO 8601 time."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()
    except ValueError:
        return at
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
