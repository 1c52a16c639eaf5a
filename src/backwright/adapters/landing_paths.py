"""Which paths a change may name at all, judged by their spelling alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from backwright.adapters.state import STATE_NAME
from backwright.core.errors import UsageError

#: Never written, whoever asks: at any depth, since submodules and nested repositories have theirs.
FORBIDDEN = frozenset({".git", "git~1", STATE_NAME})
#: Written only when the task names them: they decide what editors, agents and our own verification run.
PROTECTED = frozenset(
    {".vscode", ".claude", ".codex", ".cursor", ".gemini", ".mcp.json", "backwright.toml", "stack.yaml"}
)


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
