"""Spells the tests of the new endpoints: the whole application is started, and sent requests."""

from __future__ import annotations

import re
from decimal import Decimal

from backwright.kit.artifacts import FieldPlan
from backwright.kit.naming import camel
from backwright.kit.templates import render
from backwright.stacks.spring.answers import answer
from backwright.stacks.spring.columns import TEXTUAL, digits_of, is_null, length_of
from backwright.stacks.spring.controller import verb_of
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.files import whole_file
from backwright.stacks.spring.rows import Row, row_of
from backwright.stacks.spring.service import has_unique, repository_of

_STATIC = "org.springframework.test.web.servlet"


def untested_because(plan: SpringPlan) -> str:
    """Why there are no tests, `""` where there are."""
    if plan.house.tests is None:
        return "no test of this project starts the application (@SpringBootTest)"
    if "create" not in plan.operations:
        return "nothing creates a row that could be read"
    guarded_ops = [op for op in plan.operations if plan.access[op] != "public"]
    if guarded_ops and not plan.house.build.security_test:
        return "spring-security-test, with which requests are signed in, is not among the dependencies"
    if plan.owner is not None and (plan.house.current_user is None or not plan.house.current_user.by):
        return "it cannot be told by which name users are signed in"
    if not answer(plan, "create").is_sent:
        return "what creates does not answer with the row"
    return next((row.because for row in rows_of(plan).values() if row.because), "")


def rows_of(plan: SpringPlan) -> dict[str, Row]:
    """How a row of each entity that is referred to is made, the ones that others need first."""
    found: dict[str, Row] = {}
    for field in plan.columns:
        if field.target is not None:
            row_of(plan, field.target.entity, found)
    return found


def test_text(plan: SpringPlan) -> str:
    """The file of the tests."""
    testing = plan.house.tests
    assert testing is not None, "asked only where there is a test to imitate"
    rows = rows_of(plan)
    text = render("spring/tests.jinja", **_values(plan, rows))
    static = [f"{_STATIC}.result.MockMvcResultMatchers.{n}" for n in ("jsonPath", "status") if f"{n}(" in text]
    verbs = ("get", "post", "put", "patch", "delete")
    static += [
        f"{_STATIC}.request.MockMvcRequestBuilders.{v}" for v in verbs if re.search(rf"(?<![\w.]){v}\(PATH", text)
    ]
    if re.search(r"\.with\(user\(", text):
        static.append("org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user")
    body = whole_file(plan, "test", text, testing.path, static=static)
    if "AutoConfigureMockMvc;" not in body and "@AutoConfigureMockMvc" in body:
        home = (
            "org.springframework.boot.webmvc.test.autoconfigure"
            if plan.house.build.boot >= (4, 0)
            else "org.springframework.boot.test.autoconfigure.web.servlet"
        )
        line = f"import {home}.AutoConfigureMockMvc;\n"
        body = re.sub(r"(?m)^import org\.springframework\.(?!beans)", lambda m: f"{line}{m[0]}", body, count=1)
    return body


def _values(plan: SpringPlan, rows: dict[str, Row]) -> dict[str, object]:
    testing = plan.house.tests
    assert testing is not None
    created = answer(plan, "create")
    envelope = plan.house.envelope
    listed = answer(plan, "list") if "list" in plan.operations else created
    outer = "" if listed.path == "$" else listed.path.removeprefix("$")
    content = (envelope.rows if envelope is not None else "content") if plan.listing.paginate else ""
    total = (envelope.total if envelope is not None else "totalElements") if plan.listing.paginate else ""
    repository = plan.names["repository"]
    fields = list(plan.fields)
    return {
        "name": plan.names["test"],
        "head": testing.head,
        "base": testing.base,
        "public": testing.visibility,
        "human": plan.name.human,
        "title": plan.name.pascal,
        "titles": plan.name.pascal_plural,
        "url": plan.base,
        "repository": (repository, camel(repository)),
        "repositories": [
            (n, camel(n)) for n in dict.fromkeys(repository_of(plan, e) for e in rows) if n and n != repository
        ],
        "rows": list(rows.values()),
        "values": [
            (f.attr, _sample(plan, f)) for f in fields if f.target is not None or not (f.optional and is_null(f))
        ],
        "key": plan.key,
        "key_type": plan.key_type,
        "unknown": {"Long": "999999999L", "Integer": "999999999", "UUID": "UUID.randomUUID()"}.get(
            plan.key_type, '"no-such-key"'
        ),
        "ops": plan.operations,
        "verb": verb_of(plan, "update").lower(),
        "status": {op: answer(plan, op).status for op in plan.operations},
        "sent": {op: answer(plan, op).is_sent for op in plan.operations},
        "path": created.path,
        "update_path": answer(plan, "update").path if "update" in plan.operations else "$",
        "listed": f"${outer}{f'.{content}' if content else ''}",
        "total": f"${outer}.{total}" if total else "",
        **_signing(plan),
        **_cases(plan),
    }


def _signing(plan: SpringPlan) -> dict[str, object]:
    """Who sends the requests."""
    user = plan.house.current_user
    owned = plan.owner is not None
    return {
        "signed": {op: _signed(plan, plan.access[op], owned) for op in plan.operations},
        "access": plan.access,
        "somebody": _signed(plan, "user", False),
        "user": _row_name(user.owner.symbol.name) if user is not None else "",
        "owned": plan.owner.ops if plan.owner is not None else (),
        "user_entity": plan.house.auth.user.name if owned and plan.house.auth.user is not None else "",
        "user_by": f"get{user.by[:1].upper()}{user.by[1:]}()" if user is not None and user.by else "",
    }


