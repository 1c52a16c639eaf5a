"""Relations that are loaded one by one: by active records of Ruby and PHP, and by entities of JPA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loop, Relation, Table
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference

_LOADING = frozenset(
    {"includes", "preload", "eager_load", "with", "load", "loadMissing", "withCount", "select", "pluck"}
)
_SPOKEN = frozenset({"ruby", "php", "java", "kotlin"})
_WORD = re.compile(r"@?[A-Za-z_]\w*")


@dataclass(frozen=True)
class OneByOne:
    """A relation that is touched for each element of what one query gave."""

    body: Body
    at: Expr
    query: Expr
    loop: Loop
    table: Table
    relation: Relation


def one_by_one(index: FactIndex, archmap: ArchMap) -> Iterator[OneByOne]:
    """The first such relation of every loop."""
    known: dict[str, dict[str, Table]] = {}
    for path, declared in index.tables():
        if declared.relations and path in index.files:
            known.setdefault(index.files[path].language, {})[declared.entity.rpartition(".")[2]] = declared
    for body in Serving(index, archmap).functions() if known else ():
        language = index.files[body.path].language
        tables = known.get(language, {}) if language in _SPOKEN else {}
        for loop in body.loops if tables else ():
            query = _query(body, loop.iterable, loop.loc.start) if loop.iterable is not None else None
            table = _table(index, body, query, tables) if query is not None else None
            if query is None or table is None or _LOADING & {name_of(link) for link in links(query)}:
                continue
            relations = {_accessor(index, body, r.name): r for r in table.relations if _is_lazy(index, body, r)}
            names = set(_WORD.findall(loop.target))
            found = next((e for e in _inside(body, loop) if _touches(e, names, relations)), None)
            if found is not None:
                yield OneByOne(body, found, query, loop, table, relations[found.text])


def _query(body: Body, iterable: Expr, before: int, depth: int = 0) -> Expr | None:
    """The chain that an iterable comes from: itself, or what its variable was given last."""
    iterable = awaited(iterable)
    if iterable.kind == "call":
        return iterable
    given = [a for a in body.targets().get(iterable.dotted(), ()) if a.loc.end <= before and a.op == "="]
    return _query(body, given[-1].value, before, depth + 1) if given and depth < 2 else None


def _table(index: FactIndex, body: Body, query: Expr, tables: dict[str, Table]) -> Table | None:
    """The entity that a chain asks for: the class at its beginning, or that of a repository."""
    root = list(links(query))[-1]
    receiver = receiver_of(root)
    if receiver is None:
        return None
    last = receiver.dotted().rpartition(".")[2]
    if last in tables and last[:1].isupper():
        return tables[last]
    found = inference(index).of(body.path, body.scope, receiver)
    if found is None or found.definition is None or "fetch" in name_of(root).lower():
        return None
    method = inference(index).method(found.definition, name_of(root))
    if method is not None and method.symbol.decorators:
        return None  # its own query may load more
    bases = (part.parts[1].dotted() for part in found.definition.symbol.base_exprs if part.kind == "subscript")
    return next((tables[name] for name in bases if name in tables), None)


def _is_lazy(index: FactIndex, body: Body, relation: Relation) -> bool:
    active = index.files[body.path].language in {"ruby", "php"}
    return active or (relation.many and "EAGER" not in relation.source)


def _accessor(index: FactIndex, body: Body, name: str) -> str:
    java = index.files[body.path].language == "java"
    return f"get{name[:1].upper()}{name[1:]}" if java else name


def _inside(body: Body, loop: Loop) -> Iterator[Expr]:
    for top in body.expressions():
        if inside(loop.loc, top.loc) or inside(top.loc, loop.loc):
            yield from (e for e in walk(top) if e.kind == "attribute" and inside(e.loc, loop.loc))
    for call in body.calls:
        if inside(call.loc, loop.loc):
            yield from (e for e in walk(call.expr) if e.kind == "attribute")


def _touches(expr: Expr, names: set[str], relations: dict[str, Relation]) -> bool:
    owner = expr.parts[0]
    return expr.text in relations and owner.kind == "name" and owner.text in names
