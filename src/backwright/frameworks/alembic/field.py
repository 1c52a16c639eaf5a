"""The migration of one field: its column added, renamed or dropped, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Column
from backwright.frameworks.alembic.constraints import constraint_name
from backwright.frameworks.alembic.migration import RULES, field_type, server_default, type_source
from backwright.frameworks.alembic.revision import revision_of
from backwright.kit.artifacts import Emission, FieldPlan
from backwright.kit.field_edit import FieldEdit
from backwright.kit.spelling import length_of, server_default_source


def emit_field_migration(edit: FieldEdit) -> Iterator[Emission]:
    """One revision on top of the present head. Raises Unsupported when there is no single head to stand on."""
    style = edit.house.migration
    if style is None:
        return
    imports: set[str] = set()
    up, down = field_steps(edit, imports)
    seed = f"{edit.table.table}:{style.head}:{edit.action}:{edit.old}:{edit.new}"
    yield from revision_of(style, imports, up, down, _words(edit), seed)


def field_steps(edit: FieldEdit, imports: set[str]) -> tuple[list[str], list[str]]:
    """The statements of both ways; what they need is added to `imports`."""
    steps = _Steps(edit, imports)
    return {"add": steps.added, "rename": steps.renamed, "remove": steps.removed}[edit.action]()


def _words(edit: FieldEdit) -> tuple[str, str, str]:
    table = edit.table.table.rpartition(".")[2]
    if edit.action == "add":
        return f"Add {edit.new} to {table}", f"add_{edit.new}_to_{table}", "add column; downgrade drops it"
    if edit.action == "rename":
        return (
            f"Rename {edit.old} of {table} to {edit.new}",
            f"rename_{table}_{edit.old}_to_{edit.new}",
            "rename column; downgrade renames it back",
        )
    return (
        f"Remove {edit.old} from {table}",
        f"remove_{edit.old}_from_{table}",
        "drop column; downgrade brings it back, empty",
    )


class _Steps:
    """The statements of both ways, as lines."""

    def __init__(self, edit: FieldEdit, imports: set[str]) -> None:
        self.edit = edit
        self.imports = imports
        schema, _, table = edit.table.table.rpartition(".")
        self.schema = schema or edit.house.model.schema
        self.table = table
        self.naming = edit.house.model.naming
        self.given = f', schema="{self.schema}"' if self.schema else ""

    def added(self) -> tuple[list[str], list[str]]:
        field = self.edit.field
        assert field is not None
        kind = field_type(field) if field.target is None else self._key_type(field)
        default = ""
        if self.edit.backfill is not None and not self.edit.per_row:
            default = f", server_default={server_default_source(field, self.edit.backfill, 'sa.')}"
        nullable = field.spec.nullable or self.edit.per_row
        column = f'sa.Column("{field.attr}", {kind}, nullable={nullable}{default})'
        up, down = self._column_with_key(field, column)
        if self.edit.per_row:
            up += self._from_key(field) + self._required(field, kind)
        if field.spec.unique and not self.edit.batch and not field.spec.index:
            name = constraint_name(self.naming, "uq", self.table, (field.attr,)) or f"{self.table}_{field.attr}_key"
            up.append(f'op.create_unique_constraint(op.f("{name}"), "{self.table}", ["{field.attr}"]{self.given})')
            down.insert(0, f'op.drop_constraint(op.f("{name}"), "{self.table}", type_="unique"{self.given})')
        elif field.spec.unique or field.spec.index or field.target is not None:
            up.append(self._create_index(field.attr, unique=field.spec.unique))
            down.insert(0, self._drop_index(field.attr))
        return up, down

    def _column_with_key(self, field: FieldPlan, column: str) -> tuple[list[str], list[str]]:
        drop = f'op.drop_column("{self.table}", "{field.attr}"{self.given})'
        add = f'op.add_column("{self.table}", {column}{self.given})'
        if field.target is None:
            return [add], [drop]
        target = field.target.table.rpartition(".")[2]
        name = constraint_name(self.naming, "fk", self.table, (field.attr,), referred=target)
        name = name or f"fk_{self.table}_{field.attr}_{target}"
        rule = RULES[field.spec.on_delete]
        ends = f'["{field.attr}"], ["{field.target.key}"], ondelete="{rule}"'
        if self.edit.batch:
            head = f'with op.batch_alter_table("{self.table}"{self.given}) as batch_op:'
            made = f'batch_op.create_foreign_key(op.f("{name}"), "{target}", {ends})'
            dropped = f'batch_op.drop_constraint(op.f("{name}"), type_="foreignkey")'
            return (
                [f"{head}\n    batch_op.add_column({column})\n    {made}"],
                [f'{head}\n    {dropped}\n    batch_op.drop_column("{field.attr}")'],
            )
        schemas = f', source_schema="{self.schema}", referent_schema="{self.schema}"' if self.schema else ""
        key = f'op.create_foreign_key(op.f("{name}"), "{self.table}", "{target}", {ends}{schemas})'
        return [add, key], [f'op.drop_constraint(op.f("{name}"), "{self.table}", type_="foreignkey"{self.given})', drop]

    def _key_type(self, field: FieldPlan) -> str:
        assert field.target is not None
        key = next((c for c in field.target.facts.columns if c.name == field.target.key), None)
        plain = {"int": "sa.Integer()", "uuid": "sa.Uuid()", "str": "sa.String()"}[field.target.key_python]
        return type_source(key, self.edit.resource, self.imports) if key is not None else plain

    def _from_key(self, field: FieldPlan) -> list[str]:
        """Every row that exists gets a value of its own, made from its key in one statement."""
        key = next(c.name for c in self.edit.table.columns if c.primary_key)
        value = (
            f"rows.c.{key}"
            if field.type == "integer"
            else f"sa.cast(rows.c.{key}, sa.String({length_of(field) or 255}))"
        )
        table = f'rows = sa.table("{self.table}", sa.column("{key}"), sa.column("{field.attr}"){self.given})'
        return [table, f"op.execute(sa.update(rows).values({field.attr}={value}))"]

    def _required(self, field: FieldPlan, kind: str) -> list[str]:
        what = f'"{field.attr}", existing_type={kind}, nullable=False'
        if self.edit.batch:
            return [
                f'with op.batch_alter_table("{self.table}"{self.given}) as batch_op:\n    batch_op.alter_column({what})'
            ]
        return [f'op.alter_column("{self.table}", {what}{self.given})']

    def renamed(self) -> tuple[list[str], list[str]]:
        old, new = self.edit.old, self.edit.new
        column = self.edit.column
        assert column is not None

        def way(here: str, there: str) -> list[str]:
            change = f'op.alter_column("{self.table}", "{here}", new_column_name="{there}"{self.given})'
            if column.index:
                return [self._drop_index(here), change, self._create_index(there, unique=column.unique)]
            return self._with_unique(column, here, there, change)

        return way(old, new), way(new, old)

    def _with_unique(self, column: Column, here: str, there: str, change: str) -> list[str]:
        """A unique constraint that is named after its column gets a new name with it."""
        old, new = (constraint_name(self.naming, "uq", self.table, (name,)) for name in (here, there))
        if not column.unique or old is None or old == new:
            return [change]
        if not self.edit.batch:
            return [
                f'op.drop_constraint(op.f("{old}"), "{self.table}", type_="unique"{self.given})',
                change,
                f'op.create_unique_constraint(op.f("{new}"), "{self.table}", ["{there}"]{self.given})',
            ]
        head = f'with op.batch_alter_table("{self.table}"{self.given}) as batch_op:'
        return [
            f'{head}\n    batch_op.drop_constraint(op.f("{old}"), type_="unique")',
            change,
            f'{head}\n    batch_op.create_unique_constraint(op.f("{new}"), ["{there}"])',
        ]

    def removed(self) -> tuple[list[str], list[str]]:
        column = self.edit.column
        assert column is not None
        kind = type_source(column, self.edit.resource, self.imports)
        default = ""
        if column.server_default:
            default = f", server_default={server_default(column.server_default, self.edit.resource, self.imports)}"
        elif not column.nullable:
            default = f", server_default={_filler(kind)}"
        back = f'sa.Column("{column.name}", {kind}, nullable={column.nullable}{default})'
        up = [f'op.drop_column("{self.table}", "{column.name}"{self.given})']
        down = [f'op.add_column("{self.table}", {back}{self.given})']
        if column.index:
            up.insert(0, self._drop_index(column.name))
            unique = column.unique and column.nullable
            down.append(self._create_index(column.name, unique=unique))
        elif column.unique and self.edit.batch:
            up = [
                f'with op.batch_alter_table("{self.table}"{self.given}) as batch_op:\n    batch_op.drop_column("{column.name}")'
            ]
        return up, down

    def _create_index(self, column: str, *, unique: bool) -> str:
        return f'op.create_index({self._index(column)}, "{self.table}", ["{column}"], unique={unique}{self.given})'

    def _drop_index(self, column: str) -> str:
        return f'op.drop_index({self._index(column)}, table_name="{self.table}"{self.given})'

    def _index(self, column: str) -> str:
        return f'op.f("{constraint_name(self.naming, "ix", self.table, (column,))}")'


def _filler(kind: str) -> str:
    """What rows get in a column that comes back and may not be null."""
    plain = kind.lower()
    if "bool" in plain:
        return "sa.false()"
    if "date" in plain or "timestamp" in plain:
        return "sa.func.now()" if "time" in plain else "sa.func.current_date()"
    if re.search(r"int|numeric|decimal|float|double|real", plain):
        return '"0"'
    if "uuid" in plain:
        return '"00000000-0000-0000-0000-000000000000"'
    return '"{}"' if "json" in plain else '""'
