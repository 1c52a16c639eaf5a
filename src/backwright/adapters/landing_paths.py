"""Which paths a change may name at all, judged by their spelling alone."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence

from backwright.adapters.state import STATE_NAME
from backwright.core.change import Edit
from backwright.core.errors import UsageError

#: Never written, whoever asks: at any depth, since submodules and nested repositories have theirs.
FORBIDDEN = frozenset({".git", "git~1", STATE_NAME})
#: Written only when the task names them: they decide what editors, agents and our own verification run.
PROTECTED = frozenset({
    ".vscode", ".claude", ".codex", ".cursor", ".gemini", ".qwen", ".opencode", "opencode.json", ".mcp.json", ".idea", ".zed",
    ".envrc", ".devcontainer", ".husky", "backwright.toml", "stack.yaml",
})  # fmt: skip
_MANIFEST, _SETTINGS = "pyproject.toml", "backwright"
_SETTINGS_NAMED = frozenset({"tool.backwright"})  # the file is named for many reasons, its table for one
_MOST_DOTS = 2000  # of a line: tomllib takes minutes for a key of many thousand names


def check_paths(paths: Iterable[str], *, allow_protected: bool = False) -> None:
    """Raise `UsageError` unless all are canonical paths inside the root, permitted, and distinct files of one tree."""
    seen: set[str] = set()
    parents: set[str] = set()
    for path in paths:
        check_path(path, allow_protected=allow_protected)
        if path in seen:
            raise UsageError("the change has two edits of one file", where=path)
        seen.add(path)
        parents.update(parents_of(path))
    for path in sorted(seen & parents):
        raise UsageError("the change needs this path as a file and as a directory", where=path)


def check_path(path: str, *, allow_protected: bool = False) -> None:
    """Raise `UsageError` unless the path is canonical, relative, UTF-8, and neither forbidden nor protected."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in path:
        raise UsageError("not a path inside the repository", where=repr(path))
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UsageError("the file's name is not valid UTF-8", where=repr(path)) from None
    plain = {_plain(part) for part in parts}
    if plain & FORBIDDEN:
        raise UsageError("Backwright never writes there", where=path)
    if not allow_protected and plain & PROTECTED:
        raise UsageError(
            "this file decides what editors, agents or the verification run, so it is not changed in passing",
            where=path,
            hints=("name it in the task if it is meant to change",),
        )


def check_edit(edit: Edit, *, task: str) -> None:
    """Raise `UsageError` for an edit that a change made for this task may not hold: what is protected, unless the task names it.

    Every way of a change into a tree or a branch asks here. `task` are words of the user, never of the repository.
    """
    named = _words(task)
    check_path(edit.path, allow_protected=edit.path in named)
    if named.isdisjoint(_SETTINGS_NAMED):
        _check_settings(edit)


def check_change(edits: Sequence[Edit], *, task: str = "", allow_protected: bool = False) -> None:
    """As `check_paths` and `check_edit` for all edits; with `allow_protected` somebody has decided that these are meant."""
    check_paths((edit.path for edit in edits), allow_protected=True)
    for edit in () if allow_protected else edits:
        check_edit(edit, task=task)


def _words(task: str) -> frozenset[str]:
    """What a task names: its words without quotes around them and punctuation behind them."""
    words = re.sub(r"[`\"',;()\[\]]", " ", task).split()
    return frozenset(word.rstrip(".:!?") for word in words)


def _check_settings(edit: Edit) -> None:
    is_manifest = edit.path.rpartition("/")[2] == _MANIFEST
    if is_manifest and _own_settings(edit.before or "") != _own_settings(edit.after or ""):
        raise UsageError(
            "the change would alter [tool.backwright], which decides what the verification runs",
            where=edit.path,
            hints=("name [tool.backwright] in the task if it is meant to change",),
        )


def _own_settings(text: str) -> object:
    """Our table of a manifest; of one that cannot be read the whole text, where it may hold one."""
    try:
        if max(line.count(".") for line in text.split("\n")) <= _MOST_DOTS:
            return tomllib.loads(text).get("tool", {}).get(_SETTINGS)
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError):
        pass  # no TOML, or no table where one has to be
    return text if _SETTINGS in text or "\\" in text else None


def parents_of(path: str) -> list[str]:
    """`a/b/c` is in `a` and in `a/b`: outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def split(path: str) -> tuple[str, str]:
    """The directory (`""` for the root) and the name."""
    directory, _, name = path.rpartition("/")
    return directory, name


def _plain(part: str) -> str:
    """The name as a forgiving file system may take it: no case, no invisible characters, no dots at the end."""
    shown = (c for c in unicodedata.normalize("NFKC", part) if unicodedata.category(c) != "Cf")
    return "".join(shown).casefold().rstrip(". ")
