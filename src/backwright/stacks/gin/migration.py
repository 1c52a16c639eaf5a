"""The migration: SQL files up and down, or one more model in the list that GORM migrates."""

from __future__ import annotations

import re
from posixpath import basename, dirname

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.kit.artifacts import FieldPlan
from backwright.stacks.gin.columns import is_null, sql_default, sql_type
from backwright.stacks.gin.decide import GinPlan

_CREATES = r'CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?["`]?{}["`]?\s*\('
_KEPT = re.compile(r'^\s*["`]?(id|created_at|updated_at|deleted_at)["`]?\s', re.IGNORECASE)


def migrated(plan: GinPlan) -> list[Edit]:
    """The files that change the schema. Raises Unsupported where the house has no way that could be followed."""
    kind = plan.house.migrations.kind
    if kind == "gorm":
        return [_listed(plan)]
    if kind in {"goose", "migrate"}:
        return _written(plan)
    raise Unsupported(
        "it was not found how the schema of this project is made: no SQL migrations of goose or golang-migrate, no AutoMigrate",
        where=plan.sibling.model,
    )


def _listed(plan: GinPlan) -> Edit:
    """The list of models that AutoMigrate is given, with the new one below the exemplar."""
    path = plan.house.migrations.exemplar
    text = plan.sources.read(path)
    found = list(model_value(plan.sibling.table.entity).finditer(text))
    if not found:
        raise Unsupported("the list of models that AutoMigrate is given could not be read", where=path)
    call = text.find("AutoMigrate(")
    element = next((m for m in found if m.start() > call), found[-1])
    new = re.sub(rf"\b{re.escape(plan.sibling.table.entity)}\b", plan.entity, element[0])
    begin = text.rfind("\n", 0, element.start()) + 1
    line = text[begin : text.find("\n", begin)]
    if line.strip().rstrip(",") == element[0]:
        indent = line[: len(line) - len(line.lstrip())]
        new = f"\n{indent}{new}"
    else:
        new = f" {new}"
    after = f"{text[: element.end()]},{new}{text[element.end() :]}"
    return Edit(path, text, after, "GORM makes its table", "", "+1 model")


def model_value(entity: str) -> re.Pattern[str]:
    """An empty row, as AutoMigrate is given it."""
    return re.compile(rf"&?(?:\w+\.)?\b{re.escape(entity)}\{{\}}|new\((?:\w+\.)?{re.escape(entity)}\)")


def _written(plan: GinPlan) -> list[Edit]:
    migrations = plan.house.migrations
    files = [p for p in plan.index.paths if dirname(p) == migrations.folder and p.endswith(".sql")]
    numbers = [m[1] for p in files if (m := re.match(r"(\d+)_", basename(p)))]
    last = max(numbers, key=int, default="0")
    number = str(int(last) + 1).zfill(len(last))
    named = re.sub(r"^\d+_|\.up\.sql$|\.sql$", "", basename(migrations.exemplar))
    slug = plan.like(named)
    slug = slug if slug != named else f"create_{plan.name.snake_plural}"
    slug = slug.replace(plan.name.camel_plural, plan.name.snake_plural).replace(plan.name.camel, plan.name.snake)
    stem = f"{migrations.folder}/{number}_{slug}"
    up, down = f"{table_sql(plan)}\n", f"DROP TABLE {plan.table};\n"
    like, count = migrations.exemplar, f"{len(plan.columns)} columns of its own"
    if migrations.kind == "goose":
        text = f"-- +goose Up\n{up}\n-- +goose Down\n{down}"
        return [Edit(f"{stem}.sql", None, text, "the table", like, count)]
    return [
        Edit(f"{stem}.up.sql", None, up, "the table", like, count),
        Edit(f"{stem}.down.sql", None, down, "takes the table back", like.replace(".up.sql", ".down.sql"), ""),
    ]


def table_sql(plan: GinPlan) -> str:
    """The statements that make the table: key and times as the exemplar's migration has them."""
    text = plan.sources.read(plan.house.migrations.exemplar)
    found = re.search(_CREATES.format(plan.sibling.table.table), text, re.IGNORECASE)
    if found is None:
        raise Unsupported(
            f"the migration that makes {plan.sibling.table.table} could not be read",
            where=plan.house.migrations.exemplar,
        )
    lines = text[found.end() :].partition(";")[0].splitlines()
    kept = {m[1].lower(): re.sub(r",?\s*(--.*)?$", "", line.strip()) for line in lines if (m := _KEPT.match(line))}
    if "id" not in kept:
        raise Unsupported("the exemplar's migration has no column id", where=plan.house.migrations.exemplar)
    rows = [kept.pop("id"), *(_column(plan, f) for f in plan.columns), *kept.values()]
    primary = re.search(r"^\s*(?:CONSTRAINT\s+\S+\s+)?(PRIMARY\s+KEY\s*\([^)]*\))", "\n".join(lines), re.MULTILINE)
    rows += [primary[1]] if primary is not None and "PRIMARY" not in rows[0].upper() else []
    if plan.house.dialect == "mysql":
        rows += [f"FOREIGN KEY ({plan.column(f)}) {_reference(f)}" for f in plan.columns if f.target is not None]
    body = ",\n".join(f"    {row}" for row in rows)
    return "\n".join([f"CREATE TABLE {plan.table} (\n{body}\n);", *_indexes(plan)])


def _column(plan: GinPlan, field: FieldPlan) -> str:
    null = "" if is_null(field) else " NOT NULL"
    leads = f" {_reference(field)}" if field.target is not None and plan.house.dialect != "mysql" else ""
    return f"{plan.column(field)} {sql_type(field, plan.house.dialect)}{null}{sql_default(field)}{leads}"


def _reference(field: FieldPlan) -> str:
    assert field.target is not None
    return f"REFERENCES {field.target.table} ({field.target.key}) ON DELETE {deleted(field)}"


def deleted(field: FieldPlan) -> str:
    """What becomes of rows whose target goes."""
    return field.spec.on_delete.upper().replace("_", " ")


def indexed(plan: GinPlan) -> list[FieldPlan]:
    """The fields with an index of their own: what refers to others, what lists are filtered by, what was asked for."""
    filters = {plan.field(n).attr for n in plan.listing.filters}
    return [
        f for f in plan.columns if not f.spec.unique and (f.target is not None or f.spec.index or f.attr in filters)
    ]


def together(plan: GinPlan) -> dict[str, list[str]]:
    """The indexes that make several columns unique, by name."""
    found = ([plan.column(plan.field(n)) for n in names] for names in plan.unique_together)
    return {f"idx_{plan.table}_{'_'.join(columns)}"[:63]: columns for columns in found}


def _indexes(plan: GinPlan) -> list[str]:
    unique = [(f"idx_{plan.table}_{plan.column(f)}", [plan.column(f)]) for f in plan.columns if f.spec.unique]
    plain = [(f"idx_{plan.table}_{plan.column(f)}", [plan.column(f)]) for f in indexed(plan)]
    every = [*unique, *together(plan).items()]
    found = [("UNIQUE INDEX", name, columns) for name, columns in every]
    found += [("INDEX", name, columns) for name, columns in plain]
    return [f"CREATE {kind} {name[:63]} ON {plan.table} ({', '.join(columns)});" for kind, name, columns in found]
