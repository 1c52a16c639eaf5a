"""Spells the tests of the endpoints."""

from __future__ import annotations

import re
from decimal import Decimal
from posixpath import dirname

from backwright.core.change import Edit
from backwright.core.facts import Column, Table
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import TEXTUAL, length_of
from backwright.kit.templates import render
from backwright.stacks.gin.answering import answer_of, list_answer
from backwright.stacks.gin.answers import status_in
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.imitating import renamed_path, resource_name
from backwright.stacks.gin.importing import document
from backwright.stacks.gin.spelled import needs_user, reference_status
from backwright.stacks.gin.testing import Manner, manner_of

_MISSING = "2147483000"


def untested_because(plan: GinPlan) -> str:
    """Why there are no tests; `""` where there are."""
    manner = manner_of(plan)
    if manner is None:
        return "no test here starts the application in a function of its own, whose way could be followed"
    if "create" not in plan.operations:
        return "rows cannot be created through the interface"
    for op in plan.operations:
        level = plan.access[op]
        if level != "public" and level not in manner.tokens:
            return f"it was not found how tests here sign in as {level}"
    if any(f.target is not None for f in plan.fields) and not manner.database:
        return "it was not found how rows are made that it could refer to"
    if plan.key not in {"uint", "uint64", "int", "int64", "uint32", "int32"}:
        return f"its key is {plan.key}, and tests of such are not spelled yet"
    return ""


def test_edit(plan: GinPlan) -> Edit:
    """The file of the tests: status codes, bounds, uniqueness, access, ownership, filters, order and pages."""
    manner = manner_of(plan)
    assert manner is not None, "only where there is one"
    path = _path(plan, manner)
    body = render("gin/tests.go.jinja", **_values(plan, manner))
    text = document(plan, path, body, manner.path)
    text = re.sub(r"^package \w+", f"package {plan.sources.package(manner.path)}", text)
    return Edit(path, None, text, "its tests", manner.path, "tests")


test_edit.__test__ = False  # type: ignore[attr-defined]  # it writes tests, and is none


def _path(plan: GinPlan, manner: Manner) -> str:
    moved = renamed_path(manner.path, plan.sibling.name, plan.name, plan.case)
    if moved != manner.path and moved not in plan.index.paths:
        return moved
    return f"{dirname(manner.path)}/{plan.name.snake_plural}_test.go".lstrip("/")


def _values(plan: GinPlan, manner: Manner) -> dict[str, object]:
    name = plan.name
    listed, _ = list_answer(plan)
    unique = next((f for f in plan.fields if f.spec.unique), None)
    bounded = next(((plan.json(f), bad) for f in plan.fields if (bad := _refused(f))), None)
    required = next((f for f in plan.fields if f.spec.required and not f.optional), None)
    update = plan.sibling.endpoints.get("update")
    changed = next((f for f in plan.fields if f.spec.update and f.type in TEXTUAL and f.target is None), None)
    asked = [op for op in plan.operations if op != "update" or changed is not None]
    levels = dict.fromkeys(plan.access[op] for op in asked if plan.access[op] != "public")
    return {
        "Name": name.pascal,
        "Names": name.pascal_plural,
        "human": name.human,
        "setup": manner.setup,
        "engine": manner.engine,
        "db": manner.database,
        "header": manner.header,
        "scheme": manner.scheme,
        "tokens": {level: manner.tokens[level] for level in levels},
        "token": {op: plan.access[op] if plan.access[op] != "public" else "" for op in plan.operations},
        "url": plan.like_address(plan.sibling.base),
        "suffix": {op: _suffix(plan, op) for op in plan.operations},
        "ops": plan.operations,
        "verb": (update.verb if update is not None else "PATCH").capitalize(),
        "values": [(plan.json(f), _sample(plan, f)) for f in plan.fields],
        "targets": _targets(plan),
        "created": status_in(answer_of(plan, "create")) or 201,
        "deleted": status_in(answer_of(plan, "delete")) or 204,
        "invalid": plan.answers.invalid,
        "bounded": bounded,
        "required": plan.json(required) if required is not None else "",
        "unique": plan.json(unique) if unique is not None else "",
        "reference": next((plan.json(f) for f in plan.fields if f.target is not None), ""),
        "reference_status": reference_status(plan),
        "missing": _MISSING,
        "changed": plan.json(changed) if changed is not None else "",
        "total": plan.listing.paginate and re.search(r"\btotal\b", listed) is not None,
        "size": plan.answers.page[1],
        "paginate": plan.listing.paginate,
        "page_max": plan.listing.page_max,
        "sort": next((plan.json(plan.field(n)) for n in plan.listing.sorts), ""),
        "owned": plan.owner is not None and needs_user(plan, "delete") and "delete" in plan.operations,
        "other": manner.tokens.get(plan.access.get("delete", ""), ""),
    }


