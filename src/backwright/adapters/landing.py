"""Landing a change in the user's tree: all of it or nothing, never over the user's own edits, and undoable.

`landing_protocol` says how. git is not involved: no stash, checkout, add, index, hook or configuration is touched.

Limits: for some milliseconds other programs can see some files changed and others not yet. A changed file is a new
inode: hard links to it keep the old content. Where the file system cannot exchange two names, see `landing_rename`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backwright.adapters.landing_journal import KEPT_BYTES, KEPT_LANDINGS, Entry, Journal, LandingRecord
from backwright.adapters.landing_paths import check_change, check_path
from backwright.adapters.landing_protocol import Session, check_entry, refusals_typed, writing
from backwright.adapters.landing_swap import Swap
from backwright.adapters.landing_tree import Content, NotPlainError, Odd, Root, encoded, mode_of
from backwright.adapters.state import JOURNAL_NAME
from backwright.core.change import ChangeSet
from backwright.core.errors import NothingToDo, StalePlan, UsageError

__all__ = ["Landed", "LandingRecord", "journal_bytes", "land", "landed", "recover", "undo"]

_NEW_FILE = 0o644
_SHOWN = 5

Images = Mapping[str, tuple[bytes | None, bytes | None]]  # path: before, after


class Landed(msgspec.Struct, frozen=True):
    """A change that is in the tree now (or, from `undo`, is out of it), and the files it touched, sorted.

    `notes` are sentences for the user, such as where text of theirs was set aside; nearly always empty.
    """

    id: str
    paths: tuple[str, ...]
    notes: tuple[str, ...] = ()


def land(root: Path, state: Path, change: ChangeSet, *, task: str = "", allow_protected: bool = False) -> Landed:
    """Make the change in the tree, completely or not at all.

    Raises `StalePlan` naming the files when the tree is not what the plan was made for or the user saves meanwhile,
    `UsageError` for what may not be written (what is protected may where `task` names it or with `allow_protected`), `NothingToDo` when no
    edit changes anything, and `MachineError` when the machine refuses. Whatever is raised, the tree is as it was.
    """
    check_change(change.edits, task=task, allow_protected=allow_protected)
    for path in change.base:
        check_path(path, allow_protected=True)
    images = {e.path: (encoded(e.path, e.before), encoded(e.path, e.after)) for e in change.edits}
    if all(before == after for before, after in images.values()):
        raise NothingToDo(f"change {change.id} changes no file")
    with writing(root, state) as session:
        _refuse_stale(session.root, change, images)
        wanted = [(path, *images[path], _NEW_FILE) for path in sorted(images) if images[path][0] != images[path][1]]
        swaps = _swaps(session.root, wanted)
        session.carry_out(Entry(change.id, change.title, _now(), swaps, session.missing_directories(swaps)))
    return Landed(change.id, tuple(swap.path for swap in swaps), tuple(session.notes))


def undo(root: Path, state: Path, change_id: str) -> Landed:
    """Take a landed change back, with the same guarantees as `land`.

    Raises `UsageError` when no such change is landed or it is undone already, `StalePlan` naming the files that no
    longer hold what was landed, and `MachineError`.
    """
    if not (state / JOURNAL_NAME).exists():
        raise UsageError(f"no change {change_id} has been landed in this repository")
    with writing(root, state) as session:
        entry = session.journal.latest(change_id)
        if entry is None:
            known = ", ".join(record.id for record in session.journal.records() if record.undoable)
            hints = (f"these can be undone: {known}",) if known else ()
            raise UsageError(f"no change {change_id} has been landed in this repository", hints=hints)
        if entry.undone_by is not None:
            raise UsageError(f"change {change_id} is undone already")
        if not entry.swaps:
            what = f"the {KEPT_LANDINGS} latest changes, and {KEPT_BYTES >> 20} MiB of them"
            raise UsageError(
                f"change {change_id} was landed too long ago to be undone: only {what}, are kept",
                hints=("take its commit back with git: git revert …",),
            )
        check_entry(entry)
        _refuse_to_undo_later_work(session, entry)
        swaps = _swaps(session.root, [(s.path, s.after, s.before, s.mode) for s in entry.swaps])
        directories = session.missing_directories(swaps)
        session.carry_out(Entry(entry.id, entry.title, _now(), swaps, directories, undoes=entry.seq))
    return Landed(change_id, tuple(swap.path for swap in swaps), tuple(session.notes))


def recover(root: Path, state: Path) -> tuple[str, ...]:
    """Take back what was killed half way and tidy up after what was killed later; a sentence for the user about each.

    Every verb that writes calls this first. Costs about a millisecond when there is nothing. Raises `MachineError`.
    """
    if not (state / JOURNAL_NAME).exists():
        return ()
    with refusals_typed(), Journal.open(state) as journal:
        if not journal.any_unsettled():
            return ()
    with writing(root, state) as session:
        return tuple(session.notes)


def landed(state: Path) -> list[LandingRecord]:
    """All changes that were landed here, undone ones too, oldest first. For read-only verbs. Raises `MachineError`."""
    if not (state / JOURNAL_NAME).exists():
        return []
    with refusals_typed(), Journal.open(state, read_only=True) as journal:
        return journal.records()


def journal_bytes(state: Path) -> int:
    """The room that the journal takes on disk."""
    files = (state / f"{JOURNAL_NAME}{suffix}" for suffix in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _swaps(root: Root, wanted: list[tuple[str, bytes | None, bytes | None, int]]) -> tuple[Swap, ...]:
    """Path, before, after and the mode it gets if it is absent now; a file that is there keeps its own."""
    token = secrets.token_hex(4)  # names that no leftover of another journal can have
    return tuple(
        Swap(path, before, after, _mode(root, path, mode), f".bw-{token}-{number}")
        for number, (path, before, after, mode) in enumerate(wanted)
    )


def _refuse_stale(root: Root, change: ChangeSet, images: Images) -> None:
    stale = {}
    for path in sorted({*change.base, *images}):
        now = _content(root, path) if path in images else _content_followed(root, path)
        if path in images and isinstance(now, Odd):
            raise UsageError(f"cannot be edited: it is {now.what}", where=path, hints=("edit the real file instead",))
        expected = change.base.get(path)
        wrong_base = expected is not None and _sha256(now) != expected
        if wrong_base or (path in images and now != images[path][0]):
            was_absent = expected == "" if expected is not None else images[path][0] is None
            stale[path] = "is gone" if now is None else "exists now" if was_absent else "was changed"
    if stale:
        _raise_stale(f"the tree is not what change {change.id} was planned for", stale, "plan again")


def _refuse_to_undo_later_work(session: Session, entry: Entry) -> None:
    stale = {}
    for swap in entry.swaps:
        now = _content(session.root, swap.path)
        if now != swap.after:
            stale[swap.path] = "is gone" if now is None else "exists again" if swap.after is None else "was changed"
    if not stale:
        return
    later = [
        r.id for r in session.journal.records(after=entry.seq) if not r.undone and not stale.keys().isdisjoint(r.paths)
    ]
    hint = f"undo {later[-1]} first: it changed the same files" if later else "take your later edits back first"
    _raise_stale(f"the tree is not what change {entry.id} left", stale, hint)


def _raise_stale(what: str, stale: Mapping[str, str], hint: str) -> None:
    shown = [f"{path} {how}" for path, how in list(stale.items())[:_SHOWN]]
    more = [f"and {len(stale) - _SHOWN} more"] if len(stale) > _SHOWN else []
    raise StalePlan(f"{what}: {', '.join(shown + more)}", where=next(iter(stale)), hints=(hint,))


def _content(root: Root, path: str) -> Content:
    try:
        return root.read(path)
    except NotPlainError:
        return Odd("behind a symbolic link or a file")


def _content_followed(root: Root, path: str) -> Content:
    """The content of a file that the plan only read: symbolic links are followed as long as they stay inside."""
    content = _content(root, path)
    if not isinstance(content, Odd):
        return content
    top = Path(os.path.realpath(root.path))
    real = Path(os.path.realpath(top / path))
    return _content(root, real.relative_to(top).as_posix()) if real.is_relative_to(top) else content


def _mode(root: Root, path: str, absent: int) -> int:
    with contextlib.suppress(FileNotFoundError), root.parent(path) as (handle, name):
        return mode_of(handle, name)
    return absent


def _sha256(content: Content) -> str:
    """As in `ChangeSet.base`: `""` for absence; nothing equals `"?"`, what cannot be read."""
    return "" if content is None else "?" if isinstance(content, Odd) else hashlib.sha256(content).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
