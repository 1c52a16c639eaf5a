"""What an engine changed: the private copy compared with what it was made from, never what the engine says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from backwright.adapters.engines.workplace import Ground
from backwright.adapters.landing_paths import FORBIDDEN, PROTECTED, check_edit
from backwright.adapters.landing_tree import Content, NotPlainError, Odd, Root
from backwright.adapters.shell import printable
from backwright.adapters.workcopy import added, changed
from backwright.core.acting import Assignment, Dropped
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import StalePlan, UsageError
from backwright.engine.backends import matcher
from backwright.engine.placing import is_test

MAX_FILES = 400  # of one proposal; more is no change that somebody could read
MAX_BYTES = 1024 * 1024  # of one file, as everywhere
_NEVER_MEANT = frozenset({"__pycache__", "node_modules", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
_TITLE = 72  # characters


def proposed(ground: Ground, assignment: Assignment, author: str) -> tuple[ChangeSet | None, tuple[Dropped, ...]]:
    """The change that the copy holds now, and what of it is not proposed, with the reasons.

    Raises `StalePlan` where the user has changed a file meanwhile that the engine changed too.
    """
    judge = _Judge(ground, assignment)
    with Root(ground.original) as original, Root(ground.copy.root) as copy:
        edits = [edit for path in _touched(ground, judge) if (edit := judge.edit(path, original, copy))]
    if len(edits) > MAX_FILES:
        judge.drop(edits[MAX_FILES].path, f"{len(edits) - MAX_FILES} files above the limit of {MAX_FILES}")
        edits = edits[:MAX_FILES]
    dropped = tuple(Dropped(path, why) for path, why in sorted(judge.dropped.items()))
    if not edits:
        return None, dropped
    title = printable(assignment.task.strip().partition("\n")[0])
    change = ChangeSet(
        id="",
        title=title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…",
        edits=tuple(edits),
        author=author,
        base={edit.path: ground.copy.sha256(edit.path) for edit in edits},
        request=assignment.task,
        tests=tuple(edit.path for edit in edits if edit.before is None and is_test(edit.path)),
    )
    return change, dropped


def why_not(edit: Edit, assignment: Assignment, links: Iterable[str] = ()) -> str:
    """Why a file must not be changed in this way; `""` where it may be. `links` are symbolic links of the copy."""
    path = edit.path
    if assignment.read_only:
        return "nothing may be changed in a review"
    try:
        check_edit(edit, task=assignment.task)
    except UsageError as refused:
        return refused.message
    if any(path == link or path.startswith(f"{link}/") for link in links):
        return "behind a symbolic link"
    return "" if matcher(assignment.scope)(path) or "**" in assignment.scope else "outside of the scope of the task"


def _touched(ground: Ground, judge: _Judge) -> Iterator[str]:
    """The paths that differ and belong to the repository, sorted; whole folders that cannot be meant are named once."""
    new: list[str] = []
    for path in added(ground.copy):
        parts = path.split("/")
        for at, part in enumerate(parts):
            if part in FORBIDDEN or part in PROTECTED:
                if part in FORBIDDEN:
                    judge.drop("/".join(parts[: at + 1]), "Backwright never writes there")
                else:
                    new.append(path)
                break
            if part in _NEVER_MEANT:
                break
        else:
            new.append(path)
    ignored = ground.ignored(new)
    changes = {difference.path for difference in changed(ground.copy)}
    yield from sorted(changes | {path for path in new if path not in ignored})


class _Judge:
    """Sorts what was touched into edits and what is dropped."""

    def __init__(self, ground: Ground, assignment: Assignment) -> None:
        self.ground = ground
        self.assignment = assignment
        self.dropped: dict[str, str] = {}

    def drop(self, path: str, why: str) -> None:
        self.dropped[printable(path)] = why

    def edit(self, path: str, original: Root, copy: Root) -> Edit | None:
        """What was done to a file that may be changed; None where it is dropped."""
        after, why = _text(_content(copy, path)), self.why_not(Edit(path, None, None))
        if not why and not self.ground.copy.sha256(path) and path in dict(self.ground.copy.skipped):
            why = "it is in the tree, but not in the private copy"
        before = None if why else _text(self._before(path, original))
        if not why and isinstance(after, Odd):
            why = f"it is {after.what}"
        if not why and isinstance(before, Odd):
            why = f"it was {before.what}"
        if why or isinstance(after, Odd) or isinstance(before, Odd):
            self.drop(path, why)
            return None
        edit = Edit(path, before, after)
        if why := self.why_not(edit):
            self.drop(path, why)
        return None if why else edit

    def why_not(self, edit: Edit) -> str:
        return why_not(edit, self.assignment, self.ground.copy.links)

    def _before(self, path: str, original: Root) -> Content:
        known = self.ground.copy.sha256(path)
        was = _content(original, path)
        is_same = hashlib.sha256(was).hexdigest() == known if isinstance(was, bytes) else was is None and not known
        if not is_same:
            raise StalePlan(f"{path} was changed meanwhile", where=path, hints=("start again",))
        return was


def _content(root: Root, path: str) -> Content:
    try:
        return root.read(path)
    except NotPlainError:
        return Odd("behind a symbolic link")


def _text(content: Content) -> str | Odd | None:
    """The text of a file, None for none."""
    if content is None or isinstance(content, Odd):
        return content
    if len(content) > MAX_BYTES:
        return Odd("larger than 1 MiB")
    try:
        return content.decode() if b"\0" not in content else Odd("binary")
    except UnicodeDecodeError:
        return Odd("not UTF-8 text")
