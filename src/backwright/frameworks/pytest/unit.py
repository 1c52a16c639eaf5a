"""Unit tests of a new resource's service: its rules, over a repository that keeps rows in a dictionary where the house allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.frameworks.pytest.credentials import admin_argument
from backwright.frameworks.pytest.rows import Making, enum_imports, makings, makings_of, session_fixture
from backwright.frameworks.pytest.samples import other, valid
from backwright.frameworks.pytest.style import async_marker, fixtures
from backwright.kit.artifacts import Emission, Emitter, FieldPlan, Piece, ResourcePlan
from backwright.kit.house import LayerStyle, TestStyle
from backwright.kit.imitation import fill
from backwright.kit.spelling import KEY_TYPES, TYPE_IMPORTS, python_type
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
_FIRST = {"int": "1", "uuid": "uuid.uuid4()", "str": "uuid.uuid4().hex"}
_FIXED_NAMES = frozenset(
    {"service", "references", "owner", "data", "first", "kept", "changed", "refused", "pytest", "uuid"}
)


@dataclass(frozen=True)
class Spelling:
    """How the generated layers name what the tests call: given by whoever wires the emitters together."""

    service_method: Callable[[ResourcePlan, LayerStyle, str], str]
    repository_method: Callable[[ResourcePlan, LayerStyle, str], str]
    finder: Callable[[ResourcePlan, LayerStyle, str], str]
    exists: Callable[[ResourcePlan, LayerStyle, str], str]
    module_name: Callable[[ResourcePlan, str], str]
    module_import: Callable[[ResourcePlan, str], str]
    instance_name: Callable[[ResourcePlan, LayerStyle], str]
    instance_import: Callable[[ResourcePlan, str, LayerStyle], str]


def unit_emitter(spelling: Spelling) -> Emitter:
    """The emitter of unit tests; it emits nothing where there is no service, or none that a test could make by itself."""

    def emit(plan: ResourcePlan) -> tuple[Emission, ...]:
        style = plan.house.tests
        if style is None or plan.house.service.form == "inline" or "create" not in plan.operations:
            return ()
        path = _path(plan, style)
        scene = _fake_scene(plan, spelling) if _over_repository(plan) else _session_scene(plan, style, spelling)
        if not path or scene is None:
            return ()
        return (_UnitTests(plan, style, spelling, scene).piece(path),)

    return emit


def _over_repository(plan: ResourcePlan) -> bool:
    return (
        plan.house.service.form == "class"
        and plan.house.service.takes == "repository"
        and plan.house.repository.form == "class"
    )


def _path(plan: ResourcePlan, style: TestStyle) -> str:
    """Where the exemplar's service is tested, else beside the tests of the endpoints; `""` where neither can be told."""
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


@dataclass(frozen=True)
class _Scene:
    """What a test stands on: its parameters, what the service is called through, the blocks above the tests."""

    parameters: tuple[str, ...]
    receiver: str
    first_argument: str  # the session that is handed on with every call, `""` for none
    constants: tuple[str, ...]
    blocks: tuple[str, ...]
    references: dict[str, str]  # attribute to the source of the key of an existing row
    imports: tuple[str, ...]
    race: str = ""  # a service whose repository meets a conflict, `""` where there is no fake


# -- a service over a repository -------------------------------------------------------------------------------------


def _fake_scene(plan: ResourcePlan, spelling: Spelling) -> _Scene | None:
    service, repository = plan.house.service, plan.house.repository
    name, below = fill(service.name, plan.name), fill(repository.name, plan.name)
    if not _takes_only(plan, service, below):
        return None
    fake = f"Fake{below}"
    constants = tuple(f"{f.attr.upper()} = {_FIRST[f.target.key_python]}" for f in plan.refs if f.target is not None)
    blocks = [
        _fake(plan, spelling, fake, below),
        f"@pytest.fixture\ndef service() -> {name}:\n    return {name}({fake}())",
    ]
    race = ""
    if plan.unique or plan.unique_together or plan.refs:
        add = spelling.repository_method(plan, repository, "add")
        blocks.insert(
            1,
            render(
                "pytest/refusing_repository.py.jinja",
                d=_def(plan),
                fake=fake,
                below=below,
                add=add,
                var=plan.name.snake,
                entity=plan.class_name,
            ).strip(),
        )
        race = f"{name}(Refusing{below}())"
    if plan.owner_field is not None:
        user = plan.house.auth.user
        if user is None or plan.owner_field.target is None:
            return None
        key = _FIRST[plan.owner_field.target.key_python]
        blocks.append(
            f"@pytest.fixture\ndef owner() -> {user.name}:\n    return {user.name}({plan.house.auth.user_key}={key})"
        )
    imports = (f"from {plan.module('repository')} import {below}", f"from {plan.module('service')} import {name}")
    parameters = (f"service: {name}", *_owner_parameter(plan))
    return _Scene(
        parameters, "service", "", constants, tuple(blocks), {f.attr: f.attr.upper() for f in plan.refs}, imports, race
    )


