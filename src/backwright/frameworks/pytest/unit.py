"""Unit tests of a new resource's service: its rules, without the endpoints above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename, dirname

from backwright.frameworks.pytest.credentials import admin_argument
from backwright.frameworks.pytest.samples import other, repeatable, spread, valid
from backwright.frameworks.pytest.scenes import Scene, Spelling, keyword, owner_parameter, scene_of, someone
from backwright.frameworks.pytest.statuses import STATUS_IMPORTS, status
from backwright.frameworks.pytest.style import async_marker, fixtures
from backwright.kit.artifacts import Emission, Emitter, FieldPlan, Piece, ResourcePlan
from backwright.kit.house import TestStyle
from backwright.kit.imitation import fill
from backwright.kit.spelling import TYPE_IMPORTS
from backwright.kit.templates import render

_IMPORTS = (
    *TYPE_IMPORTS,
    "from collections.abc import AsyncIterator, Iterator",
    "import pytest",
    "from fastapi import HTTPException",
    "from sqlalchemy import delete",
    "from sqlalchemy.exc import IntegrityError",
)
_ABSENT = {"int": "2_000_000_011", "uuid": "uuid.uuid4()", "str": "uuid.uuid4().hex"}
_FIXED_NAMES = frozenset(
    {"service", "references", "owner", "data", "first", "kept", "changed", "refused", "pytest", "uuid"}
)


def unit_emitter(spelling: Spelling) -> Emitter:
    """The emitter of unit tests: nothing where there is no service, or none that a test could make by itself."""

    def emit(plan: ResourcePlan) -> tuple[Emission, ...]:
        style = plan.house.tests
        if style is None or plan.house.service.form == "inline" or "create" not in plan.operations:
            return ()
        path = _path(plan, style)
        scene = scene_of(plan, style, spelling)
        if not path or scene is None:
            return ()
        return (_UnitTests(plan, style, spelling, scene).piece(path),)

    return emit


def _path(plan: ResourcePlan, style: TestStyle) -> str:
    """Where the exemplar's service is tested, else beside the tests of the endpoints; `""` where neither is known."""
    if style.unit_place is not None:
        path = fill(style.unit_place.path, plan.name)
        if path != plan.paths.get("test"):
            return path
    if style.place is None:
        return ""
    folder = dirname(style.place.path)
    name = "test_service.py" if "{" in folder else "test_{snake}_service.py"
    if basename(style.place.path).endswith("_test.py"):
        name = "service_test.py" if "{" in folder else "{snake}_service_test.py"
    path = fill(f"{folder}/{name}" if folder else name, plan.name)
    return path if path != plan.paths.get("test") else ""


def _one_each(imports: Sequence[str]) -> tuple[str, ...]:
    """One import a name: a class may be at hand in its own module and in the package around it."""
    return tuple({line.rpartition(" ")[2]: line for line in reversed(imports) if line}.values())


