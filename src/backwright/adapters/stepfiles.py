"""Files that are in the private copy only while a step runs: the `.env` it insists on, the SQLite files it leaves.

And what may be known of a `.env` that is no part of the repository: the names of its variables, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, MutableSequence
from contextlib import contextmanager
from pathlib import Path

_DATABASE_FILES = ("*.db", "*.sqlite", "*.sqlite3")
_MISSING = re.compile(r"not found|[Nn]o such file|does not exist|FileNotFoundError")
_ENV_PATH = re.compile(r"['\"](?P<path>[^'\"\n]{0,400}\.env(?:\.\w+)?)['\"]")

_ASSIGNED = re.compile(rb"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_SIZE_LIMIT = 64 * 1024  # bytes


def ignored_env_names(root: Path, project: str, known: Collection[str]) -> tuple[str, ...]:
    """The names that are set in `.env` files of the project which git ignores (which are not in `known`).

    They hold real secrets: their values are not decoded, not kept and not copied.
    """
    names: list[str] = []
    for folder in dict.fromkeys(("", project, f"{project}/src".strip("/"), f"{project}/app".strip("/"))):
        relative = f"{folder}/.env".lstrip("/")
        path = root / relative
        if relative in known or path.is_symlink() or not path.is_file() or path.stat().st_size > _SIZE_LIMIT:
            continue
        names += [match.decode("ascii") for match in _ASSIGNED.findall(path.read_bytes())]
    return tuple(dict.fromkeys(names))


class StepFiles:
    """Of the copy at `copy` with the project at `root`; `env_files` is the shared memory of what was missed.

    Where the copy is the user's own tree (`private` is False) nothing is written and nothing removed.
    """

    def __init__(self, copy: Path, root: Path, env_files: MutableSequence[str], *, private: bool) -> None:
        self._copy = copy.resolve()
        self._root = root.resolve()
        self._env_files = env_files
        self._private = private
        self._known = set(self._databases()) if private else set()

    @contextmanager
    def around(self, values: Mapping[str, str]) -> Iterator[None]:
        """A step runs within: the `.env` files known to be needed hold `values`; what came is removed after it."""
        written = self._write(values) if self._private else []
        try:
            yield
        finally:
            for path in [*written, *(p for p in self._databases() if self._private and p not in self._known)]:
                path.unlink(missing_ok=True)

    def learn(self, output: str) -> bool:
        """Does the output say that a `.env` file is missing that nobody knew of? It is there for the next step."""
        if not self._private:
            return False
        for line in output.splitlines():
            match = _ENV_PATH.search(line[:1000])
            if match and _MISSING.search(line):
                place = (self._root / match["path"]).resolve()
                if place.is_relative_to(self._copy) and place.parent.is_dir() and not place.exists():
                    relative = str(place.relative_to(self._copy))
                    if relative not in self._env_files:
                        self._env_files.append(relative)
                        return True
        return False

    def _write(self, values: Mapping[str, str]) -> list[Path]:
        lines = [f"{name}={_quoted(value)}" for name, value in values.items() if "\n" not in value]
        written = []
        for relative in self._env_files:
            path = self._copy / relative
            if not path.exists() and path.parent.is_dir():
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                written.append(path)
        return written

    def _databases(self) -> list[Path]:
        return [path for pattern in _DATABASE_FILES for path in self._copy.rglob(pattern)]


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w./:@+,=-]*", value) else "'" + value.replace("'", "\\'") + "'"