def _takes_only(plan: ResourcePlan, style: LayerStyle, wanted: str) -> bool:
    """Whether the service's constructor asks for nothing but what a test can give."""
    source = fill(style.constructor, plan.name)
    if not source:
        return not style.base
    found = re.search(r"def __init__\(\s*self\s*,?(.*?)\)\s*(?:->[^:]*)?:", source, re.DOTALL)
    if found is None:
        return False
    asked = [p for p in re.split(r",(?![^\[]*\])", found.group(1)) if p.strip() and "=" not in p]
    return len(asked) == 1 and re.search(rf":\s*['\"]?{re.escape(wanted)}\b", asked[0]) is not None


def _fake(plan: ResourcePlan, spelling: Spelling, name: str, below: str) -> str:
    style = plan.house.repository
    return render(
        "pytest/fake_repository.py.jinja",
        d=_def(plan),
        name=name,
        below=below,
        entity=plan.class_name,
        var=plan.name.snake,
        key=plan.key,
        key_type=KEY_TYPES[plan.key_python],
        next_key="len(self.rows) + 1" if plan.key_python == "int" else _FIRST[plan.key_python],
        methods={o: spelling.repository_method(plan, style, o) for o in ("get", "add", "save", "remove")},
        ops=plan.operations,
        finders=[(spelling.finder(plan, style, f.attr), f.attr, python_type(f)) for f in plan.unique],
        exists=[(spelling.exists(plan, style, f.relation), f.attr, python_type(f)) for f in plan.refs],
    ).strip()


# -- a service over a session ----------------------------------------------------------------------------------------


def _session_scene(plan: ResourcePlan, style: TestStyle, spelling: Spelling) -> _Scene | None:
    session = plan.house.session.type
    service = plan.house.service
    made = makings(plan)
    if made is None or not style.session or style.session_async != plan.house.session.is_async:
        return None
    imports = [session.line, f"from {plan.module('model')} import {plan.class_name}", *(m.entity.line for m in made)]
    blocks = [session_fixture(plan, style, made).strip()]
    if plan.owner_field is not None:
        rows = _owner_rows(plan)
        if not rows:
            return None
        imports += [*(m.entity.line for m in rows), *enum_imports(plan, rows)]
        blocks.append(_owner_fixture(plan, style, rows))
    asked = [f"{style.session}: {session.name}"]
    first, receiver = style.session, ""
    match service.form:
        case "class":
            name = fill(service.name, plan.name)
            if service.takes != "session" or not (
                _takes_only(plan, service, session.name) or (not service.constructor and service.base)
            ):
                return None
            blocks.append(
                f"@pytest.fixture\ndef service({style.session}: {session.name}) -> {name}:\n    return {name}({style.session})"
            )
            asked, first, receiver = [f"service: {name}"], "", "service"
            imports.append(f"from {plan.module('service')} import {name}")
        case "instance":
            receiver = spelling.instance_name(plan, service) if service.instance else fill(service.name, plan.name)
            imports.append(
                spelling.instance_import(plan, "service", service)
                if service.instance
                else f"from {plan.module('service')} import {receiver}"
            )
        case _:
            receiver = spelling.module_name(plan, "service")
            imports.append(spelling.module_import(plan, "service"))
    asked += [*(["references: dict[str, Any]"] if plan.refs else []), *_owner_parameter(plan)]
    references = {f.attr: f'references["{f.attr}"]' for f in plan.refs}
    return _Scene(
        tuple(asked),
        receiver,
        first,
        (),
        tuple(_async_fixture(b, style) for b in blocks),
        references,
        (*imports, *enum_imports(plan, made)),
    )


