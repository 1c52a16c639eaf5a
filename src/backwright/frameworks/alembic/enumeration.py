"""A value that an enumeration gets: in the type of the database where it has one, in the column's length else."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.core.facts import Column, Table
from backwright.kit.templates import render
from backwright.kit.transitions import Member, Transition


def enum_steps(
    table: Table, column: Column, members: tuple[Member, ...], transition: Transition, enum: str, where: str
) -> tuple[list[str], list[str]]:
    """The statements of both ways; none where the column can hold the value already. Raises Unsupported for checks."""
    added = transition.added
    if added is None or re.match(r"(?:sa\.)?(?:String|Text|AutoString|VARCHAR|str)\b", column.type or ""):
        return [], []
    source = f"{column.type} {column.source}"
    by_value = "values_callable" in source or (transition.kind == "text")
    labels = [m.value if by_value else m.name for m in members]
    new = added[1] if by_value else added[0]
    if "create_constraint=True" in source:
        raise Unsupported(
            f"`{column.name}` has a CHECK constraint of its values, which cannot be extended yet", where=where
        )
    schema, _, name = table.table.rpartition(".")
    given = f', schema="{schema}"' if schema else ""
    if "native_enum=False" in source:
        return _longer(column, labels, new, name, given, source)
    said = re.search(r"""\bname=["'](\w+)["']""", source)
    known = said.group(1) if said else enum.lower()
    spelled = ", ".join(f'"{label}"' for label in labels)
    values = {
        "name": known,
        "table": name,
        "given": given,
        "column": column.name,
        "added": new,
        "back": _label(transition.sources[0] if transition.sources else labels[0], members, by_value=by_value),
        "values": ", ".join(f"'{label}'" for label in labels),
        "nullable": column.nullable,
        "default": _default(column),
        "old": f'sa.Enum({spelled}, name="{known}")',
        "new": f'sa.Enum({spelled}, "{new}", name="{known}")',
    }
    up, down = (render(f"alembic/enum_{way}.jinja", **values).strip("\n") for way in ("up", "down"))
    first, _, rest = down.partition("\n")
    return [up], [first, rest]


def _label(name: str, members: tuple[Member, ...], *, by_value: bool) -> str:
    return next((m.value if by_value else m.name for m in members if m.name == name), name)


def _default(column: Column) -> str:
    found = re.search(r"""["'](\w+)["']""", column.server_default)
    return found.group(1) if found else ""


def _longer(
    column: Column, labels: list[str], new: str, table: str, given: str, source: str
) -> tuple[list[str], list[str]]:
    """Text columns hold as many characters as their longest value, where nothing says more."""
    said = re.search(r"\blength=(\d+)", source)
    have = int(said.group(1)) if said else max((len(label) for label in labels), default=0)
    if len(new) <= have:
        return [], []

    def way(before: int, after: int) -> str:
        change = (
            f'batch_op.alter_column("{column.name}", existing_type=sa.String(length={before}), '
            f"type_=sa.String(length={after}), existing_nullable={column.nullable})"
        )
        return f'with op.batch_alter_table("{table}"{given}) as batch_op:\n    {change}'

    if said:
        raise Unsupported(f"'{new}' is longer than the {have} characters that `{column.name}` holds")
    back = render("alembic/back_value.jinja", table=table, column=column.name, back=labels[0], added=new).strip()
    return [way(have, len(new))], [back, way(len(new), have)]
