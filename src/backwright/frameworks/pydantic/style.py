"""How request and response bodies are named and declared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backwright.core.archmap import Convention, RouteInfo
from backwright.core.facts import Span
from backwright.kit.declarations import read_annotation
from backwright.kit.house import Ref, SchemaStyle
from backwright.kit.imitation import pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import ref_of


def schema_style(
    index: FactIndex, name: NameForms, schemas: tuple[Definition, ...], operations: Mapping[str, RouteInfo]
) -> tuple[SchemaStyle, tuple[Convention, ...]]:
    """The names of the exemplar's schemas, as its endpoints use them."""
    create = _body(index, operations.get("create"), name) or _named(schemas, name, r"Create|In$|Request|New|Add|Post", "{Pascal}Create")
    update = _body(index, operations.get("update"), name) or _named(schemas, name, r"Update|Patch|Edit", "{Pascal}Update")
    read = _answer(index, operations, name) or _named(schemas, name, r"Read|Out|Public|Response|Schema|Detail|InDB", "{Pascal}Read")
    if update == create:
        update = create.replace("Create", "Update") if "Create" in create else "{Pascal}Update"
    if read in {create, update}:
        read = "{Pascal}Read"
    base = next((pattern_of(d.symbol.name, name) for d in schemas if pattern_of(d.symbol.name, name) == "{Pascal}Base"), "")
    anchor = next((d for d in schemas if pattern_of(d.symbol.name, name) in {base, create}), schemas[0] if schemas else None)
    style = SchemaStyle(
        create=create,
        update=update,
        read=read,
        base=base,
        parent=_parent(index, anchor),
        pydantic=_version(index),
        orm_mode=not _inherits_orm_mode(index, anchor),
        camel=_camel(index),
    )
    if not schemas:
        return style, ()
    first = schemas[0]
    value = "schemas are named " + ", ".join(p.replace("{Pascal}", "X").replace("{Pascals}", "Xs") for p in (create, update, read))
    return style, (Convention("schema_names", value, len(schemas), 0, Span(first.path, first.symbol.loc.line)),)


def _body(index: FactIndex, info: RouteInfo | None, name: NameForms) -> str:
    """The pattern of the class that a handler takes as its body."""
    handler = index.symbols(info.path).get(info.route.handler) if info is not None else None
    if handler is None or info is None:
        return ""
    for param in handler.params:
        kind = read_annotation(param.annotation_expr).inner
        found = index.resolve(info.path, kind) if kind else None
        if found is not None and found.symbol.kind == "class" and _is_model(index, found):
            pattern = pattern_of(found.symbol.name, name)
            if "{" in pattern and not any(k == "table" for k in found.symbol.base_keys):
                return pattern
    return ""


def _answer(index: FactIndex, operations: Mapping[str, RouteInfo], name: NameForms) -> str:
    """The pattern of the class that one row is answered with."""
    for operation in ("get", "create", "update"):
        info = operations.get(operation)
        if info is None:
            continue
        text = info.route.response.strip("'\"")
        inner = re.search(r"\[([\w.]+)\]", text)
        for candidate in (inner.group(1) if inner else "", text):
            bare = candidate.split(".")[-1]
            pattern = pattern_of(bare, name)
            found = index.resolve(info.path, candidate) if candidate else None
            if "{" in pattern and found is not None and _is_model(index, found) and not any(k == "table" for k in found.symbol.base_keys):
                return pattern
    return ""


def _is_model(index: FactIndex, definition: Definition) -> bool:
    return bool({b.split(".")[-1] for b in index.root_bases(definition)} & {"BaseModel", "SQLModel", "GenericModel"})


def _named(schemas: tuple[Definition, ...], name: NameForms, wanted: str, default: str) -> str:
    for definition in schemas:
        pattern = pattern_of(definition.symbol.name, name)
        if "{Pascals}" not in pattern and re.search(wanted, pattern.replace("{Pascal}", "")):
            return pattern
    return default


def _parent(index: FactIndex, anchor: Definition | None) -> Ref | None:
    """BaseModel or the house's own base, that schemas without a resource base descend from."""
    current = anchor
    for _ in range(4):
        if current is None or not current.symbol.bases:
            return None
        base = current.symbol.bases[0]
        origin = index.origin(current.path, base)
        found = index.resolve(current.path, base)
        if found is None or origin.startswith(("pydantic", "sqlmodel")):
            return ref_of(index, current.path, base)
        if not re.search(r"Base$|Base[A-Z]", found.symbol.name) or found.path != current.path or found.symbol.fields:
            if not found.symbol.fields and found.path != current.path:
                return ref_of(index, current.path, base)
        current = found
    return None


def _inherits_orm_mode(index: FactIndex, anchor: Definition | None) -> bool:
    for current in index.bases(anchor) if anchor is not None else ():
        if current.path == anchor.path if anchor is not None else False:
            continue
        for field in current.symbol.fields:
            if field.name == "model_config" and "from_attributes" in field.value:
                return True
    return False


def _version(index: FactIndex) -> int:
    """1 when the code uses pydantic 1's spelling (`orm_mode`, `@validator`), 2 otherwise."""
    for path in index.files:
        for symbol in index.symbols(path).values():
            if symbol.kind == "class" and symbol.name == "Config" and any(f.name == "orm_mode" for f in symbol.fields):
                return 1
    return 2


def _camel(index: FactIndex) -> bool:
    """Whether a base of the project gives camelCase aliases."""
    return any(
        f.name in {"model_config", "alias_generator"} and "to_camel" in f.value
        for d in index.classes()
        for f in d.symbol.fields
    )
