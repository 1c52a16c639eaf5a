"""Spells the migration of Flyway that makes the table: key and times as the exemplar's table has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from posixpath import basename

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import FieldPlan
from backwright.kit.naming import snake
from backwright.kit.templates import render
from backwright.stacks.spring.columns import column_of, constant, is_null, sql_default, sql_type
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.naming import renamed_sql
from backwright.stacks.spring.reading import marks
from backwright.stacks.spring.shapes import inherited_fields, kept_fields

_TABLE = r"create\s+table\s+(?:if\s+not\s+exists\s+)?(?:[`\"]?\w+[`\"]?\.)?[`\"]?{name}[`\"]?\s*\("
_KEYS = {"Long": "BIGINT", "Integer": "INTEGER", "UUID": "UUID", "String": "VARCHAR(255)"}
_SERIAL = {
    "bigserial": "BIGINT",
    "serial": "INTEGER",
    "serial8": "BIGINT",
    "serial4": "INTEGER",
    "smallserial": "SMALLINT",
}
_DATABASES = ("postgresql", "mysql", "h2")


def migration_path(plan: SpringPlan) -> str:
    """The file, after all there are, called as the one of the exemplar's table is."""
    migrations = plan.house.migrations
    assert migrations is not None, "asked only where there are migrations"
    path, _ = _statement(plan, plan.sibling.table.table)
    found = re.search(r"V[\d._]+?__(.+)\.sql$", basename(path)) if path else None
    old = plan.sibling.name
    like = renamed_sql(found[1], old, plan.name) if found is not None else ""
    name = like if found is not None and like != found[1] else f"create_{plan.table}"
    return f"{migrations.folder}/V{migrations.next}__{name}.sql"


def migration_text(plan: SpringPlan) -> str:
    """The statements. Raises Unsupported for a database whose types we do not know."""
    migrations = plan.house.migrations
    assert migrations is not None, "asked only where there are migrations"
    database = plan.house.build.database
    if database not in _DATABASES:
        raise Unsupported(
            f"migrations for {database or 'this database'} are not written yet, only for PostgreSQL, MySQL and H2",
            where=migrations.folder,
        )
    _, body = _statement(plan, plan.sibling.table.table)
    lines = _parts(body)
    key_lines, constraint = _key(plan, lines)
    columns = [*key_lines, *(_column(plan, f) for f in plan.columns), *_times(plan, lines)]
    text = render(
        "spring/migration.jinja",
        sequences=list(_sequences(plan)),
        table=plan.table,
        parts=[*columns, *constraint, *_constraints(plan)],
        indexes=[
            (constant(f"idx_{plan.table}_{column_of(plan, f)}"), column_of(plan, f))
            for f in plan.columns
            if _indexed(plan, f)
        ],
    )
    return _lowered(text) if migrations.lower else text


def _statement(plan: SpringPlan, table: str) -> tuple[str, str]:
    """The migration that makes a table, and what stands between the brackets; empty where there is none."""
    migrations = plan.house.migrations
    wanted = re.compile(_TABLE.format(name=re.escape(table)), re.IGNORECASE)
    for path in migrations.files if migrations is not None else ():
        text = re.sub(r"--[^\n]*", "", plan.sources.read(path))
        found = wanted.search(text)
        if found is not None:
            depth, at = 1, found.end()
            while at < len(text) and depth:
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                at += 1
            return path, text[found.end() : at - 1]
    return "", ""


def _parts(body: str) -> list[str]:
    """The columns and constraints of a table."""
    found, depth, start = [], 0, 0
    for at, sign in enumerate(body):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            found.append(body[start:at])
            start = at + 1
    return [" ".join(p.split()) for p in [*found, body[start:]] if p.strip()]


def _line_of(lines: list[str], column: str) -> str:
    return next((line for line in lines if re.match(rf"[`\"]?{re.escape(column)}[`\"]?\s", line, re.IGNORECASE)), "")


def _key_column(plan: SpringPlan) -> str:
    return next((c.name for c in plan.sibling.table.columns if c.primary_key), snake(plan.key))


def _key(plan: SpringPlan, lines: list[str]) -> tuple[list[str], list[str]]:
    """The key as the exemplar's table has it: its column, and the constraint that stands apart from it."""
    column = _key_column(plan)
    line = _line_of(lines, column)
    apart = [p for p in lines if re.match(r"(constraint\s+\S+\s+)?primary\s+key", p, re.IGNORECASE)]
    if line and (apart or "primary key" in line.lower()):
        made = renamed_sql(line, plan.sibling.name, plan.name)
        return [made], [renamed_sql(p, plan.sibling.name, plan.name) for p in apart]
    kind = _KEYS[plan.key_type]
    if plan.key_type in {"Long", "Integer"}:
        mysql = plan.house.build.database == "mysql"
        return [f"{column} {kind} {'AUTO_INCREMENT' if mysql else 'GENERATED BY DEFAULT AS IDENTITY'} PRIMARY KEY"], []
    return [f"{column} {kind} PRIMARY KEY"], []


