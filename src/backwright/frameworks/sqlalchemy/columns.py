"""Spelling columns and relations of a new entity."""

from __future__ import annotations

from backwright.core.facts import Column
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.spelling import default_source, length_of, precision_of, python_type

_RULES = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}


def column_type(field: FieldPlan) -> str:
    """The SQLAlchemy type of a field, `""` where the annotation alone decides."""
    if field.target is not None:
        return ""
    if field.enum:
        return (
            f"Enum({field.enum}, native_enum=False, length={enum_length(field)}, "
            "values_callable=lambda members: [m.value for m in members])"
        )
    match field.type:
        case "string" | "email" | "url" | "slug":
            return f"String({length_of(field)})"
        case "text":
            return "Text"
        case "decimal":
            precision, scale = precision_of(field)
            return f"Numeric({precision}, {scale})"
        case "datetime":
            return "DateTime(timezone=True)"
        case "json":
            return "JSON"
        case "float":
            return "Float"
        case _:
            return ""


_BARE = {"integer": "Integer", "boolean": "Boolean", "date": "Date", "uuid": "Uuid"}


def enum_length(field: FieldPlan) -> int:
    """Room for the longest value, and for some more."""
    return max(20, *(len(v) for v in field.spec.values))


def foreign_key(field: FieldPlan) -> str:
    """`ForeignKey("categories.id", ondelete="RESTRICT")`."""
    assert field.target is not None
    return f'ForeignKey("{field.target.table}.{field.target.key}", ondelete="{_RULES[field.spec.on_delete]}")'


def column_line(field: FieldPlan, plan: ResourcePlan, more: tuple[str, ...] = ()) -> str:
    """The declaration of one column, in the house's declarative style; `more` are further arguments."""
    style = plan.house.model
    arguments = [column_type(field)]
    if field.target is not None:
        arguments = [field.target.key_type, foreign_key(field)]
    if style.declarative == "column" and not arguments[0] and field.target is None:
        arguments[0] = _BARE.get(field.type, "String")
    if style.declarative == "column" and field.target is not None and not arguments[0]:
        arguments[0] = {"int": "Integer", "uuid": "Uuid", "str": "String"}[field.target.key_python]
    if field.spec.unique:
        arguments.append("unique=True")
    if field.target is not None:
        arguments.append("index=True")
    if style.declarative == "column":
        arguments.append(f"nullable={field.spec.nullable}")
    if field.spec.has_default and field.spec.default is not None:
        arguments.append(f"default={default_source(field)}")
    elif style.dataclass and field.spec.nullable:
        arguments.append("default=None")
    inside = ", ".join(a for a in (*arguments, *more) if a)
    if style.declarative == "column":
        return f"{field.attr} = Column({inside})"
    annotation = python_type(field) + (" | None" if field.spec.nullable else "")
    return f"{field.attr}: Mapped[{annotation}]" + (f" = mapped_column({inside})" if inside else "")


def relation_line(field: FieldPlan, plan: ResourcePlan, *, beside: bool = False, loading: str = "") -> str:
    """The relation that goes with a foreign key; `beside` others between the same two tables, loaded as its siblings are."""
    assert field.target is not None
    arguments = [f'back_populates="{field.back}"'] if field.back else []
    ambiguous = sum(f.target is not None and f.target.entity == field.target.entity for f in plan.columns) > 1
    if ambiguous or beside:
        arguments.append(f"foreign_keys=[{field.attr}]")
    if loading:
        arguments.append(f'lazy="{loading}"')
    if field.target.entity == plan.class_name:
        arguments.append(f'remote_side="{plan.class_name}.{field.target.key}"')
    if plan.house.model.dataclass:
        arguments.append("init=False")
    inside = ", ".join(arguments)
    if plan.house.model.declarative == "column":
        return f'{field.relation} = relationship("{field.target.entity}"{", " + inside if inside else ""})'
    return f'{field.relation}: Mapped["{field.target.entity}{" | None" if field.spec.nullable else ""}"] = relationship({inside})'


def back_reference(field: FieldPlan, plan: ResourcePlan, *, quoted: bool, beside: bool = False) -> str:
    """The collection on the other side, `beside` other relations to it.

    The database alone answers for deletions: `passive_deletes="all"`.
    """
    arguments = [f'back_populates="{field.relation}"', 'passive_deletes="all"']
    ambiguous = [
        f
        for f in plan.columns
        if f.target is not None and field.target is not None and f.target.entity == field.target.entity
    ]
    if len(ambiguous) > 1 or beside:
        arguments.append(f'foreign_keys="{plan.class_name}.{field.attr}"')
    if plan.house.model.dataclass:
        arguments.append("init=False")
    inside = ", ".join(arguments)
    if plan.house.model.declarative == "column":
        return f'{field.back} = relationship("{plan.class_name}", {inside})'
    name = f'"{plan.class_name}"' if quoted else plan.class_name
    return f"{field.back}: Mapped[list[{name}]] = relationship({inside})"


def key_line(plan: ResourcePlan) -> str:
    """The primary key as the exemplar declares it, `""` when a base brings it."""
    key = plan.house.model.key
    if key is None:
        return "id: Mapped[int] = mapped_column(primary_key=True)"
    return "" if key.origin else key.source


def timestamp_lines(plan: ResourcePlan) -> list[str]:
    """Timestamps as the exemplar declares them, those that no base brings."""
    return [c.source for c in plan.house.model.timestamps if not c.origin]


def inherited(plan: ResourcePlan) -> tuple[Column, ...]:
    return plan.house.model.inherited