def _cases(plan: SpringPlan) -> dict[str, object]:
    """What is sent that has to be refused, sorted or filtered."""
    fields = plan.fields
    return {
        "required": next((f.attr for f in fields if not f.optional and not is_null(f)), ""),
        "bounded": next(((f.attr, bad) for f in fields if (bad := _refused(f))), None),
        "told": next((f.attr for f in fields if f.type in TEXTUAL and f.target is None and not f.optional), ""),
        "unique": has_unique(plan) and any(f.spec.unique for f in fields),
        "reference": next(((f.attr, _nowhere(f)) for f in fields if f.target is not None), None),
        "paginate": plan.listing.paginate,
        "page_max": plan.listing.page_max,
        "size": "size" if plan.house.paging.kind == "pageable" else plan.house.paging.size,
        "sort": next((plan.field(n).attr for n in plan.listing.sorts), ""),
        "descending": "{},desc" if plan.house.paging.kind == "pageable" and plan.listing.paginate else "-{}",
        "filter": next(
            (plan.field(n).attr for n in plan.listing.filters if plan.field(n).type in {"enum", "integer", "date"}), ""
        ),
    }


def _row_name(name: str) -> str:
    return name[:1].lower() + name[1:]


def _signed(plan: SpringPlan, level: str, owned: bool) -> str:
    """What a request is sent with by somebody of a level."""
    if level == "public":
        return ""
    if owned and level in {"user", "owner"}:
        by = plan.house.current_user.by if plan.house.current_user is not None else ""
        return f'.with(user(signedIn().get{by[:1].upper()}{by[1:]}()).roles("USER"))'
    role = _role(plan, level)
    if role.startswith("="):
        return f'.with(user("{level}").authorities(new SimpleGrantedAuthority("{role[1:]}")))'
    return f'.with(user("{level}").roles("{role}"))'


def _role(plan: SpringPlan, level: str) -> str:
    """The role of a level as the house's guards name it; with `=` before it where it is an authority as it stands."""
    texts = [plan.house.security.grants.get(level, ""), plan.house.security.annotations.get(level, "")]
    for text in texts:
        found = re.search(r"has(?:Any)?Authority\(\s*['\"](\w+)['\"]", text)
        if found is not None and not found[1].startswith("ROLE_"):
            return f"={found[1]}"
        named = re.search(r"['\"](?:ROLE_)?(\w+)['\"]", text)
        if named is not None and level != "user":
            return named[1]
    return "USER" if level == "user" else level.upper()


def _sample(plan: SpringPlan, field: FieldPlan) -> str:
    """The source of a value as JSON: unique where texts allow it."""
    spec = field.spec
    if field.target is not None:
        row = f"saved{field.target.entity}().get{field.target.key[:1].upper()}{field.target.key[1:]}()"
        quoted = field.target.key_type in {"UUID", "String"}
        return f'"\\"" + {row} + "\\""' if quoted else f"String.valueOf({row})"
    if field.enum:
        return f'"\\"{spec.values[0]}\\""'
    if field.type in TEXTUAL:
        return _text_sample(field)
    value = {
        "boolean": "true",
        "date": '"\\"2031-05-17\\""',
        "datetime": '"\\"2031-05-17T10:00:00Z\\""',
        "uuid": '"\\"" + UUID.randomUUID() + "\\""',
    }.get(field.type)
    if value is not None:
        return value if value.startswith('"') else f'"{value}"'
    low = Decimal(spec.min) if spec.min is not None else Decimal(1)
    step = Decimal(1).scaleb(-digits_of(field)[1]) if field.type == "decimal" else Decimal(1)
    number = max(low + (step if spec.exclusive_min else 0), low) if spec.min is not None else low
    if spec.max is not None and number > Decimal(spec.max):
        number = Decimal(spec.max)
    if spec.unique and field.type == "integer":
        return f"String.valueOf({number} + made)"
    return f'"{number}"'


def _text_sample(field: FieldPlan) -> str:
    longest, least = length_of(field), field.spec.min_length or 0
    if field.type == "email":
        return '"\\"somebody" + made + "@example.com\\""'
    if field.type == "url":
        return '"\\"https://example.com/" + made + "\\""'
    word = field.attr[: max(1, longest - 6)] if field.type != "slug" else "slug"
    plain = f"{word}{'x' * max(0, least - len(word))}"
    if longest < 7:
        return (
            f'"\\"{plain[: max(1, longest - 3)]}" + made % 1000 + "\\""'
            if longest > 3
            else f'"\\"{plain[:longest]}\\""'
        )
    return f'"\\"{plain}{"-" if field.type == "slug" else " "}" + made + "\\""'


def _refused(field: FieldPlan) -> str:
    """A value out of bounds, as the source of JSON; `""` where there are no bounds."""
    spec = field.spec
    if field.target is not None:
        return ""
    if field.type in {"string", "text", "slug"}:
        return f'"\\"" + "x".repeat({length_of(field) + 1}) + "\\""' if field.type != "slug" else '"\\"No Slug\\""'
    if spec.min is not None and field.type in {"integer", "decimal", "float"}:
        return f'"{Decimal(spec.min) - 1}"'
    return ""


def _nowhere(field: FieldPlan) -> str:
    assert field.target is not None
    kind = field.target.key_type
    return (
        '"\\"" + UUID.randomUUID() + "\\""'
        if kind == "UUID"
        else '"999999999"'
        if kind != "String"
        else '"\\"nowhere\\""'
    )