def _times(plan: SpringPlan, lines: list[str]) -> Iterator[str]:
    """The columns of times and versions. Raises Unsupported for one that the exemplar's table does not show."""
    entity = plan.sibling.entity
    own = [f for f in kept_fields(entity, plan.sources) if "Id" not in marks(f.decorators)]
    brought = [f for f in inherited_fields(entity, plan.sources) if not {"Id", "Transient"} & set(marks(f.decorators))]
    for field in [*own, *brought]:
        if re.search(r"\bstatic\b|\btransient\b", plan.sources.at(entity.path, field.loc)) and field in own:
            continue
        named = re.search(r"name\s*=\s*\"(\w+)\"", " ".join(str(d) for d in field.decorators))
        column = named[1] if named is not None else snake(field.name)
        told = next((c.name for c in plan.sibling.table.columns if c.source.startswith(f"{field.name}:")), column)
        line = _line_of(lines, told) or _line_of(lines, column)
        if line:
            yield renamed_sql(line, plan.sibling.name, plan.name)
        elif field in own:
            yield f"{told} {'BIGINT' if field.annotation in {'Long', 'Integer', 'int', 'long'} else 'TIMESTAMP WITH TIME ZONE'} NOT NULL"


def _sequences(plan: SpringPlan) -> Iterator[str]:
    """The sequence of the exemplar's key, about this resource."""
    migrations = plan.house.migrations
    for path in migrations.files if migrations is not None else ():
        for made in re.findall(r"(?im)^\s*(create\s+sequence\s+[^;]*);", plan.sources.read(path)):
            new = renamed_sql(made, plan.sibling.name, plan.name)
            if new != made:
                yield f"{' '.join(new.split())};"


def _column(plan: SpringPlan, field: FieldPlan) -> str:
    kind = _key_type_of(plan, field) if field.target is not None else sql_type(plan, field)
    null = "" if is_null(field) else " NOT NULL"
    default = sql_default(field) if field.target is None else ""
    return f"{column_of(plan, field)} {kind}{null}{f' DEFAULT {default}' if default else ''}"


def _key_type_of(plan: SpringPlan, field: FieldPlan) -> str:
    """The type of the key that a field refers to, as its table has it."""
    assert field.target is not None
    _, body = _statement(plan, field.target.table)
    line = _line_of(_parts(body), _target_key(field))
    found = re.match(r"\S+\s+(\w+(?:\s*\([^)]*\))?)", line)
    if found is None:
        return _KEYS[field.target.key_type]
    return _SERIAL.get(found[1].lower(), found[1])


def _target_key(field: FieldPlan) -> str:
    assert field.target is not None
    return next((c.name for c in field.target.facts.columns if c.primary_key), snake(field.target.key))


def _constraints(plan: SpringPlan) -> Iterator[str]:
    for field in plan.columns:
        column = column_of(plan, field)
        if field.spec.unique:
            yield f"CONSTRAINT {constant(f'uq_{plan.table}_{column}')} UNIQUE ({column})"
    for group in plan.unique_together:
        columns = [column_of(plan, plan.field(n)) for n in group]
        yield f"CONSTRAINT {constant(f'uq_{plan.table}_' + '_'.join(columns))} UNIQUE ({', '.join(columns)})"
    for field in plan.columns:
        if field.target is not None:
            action = {"cascade": " ON DELETE CASCADE", "set_null": " ON DELETE SET NULL"}.get(field.spec.on_delete, "")
            name = constant(f"fk_{plan.table}_{snake(field.relation)}")
            column = column_of(plan, field)
            yield f"CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {field.target.table} ({_target_key(field)}){action}"


def _indexed(plan: SpringPlan, field: FieldPlan) -> bool:
    """MySQL makes an index for each foreign key by itself."""
    filtered = {field.spec.name, field.attr} & set(plan.listing.filters)
    mysql = plan.house.build.database == "mysql"
    return not field.spec.unique and bool((field.target is not None and not mysql) or filtered or field.spec.index)


def _lowered(text: str) -> str:
    """Keywords in lower case; what stands in quotes stays."""
    parts = re.split(r"('(?:[^']|'')*')", text)
    return "".join(p if n % 2 else p.lower() for n, p in enumerate(parts))


def stamp() -> str:
    """The moment of a plan."""
    return datetime.now(UTC).isoformat(timespec="seconds")
