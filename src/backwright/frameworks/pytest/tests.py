"""Tests of a new resource: its endpoints as the house tests endpoints, and its service by itself."""

from __future__ import annotations

from backwright.frameworks.pytest.credentials import Credentials, credentials_of, usable
from backwright.frameworks.pytest.rows import (
    Making,
    enum_imports,
    makings,
    owner_makings,
    session_fixture,
    session_type,
    stranger_fixture,
)
from backwright.frameworks.pytest.samples import other, refused, repeatable, spread, steady, valid
from backwright.frameworks.pytest.statuses import STATUS_IMPORTS, status
from backwright.kit.artifacts import Emission, FieldPlan, Piece, ResourcePlan
from backwright.kit.house import TestStyle
from backwright.kit.imitation import fill
from backwright.kit.templates import render

IMPORTS = (
    "import uuid",
    "from collections.abc import AsyncIterator, Iterator",
    "from datetime import date, datetime, timezone",
    "from decimal import Decimal",
    "from typing import Any",
    "import pytest",
    "import pytest_asyncio",
    "from sqlalchemy import delete, event, update",
    "from sqlalchemy.exc import IntegrityError",
    "from sqlalchemy.engine import Engine",
)
_METHODS = {"list": "get", "get": "get", "create": "post", "delete": "delete"}


def untested_because(plan: ResourcePlan) -> str:
    """Why the endpoints of a plan get no tests, in words for its reader; `""` when they do get tests."""
    style = plan.house.tests
    if style is None or style.place is None or "test" not in plan.paths:
        return "this project has no tests to imitate"
    if not style.client:
        return "its tests have no fixture that gives a client"
    if "create" not in plan.operations:
        return "rows cannot be made over the API without the operation `create`"
    if plan.refs and not usable(style):
        return "its tests have no session fixture that could hold the rows referred to"
    if plan.refs and makings(plan) is None:
        return "the rows referred to have columns for which no value could be made up"
    if credentials_of(plan, style) is None:
        return "its tests have no fixture to act as the users that the endpoints ask for"
    return ""


def emit_tests(plan: ResourcePlan, *, deletes_refused: bool = False) -> tuple[Emission, ...]:
    """Tests of the endpoints; nothing where `untested_because` says why.

    `deletes_refused` says whether a delete that the database refuses becomes an answer.
    """
    style = plan.house.tests
    if untested_because(plan) or style is None:
        return ()
    credentials = credentials_of(plan, style)
    assert credentials is not None, "untested_because has said so otherwise"
    tests = _ApiTests(
        plan, style, makings(plan) or [], credentials, usable=usable(style), deletes_refused=deletes_refused
    )
    return (tests.piece(),)


