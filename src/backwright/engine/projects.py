"""Which projects a repository holds, and by which dotted name each file is imported."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath
from typing import Any

from backwright.kit.shapes import Language

# A folder with one of these is a project, whichever languages are installed.
_MANIFESTS = frozenset(
    {
        "Cargo.toml",
        "Gemfile",
        "Pipfile",
        "build.gradle",
        "build.gradle.kts",
        "composer.json",
        "go.mod",
        "mix.exs",
        "package.json",
        "pom.xml",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
    }
)
_MANIFEST_PATTERN = re.compile(r"requirements.*\.(?:txt|in)|.*\.csproj", re.DOTALL)

_PYTHON = re.compile(r"pyproject\.toml|setup\.(py|cfg)|Pipfile|requirements.*\.(txt|in)", re.DOTALL)

_VENDORED = frozenset(
    {
        ".eggs",
        ".git",
        ".nox",
        ".tox",
        ".venv",
        "__pycache__",
        "_vendor",
        "bower_components",
        "dist-packages",
        "node_modules",
        "site-packages",
        "venv",
    }
)
_LOCK_FILES = frozenset(
    {
        "composer.lock",
        "go.sum",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pnpm-lock.yaml",
    }
)
# Requirements kept here belong to the project around, which these folders serve.
_SERVING = frozenset({"ci", "deploy", "doc", "docker", "docs", "requirements", "scripts", "test", "tests"})
_MAX_TOML = 256 * 1024
_MAX_KEY_PARTS = 64  # the time that tomllib needs grows with the cube of the parts of one dotted key


@dataclass(frozen=True)
class Project:
    """A folder with manifests of its own; `root` and `manifests` are relative to the repository."""

    root: str
    manifests: tuple[str, ...]
    languages: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Whether this path lies in the project's folder (a project nested in it may hold it too)."""
        return is_under(path, self.root)


