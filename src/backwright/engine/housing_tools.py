"""What the project's formatters and linters are told: how long a line may be, and which rules of ruff count."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from posixpath import basename, dirname
from typing import Any

from backwright.engine.manifests import Manifests
from backwright.kit.index import FactIndex
from backwright.kit.linting import Linting

_NAMES = (".ruff.toml", "ruff.toml", "pyproject.toml")  # the first wins in one folder, as ruff has it
_DEFAULT = ("E4", "E7", "E9", "F")
_NO_LIMIT = (10**6,)


def formatting(index: FactIndex) -> tuple[int, str]:
    """(line length, target version) as the project's tools have them; 88 and py311 when nothing says."""
    length, target = 88, "py311"
    for path, text in sorted(index.texts.items(), key=lambda i: -i[0].count("/")):
        name = basename(path)
        if name == "pyproject.toml":
            length, target = _from_pyproject(text, length, target)
        elif name in {"ruff.toml", ".ruff.toml"}:
            found = re.search(r"^line-length\s*=\s*(\d+)", text, re.MULTILINE)
            length = int(found.group(1)) if found else length
        elif name in {"setup.cfg", "tox.ini", ".flake8"}:
            found = re.search(r"^max[-_]line[-_]length\s*=\s*(\d+)", text, re.MULTILINE)
            length = int(found.group(1)) if found and length == 88 else length
    return length, target


def _from_pyproject(text: str, length: int, target: str) -> tuple[int, str]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return length, target
    tools = data.get("tool", {})
    for tool in ("black", "ruff"):
        length = tools.get(tool, {}).get("line-length", length)
    wanted = str(
        data.get("project", {}).get("requires-python", "")
        or tools.get("poetry", {}).get("dependencies", {}).get("python", "")
    )
    found = re.search(r"3\.(\d+)", wanted)
    return length, f"py3{found.group(1)}" if found else target


def relative_imports(index: FactIndex, tests: frozenset[str]) -> bool:
    """Whether most imports of the project's own modules, outside its tests, are written with leading dots."""
    items = [(p, i) for p in index.files if p not in tests for i in index.imports(p)]
    dotted = sum(i.level > 0 for _, i in items)
    return dotted > sum(i.level == 0 and bool(index.imported_file(p, i)) for p, i in items)


def newest(index: FactIndex, distribution: str) -> tuple[int, ...]:
    """The newest version that the project's manifests allow; a very new one where they set no limit."""
    found = Manifests(index.root, index.texts, (), lambda _path: None).find(distribution)
    if found is None or not found.version:
        return _NO_LIMIT
    line = index.texts[found.span.path].splitlines()[found.span.line - 1]
    below = re.search(r"<=?\s*(\d+(?:\.\d+)*)", line)
    if below is None and ">" in line:
        return _NO_LIMIT
    return tuple(map(int, (below[1] if below else found.version).split(".")))


def linting_of(index: FactIndex) -> Linting:
    """The settings nearest to the project's root, at or above it; nothing is selected where ruff is not set up."""
    folders = [index.root]
    while folders[-1]:
        folders.append(dirname(folders[-1]))
    for folder in folders:
        for name in _NAMES:
            path = f"{folder}/{name}" if folder else name
            settings = _settings(name, index.texts.get(path, ""))
            if settings is not None:
                return _linting({**_extended(settings, path, index), **settings}, folder)
    return Linting()


def _settings(name: str, text: str) -> Mapping[str, Any] | None:
    if not text:
        return None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    if basename(name) != "pyproject.toml":
        return data
    found = data.get("tool", {}).get("ruff")
    return found if isinstance(found, dict) else None


def _extended(settings: Mapping[str, Any], path: str, index: FactIndex) -> Mapping[str, Any]:
    """What another file that these settings `extend` says, one level deep."""
    other = settings.get("extend")
    if not isinstance(other, str):
        return {}
    parts = dirname(path).split("/") if dirname(path) else []
    for step in other.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    target = "/".join(parts)
    return _settings(target, index.texts.get(target, "")) or {}


def _linting(settings: Mapping[str, Any], folder: str) -> Linting:
    lint = {**settings, **_table(settings, "lint")}  # older settings stand above the table
    per_file = {**_table(lint, "per-file-ignores"), **_table(lint, "extend-per-file-ignores")}
    most = _table(lint, "pylint").get("max-args", 5)
    return Linting(
        select=(*(_rules(lint, "select") or _DEFAULT), *_rules(lint, "extend-select")),
        ignore=(*_rules(lint, "ignore"), *_rules(lint, "extend-ignore")),
        per_file=tuple((glob, _rules(per_file, glob)) for glob in per_file),
        folder=folder,
        max_args=most if isinstance(most, int) else 5,
    )


def _table(settings: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = settings.get(key)
    return found if isinstance(found, dict) else {}


def _rules(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = settings.get(key)
    return tuple(r for r in found if isinstance(r, str)) if isinstance(found, list) else ()
