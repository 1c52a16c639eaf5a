"""The layers that the exemplar leads through, and how the last of them reaches the database."""

from __future__ import annotations

import re
from typing import Literal

from backwright.core.facts import Symbol
from backwright.kit.index import Definition
from backwright.stacks.gin.siblings import Resource
from backwright.stacks.gin.sources import Sources
from backwright.stacks.gin.style import Layer

VERBS = {
    "create": r"create|add|store|insert|post|new|save",
    "list": r"list|all|index|findmany|paginat|search|gets|fetch|retrieveall|find",
    "get": r"get|show|find|detail|read|retrieve|byid|view",
    "update": r"update|edit|put|patch|change",
    "delete": r"delete|remove|destroy",
}
_ROLES: tuple[Literal["handler", "service", "repository"], ...] = ("handler", "service", "repository")
_REACHES = re.compile(
    r"\b((?:\w+\.)*(?:DB|Db|db|conn|Conn|database|orm|tx)(?:\(\))?|(?:\w+\.)*Get\w*(?:DB|Db|Conn\w*)\(\))\."
)


def layers_of(resource: Resource, sources: Sources) -> tuple[Layer, ...]:
    """From what answers requests to what asks the database, at most three."""
    chain = resource.chain[:3]
    return tuple(_layer(_ROLES[n], n, d, resource, sources) for n, d in enumerate(chain))


def _layer(
    role: Literal["handler", "service", "repository"],
    number: int,
    definition: Definition,
    resource: Resource,
    sources: Sources,
) -> Layer:
    path, symbol = definition.path, definition.symbol
    owner = next((t.symbol for t in _in_package(path, symbol.scope, sources)), None) if symbol.scope else None
    maker = _maker(path, owner, sources) if owner is not None else None
    face, face_path = _face(owner, maker, path, sources) if owner is not None and maker is not None else (None, "")
    receiver = f"{symbol.params[0].name} {symbol.params[0].annotation}" if owner is not None and symbol.params else ""
    names = {op: name for op in resource.endpoints if (name := _name(op, number, resource, symbol.scope))}
    return Layer(
        role, path, owner, maker, face, face_path, receiver, names, _takes_context(definition, resource, number)
    )


def _in_package(path: str, name: str, sources: Sources) -> list[Definition]:
    found = [t for t in sources.types(name) if sources.index.module(t.path) == sources.index.module(path)]
    return sorted(found, key=lambda t: t.path != path)


def _face(owner: Symbol, maker: Symbol, path: str, sources: Sources) -> tuple[Symbol | None, str]:
    """The interface that a type is known by: what the function says that makes one, or one beside it that is named alike."""
    alias, _, name = maker.returns.strip("()").partition(",")[0].strip().lstrip("*").rpartition(".")
    module = sources.imports_of(path).get(alias, "") if alias else sources.index.module(path)
    for found in sources.types():
        if "interface" in found.symbol.modifiers and sources.index.module(found.path) == module:
            beside = found.path == path and found.symbol.name.lower() == owner.name.lower()
            if found.symbol.name == name or beside:
                return found.symbol, found.path
    return None, ""


def _maker(path: str, owner: Symbol, sources: Sources) -> Symbol | None:
    """The function that makes one of a type: it says so in its body."""
    for symbol in sources.index.symbols(path).values():
        if (
            symbol.kind == "function"
            and symbol.loc.start != owner.loc.start
            and re.search(
                rf"\b{re.escape(owner.name)}\s*\{{|new\({re.escape(owner.name)}\)", sources.at(path, symbol.loc)
            )
        ):
            return symbol
    return None


def _name(op: str, number: int, resource: Resource, scope: str) -> str:
    """What the exemplar calls an operation here, where its name says so."""
    chain = resource.endpoints[op].chain
    if len(chain) <= number or chain[number].symbol.scope != scope:
        return ""
    name = chain[number].symbol.name
    return name if number == 0 or re.search(VERBS[op], name, re.IGNORECASE) else ""


def _takes_context(definition: Definition, resource: Resource, number: int) -> bool:
    found = [e.chain[number].symbol for e in resource.endpoints.values() if len(e.chain) > number]
    kinds = {"context.Context", "*gin.Context"}
    return number > 0 and any(p.annotation in kinds for s in found for p in s.params)


def database_of(layers: tuple[Layer, ...], resource: Resource, sources: Sources) -> str:
    """How the last layer reaches the database; `""` where it cannot be seen."""
    last = layers[-1]
    if last.owner is not None:
        field = next((f.name for f in last.owner.fields if f.annotation == "*gorm.DB"), "")
        if field:
            return f"{last.receiver.split()[0]}.{field}"
    texts = [sources.at(d.path, d.symbol.loc) for e in resource.endpoints.values() for d in e.chain[-1:]]
    found = [m[1] for text in texts for m in _REACHES.finditer(text)]
    local = {m for m in found if re.fullmatch(r"\w+", m)}
    for name in local:
        made = next((m[1] for t in texts if (m := re.search(rf"\b{name}\s*:?=\s*([\w.]+\(\))", t))), "")
        if made:
            return made
    plain = [
        m for m in found if "." in m or m.endswith("()") or m[:1].isupper() or _package_level(last.path, m, sources)
    ]
    return max(plain, key=plain.count) if plain else ""


def _package_level(path: str, name: str, sources: Sources) -> bool:
    """Whether a name is a variable of the package of a file."""
    module = sources.index.module(path)
    return any(
        name in sources.index.symbols(p) and sources.index.symbols(p)[name].kind == "variable"
        for p in sources.index.files
        if sources.index.module(p) == module
    )
