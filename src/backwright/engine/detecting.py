"""What the project of an index is built with: as `find_stacks` sees it, with what only facts and lock files tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from posixpath import basename

import msgspec

from backwright.core.facts import Span
from backwright.core.stack import Detected, Stack
from backwright.engine.manifests import Manifests
from backwright.engine.placing import is_test
from backwright.engine.stack_knowledge import ecosystems
from backwright.engine.stacking import ORDER, find_stacks
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Framework

_USED, _DECLARED, _UNUSED = 1.0, 0.9, 0.5
_IMAGE = re.compile(r"image:\s*\S*?(postgres|mysql|mariadb)\w*:(\d+)")
_IMAGE_OF = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mariadb"}


def detect(index: FactIndex, house: House, frameworks: Sequence[Framework], read: Callable[[str], str | None]) -> Stack:
    """The stack of the project that `index` holds; `read` gives the text of a file that is not in the index."""
    manifests = Manifests(index.root, index.texts, index.paths, read)
    stack = _seen(index, read) or Stack(index.root, tuple(_packages(index, manifests, house, frameworks)))
    language = tuple(_language(index, manifests, read))
    parts = [
        *language,
        *(_exact(part, index, manifests) for part in stack.parts if part.kind != "language" or not language),
    ]
    parts += _access(house)
    for framework in frameworks:
        parts += framework.detect(index) if framework.detect else ()
    parts.sort(key=lambda part: ORDER.index(part.kind))
    return msgspec.structs.replace(stack, parts=tuple(parts))


def _seen(index: FactIndex, read: Callable[[str], str | None]) -> Stack | None:
    """The project as `find_stacks` sees it, None where it sees no backend there."""
    texts = index.texts
    found = find_stacks(index.paths, lambda path: texts[path] if path in texts else read(path))
    return next((stack for stack in found if stack.root == index.root and stack.kind == "backend"), None)


def _exact(part: Detected, index: FactIndex, manifests: Manifests) -> Detected:
    """The claim with the version that a lock file or an image names."""
    if part.kind == "database":
        return msgspec.structs.replace(part, version=part.version or _image_version(part.id, index))
    python = next(ecosystem for ecosystem in ecosystems() if ecosystem.name == "python")
    tools = (python.tool.get((kind, part.id)) for kind in (part.kind, *_SPELLED.get(part.kind, ())))
    tool = next((tool for tool in tools if tool is not None and part.version), None)
    names = [name for name in tool.packages if name == part.id] or list(tool.packages[:1]) if tool else []
    locked = next((found.version for name in names if (found := manifests.find(name)) and found.version), "")
    return msgspec.structs.replace(part, version=locked or part.version)


_SPELLED = {
    "migrations": ("migration",),
    "tests": ("test",),
    "api": ("api_framework",),
    "queries": ("query_layer", "driver"),
}


def _image_version(database: str, index: FactIndex) -> str:
    for path, text in sorted(index.texts.items()):
        if "compose" in basename(path):
            for found in _IMAGE.finditer(text):
                if found[1] == _IMAGE_OF.get(database):
                    return found[2]
    return ""


def _language(index: FactIndex, manifests: Manifests, read: Callable[[str], str | None]) -> Iterator[Detected]:
    declared = manifests.python()
    pinned = f"{index.root}/.python-version".lstrip("/")
    version = (read(pinned) or "").strip() if pinned in index.paths else ""
    if version:
        yield Detected(
            "language", "Python", version, 1.0, (Span(pinned, 1), *((declared.span,) if declared else ())), "python"
        )
    elif declared:
        yield Detected("language", "Python", declared.version, 1.0, (declared.span,), "python")
    elif index.files:
        yield Detected("language", "Python", "", 1.0, (Span(next(iter(index.files)), 1),), "python")


def _packages(
    index: FactIndex, manifests: Manifests, house: House, frameworks: Sequence[Framework]
) -> Iterator[Detected]:
    """The frameworks that code without a server uses."""
    for framework in frameworks:
        for module, distribution in framework.packages.items():
            uses = [(path, item) for path, item in index.imports_package(module) if not is_test(path)]
            declared = manifests.find(distribution)
            if not uses and declared is None:
                continue
            evidence = [declared.span] if declared else []
            evidence += [Span(path, item.loc.line) for path, item in uses[:1]]
            sure = _UNUSED if not uses else _USED if declared else _DECLARED
            if framework.kind == "migrations" and not uses and house.migration is not None:
                sure = _USED
            version = declared.version if declared else ""
            yield Detected(framework.kind, framework.name, version, sure, tuple(evidence), framework.name.lower())


def _access(house: House) -> Iterator[Detected]:
    session = house.session
    if session.because is not None:
        yield Detected("access", "async" if session.is_async else "sync", "", 1.0, (session.because,))
