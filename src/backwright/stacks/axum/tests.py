"""Spells the tests: in the way of the exemplar's, which give each test a database of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from backwright.core.facts import Column, Table
from backwright.kit.artifacts import FieldPlan
from backwright.kit.index import Definition
from backwright.kit.spelling import TEXTUAL, length_of
from backwright.kit.templates import render
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.decide import AxumPlan
from backwright.stacks.axum.errors import has_unique, invalid_status, validation_status
from backwright.stacks.axum.handlers import answer_of
from backwright.stacks.axum.imports import imports_of
from backwright.stacks.axum.names import signature

_STATUS = {400: "BAD_REQUEST", 404: "NOT_FOUND", 409: "CONFLICT", 422: "UNPROCESSABLE_ENTITY"}
_SIGNS_IN = re.compile(r"sign|login|log_in|token|auth|regist", re.IGNORECASE)
_STATEMENT = re.compile(
    r"^[ \t]*let (?:mut )?(\w+)(?:: [^=;]+)? = ((?:\w+::)*(\w+)\([^;]*\)(?:\.await)?(?:\.unwrap\(\))?);", re.M
)


@dataclass(frozen=True)
class Manner:
    """How the exemplar's tests are written: `attribute` of each, `app` from `pool`, `send` as a call, `signs` in by level."""

    attribute: str
    app: str
    name: str
    send: Definition
    called: str
    signs: Mapping[str, str]  # level to the expression that gives a token


def untested_because(plan: AxumPlan) -> str:
    """Why the endpoints get no tests, `""` where they do."""
    found = manner_of(plan)
    if isinstance(found, str):
        return found
    levels = {plan.access[op] for op in plan.operations} - {"public"}
    missing = sorted(levels - set(found.signs))
    if missing:
        return f"the tests here do not show how one is signed in as {missing[0]}"
    if "create" not in plan.operations:
        return "nothing can be made without creating"
    return "" if _key(plan, "create") is not None else "answers are wrapped in what is not understood"


def manner_of(plan: AxumPlan) -> Manner | str:
    """The manner, or why there is none to imitate."""
    if not plan.house.tests:
        return "no test here is marked with #[sqlx::test], which gives a database of its own"
    text = plan.sources.read(plan.house.tests)
    attribute = re.search(r"^#\[sqlx::test[^\n]*\]$", text, re.MULTILINE)
    app = re.search(
        r"let (?:mut )?(\w+)\s*=\s*([^;]*\bpool(?:\.clone\(\))?\b[^;]*\)(?:\.await)?);", _without_signs(text)
    )
    send = next(
        (d for p in plan.index.files if is_test_file(p) for d in plan.sources.functions(p) if _sends(plan, d)), None
    )
    if attribute is None or app is None or send is None:
        what = "the application is made of a pool" if app is None else "a request is sent and its status and body read"
        return f"the tests here have no function with which {what}"
    called = next((m[0][:-1] for m in re.finditer(rf"(?:\w+::)*{send.symbol.name}\(", text)), send.symbol.name)
    return Manner(attribute[0], app[2].strip(), app[1], send, called, _signing(plan, text))


def _without_signs(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not (_SIGNS_IN.search(line) and ".await" in line))


def _sends(plan: AxumPlan, definition: Definition) -> bool:
    returns = definition.symbol.returns.replace(" ", "")
    if not re.fullmatch(r"\((?:axum::http::)?StatusCode,(?:serde_json::)?Value\)", returns):
        return False
    return all(_argument(p, Call()) for p in signature(plan, definition))


@dataclass(frozen=True)
class Call:
    """One request of a test, each part as source."""

    app: str = "app"
    method: str = "GET"
    uri: str = '"/"'
    token: str = ""
    body: str = ""


def _argument(param: str, call: Call) -> str:
    """What is passed for a parameter of the function that sends, `""` for one whose meaning is not known."""
    name, _, kind = (part.strip() for part in param.partition(":"))
    if "Router" in kind:
        return f"&{call.app}" if kind.startswith("&") else f"{call.app}.clone()"
    if name in {"method", "verb"}:
        return f"Method::{call.method}" if "Method" in kind else f'"{call.method}"'
    if name in {"uri", "path", "url"} and "str" in kind:
        return call.uri
    if _SIGNS_IN.search(name):
        if "Option" in kind:
            return f"Some({call.token})" if call.token else "None"
        return call.token or '""'
    if name in {"body", "payload", "json", "data"} and "Value" in kind:
        if "Option" in kind:
            return f"Some({call.body})" if call.body else "None"
        return call.body or "Value::Null"
    return ""


