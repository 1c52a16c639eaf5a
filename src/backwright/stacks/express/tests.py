"""Spells the tests of the endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from backwright.core.facts import Column, Table
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import TEXTUAL, length_of
from backwright.kit.templates import render
from backwright.stacks.express.answers import list_response, response
from backwright.stacks.express.decide import ExpressPlan, field_name, key_of
from backwright.stacks.express.imports import Bound, exported, imports_of
from backwright.stacks.express.schema import is_null
from backwright.stacks.express.service import needs_user
from backwright.stacks.express.testing import Manner, manner_of
from backwright.stacks.express.validation import house_style


def untested_because(plan: ExpressPlan) -> str:
    """Why there are no tests; `""` where there are."""
    manner = manner_of(plan)
    if manner is None or "test" not in plan.paths:
        return "no test here calls the application, whose way could be followed"
    if "create" not in plan.operations:
        return "rows cannot be created through the interface"
    for op in plan.operations:
        level = plan.access[op]
        if level != "public" and level not in manner.headers:
            return f"it was not found how tests here sign in as {level}"
    if _client(plan) is None and _references(plan):
        return "it was not found how rows are made that it could refer to"
    return ""


def test_text(plan: ExpressPlan) -> str:
    """Tests of status codes, bounds, uniqueness, access, ownership, filters, order and pages."""
    manner = manner_of(plan)
    assert manner is not None
    body = render("express/tests.jinja", **_values(plan, manner))
    text = house_style(plan, body)
    path = plan.paths["test"]
    own: list[Bound] = []
    client = _client(plan)
    if client is not None:
        own.append(exported(plan, path, client[0], client[1]))
    return f"{imports_of(plan, path, manner.path, text, tuple(own))}\n\n{text.strip()}\n"


test_text.__test__ = False  # type: ignore[attr-defined]  # it writes tests, and is none


def _client(plan: ExpressPlan) -> tuple[str, str] | None:
    """The client of Prisma, and the file that exports it."""
    name = plan.sibling.client.rpartition(".")[2] or plan.sibling.client
    item = plan.sources.import_of(plan.sibling.service, plan.sibling.client)
    target = plan.index.imported_file(plan.sibling.service, item) if item is not None else ""
    return (name, target) if target else None


def _references(plan: ExpressPlan) -> list[FieldPlan]:
    return [f for f in plan.fields if f.target is not None]


def _values(plan: ExpressPlan, manner: Manner) -> dict[str, object]:
    access = plan.access
    row = _path(response(plan, "create"), "{payload}")
    listed, _ = list_response(plan)
    rows, total = (
        _path(re.sub(r"\bitems\b(?!\s*:)", "{payload}", listed), "{payload}"),
        _path(re.sub(r"\btotal\b(?=\s*[,}])(?<!: total)|(?<=: )total\b", "@@", listed), "@@", short="total"),
    )
    bounded = next(((f.attr, bad) for f in plan.fields if (bad := _refused(f))), None)
    return {
        "ts": plan.house.layout.typed,
        "name": plan.name,
        "url": plan.like(plan.sibling.base),
        "call": f"{manner.caller}({manner.app})",
        "case": manner.case,
        "setup": manner.setup,
        "client": plan.sibling.client.rpartition(".")[2],
        "key": field_name(key_of(plan.sibling.table)),
        "unknown": "2147483647" if plan.key_type == "Int" else "00000000-0000-4000-8000-000000000000",
        "ops": plan.operations,
        "verb": plan.sibling.endpoints["update"].verb if "update" in plan.sibling.endpoints else "patch",
        "values": [(f.attr, _sample(f)) for f in plan.fields],
        "references": [
            (f.attr, f.target.name.camel, _row(plan, f.target.facts), f.target.key) for f in plan.fields if f.target
        ],
        "header": {
            op: f".set({manner.headers[lv]})" if (lv := access[op]) in manner.headers else "" for op in plan.operations
        },
        "access": access,
        "user": f".set({manner.headers['user']})" if "user" in manner.headers else "",
        "row": f"res.body{row}",
        "rows": f"res.body{rows}",
        "total": f"res.body{total}" if total and plan.listing.paginate else "",
        "created": _status(response(plan, "create"), 200),
        "deleted": _status(response(plan, "delete"), 200),
        "bounded": bounded,
        "required": next((f.attr for f in plan.fields if not f.optional and not is_null(f)), ""),
        "told": next((f.attr for f in plan.fields if f.type in TEXTUAL and f.target is None), ""),
        "answered": {
            op: f"res.body{_path(said, '{payload}')}" if "{payload}" in (said := response(plan, op)) else ""
            for op in ("create", "update")
        },
        "unique": next((f.attr for f in plan.fields if f.spec.unique), ""),
        "other": _other(plan, manner),
        "sort": next((plan.field(n).attr for n in plan.listing.sorts), ""),
        "size": plan.house.paging.size,
        "paginate": plan.listing.paginate,
        "page_max": plan.listing.page_max,
        "filter": next((plan.field(n).attr for n in plan.listing.filters if plan.field(n).type == "enum"), ""),
    }


def _other(plan: ExpressPlan, manner: Manner) -> str:
    """The header of somebody else than who creates, where rows belong to users."""
    level = plan.access["create"]
    other = next((h for lv, h in manner.headers.items() if lv != level and h != manner.headers.get(level)), "")
    return f".set({other})" if other and needs_user(plan, "delete") and "delete" in plan.operations else ""


def _path(statement: str, mark: str, short: str = "") -> str:
    """Where in an answer's body something stands: `.data`, `.meta.total`, `""` for the body itself."""
    at = statement.find(mark)
    if at < 0:
        return ""
    keys: list[str] = []
    for token in re.finditer(r"[{}]|([\w$]+)\s*:|([\w$]+)(?=\s*[,}])", statement[:at].replace("{payload}", "")):
        if token[0] == "{":
            keys.append("")
        elif token[0] == "}":
            keys and keys.pop()
        elif token[1] and keys:
            keys[-1] = token[1]
    before = statement[:at].rstrip()
    if keys and not before.endswith(":"):
        keys[-1] = short or keys[-1]
    if keys and mark == "{payload}" and before.endswith(("{", ",")):
        keys[-1] = "items"
    return "".join(f".{key}" for key in keys if key)