def _owner_rows(plan: ResourcePlan) -> list[Making] | None:
    entity = next(((t, p) for p, t in plan.index.tables() if t.table == plan.house.auth.user_table), None)
    return makings_of(plan, [entity]) if entity is not None and plan.house.auth.user is not None else None


def _owner_fixture(plan: ResourcePlan, style: TestStyle, rows: Sequence[Making]) -> str:
    return render(
        "pytest/owner.py.jinja",
        is_async=style.session_async,
        a="await " if style.session_async else "",
        session=style.session,
        session_type=plan.house.session.type.name,
        rows=rows,
        user=rows[-1],
        entity=plan.class_name,
    ).strip()


def _async_fixture(source: str, style: TestStyle) -> str:
    """With the strict mode of pytest-asyncio, an async fixture is declared as one."""
    if style.marker.endswith(".asyncio") and "async def" in source:
        return source.replace("@pytest.fixture", "@pytest_asyncio.fixture", 1)
    return source


# -- the tests -------------------------------------------------------------------------------------------------------


def _def(plan: ResourcePlan) -> str:
    return "async def" if plan.house.session.is_async else "def"


def _owner_parameter(plan: ResourcePlan) -> list[str]:
    user = plan.house.auth.user
    return [f"owner: {user.name}"] if plan.owner_field is not None and user is not None else []


class _UnitTests:
    """The tests of one service."""

    def __init__(self, plan: ResourcePlan, style: TestStyle, spelling: Spelling, scene: _Scene) -> None:
        self.plan = plan
        self.style = style
        self.spelling = spelling
        self.scene = scene
        self.a = "await " if plan.house.session.is_async else ""
        self.var = (
            plan.name.snake
            if plan.name.snake not in _FIXED_NAMES | {style.session, scene.receiver}
            else f"new_{plan.name.snake}"
        )

    def piece(self, path: str) -> Piece:
        plan = self.plan
        body = render("pytest/test_service.py.jinja", **self._values())
        errors = plan.house.errors
        imports = [
            *_IMPORTS,
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
            tuple(dict.fromkeys(i for i in imports if i)),
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
            "d": _def(plan),
            "a": self.a,
            "snake": plan.name.snake,
            "var": self.var,
            "sig": ", ".join(self.scene.parameters),
            "create_schema": plan.schemas["create"],
            "values": [(f.attr, self._value(f)) for f in plan.fields],
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
            "unique_updates": [f.attr for f in plan.unique if f.spec.update] if self._repeatable() else [],
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
            "race_sig": ", ".join(_owner_parameter(plan)),
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
        names = {"create": ("data",), "update": (f"{plan.name.snake}_id", "data")}.get(
            operation, (f"{plan.name.snake}_id",)
        )
        given = list(zip(names, arguments, strict=True))
        if operation in plan.user_operations:
            given.append(("current_user", user))
        if self.scene.first_argument:
            given.insert(0, (service.session_param, self.scene.first_argument))
        by_name = service.form == "functions" and service.keyword_only
        shown = ", ".join(f"{n}={v}" if by_name else v for n, v in given)
        return f"{self.a}{receiver or self.scene.receiver}.{self.spelling.service_method(plan, service, operation)}({shown})"

    def _raising(self, status: int, call: str) -> str:
        """The statements that expect the house's error for a status."""
        known = self.plan.house.errors.of(status)
        if known is not None:
            return f"with pytest.raises({known.ref.name}):\n    {call}"
        return (
            f"with pytest.raises(HTTPException) as refused:\n    {call}\nassert refused.value.status_code == {status}"
        )

    def _repeatable(self) -> bool:
        """Whether two valid requests can stand side by side: what has to differ between them does."""
        varied = {f.attr for f in self.plan.fields if "uuid.uuid4" in self._value(f)}
        groups = [{self.plan.field(n).attr for n in group} for group in self.plan.unique_together]
        return all(f.attr in varied for f in self.plan.unique) and all(g & varied for g in groups)

    def _user(self, keys: dict[str, str], extra: str = "") -> str:
        user, owner = self.plan.house.auth.user, self.plan.owner_field
        if user is None or owner is None or owner.target is None:
            return ""
        return f"{user.name}({', '.join([f'{self.plan.house.auth.user_key}={keys[owner.target.key_python]}', *([extra] if extra else [])])})"

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