def _signing(plan: AxumPlan, text: str) -> dict[str, str]:
    """The expression that signs in somebody of each level, as the tests here have it."""
    found: dict[str, str] = {}
    helpers = {
        d.symbol.name
        for p in plan.index.files
        if is_test_file(p)
        for d in plan.sources.functions(p)
        if _SIGNS_IN.search(d.symbol.name)
    }
    for name, expression, called in _STATEMENT.findall(text):
        if called in helpers:
            level = "admin" if re.search(r"admin", name + expression) else "user"
            found.setdefault(level, expression)
    return {
        level: f"&{expression}" if not expression.startswith("&") else expression for level, expression in found.items()
    }


def test_text(plan: AxumPlan) -> str:
    """The file of the tests."""
    manner = manner_of(plan)
    assert isinstance(manner, Manner), "asked for only where there is a manner"

    def sent(method: str, uri: str, level: str, body: str = "") -> str:
        token = "" if level == "public" else f"&{level}"
        call = Call(manner.name, method, uri, token, body)
        given = ", ".join(_argument(p, call) for p in signature(plan, manner.send))
        return f"{manner.called}({given}).await"

    levels = sorted({plan.access[op] for op in plan.operations} - {"public"})
    verbs = {op: e.verb.upper() for op, e in plan.sibling.endpoints.items()}
    base = plan.like(f'"{plan.sibling.base}"')
    changed = next((f for f in plan.fields if f.spec.update and f.target is None), None)
    body = render(
        "axum/tests.rs.jinja",
        attribute=manner.attribute,
        app=manner.app,
        app_name=manner.name,
        name=plan.name,
        levels=[(level, manner.signs[level].removeprefix("&")) for level in levels],
        access=plan.access,
        ops=plan.operations,
        sent=sent,
        base=base,
        update_verb=verbs.get("update", "PATCH"),
        status={op: _status(plan, op) for op in plan.operations},
        key=_key(plan, "create") or "",
        total=_total(plan),
        refs=[(f.attr, f.target.table, list(_inserts(plan, f.target.facts))) for f in plan.fields if f.target],
        values=[(f.attr, _sample(f)) for f in plan.fields if f.target is None],
        changed=[changed.attr, _sample(changed)] if changed is not None else [],
        bad=next(((f.attr, bad) for f in plan.fields if (bad := _refused(f))), None),
        invalid=_STATUS[validation_status(plan)],
        missing=_STATUS[invalid_status(plan)],
        required_ref=next((f.attr for f in plan.fields if f.target is not None), ""),
        ref_types={f.attr: f.target.key_python for f in plan.fields if f.target is not None},
        absent_key=next((_absent(f.target.key_python) for f in plan.fields if f.target is not None), ""),
        keyed=bool({"get", "update", "delete"} & set(plan.operations)),
        taken=has_unique(plan),
        key_name=plan.key.name,
    )
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    header = "\n".join(re.findall(r"^(?:mod \w+;|#!\[[^\n]*\])$", plan.sources.read(plan.house.tests), re.MULTILINE))
    own = [("serde_json", "json"), ("serde_json", "Value"), ("axum::http", "StatusCode"), ("sqlx", "PgPool")]
    imports = imports_of(plan, plan.house.tests, body, own)
    return "\n\n".join(part for part in (header, imports, body) if part) + "\n"


def _status(plan: AxumPlan, op: str) -> str:
    _, answer = answer_of(plan, op)
    found = re.search(r"StatusCode::(\w+)", answer)
    return found[1] if found is not None else "OK"


def _key(plan: AxumPlan, op: str) -> str | None:
    """Where in an answer a row stands: `""` for the whole of it; None where that is not understood."""
    payload, answer = answer_of(plan, op)
    wrapped = re.search(r"json!\(\s*\{\s*\"(\w+)\"\s*:\s*row", answer)
    if wrapped is not None:
        return f'["{wrapped[1]}"]'
    return "" if re.search(r"Json\(\s*(?:row|\w+::from\(row\)|row\.into\(\))\s*\)", answer) else None if payload else ""


