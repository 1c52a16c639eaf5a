"""What the tests of a new reference stand on: a row that it refers to, and the answers where there is none."""

from __future__ import annotations

import re

from backwright.engine.spellings.field_code import Code
from backwright.engine.spellings.field_references import ReferenceChecks
from backwright.engine.spellings.field_tests import Reference, exemplar
from backwright.engine.spellings.list_tests import rows_of
from backwright.frameworks.pytest.credentials import usable
from backwright.frameworks.pytest.rows import declared, enum_imports, makings_of, session_type
from backwright.kit.house import House
from backwright.kit.templates import render

_MISSING = {"int": "2_000_000_011", "uuid": "str(uuid.uuid4())", "str": "str(uuid.uuid4())"}
_IMPORTS = (
    "import uuid",
    "from collections.abc import AsyncIterator, Iterator",
    "from datetime import date, datetime, timezone",
    "from decimal import Decimal",
    "import pytest",
    "import pytest_asyncio",
    "from sqlalchemy import delete",
)


def reference_of(checks: ReferenceChecks, code: Code, *, listed: bool) -> Reference | None:
    """None where the tests of this project cannot make such a row."""
    edit, field, target = checks.edit, checks.field, checks.target
    style = edit.house.tests
    found = exemplar(code)
    made = makings_of(edit.resource, [(target.facts, target.path)])
    if style is None or not usable(style) or not made or found is None:
        return None
    name = f"{edit.name.snake}_{field.relation}_key"
    kind = session_type(edit.resource, style)
    last = made[-1]
    plan = edit.resource
    key = f"{last.variable}_key"
    source = render(
        "pytest/reference.py.jinja",
        name=name,
        meaning=f"{'an' if edit.name.human[:1] in 'aeiou' else 'a'} {edit.name.human}",
        session=style.session,
        session_type=kind.name,
        a="await " if style.session_async else "",
        is_async=style.session_async,
        fixture=declared(style),
        made=made,
        key=f"str({key})" if target.key_python == "uuid" else key,
        entity=edit.table.entity,
        attr=field.attr,
    ).strip()
    typed = found.function.returns is not None or any(a.annotation for a in found.function.args.args)
    rows = rows_of(code) if listed else None
    shown = rows is not None and _same_caller(code)
    imports = (
        *_IMPORTS,
        kind.line,
        *(m.entity.line for m in made),
        f"from {plan.module('model')} import {edit.table.entity}",
        *enum_imports(plan, made),
    )
    return Reference(
        fixture=name,
        parameter=f"{name}: Any" if typed else name,
        source=source,
        missing=_MISSING[target.key_python],
        refusals={operation: _status(text, edit.house) for operation, text in checks.answers().items()},
        listed=rows[0] if rows is not None and shown else None,
        imports=imports,
    )


def _same_caller(code: Code) -> bool:
    """Whether the tests that create rows may list them too, at the same address."""
    listed, created = code.operations["list"], code.operations["create"]
    return listed[1].segments == created[1].segments and set(listed[0].route.auth) <= set(created[0].route.auth)


def _status(raised: str, house: House) -> str:
    """The status that a statement answers with; `""` where that is not known."""
    plain = re.search(r"\b(4\d\d)\b", raised) or re.search(r"HTTP_(4\d\d)_", raised)
    if plain:
        return plain.group(1)
    name = re.match(r"raise (\w+)", raised)
    known = (c for c in house.errors.classes if name is not None and c.ref.name == name.group(1))
    return next((str(c.status) for c in known), "")
