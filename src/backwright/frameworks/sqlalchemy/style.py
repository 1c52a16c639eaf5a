"""How entities are declared: base, key, timestamps, names, constraints."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import msgspec

from backwright.core.archmap import Convention, EntityInfo
from backwright.core.facts import Column, Span
from backwright.frameworks.sqlalchemy.tables import derived_name
from backwright.kit.house import ModelStyle
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms
from backwright.kit.references import ref_of

CREATED = frozenset(
    {"created_at", "created", "created_on", "date_created", "create_time", "creation_date", "created_date"}
)
UPDATED = frozenset(
    {
        "updated_at",
        "updated",
        "updated_on",
        "modified_at",
        "last_modified",
        "date_updated",
        "update_time",
        "updated_date",
    }
)


def model_style(
    index: FactIndex, sibling: EntityInfo, name: NameForms, entities: tuple[EntityInfo, ...]
) -> tuple[ModelStyle, tuple[Convention, ...]]:
    """The declaration style of the exemplar entity; counts are over all entities."""
    definition = index.resolve(sibling.path, sibling.table.entity)
    assert definition is not None, "a table fact stands for a class of its file"
    table = sibling.table
    key = next((c for c in table.columns if c.primary_key), None)
    # One that nothing fills by itself is filled by code of the exemplar's, which is not imitated.
    stamps = tuple(
        c
        for c in table.columns
        if c.name in CREATED | UPDATED and (c.origin or c.nullable or re.search(r"(?<!on)default", c.source))
    )
    own = [b for b in definition.symbol.bases if "{" not in pattern_of(b, name)]
    bases = [ref for b in own if (ref := ref_of(index, definition.path, b)) is not None]
    declarative = (
        "mapped"
        if any("Mapped[" in c.source for c in table.columns)
        or "mapped_column" in str([c.source for c in table.columns])
        else "column"
    )
    derived = not any(f.name == "__tablename__" for f in definition.symbol.fields)
    style = ModelStyle(
        orm="sqlalchemy",
        declarative=declarative,  # type: ignore[arg-type]  # one of the two
        base=bases[0] if bases else None,
        mixins=tuple(bases[1:]),
        dataclass=any(o.endswith("MappedAsDataclass") for o in index.root_bases(definition)),
        key=key,
        key_python=key_type(key),
        timestamps=stamps,
        class_name=pattern_of(table.entity, name),
        table_name=_derived_pattern(index, definition, name) if derived else _table_pattern(table.table, name),
        table_inherited=derived,
        inherited=tuple(c for c in table.columns if c.origin and "{" not in pattern_of(c.origin, name)),
        back_references=any(r.back_populates for e in entities for r in e.table.relations),
        naming=naming_convention(index),
        schema=_schema(index, definition),
        imports=_imports(index, definition.path, [c for c in (key, *stamps) if c is not None and not c.origin]),
    )
    return style, tuple(conventions(entities, style))


def key_type(key: Column | None) -> str:
    """int | uuid | str, from the annotation first and the column type else."""
    text = f"{key.python} {key.type} {key.default}".lower() if key is not None else "int"
    if "uuid" in text or "guid" in text:
        return "str" if key is not None and key.python == "str" else "uuid"
    return "str" if key is not None and (key.python == "str" or "string" in text) else "int"


def _derived_pattern(index: FactIndex, definition: Definition, name: NameForms) -> str:
    """What a base makes of a class name of two words: of one word, `order_item` and `orderitem` look alike."""
    words = forms("BlueBird")
    renamed = msgspec.structs.replace(definition.symbol, name=fill(pattern_of(definition.symbol.name, name), words))
    return pattern_of(derived_name(index, replace(definition, symbol=renamed)), words)


def _table_pattern(table: str, name: NameForms) -> str:
    bare = table.rsplit(".", 1)[-1]
    pattern = pattern_of(bare, name)
    if "{" in pattern:
        return pattern
    return "{snakes}" if bare.endswith("s") else "{snake}"


def naming_convention(index: FactIndex) -> dict[str, str]:
    """`MetaData(naming_convention={...})`, wherever it is given."""
    for path in index.files:
        for call in index.calls(path):
            if not call.expr.parts[0].dotted().endswith("MetaData"):
                continue
            value = call.expr.keyword("naming_convention")
            if value is not None and value.kind == "name":
                found = index.resolve(path, value.text)
                value = found.symbol.value if found is not None else None
            if value is not None and value.kind == "mapping":
                return {k: p.text for k, p in zip(value.keys, value.parts, strict=False) if p.kind == "string"}
        for assign in index.assigns(path):
            if assign.target.dotted().endswith("metadata.naming_convention") and assign.value.kind == "mapping":
                return {
                    k: p.text for k, p in zip(assign.value.keys, assign.value.parts, strict=False) if p.kind == "string"
                }
    return {}


def _schema(index: FactIndex, definition: Definition) -> str:
    for current in [definition, *index.bases(definition)]:
        for field in current.symbol.fields:
            if field.name == "__table_args__" and field.value_expr is not None:
                for part in [field.value_expr, *field.value_expr.parts]:
                    if part.kind == "mapping":
                        schema = part.keyword("schema")
                        if schema is not None and schema.kind == "string":
                            return schema.text
    return ""


def _imports(index: FactIndex, path: str, columns: list[Column]) -> tuple[str, ...]:
    """The import lines that these columns' declarations need, as the file has them."""
    lines = []
    for item in index.imports(path):
        if item.scope or not any(_word(item.alias, c.source) for c in columns):
            continue
        ref = ref_of(index, path, item.alias)
        if ref is not None:
            lines.append(ref.line)
    module = index.module(path)
    for qualname, symbol in index.symbols(path).items():
        if (
            not symbol.scope
            and symbol.kind in {"function", "variable"}
            and any(_word(qualname, c.source) for c in columns)
        ):
            lines.append(f"from {module} import {qualname}")
    return tuple(dict.fromkeys(lines))


def _word(name: str, text: str) -> bool:
    import re

    return bool(name) and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) is not None


def conventions(entities: tuple[EntityInfo, ...], style: ModelStyle) -> list[Convention]:
    """Keys, timestamps and table names, with counts."""
    keys = Counter(key_type(next((c for c in e.table.columns if c.primary_key), None)) for e in entities)
    stamped = [e for e in entities if any(c.name in CREATED | UPDATED for c in e.table.columns)]
    plural = sum(forms(e.table.entity).snake_plural == e.table.table for e in entities)
    shown = {"int": "integers", "uuid": "UUIDs", "str": "strings"}
    kind, support = keys.most_common(1)[0]
    first = entities[0]
    out = [
        Convention(
            "primary_key",
            f"primary keys are {shown[kind]}",
            support,
            len(entities) - support,
            Span(first.path, first.table.loc.line),
        )
    ]
    if len(stamped) * 2 >= len(entities):
        names = ", ".join(c.name for c in stamped[0].table.columns if c.name in CREATED | UPDATED)
        out.append(
            Convention(
                "timestamps",
                f"entities carry {names}",
                len(stamped),
                len(entities) - len(stamped),
                Span(stamped[0].path, stamped[0].table.loc.line),
            )
        )
    most = max(plural, len(entities) - plural)
    out.append(
        Convention(
            "table_names",
            "tables are named in the plural" if plural * 2 > len(entities) else "tables are named in the singular",
            most,
            len(entities) - most,
            Span(first.path, first.table.loc.line),
        )
    )
    return out


__all__ = ["conventions", "derived_name", "key_type", "model_style", "naming_convention"]
