"""What unit tests of a service stand on: a repository that keeps rows in a dictionary, or the house's own session."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backwright.frameworks.pytest.rows import Making, enum_imports, makings, makings_of, session_fixture
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import LayerStyle, Ref, TestStyle
from backwright.kit.imitation import fill
from backwright.kit.spelling import KEY_TYPES, python_type
from backwright.kit.templates import render

FIRST_KEYS = {"int": "1", "uuid": "uuid.uuid4()", "str": "uuid.uuid4().hex"}


@dataclass(frozen=True)
class Spelling:
    """How the generated layers name what the tests call: given by whoever wires the emitters together."""

    service_method: Callable[[ResourcePlan, LayerStyle, str], str]
    repository_method: Callable[[ResourcePlan, LayerStyle, str], str]
    finder: Callable[[ResourcePlan, LayerStyle, str], str]
    exists: Callable[[ResourcePlan, LayerStyle, str], str]
    body_name: Callable[[ResourcePlan], str]
    module_name: Callable[[ResourcePlan, str], str]
    module_import: Callable[[ResourcePlan, str], str]
    instance_name: Callable[[ResourcePlan, LayerStyle], str]
    instance_import: Callable[[ResourcePlan, str, LayerStyle], str]


@dataclass(frozen=True)
class Scene:
    """What a test stands on: its parameters, what the service is called through, the blocks above the tests."""

    parameters: tuple[str, ...]
    receiver: str
    first_argument: str  # the session that is handed on with every call, `""` for none
    constants: tuple[str, ...]
    blocks: tuple[str, ...]
    references: dict[str, str]  # attribute to the source of the key of an existing row
    imports: tuple[str, ...]
    race: str = ""  # a service whose repository meets a conflict, `""` where there is no fake


def scene_of(plan: ResourcePlan, style: TestStyle, spelling: Spelling) -> Scene | None:
    """None where a test could not make the service by itself."""
    service, repository = plan.house.service, plan.house.repository
    if service.form == "class" and service.takes == "repository" and repository.form == "class":
        return _fake_scene(plan, spelling)
    return _session_scene(plan, style, spelling)


# -- a service over a repository -------------------------------------------------------------------------------------


def _fake_scene(plan: ResourcePlan, spelling: Spelling) -> Scene | None:
    service, repository = plan.house.service, plan.house.repository
    name, below = fill(service.name, plan.name), fill(repository.name, plan.name)
    if not _takes_only(plan, service, below):
        return None
    fake = f"Fake{below}"
    constants = tuple(
        f"{f.attr.upper()} = {FIRST_KEYS[f.target.key_python]}" for f in plan.refs if f.target is not None
    )
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
                d=keyword(plan),
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
        asker = someone(plan, user, FIRST_KEYS[plan.owner_field.target.key_python])
        if asker is None:
            return None
        blocks.append(f"@pytest.fixture\ndef owner() -> {user.name}:\n    return {asker}")
    imports = (f"from {plan.module('repository')} import {below}", f"from {plan.module('service')} import {name}")
    parameters = (f"service: {name}", *owner_parameter(plan))
    return Scene(
        parameters, "service", "", constants, tuple(blocks), {f.attr: f.attr.upper() for f in plan.refs}, imports, race
    )


def someone(plan: ResourcePlan, user: Ref, key: str, extra: str = "") -> str | None:
    """The construction of whoever asks, with one more argument; None where the class wants something for which no value is known."""
    arguments = [f"{plan.house.auth.user_key}={key}", *([extra] if extra else [])]
    entities = {t.entity for _, t in plan.index.tables()}
    found = plan.index.resolve(plan.index.path_of(user.module), user.name) if user.name not in entities else None
    fields = [f for d in (found, *plan.index.bases(found)) for f in d.symbol.fields] if found is not None else []
    for field in fields:
        if (
            field.value
            or not field.annotation
            or field.name in {plan.house.auth.user_key, extra.partition("=")[0], "model_config"}
        ):
            continue
        if "ClassVar" in field.annotation:
            continue
        value = _made_up(field.annotation)
        if value is None:
            return None
        arguments.append(f"{field.name}={value}")
    return f"{user.name}({', '.join(arguments)})"


def _made_up(annotation: str) -> str | None:
    """A value of a simple type."""
    literal = re.match(r"(?:typing\.)?Literal\[([^,\]]+)", annotation)
    if literal:
        return literal.group(1)
    if "None" in annotation or "Optional" in annotation:
        return "None"
    simple = {"str": '"someone"', "int": "1", "bool": "True", "float": "1.0", "EmailStr": '"someone@example.com"'}
    if re.match(r"(list|dict|set)\b", annotation):
        return f"{annotation.partition('[')[0]}()"
    return simple.get(annotation)


def _takes_only(plan: ResourcePlan, style: LayerStyle, wanted: str) -> bool:
    """Whether the service's constructor asks for nothing but what a test can give."""
    source = fill(style.constructor, plan.name)
    if not source:
        return not style.base
    if style.decorators:
        asked = [line for line in source.splitlines() if line.strip() and "=" not in line]
        return len(asked) == 1 and re.search(rf":\s*['\"]?{re.escape(wanted)}\b", asked[0]) is not None
    found = re.search(r"def __init__\(\s*self\s*,?(.*?)\)\s*(?:->[^:]*)?:", source, re.DOTALL)
    if found is None:
        return False
    asked = [p for p in re.split(r",(?![^\[]*\])", found.group(1)) if p.strip() and "=" not in p]
    return len(asked) == 1 and re.search(rf":\s*['\"]?{re.escape(wanted)}\b", asked[0]) is not None


def _fake(plan: ResourcePlan, spelling: Spelling, name: str, below: str) -> str:
    style = plan.house.repository
    return render(
        "pytest/fake_repository.py.jinja",
        d=keyword(plan),
        name=name,
        below=below,
        entity=plan.class_name,
        var=plan.name.snake,
        key=plan.key,
        key_type=KEY_TYPES[plan.key_python],
        next_key="len(self.rows) + 1" if plan.key_python == "int" else FIRST_KEYS[plan.key_python],
        methods={o: spelling.repository_method(plan, style, o) for o in ("get", "add", "save", "remove")},
        ops=plan.operations,
        finders=[(spelling.finder(plan, style, f.attr), f.attr, python_type(f)) for f in plan.unique],
        exists=[(spelling.exists(plan, style, f.relation), f.attr, python_type(f)) for f in plan.refs],
    ).strip()


# -- a service over a session ----------------------------------------------------------------------------------------


def _session_scene(plan: ResourcePlan, style: TestStyle, spelling: Spelling) -> Scene | None:
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
            head = f"def service({style.session}: {session.name}) -> {name}:"
            blocks.append(f"@pytest.fixture\n{head}\n    return {name}({style.session})")
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
    asked += [*(["references: dict[str, Any]"] if plan.refs else []), *owner_parameter(plan)]
    references = {f.attr: f'references["{f.attr}"]' for f in plan.refs}
    return Scene(
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


def keyword(plan: ResourcePlan) -> str:
    return "async def" if plan.house.session.is_async else "def"


def owner_parameter(plan: ResourcePlan) -> list[str]:
    user = plan.house.auth.user
    return [f"owner: {user.name}"] if plan.owner_field is not None and user is not None else []
