"""How request and response bodies are named and declared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from backwright.core.archmap import Convention, RouteInfo
from backwright.core.facts import Span
from backwright.kit.declarations import read_annotation
from backwright.kit.house import Ref, SchemaStyle
from backwright.kit.imitation import pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms
from backwright.kit.references import ref_of

_CREATES = re.compile(r"Create|In$|New|Add|Post")
_UPDATES = re.compile(r"Update|Patch|Edit")
_READS = re.compile(r"Read|Out|Public|Response|Schema|Detail|InDB")
# No word in it is about one resource: `UserUpdatePasswordRequest` is no pattern for others.
_PLAIN = re.compile(
    r"(?:Create|Update|Read|Patch|Edit|New|Add)?\{Pascal\}"
    r"(?:Create|Update|Read|Patch|Edit|New|Add|Post|In|Out|Public|Response|Request|Schema|Model|Detail|DTO|Dto|Payload)*"
)
# What a base of response schemas may declare for all entities.
_ENTITY_FIELDS = frozenset({"id", "uuid", "created_at", "updated_at", "created", "updated", "modified_at"})

# Names of the package that the other major version cannot import, and methods that only models of 2 have.
_ONLY_IN_2 = frozenset(
    {"ConfigDict", "TypeAdapter", "computed_field", "field_serializer", "field_validator", "model_validator"}
)
_ONLY_IN_1 = frozenset({"BaseSettings"})
_CALLED_IN_2 = frozenset({"model_dump", "model_validate", "model_dump_json", "model_validate_json"})


def schema_style(
    index: FactIndex, name: NameForms, schemas: tuple[Definition, ...], operations: Mapping[str, RouteInfo]
) -> tuple[SchemaStyle, tuple[Convention, ...]]:
    """The names of the exemplar's schemas, as its endpoints use them."""
    create = _body(index, operations.get("create"), name) or _named(schemas, name, r"Create|In$|Request|New|Add|Post")
    if not _CREATES.search(create):
        create = _elsewhere(index, _CREATES) or create or "{Pascal}Create"
    update = _body(index, operations.get("update"), name) or _named(schemas, name, _UPDATES.pattern)
    update = update or _elsewhere(index, _UPDATES) or create.replace("Create", "Update")
    read = _answer(index, operations, name) or _named(schemas, name, _READS.pattern)
    read = read or _elsewhere(index, _READS) or "{Pascal}Read"
    if update == create:
        update = create.replace("Create", "Update") if "Create" in create else "{Pascal}Update"
    if read in {create, update}:
        read = "{Pascal}Read"
    base = next(
        (pattern_of(d.symbol.name, name) for d in schemas if pattern_of(d.symbol.name, name) == "{Pascal}Base"), ""
    )
    anchor = next(
        (d for d in schemas if pattern_of(d.symbol.name, name) in {base, create}), schemas[0] if schemas else None
    )
    answer = next((d for d in schemas if pattern_of(d.symbol.name, name) == read), None)
    parent, base_class = _parent(index, anchor, frozenset())
    read_parent, read_base = _parent(index, answer, _ENTITY_FIELDS)
    style = SchemaStyle(
        create=create,
        update=update,
        read=read,
        base=base,
        parent=parent,
        pydantic=_version(index),
        read_parent=read_parent,
        orm_mode=not _orm_mode(index, read_base or (base_class if read_parent is None else None)),
        camel=_camel(index),
    )
    if not schemas:
        return style, ()
    first = schemas[0]
    value = "schemas are named " + ", ".join(
        p.replace("{Pascal}", "X").replace("{Pascals}", "Xs") for p in (create, update, read)
    )
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
            if (
                "{" in pattern
                and found is not None
                and _is_model(index, found)
                and not any(k == "table" for k in found.symbol.base_keys)
            ):
                return pattern
    return ""


def _is_model(index: FactIndex, definition: Definition) -> bool:
    return bool({b.split(".")[-1] for b in index.root_bases(definition)} & {"BaseModel", "SQLModel", "GenericModel"})


def _elsewhere(index: FactIndex, wanted: re.Pattern[str]) -> str:
    """The pattern that most schemas of other entities have, `""` for none: the exemplar may have no such schema."""
    entities = [forms(table.entity) for _, table in index.tables()]
    votes: Counter[str] = Counter()
    for definition in index.classes():
        if not _is_model(index, definition) or any(k == "table" for k in definition.symbol.base_keys):
            continue
        patterns = {pattern_of(definition.symbol.name, name) for name in entities}
        votes.update(p for p in patterns if _PLAIN.fullmatch(p) and wanted.search(p))
    return votes.most_common(1)[0][0] if votes else ""


def _named(schemas: tuple[Definition, ...], name: NameForms, wanted: str) -> str:
    for definition in schemas:
        pattern = pattern_of(definition.symbol.name, name)
        if "{Pascals}" not in pattern and re.search(wanted, pattern.replace("{Pascal}", "")):
            return pattern
    return ""


def _parent(
    index: FactIndex, anchor: Definition | None, allowed: frozenset[str]
) -> tuple[Ref | None, Definition | None]:
    """The nearest base that says nothing about one resource: the house's own, or BaseModel.

    `allowed` are fields that such a base may declare, beside its configuration.
    """
    current = anchor
    for _ in range(5):
        if current is None or not current.symbol.bases:
            return None, None
        base = current.symbol.bases[0].split("[")[0]
        found = index.resolve(current.path, base)
        if found is None:
            return ref_of(index, current.path, base), None
        shared = {f.name for f in found.symbol.fields} <= {"model_config", *allowed}
        if shared and found.path != anchor.path if anchor is not None else False:
            return ref_of(index, current.path, base), found
        current = found
    return None, None


def _orm_mode(index: FactIndex, parent: Definition | None) -> bool:
    """Whether a base makes schemas read attributes already."""
    for current in [parent, *index.bases(parent)] if parent is not None else ():
        for field in current.symbol.fields:
            if field.name == "model_config" and "from_attributes" in field.value:
                return True
    return False


def _version(index: FactIndex) -> int:
    """The pydantic that the code is written for, by what only one of the two has; 2 where nothing tells.

    `orm_mode` alone says 1: pydantic 2 only warns of it, so a leftover weighs less than a name that 1 has not.
    """
    imported = {i.name for p in index.files for i in index.imports(p) if i.module == "pydantic"}
    if imported & _ONLY_IN_2:
        return 2
    if imported & _ONLY_IN_1:
        return 1
    called = {s.rpartition(".")[2] for p in index.files for c in index.calls(p) for s in (c.expr.parts[0].dotted(),)}
    if called & _CALLED_IN_2 or any(s.symbol.name == "model_config" for s in index.all_symbols()):
        return 2
    leftover = (f for d in index.classes() if d.symbol.name == "Config" for f in d.symbol.fields)
    return 1 if any(f.name == "orm_mode" for f in leftover) else 2


def _camel(index: FactIndex) -> bool:
    """Whether a base of the project gives camelCase aliases."""
    return any(
        f.name in {"model_config", "alias_generator"} and "to_camel" in f.value
        for d in index.classes()
        for f in d.symbol.fields
    )