def _total(plan: AxumPlan) -> str:
    """Where in the answer of a list its total stands, `""` where it does not."""
    if "list" not in plan.operations or plan.access["list"] not in {"public", "user", "admin"}:
        return ""
    endpoint = plan.sibling.endpoints.get("list")
    returns = endpoint.handler.symbol.returns if endpoint is not None else ""
    for name in re.findall(r"\b([A-Z]\w+)\b", returns):
        for path in plan.index.files:
            symbol = plan.index.symbols(path).get(name)
            fields = {f.name for f in symbol.fields} if symbol is not None and symbol.kind == "class" else set()
            found = next((t for t in ("total", "total_count", "total_items") if t in fields), "")
            if found and any("Vec" in f.annotation for f in (symbol.fields if symbol is not None else ())):
                return found
    return ""


def _sample(field: FieldPlan) -> str:
    """A value that is allowed, as JSON."""
    spec = field.spec
    if field.type in TEXTUAL:
        return json.dumps(_text(field))
    match field.type:
        case "uuid":
            return '"7f2c1d9e-5b1a-4c3d-9e2f-1a2b3c4d5e6f"'
        case "enum":
            return json.dumps(spec.values[0])
        case "boolean":
            return "true"
        case "date":
            return '"2030-01-15"'
        case "datetime":
            return '"2030-01-15T12:00:00Z"'
        case _:
            low = Decimal(spec.min) + (1 if spec.exclusive_min else 0) if spec.min is not None else Decimal(1)
            return str(min(low + 1, Decimal(spec.max)) if spec.max is not None else low + 1)


def _text(field: FieldPlan) -> str:
    spec = field.spec
    known = {"email": "someone@example.com", "url": "https://example.com/page", "slug": "a-slug"}
    longest = spec.max_length or length_of(field) or 60
    words = known.get(field.type) or f"{spec.name.replace('_', ' ').capitalize()} one"[:longest]
    return words + "x" * max(0, (spec.min_length or 0) - len(words))


def _refused(field: FieldPlan) -> str:
    """A value that must be refused, as JSON in Rust; `""` where every value of the type may be stored."""
    spec = field.spec
    longest = spec.max_length or length_of(field)
    if field.type in TEXTUAL and longest:
        return f'"x".repeat({longest + 1})'
    if field.type in {"integer", "decimal", "float"} and spec.min is not None:
        return str(Decimal(spec.min) - 1)
    return ""


@lru_cache(maxsize=64)
def _literal(kind: str, name: str, source: str) -> str:
    upper = kind.upper()
    if re.match(r"(BIG|SMALL)?(INT|SERIAL)|NUMERIC|DECIMAL|REAL|DOUBLE|FLOAT", upper):
        return "1"
    if upper.startswith("BOOL"):
        return "TRUE"
    if upper.startswith("UUID"):
        return "gen_random_uuid()"
    if upper.startswith(("TIMESTAMP", "DATE")):
        return "now()"
    if upper.startswith("JSON"):
        return "'{}'"
    allowed = re.search(rf"(?i)\b{re.escape(name)}\s+IN\s*\(\s*('[^']*')", source)
    if allowed is not None:
        return allowed[1]
    length = re.search(r"\((\d+)\)", kind)
    text = "someone@example.com" if "mail" in name else f"a {name}".replace("_", " ")
    return "'" + text[: int(length[1]) if length is not None else 60] + "'"


def _inserts(plan: AxumPlan, table: Table, depth: int = 0) -> Iterator[str]:
    """The SQL that makes a row of a table and gives back its key, as one expression: what it refers to is made within."""
    tables = {t.table: t for _, t in plan.index.tables()}
    names, values = [], []
    for column in table.columns:
        if column.nullable or re.search(r"(?i)\bDEFAULT\b|GENERATED|SERIAL", f"{column.source} {column.type}"):
            continue
        names.append(column.name)
        target = tables.get(column.foreign_key.partition(".")[0]) if column.foreign_key else None
        if target is not None and depth < 3:
            values.append(f"(SELECT {_key_column(target).name} FROM {target.table} LIMIT 1)")  # noqa: S608 (source of a test)
            yield from (s for s in _inserts(plan, target, depth + 1))
        else:
            values.append(_literal(column.type, column.name, column.source))
    key = _key_column(table).name
    shown = f"({', '.join(names)}) VALUES ({', '.join(values)})" if names else "DEFAULT VALUES"
    yield f"INSERT INTO {table.table} {shown} RETURNING {key}"


def _absent(kind: str) -> str:
    """A key that no row has."""
    return {"uuid::Uuid": '"7f2c1d9e-5b1a-4c3d-9e2f-1a2b3c4d5e6f"', "String": '"nothing"'}.get(kind, "987654321")


def _key_column(table: Table) -> Column:
    return next((c for c in table.columns if c.primary_key), table.columns[0])
