"""Which projects of a repository are backends, and which of them a path means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backwright.core.errors import NothingToDo, UsageError
from backwright.engine.placing import is_test
from backwright.engine.projects import is_under, nearest_root

FRAMEWORKS = ("fastapi",)
_ORMS = ("sqlalchemy", "sqlmodel")
_AROUND = ("alembic", *FRAMEWORKS)  # what tests and migrations import that stand beside the project they serve
_SHOWN = 12


@dataclass(frozen=True)
class Backend:
    """A backend: `home` is the folder with its manifest, `root` the folder that holds all of it, tests included.

    `language` is what it is written in: sources of other languages in its folder (a frontend) are not part of it.
    """

    home: str
    root: str
    language: str = "python"


def find_backends(roots: Sequence[str], imports: Mapping[str, tuple[str, ...]]) -> tuple[Backend, ...]:
    """The backends among projects with these roots. `imports` are the absolute modules each source file imports.

    A project is a backend when its own code, tests aside, imports a web framework. Where one uses an ORM too, those
    that do not are helpers (mock servers, examples) and do not count.
    """
    homes = {path: nearest_root(path, roots) for path in imports}
    web = {homes[p] for p, names in imports.items() if not is_test(p) and _any(names, FRAMEWORKS)}
    stored = {homes[p] for p, names in imports.items() if _any(names, _ORMS)}
    chosen = sorted(web & stored or web)
    return tuple(Backend(home, _root(home, chosen, homes, imports)) for home in chosen)


def choose_backend(backends: Sequence[Backend], asked: str, where: str) -> Backend:
    """The backend that the folder `asked` (`""` for the top) is part of, or the only one below it.

    Raises `NothingToDo` where there is none, `UsageError` listing them where there are several.
    """
    around = [b for b in backends if is_under(asked, b.root)]  # standing at the top, the one whose folder the top is
    if around:
        return max(around, key=lambda b: len(b.root))
    below = [b for b in backends if is_under(b.root, asked)]
    if not below:
        raise NothingToDo(
            "no backend found",
            where=where,
            hints=(
                "looked for Python code, outside of tests, that imports FastAPI",
                "what each project here is built with: backwright stack",
                *(f"there is one in {b.root or 'the top folder'}" for b in backends[:_SHOWN]),
            ),
        )
    if len(below) > 1:
        commands = tuple(f"cd {b.root or '.'}" for b in below[:_SHOWN])
        raise UsageError(f"there are {len(below)} backends here: go into one of them", where=where, hints=commands)
    return below[0]


def files_of(backend: Backend, backends: Sequence[Backend], paths: Iterable[str]) -> list[str]:
    """The files of a backend: all below its root that are not another backend's."""
    others = [b.root for b in backends if b.root != backend.root and is_under(b.root, backend.root)]
    return [p for p in paths if is_under(p, backend.root) and not any(is_under(p, other) for other in others)]


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path is one of `patterns`, lies in one, or matches one as a glob (`app/api/**`)."""
    from fnmatch import fnmatchcase

    named = frozenset(p.rstrip("/") for p in patterns)
    globs = [p for p in patterns if any(mark in p for mark in "*?[")]

    def matches(path: str) -> bool:
        """Without a look at every pattern: a check of some files names each of them."""
        if path in named or "" in named:
            return True
        end = path.find("/")
        while end >= 0:
            if path[:end] in named:
                return True
            end = path.find("/", end + 1)
        return any(fnmatchcase(path, p) for p in globs)

    return matches


def _root(home: str, chosen: list[str], homes: Mapping[str, str], imports: Mapping[str, tuple[str, ...]]) -> str:
    """The project's own folder; the nearest one above it where that holds its tests or its migrations."""
    inside = [names for path, names in imports.items() if homes[path] == home]
    if not home or any(_any(names, ("alembic", "pytest")) for names in inside):
        return home
    above = {homes[p] for p, names in imports.items() if _any(names, _AROUND) and is_under(home, homes[p])} - {home}
    alone = [root for root in above if not any(is_under(c, root) for c in chosen if c != home)]
    return max(alone, key=len, default=home)


def _any(names: Iterable[str], packages: Sequence[str]) -> bool:
    return any(name.partition(".")[0] in packages for name in names)