def _suffix(plan: GinPlan, op: str) -> str:
    """What stands between the address of the resource and the key, or behind it: `""`, `/create`."""
    own = plan.sibling.endpoints.get(op)
    if own is None:
        return "/" if op in {"list", "create"} and plan.sibling.endpoints["create"].address.endswith("/") else ""
    rest = own.route.path.removeprefix(plan.sibling.base)
    tail = re.sub(r"/:\w+$", "", rest)
    return f"{tail}/" if not own.key and own.address.endswith("/") and not tail.endswith("/") else tail


def _targets(plan: GinPlan) -> list[tuple[str, str, list[str]]]:
    """Variable, type and cells of the rows that are referred to."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for field in plan.fields:
        if field.target is not None:
            kind = f"{plan.sources.package_of(dirname(field.target.path))}.{field.target.entity}"
            variable = f"{resource_name(field.target.entity).camel}Row"
            found[field.target.entity] = (variable, kind, _cells(field.target.facts))
    return list(found.values())


def _cells(table: Table) -> list[str]:
    """What a row must have."""
    kept = {"id", "createdat", "updatedat", "deletedat"}
    return [
        f"{name}: {value}"
        for c in table.columns
        if (name := c.source.partition(":")[0]).lower() not in kept and (value := _cell(c))
    ]


def _cell(column: Column) -> str:
    kind, name = column.type, column.source.partition(":")[0]
    if kind == "string":
        return (
            'fmt.Sprintf("someone%d@example.com", made)'
            if "mail" in name.lower()
            else f'fmt.Sprintf("{name[:8]} %d", made)'
        )
    if re.fullmatch(r"u?int\d*|float\d+", kind) and not column.foreign_key:
        return "1"
    return ""


def _sample(plan: GinPlan, field: FieldPlan) -> str:
    spec = field.spec
    if field.target is not None:
        return f"{resource_name(field.target.entity).camel}Row.{'ID' if plan.initials else 'Id'}"
    if field.type in TEXTUAL:
        return _text(field)
    match field.type:
        case "uuid":
            return 'fmt.Sprintf("7f2c1d9e-5b1a-4c3d-9e2f-%012d", made)'
        case "enum":
            return f'"{spec.values[0]}"'
        case "boolean":
            return "true"
        case "date":
            return '"2030-01-15"'
        case "datetime":
            return '"2030-01-15T12:00:00Z"'
        case _:
            low = Decimal(spec.min) + (1 if spec.exclusive_min else 0) if spec.min is not None else Decimal(1)
            number = min(low + 1, Decimal(spec.max)) if spec.max is not None else low + 1
            return f"{number} + made" if spec.unique and number == int(number) else str(number)


def _text(field: FieldPlan) -> str:
    spec = field.spec
    longest = spec.max_length or length_of(field) or 60
    if field.type == "email":
        return 'fmt.Sprintf("someone%d@example.com", made)'
    if field.type == "url":
        return 'fmt.Sprintf("https://example.com/%d", made)'
    if field.type == "slug":
        return 'fmt.Sprintf("a-slug-%d", made)'
    words = f"{spec.name.replace('_', ' ').capitalize()} "[: max(0, longest - 4)]
    filler = "x" * max(0, (spec.min_length or 0) - len(words))
    return f'fmt.Sprintf("{words}{filler}%d", made)'


def _refused(field: FieldPlan) -> str:
    """The source of a value that must be refused, `""` where every value of the type may be stored."""
    spec = field.spec
    if field.type in TEXTUAL and field.type not in {"email", "url", "slug"}:
        longest = spec.max_length or length_of(field)
        return f'strings.Repeat("x", {longest + 1})' if longest else ""
    if field.type in {"integer", "decimal", "float"} and spec.min is not None:
        return str(Decimal(spec.min) - 1)
    return {
        "email": '"nobody"',
        "url": '"nowhere"',
        "slug": '"No slug"',
        "enum": '"nothing"',
        "boolean": '"perhaps"',
    }.get(field.type, "")