class _ApiTests:
    """The API tests of one resource."""

    def __init__(
        self,
        plan: ResourcePlan,
        style: TestStyle,
        made: list[Making],
        credentials: Credentials,
        *,
        usable: bool,
        deletes_refused: bool,
    ) -> None:
        self.plan = plan
        self.style = style
        self.made = made
        self.credentials = credentials
        self.usable = usable
        self.deletes_refused = deletes_refused
        self.refs = bool(plan.refs)
        apart = credentials.distinct and not credentials.exclusive
        mighty = not credentials.distinct and credentials.has("admin")  # tests can act as an administrator only
        self.strangers = owner_makings(plan) if usable and not apart and not mighty else []
        self.client = f"client: {style.client_type.name if style.client_type else 'Any'}"

    def piece(self) -> Piece:
        plan, style = self.plan, self.style
        fixtures = [render("pytest/statements.py.jinja").strip()]
        if self.usable:
            fixtures.append(session_fixture(plan, style, self.made).strip())
        if self.strangers:
            fixtures.append(stranger_fixture(plan, style).strip())
        fixtures += self.credentials.fixtures
        if style.client != "client":
            kind = style.client_type.name if style.client_type else "Any"
            head = f"@pytest.fixture\ndef client({style.client}: {kind}) -> {kind}:"
            fixtures.insert(0, f"{head}\n    return {style.client}")
        body = render("pytest/test_api.py.jinja", fixtures=fixtures, **self._values(), **self._calls())
        imports = [
            *IMPORTS,
            *STATUS_IMPORTS,
            *self.credentials.imports,
            *(r.line for r in style.url_imports),
            *enum_imports(plan, [*self.made, *self.strangers]),
        ]
        sessions = (plan.house.session.type.line, session_type(plan, style).line)
        imports += [style.client_type.line if style.client_type else "", *sessions]
        imports += [m.entity.line for m in (*self.made, *self.strangers)] + [
            f"from {plan.module('model')} import {plan.class_name}"
        ]
        count = body.count("def test_")
        return Piece(
            "test",
            plan.paths["test"],
            tuple(dict.fromkeys(i for i in imports if i)),
            body,
            "tests of the endpoints",
            style.place.exemplar.path if style.place and style.place.exemplar else "",
            f"{count} tests",
        )

    def _values(self) -> dict[str, object]:
        plan, house = self.plan, self.plan.house
        a = "await " if self.style.kind == "async" else ""
        fields, made_up = plan.fields, spread(plan)
        first_change = next(
            ((f.attr, o) for f in fields if f.spec.update and steady(f) and (o := other(f)) is not None), None
        )
        own_url = f"{{URL{'.rstrip(chr(47))' if house.router.collection.endswith('/') else ''}}}"
        tail = "/" if house.router.item.endswith("/") else ""
        return {
            "d": "async def" if a else "def",
            "a": a,
            "marker": self.style.marker,
            "url": self._url(),
            "refs": self.refs,
            "snake": plan.name.snake,
            "snakes": plan.name.snake_plural if plan.name.snake_plural != plan.name.snake else plan.name.many,
            "values": [(f.attr, valid(f)) for f in made_up],
            "many": repeatable(plan),
            "comparable": [f.attr for f in made_up if steady(f)],
            "client_type": self.style.client_type.name if self.style.client_type else "Any",
            "create_guarded": plan.access.get("create") is not None,
            "create_status": house.router.create_status,
            "delete_status": 204 if house.router.delete_answer == "none" else 200,
            "code": lambda code: status(plan, code),
            "ops": plan.operations,
            "key": plan.key,
            "unwrap": "",
            "required": [f.attr for f in fields if not f.optional],
            "refused": [(f.attr, v) for f in fields for v in refused(f)],
            "unique": [f.attr for f in plan.unique],
            "unique_updates": [f.attr for f in plan.unique if f.spec.update] if repeatable(plan) else [],
            "missing_refs": [(f.attr, self._missing(f), f.spec.update) for f in plan.refs],
            "item_url": f"{own_url}/{{{plan.name.snake}['{plan.key}']}}{tail}",
            "missing_url": f"{own_url}/{{{self._absent()}}}{tail}",
            "rows": self._rows("response"),
            "rows_of": self._rows,
            "total": self._total(),
            "paginate": plan.listing.paginate,
            "size": house.pages.size,
            "at": house.pages.at,
            "page_max": plan.listing.page_max,
            "last_page": f'{{"{house.pages.size}": {plan.listing.page_max}}}' if plan.listing.paginate else "{}",
            "filter_page": f'"{house.pages.size}": {plan.listing.page_max}, ' if plan.listing.paginate else "",
            "size_page": f'"{house.pages.size}": {plan.listing.page_max}' if plan.listing.paginate else "",
            "filters": self._filters(),
            "ref_filters": [
                (f.attr, self._missing(f)) for f in plan.refs if {f.attr, f.spec.name} & {*plan.listing.filters}
            ],
            "sorts": [
                plan.field(n).attr if any(n in {f.spec.name, f.attr} for f in fields) else n for n in plan.listing.sorts
            ],
            "search": plan.listing.search,
            "changed": first_change,
            "update": house.router.update_method,
            "not_null": next((f.attr for f in fields if f.spec.update and not f.spec.nullable), ""),
        }

    def _calls(self) -> dict[str, object]:
        """What depends on who acts: signatures, headers, and the calls of each operation."""
        plan = self.plan
        guarded = [op for op in plan.operations if plan.access.get(op) is not None]
        admin = [self.credentials.name("admin")] if "create" in guarded and self.credentials.has("admin") else []
        return {
            "guarded": guarded,
            "admin_only": [op for op in guarded if self._level(op) == "admin" and self.credentials.distinct],
            "foreign": self._foreign_operations(),
            "sig": self._signature,
            "made": self._made,
            "head": self._head,
            "races": self._races(),
            "session_type": self.plan.house.session.type.name,
            "session_async": self.plan.house.session.is_async,
            "commit": "commit" if self.plan.house.session.commits == "explicit" else "flush",
            "sig_anonymous": lambda op: [self.client, *self._reference_parameter(op)],
            "anonymous": lambda op: self._call(op, ""),
            "sig_user": lambda op: [
                self.client,
                *self.credentials.parameters(["user"]),
                *self._reference_parameter(op),
            ],
            "as_user": lambda op: self._call(op, self.credentials.head("user")),
            "own_list": bool(self.strangers) and plan.owner is not None and plan.owner.list_own,
            "owner_attr": plan.owner_field.attr if plan.owner_field is not None else "",
            "entity": plan.class_name,
            "session": self.style.session,
            "session_a": "await " if self.style.session_async else "",
            "given_away": bool(self.strangers),
            "sig_foreign": self._foreign_signature(),
            "made_by_admin": ", ".join(["client", *admin, *(["references"] if self.refs else [])]),
            "foreign_call": self._foreign_call,
        }

    def _filters(self) -> list[tuple[str, str, str]]:
        """(attribute, keyword of a row that matches, keyword of one that does not) of the filters worth a test."""
        found = [f for f in map(self.plan.field, self.plan.listing.filters) if f.target is None]
        return [
            (f.attr, f"{f.attr}={valid(f)}", f"{f.attr}={o}")
            for f in found
            if (o := valid(f) if "uuid.uuid4" in valid(f) else other(f)) is not None
        ]

    def _races(self) -> list[str]:
        """The writes whose conflicts only the database may notice: they answer 409 all the same."""
        plan = self.plan
        found = [op for op in ("create", "update") if plan.unique or plan.unique_together or plan.refs]
        changes = any(f.spec.update and steady(f) and other(f) is not None for f in plan.fields)
        found = [op for op in found if op == "create" or changes]
        return [op for op in (*found, *(["delete"] if self.deletes_refused else [])) if op in plan.operations]

    def _rows(self, response: str) -> str:
        pages = self.plan.house.pages
        return f"{response}.json()" if pages.envelope == "list" else f'{response}.json()["{pages.items}"]'

    def _total(self) -> str:
        """How many rows there are in all, `""` where answers do not say."""
        if self.plan.house.pages.envelope == "list":
            return 'int(response.headers["X-Total-Count"])' if self.plan.listing.total else ""
        total = self.plan.house.pages.total
        return f'response.json()["{total}"]' if total else ""

    def _url(self) -> str:
        plan = self.plan
        prefix = self.style.url_prefix if self.style.url_prefix is not None else plan.house.router.path_prefix
        text = f"{prefix}/{plan.segment}{plan.house.router.collection}"
        return f'f"{text}"' if "{" in text else f'"{text}"'

    def _absent(self) -> str:
        return {"int": "2_000_000_011", "uuid": "uuid.uuid4()", "str": "uuid.uuid4()"}[self.plan.key_python]

    def _missing(self, field: FieldPlan) -> str:
        assert field.target is not None
        return {"int": "2_000_000_011", "uuid": "str(uuid.uuid4())", "str": "str(uuid.uuid4())"}[
            field.target.key_python
        ]

    def _level(self, operation: str) -> str:
        guard = self.plan.access.get(operation)
        return guard.level if guard is not None else "public"

    def _role(self, operation: str) -> str:
        """Whose credentials a test uses: the least that is enough."""
        return {"public": "", "user": "user", "owner": "user"}.get(self._level(operation), "admin")

    def _signature(self, *operations: str) -> list[str]:
        roles = [r for op in operations if op in self.plan.operations and (r := self._role(op))]
        refs = ["references: dict[str, Any]"] if self.refs and "create" in operations else []
        return [self.client, *self.credentials.parameters(list(dict.fromkeys(roles))), *refs]

    def _made(self, operation: str, changes: str = "") -> str:
        role = self._role(operation)
        parts = [
            "client",
            *([self.credentials.name(role)] if role else []),
            *(["references"] if self.refs else []),
            *([changes] if changes else []),
        ]
        return ", ".join(parts)

    def _head(self, operation: str) -> str:
        role = self._role(operation)
        return self.credentials.head(role) if role else ""

    def _reference_parameter(self, operation: str) -> list[str]:
        return ["references: dict[str, Any]"] if operation == "create" and self.refs else []

    def _call(self, operation: str, head: str) -> str:
        plan = self.plan
        slash = ".rstrip(chr(47))" if plan.house.router.collection.endswith("/") else ""
        tail = "/" if plan.house.router.item.endswith("/") else ""
        item = f'f"{{URL{slash}}}/{{{self._absent()}}}{tail}"'
        data = "payload(references)" if self.refs else "payload()"
        match operation:
            case "create":
                return f"post(URL, json={data}{head})"
            case "list":
                return f"get(URL{head})"
            case "update":
                changed = next(
                    (f'{{"{f.attr}": {o}}}' for f in plan.fields if f.spec.update and (o := other(f)) is not None), "{}"
                )
                return f"{plan.house.router.update_method}({item}, json={changed}{head})"
            case _:
                return f"{_METHODS[operation]}({item}{head})"

    def _foreign_signature(self) -> list[str]:
        """A row of somebody else is made by an administrator, or by the user and then given away in the database."""
        rows = ["references: dict[str, Any]"] if self.refs else []
        if not self.strangers:
            return [self.client, *self.credentials.parameters(["user", "admin"]), *rows]
        session = f"{self.style.session}: {session_type(self.plan, self.style).name}"
        return [self.client, *self.credentials.parameters(["user"]), *rows, session, "stranger: dict[str, Any]"]

    def _foreign_operations(self) -> list[str]:
        apart = self.credentials.distinct and not self.credentials.exclusive
        if self.plan.owner is None or not (apart or self.strangers):
            return []
        return [op for op in self.plan.owner.ops if op in self.plan.operations]

    def _foreign_call(self, operation: str) -> str:
        call = self._call(operation, self.credentials.head("user"))
        return call.replace("{" + self._absent() + "}", "{" + f"{self.plan.name.snake}['{self.plan.key}']" + "}")


__all__ = ["emit_tests", "fill"]