class _UnitTests:
    """The tests of one service."""

    def __init__(self, plan: ResourcePlan, style: TestStyle, spelling: Spelling, scene: Scene) -> None:
        self.plan = plan
        self.style = style
        self.spelling = spelling
        self.scene = scene
        self.a = "await " if plan.house.session.is_async else ""
        self.var = (
            plan.name.snake
            if plan.name.snake not in _FIXED_NAMES | {style.session, scene.receiver}
            else f"{plan.name.snake}_row"
        )

    def piece(self, path: str) -> Piece:
        plan = self.plan
        body = render("pytest/test_service.py.jinja", **self._values())
        errors = plan.house.errors
        imports = [
            *_IMPORTS,
            *STATUS_IMPORTS,
            "import pytest_asyncio",
            *self.scene.imports,
            f"from {plan.module('model')} import {plan.class_name}",
        ]
        imports += [f"from {plan.module('schema')} import {plan.schemas[s]}" for s in ("create", "update")]
        imports += [f"from {plan.module('model')} import {f.enum}" for f in plan.unique if f.enum]
        imports += [c.ref.line for c in (*errors.classes, *(a.error for a in errors.additions))]
        imports += [r.line for r in (plan.house.auth.user, *plan.house.auth.admin_imports) if r is not None]
        place = self.style.unit_place
        like = place.exemplar.path if place is not None and place.exemplar is not None else ""
        return Piece(
            "unit",
            path,
            _one_each(imports),
            body,
            "tests of the rules",
            like,
            f"{body.count('def test_')} tests",
        )

    def _values(self) -> dict[str, object]:
        plan = self.plan
        marker, backend = self._marker()
        changing = [f for f in plan.fields if f.spec.update]
        change = next(((f.attr, o) for f in changing if (o := other(f)) is not None), None)
        owned = [
            op
            for op in (plan.owner.ops if plan.owner is not None else ())
            if op in plan.operations and op in plan.user_operations
        ]
        return {
            "marker": marker,
            "backend": backend,
            "constants": self.scene.constants,
            "blocks": self.scene.blocks,
            "d": keyword(plan),
            "a": self.a,
            "snake": plan.name.snake,
            "var": self.var,
            "sig": ", ".join(self.scene.parameters),
            "create_schema": plan.schemas["create"],
            "values": [(f.attr, self._value(f)) for f in spread(plan)],
            "comparable": [f.attr for f in plan.fields if f.type != "datetime" or self.scene.race],
            "new": self._new,
            "new_params": ", ".join([*(["references: dict[str, Any]"] if self._handed else []), "**changes: Any"]),
            "call": self._call,
            "owned_by": (plan.owner_field.attr, plan.house.auth.user_key) if plan.owner_field is not None else None,
            "ops": plan.operations,
            "key": f"{self.var}.{plan.key}",
            "absent": _ABSENT[plan.key_python],
            "raising": self._raising,
            "unique": [f.attr for f in plan.unique],
            "unique_updates": [f.attr for f in plan.unique if f.spec.update] if repeatable(plan) else [],
            "missing": [
                (f.attr, f.relation, _ABSENT[f.target.key_python], f in changing)
                for f in plan.refs
                if f.target is not None
            ],
            "optional": [(f.attr, f.relation) for f in plan.refs if f.spec.nullable],
            "change": change,
            "kept": [f"{{row}}.{f.attr}" for f in plan.fields if change is not None and f.attr != change[0]],
            "update": lambda row, values, user="owner": self._call(
                "update", row, f"{plan.schemas['update']}.model_validate({values})", user=user
            ),
            "some": f'{{"{change[0]}": {change[1]}}}' if change is not None else "{}",
            "owned": owned,
            "stranger": self._user(_ABSENT),
            "administrator": self._user(_ABSENT, admin_argument(plan)) if admin_argument(plan) else "",
            "race": self.scene.race,
            "race_sig": ", ".join(owner_parameter(plan)),
        }

    @property
    def _handed(self) -> bool:
        return any(v.startswith("references[") for v in self.scene.references.values())

    def _value(self, field: FieldPlan) -> str:
        return self.scene.references.get(field.attr, valid(field))

    def _new(self, changes: str = "") -> str:
        arguments = [*(["references"] if self._handed else []), *([changes] if changes else [])]
        return f"new_{self.plan.name.snake}({', '.join(arguments)})"

    def _call(self, operation: str, *arguments: str, user: str = "owner", receiver: str = "") -> str:
        """A call of the service; who asks comes last where the operation wants to know."""
        plan, service = self.plan, self.plan.house.service
        key, body = f"{plan.name.snake}_id", self.spelling.body_name(plan)
        names = {"create": (body,), "update": (key, body)}.get(operation, (key,))
        given = list(zip(names, arguments, strict=True))
        if operation in plan.user_operations:
            given.append(("current_user", user))
        if self.scene.first_argument:
            given.insert(0, (service.session_param, self.scene.first_argument))
        by_name = service.form == "functions" and service.keyword_only
        shown = ", ".join(f"{n}={v}" if by_name else v for n, v in given)
        method = self.spelling.service_method(plan, service, operation)
        return f"{self.a}{receiver or self.scene.receiver}.{method}({shown})"

    def _raising(self, code: int, call: str) -> str:
        """The statements that expect the house's error for a status."""
        known = self.plan.house.errors.of(code)
        if known is not None:
            return f"with pytest.raises({known.ref.name}):\n    {call}"
        return f"with pytest.raises(HTTPException) as refused:\n    {call}\nassert refused.value.status_code == {status(self.plan, code)}"

    def _user(self, keys: dict[str, str], extra: str = "") -> str:
        user, owner = self.plan.house.auth.user, self.plan.owner_field
        if user is None or owner is None or owner.target is None:
            return ""
        return someone(self.plan, user, keys[owner.target.key_python], extra) or ""

    def _marker(self) -> tuple[str, bool]:
        """How async tests are marked, and whether the file has to say which event loop they run on."""
        if not self.a:
            return "", False
        tests = frozenset(
            p for p in self.plan.index.files if re.match(r"conftest\.py|test_.*\.py|.*_test\.py", basename(p))
        )
        marker = self.style.marker if self.style.kind == "async" else async_marker(self.plan.index, tests)
        known = any(symbol.name == "anyio_backend" for _, symbol in fixtures(self.plan.index, tests))
        return marker, marker.endswith(".anyio") and not known


__all__ = ["Spelling", "unit_emitter"]