def is_under(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies in it; everything lies in ``""``."""
    return not folder or path == folder or path.startswith(folder + "/")


def is_manifest(path: str) -> bool:
    """Whether a file of this name says how a project is built."""
    name = basename(path)
    return name in _MANIFESTS or _MANIFEST_PATTERN.fullmatch(name) is not None


def left_out(path: str, vendor: frozenset[str]) -> str:
    """Why no language reads this file though it is part of the repository, ``""`` if it is read.

    `vendor` is what `vendor_folders` found.
    """
    *folders, name = path.split("/")
    if name in _LOCK_FILES or name.endswith(".lock"):
        return "lock file"
    if not _VENDORED.isdisjoint(folders):
        return "vendored"
    if vendor and any(is_under(path, folder) for folder in vendor):
        return "vendored"
    return ""


def vendor_folders(files: Sequence[str]) -> frozenset[str]:
    """The folders called `vendor` that hold other people's code: beside a manifest, and not themselves a package.

    Elsewhere the word may well mean the vendors that the software is about.
    """
    named = {path[: at + len("vendor")] for path in files if (at := f"/{path}".find("/vendor/")) >= 0}
    if not named:
        return frozenset()
    around = {dirname(folder) for folder in named}
    homes = {""} | {home for path in files if (home := path.rpartition("/")[0]) in around and is_manifest(path)}
    present = set(files)
    return frozenset(f for f in named if dirname(f) in homes and f"{f}/__init__.py" not in present)


def find_projects(files: Sequence[str], languages: Iterable[Language]) -> tuple[Project, ...]:
    """The projects of a repository, by root. `files` are all its paths.

    A file belongs to the nearest folder above it that has a manifest; what has none belongs to the repository's top.
    Folders with a manifest and no source (documentation, infrastructure) are not projects.
    """
    present = set(files)
    vendor = vendor_folders(files)
    own = [path for path in files if is_manifest(path) and not left_out(path, vendor)]
    packaged = {dirname(path) for path in own if _PYTHON.fullmatch(basename(path))}
    manifests: dict[str, list[str]] = {}
    for path in own:
        manifests.setdefault(_root_of_manifest(path, present, packaged), []).append(path)
    by_suffix = {suffix: language.name for language in languages for suffix in language.suffixes}
    found: dict[str, Counter[str]] = {}
    for path in files:
        name = by_suffix.get(path[path.rfind(".") :])
        if name and not left_out(path, vendor):
            found.setdefault(nearest_root(path, manifests), Counter())[name] += 1
    return tuple(
        Project(root, tuple(manifests.get(root, ())), tuple(name for name, _ in count.most_common()))
        for root, count in sorted(found.items())
    )


def nearest_root(path: str, roots: Iterable[str] | Mapping[str, object]) -> str:
    """The deepest of `roots` above `path`, ``""`` where none is."""
    known = roots if isinstance(roots, Mapping) else frozenset(roots)
    folder = dirname(path)
    while folder and folder not in known:
        folder = dirname(folder)
    return folder


def source_roots(
    files: Sequence[str],
    projects: Sequence[Project],
    manifests: Mapping[str, str],
    imports: Mapping[str, Iterable[str]] | None = None,
) -> tuple[str, ...]:
    """The folders that the code's dotted names start from, such as ``""``, ``src`` or ``backend``.

    `files` are the Python files, `manifests` the texts of the manifests, `imports` the absolute modules that each file
    imports. How the code imports itself decides; without imports it is the packaging configuration and the layout.
    """
    roots = [project.root for project in projects]
    guessed = {root for root in roots if root}
    for path, text in manifests.items():
        if basename(path) == "pyproject.toml":
            guessed |= {normal(join(dirname(path), folder)) for folder in configured_roots(text)}
    guessed |= _layout_roots(files, roots)
    modules = _Modules(files, guessed | {""})
    votes, passed_through = modules.votes(imports or {})
    # Names that lead through a folder (`src.app`) say that names do not start in it.
    kept = {root for root in guessed if not passed_through[root] or votes[root] >= passed_through[root]}
    strangers = {root for root, count in votes.items() if count > passed_through[root]}
    return tuple(sorted(kept | strangers | {""}))


def module_name(path: str, roots: Iterable[str] | frozenset[str]) -> str:
    """The dotted name that a Python file is imported by, given the source roots."""
    root = nearest_root(path, roots)
    inner = path[len(root) + 1 :] if root else path
    parts = inner.removesuffix(".py").removesuffix(".pyi").split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def configured_roots(pyproject: str) -> set[str]:
    """The folders that packaging or test configuration puts on the import path, relative to the file's folder."""
    tool = read_toml(pyproject).get("tool")
    if not isinstance(tool, dict):
        return set()
    found: list[Any] = []
    found += _strings(_at(tool, "setuptools", "package-dir", ""))
    found += _strings(_at(tool, "setuptools", "packages", "find", "where"))
    found += _strings(_at(tool, "pytest", "ini_options", "pythonpath"))
    found += _strings(_at(tool, "pdm", "build", "package-dir"))
    found += _strings(_at(tool, "uv", "build-backend", "module-root"))
    found += _strings(_at(tool, "hatch", "build", "targets", "wheel", "sources"))
    found += [dirname(path) for path in _strings(_at(tool, "hatch", "build", "targets", "wheel", "packages"))]
    packages = _at(tool, "poetry", "packages")
    found += [item["from"] for item in _dicts(packages) if isinstance(item.get("from"), str)]
    return {normal(folder) for folder in found} - {""}


def read_toml(text: str) -> dict[str, Any]:
    """The document, empty where it is no TOML or is built to exhaust the reader."""
    if len(text) > _MAX_TOML or any(map(_has_long_key, text.splitlines())):
        return {}
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _has_long_key(line: str) -> bool:
    """Whether a line may hold a dotted key of very many parts: in front of an equals sign, or as a table's name."""
    if line.count(".") <= _MAX_KEY_PARTS:
        return False
    keys = [line] if line.lstrip().startswith("[") else line.split("=")[:-1]
    return any(key.count(".") > _MAX_KEY_PARTS for key in keys)


def normal(folder: str) -> str:
    """A folder as repository paths spell it: ``./src/`` is ``src``; ``.`` and what lies outside are ``""``."""
    plain = normpath(folder)
    return "" if plain in {".", ".."} or plain.startswith("../") else plain.strip("/")


def _root_of_manifest(path: str, present: set[str], packaged: set[str]) -> str:
    """The project a manifest speaks for: no project starts inside a package, or in a folder that serves another.

    What a package is told by a manifest inside (a plugin's requirements) belongs to the Python project around it, if there
    is one: `packaged` are the folders with a Python manifest.
    """
    folder = dirname(path)
    if basename(path).startswith("requirements"):
        while basename(folder) in _SERVING:
            folder = dirname(folder)
    if f"{folder}/__init__.py" not in present:
        return folder
    while folder and f"{folder}/__init__.py" in present:
        folder = dirname(folder)
    around = folder
    while around and around not in packaged:
        around = dirname(around)
    return around if around in packaged else folder


def _layout_roots(files: Sequence[str], projects: Sequence[str]) -> set[str]:
    """`src` folders that are no package, and the folders in which the outermost `__init__.py` of a package stands."""
    packages = {dirname(path) for path in files if basename(path) == "__init__.py"}
    found = {dirname(package) for package in packages if dirname(package) not in packages}
    for project in projects:
        source = join(project, "src")
        if source not in packages and any(path.startswith(source + "/") for path in files):
            found.add(source)
    return {root for root in found if root}


class _Modules:
    """The Python files as modules and folders, to see where a dotted name can start."""

    def __init__(self, files: Sequence[str], candidates: set[str]) -> None:
        self.files = frozenset(files)
        self.candidates = candidates
        self.starts: dict[str, set[str]] = {}  # first part of a dotted name to the folders it is found in
        folders = {""}
        for path in files:
            folder = dirname(path)
            self.starts.setdefault(basename(path).removesuffix(".py"), set()).add(folder)
            while folder not in folders:
                folders.add(folder)
                self.starts.setdefault(basename(folder), set()).add(dirname(folder))
                folder = dirname(folder)
        self.folders = folders

    def votes(self, imports: Mapping[str, Iterable[str]]) -> tuple[Counter[str], Counter[str]]:
        """How many names start in a folder, and how many lead through it from a folder further up."""
        votes: Counter[str] = Counter()
        through: Counter[str] = Counter()
        seen: dict[tuple[str, str], tuple[str, str] | None] = {}
        for path, names in imports.items():
            for name in names:
                first = name.split(".", 1)[0]
                if first not in self.starts or first in sys.stdlib_module_names:
                    continue
                key = (dirname(path), name)
                if key not in seen:
                    seen[key] = self._resolve(name, path)
                if (found := seen[key]) is not None:
                    root, folder = found
                    votes[root] += 1
                    while folder and folder != root:
                        through[folder] += 1
                        folder = dirname(folder)
        return votes, through

    def _resolve(self, name: str, path: str) -> tuple[str, str] | None:
        """Where this name starts and the folder it ends in, seen from a file; the nearest start wins."""
        first, *rest = name.split(".")
        best: tuple[bool, bool, int, str, str] | None = None
        for start in self.starts[first]:
            package = f"{start}/__init__.py" in self.files
            if package and not (rest and path.startswith(f"{start}/")):
                continue  # a bare name, or one that is said outside of a package, is hardly that of a module in it
            target = join(start, first, *rest)
            if f"{target}.py" in self.files:
                folder = dirname(target)
            elif f"{target}/__init__.py" in self.files or (target in self.folders and rest):
                folder = target
            elif f"{dirname(target)}.py" in self.files and rest:
                folder = dirname(dirname(target))  # the last part is a name in a module
            else:
                continue
            # A package whose inner names are imported without its own is started from within, its `__init__.py` is idle.
            rank = (not package, start in self.candidates, _shared_parts(start, path), start, folder)
            best = rank if best is None else max(best, rank)
        return (best[3], best[4]) if best else None


def _shared_parts(folder: str, path: str) -> int:
    """How many leading folders two paths have in common."""
    count = 0
    for left, right in zip(folder.split("/"), path.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


def _at(table: object, *keys: str) -> object:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