def _status(statement: str, otherwise: int) -> int:
    found = re.search(r"[sS]tatus\((?:\w+\.)?(\w+)\)|\((?:\s*\w+,)*\s*(20\d)\b", statement)
    names = {"CREATED": 201, "NO_CONTENT": 204, "OK": 200}
    if found is None:
        return otherwise
    text = found[1] or found[2]
    return int(text) if text.isdigit() else names.get(text, otherwise)


def _sample(field: FieldPlan) -> str:
    spec = field.spec
    if field.target is not None:
        return f"references.{field.attr}"
    if field.type in TEXTUAL:
        return _text(field)
    match field.type:
        case "uuid":
            return "'7f2c1d9e-5b1a-4c3d-9e2f-1a2b3c4d5e6f'" if not spec.unique else "crypto.randomUUID()"
        case "enum":
            return f"'{spec.values[0]}'"
        case "boolean":
            return "true"
        case "date":
            return "'2030-01-15'"
        case "datetime":
            return "'2030-01-15T12:00:00.000Z'"
        case _:
            low = Decimal(spec.min) + (1 if spec.exclusive_min else 0) if spec.min is not None else Decimal(1)
            number = min(low + 1, Decimal(spec.max)) if spec.max is not None else low + 1
            return f"{number} + made" if spec.unique else str(number)


def _text(field: FieldPlan) -> str:
    spec = field.spec
    longest = spec.max_length or length_of(field) or 60
    if field.type == "email":
        return "`someone${made}@example.com`"
    if field.type == "url":
        return "`https://example.com/${made}`"
    if field.type == "slug":
        return "`a-slug-${made}`"
    words = f"{spec.name.replace('_', ' ').capitalize()} "[: max(0, longest - 4)]
    filler = "x" * max(0, (spec.min_length or 0) - len(words))
    return f"`{words}{filler}${{made}}`"


def _refused(field: FieldPlan) -> str:
    """The source of a value that must be refused, `""` where every value of the type may be stored."""
    spec = field.spec
    if field.type in TEXTUAL and field.type not in {"email", "url", "slug"}:
        longest = spec.max_length or length_of(field)
        return f"'x'.repeat({longest + 1})" if longest else ""
    if field.type in {"integer", "decimal", "float"} and spec.min is not None:
        return str(Decimal(spec.min) - 1)
    return {
        "email": "'nobody'",
        "url": "'nowhere'",
        "slug": "'No slug'",
        "enum": "'nothing'",
        "boolean": "'perhaps'",
    }.get(field.type, "")


def _row(plan: ExpressPlan, table: Table) -> str:
    """The data of a row that others can refer to."""
    return "{ " + ", ".join(_cells(plan, table, 0)) + " }"


def _cells(plan: ExpressPlan, table: Table, depth: int) -> Iterator[str]:
    by_table = {t.table: t for _, t in plan.index.tables() if t.orm == "prisma"}
    foreign = {c.name for c in table.columns if c.foreign_key}
    for column in table.columns:
        generated = re.search(r"@default\(|@updatedAt|@id\b", column.source)
        if column.nullable or generated or column.name in foreign or column.type.endswith("[]"):
            continue
        yield f"{field_name(column)}: {_cell(plan, column)}"
    for relation in table.relations:
        leading = next((c for c in table.columns if c.name in foreign and _leads(relation.source, c)), None)
        if leading is not None and not leading.nullable and depth < 3:
            target = by_table.get(leading.foreign_key.partition(".")[0])
            if target is not None:
                yield f"{relation.name}: {{ create: {{ {', '.join(_cells(plan, target, depth + 1))} }} }}"


def _leads(source: str, column: Column) -> bool:
    return bool(re.search(rf"fields:\s*\[\s*{re.escape(field_name(column))}\s*\]", source))


def _cell(plan: ExpressPlan, column: Column) -> str:
    name = field_name(column)
    plain = {
        "Int": "1",
        "BigInt": "1n",
        "Float": "1.5",
        "Decimal": "'1.5'",
        "Boolean": "true",
        "DateTime": "new Date()",
        "Json": "{}",
    }
    if column.type in plain:
        return "made" if column.unique and column.type == "Int" else plain[column.type]
    if column.type == "String":
        if "@db.Uuid" in column.source:
            return "crypto.randomUUID()"
        return "`someone${made}@example.com`" if "email" in name.lower() else f"`{name[:12]} ${{made}}`"
    for text in (plan.index.texts[p] for p in plan.index.texts if p.endswith(".prisma")):
        found = re.search(rf"enum\s+{re.escape(column.type)}\s*\{{\s*(\w+)", text)
        if found is not None:
            return f"'{found[1]}'"
    return "undefined"
