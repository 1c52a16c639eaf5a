"""Files that gather all entities, which a new one has to join: `__init__.py`, `db/base.py`, Alembic's `env.py`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from posixpath import basename

from backwright.core.archmap import EntityInfo
from backwright.engine.siblings import Resource
from backwright.kit.house import Registration
from backwright.kit.imitation import pattern_of
from backwright.kit.index import FactIndex

Read = Callable[[str], str]


def collectors(
    index: FactIndex, best: Resource, entities: tuple[EntityInfo, ...], read: Read, feature: str
) -> list[Registration]:
    """Files that import the exemplar's model only so that it is known: `__init__.py`, `db/base.py`, Alembic's `env.py`."""
    entity = best.entity
    known = {e.table.entity for e in entities}
    out: list[Registration] = []
    files = [entity.path, best.router_path, *(d.path for d in best.schemas), *(d.path for d in best.classes.values())]
    layers = {p for p in files if p and "{" in pattern_of(p, best.name)}
    for path in index.files:
        if path == entity.path or path in {best.router_path}:
            continue
        items = [i for i in index.imports(path) if not i.scope and not i.typing_only]
        shared = len([e for e in entities if e.path == entity.path]) > 1 and not feature
        own = [
            i
            for i in items
            if i.name == entity.table.entity
            or (not shared and index.imported_file(path, i) == entity.path and i.name not in index.symbols(entity.path))
        ]
        if basename(path) == "__init__.py":
            own = [i for i in items if index.imported_file(path, i) in layers]
        if not own or not _collects(index, path, known):
            continue
        source = read(path)
        if _uses(source, {i.alias or i.name for i in own if i.name}):
            continue
        text = source.encode()
        for start, item in {i.loc.start: i for i in own}.items():
            end = text.find(b"\n", item.loc.end)
            comment = text[item.loc.end : len(text) if end < 0 else end].decode()
            # A linter reports the last of several `import a.b` only: whichever carries the exemption, the new line needs it.
            comment = comment or next((c for i in items if not i.name and (c := _silenced(text, i.loc.end))), "")
            out.append(Registration(path, text[start : item.loc.end].decode(), comment, item.loc.line))
    return out


def _silenced(text: bytes, end: int) -> str:
    """The comment behind an import that says it is there on purpose, `""` for none."""
    stop = text.find(b"\n", end)
    comment = text[end : len(text) if stop < 0 else stop].decode()
    return comment if "noqa" in comment else ""


def _collects(index: FactIndex, path: str, known: set[str]) -> bool:
    """A collector imports entities and calls none of them."""
    name = basename(path)
    if (
        name not in {"__init__.py", "env.py", "base.py", "models.py", "all_models.py", "registry.py", "metadata.py"}
        and "base" not in name
    ):
        return False
    used = {d.split(".")[0] for c in index.calls(path) for d in [c.expr.parts[0].dotted()]}
    return not (used & known)


def _uses(source: str, names: set[str]) -> bool:
    """Whether code of the file is about what it imports, as an administration page is: then it is no mere collector."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return True
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree))
