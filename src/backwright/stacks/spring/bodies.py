"""Spells the classes of what requests hold and of what is answered."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import FieldPlan
from backwright.kit.templates import render
from backwright.stacks.spring.columns import bounds, is_null, java_type
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.files import whole_file
from backwright.stacks.spring.reading import marks
from backwright.stacks.spring.shapes import Shape, getter, inherited_fields, kept_fields, setter

Member = tuple[list[str], str, str]  # annotations, type, name


def body_texts(plan: SpringPlan) -> Iterator[tuple[str, str, str]]:
    """Role, path and text of each class of values."""
    writes = {"create", "update"} & set(plan.operations)
    single = is_single(plan)
    if single:
        sent = {name: (given, kind, name) for given, kind, name in _sent(plan)}
        shown = [sent.get(name, ([], kind, name)) for _, kind, name in _shown(plan)]
        yield "request", plan.paths["request"], _file(plan, "request", plan.request, shown, answers=True)
        return
    if writes - ({"update"} if has_update_class(plan) else set()):
        yield "request", plan.paths["request"], _file(plan, "request", plan.request, list(_sent(plan)))
    if "update" in plan.operations and has_update_class(plan):
        yield "update", update_path(plan), _update_file(plan)
    yield "response", plan.paths["response"], _file(plan, "response", plan.response, list(_shown(plan)), answers=True)


def is_single(plan: SpringPlan) -> bool:
    """Whether one class is both what is sent and what is answered."""
    return plan.paths["request"] == plan.paths["response"]


def has_update_class(plan: SpringPlan) -> bool:
    """Whether an update is sent another class than a creation."""
    return plan.is_patch or "update" in plan.names


def update_name(plan: SpringPlan) -> str:
    """The class that an update is sent."""
    if not has_update_class(plan):
        return plan.names["request"]
    return plan.names.get("update") or f"Update{plan.names['request'].removeprefix('Create')}"


def update_path(plan: SpringPlan) -> str:
    return plan.paths.get("update") or f"{plan.paths['request'].rpartition('/')[0]}/{update_name(plan)}.java"


def update_shape(plan: SpringPlan) -> Shape:
    """A change of single fields needs to know which were sent, so its class is plain."""
    return Shape("plain") if plan.is_patch else plan.request


def _sent(plan: SpringPlan, *, changes: bool = False) -> Iterator[Member]:
    for field in plan.fields:
        if changes and not field.spec.update:
            continue
        required = not changes and not field.optional and not is_null(field)
        yield list(bounds(plan, field, required=required)), java_type(plan, field), field.attr


def _shown(plan: SpringPlan) -> Iterator[Member]:
    yield [], plan.key_type, plan.key
    for field in plan.columns:
        yield [], java_type(plan, field), field.attr
    yield from (([], kind, name) for name, kind in times(plan))


def times(plan: SpringPlan) -> Iterator[tuple[str, str]]:
    """The kept fields, besides the key, that the exemplar's answer has too: name and type."""
    entity = plan.sibling.entity
    own = [f for f in kept_fields(entity, plan.sources) if "Id" not in marks(f.decorators)]
    known = plan.response.names or {f.name for f in own if "Version" not in marks(f.decorators)}
    taken = {f.attr for f in plan.columns}
    for field in [*own, *inherited_fields(entity, plan.sources)]:
        if field.name in known and field.name != plan.key and field.name not in taken and "<" not in field.annotation:
            yield field.name, field.annotation


def _values(plan: SpringPlan) -> Iterator[tuple[str, str]]:
    """Property of the answer, and how the entity says it."""
    row = plan.variable
    yield plan.key, f"{row}.{getter(Shape('plain'), plan.key)}"
    for field in plan.columns:
        yield field.attr, _value(row, field)
    for name, _ in times(plan):
        yield name, f"{row}.{getter(Shape('plain'), name)}"


def _value(row: str, field: FieldPlan) -> str:
    if field.target is None:
        return f"{row}.{getter(Shape('plain'), field.attr)}"
    related = f"{row}.{getter(Shape('plain'), field.relation)}"
    key = f"{related}.{getter(Shape('plain'), field.target.key)}"
    return f"{related} == null ? null : {key}" if is_null(field) else key


def _file(plan: SpringPlan, role: str, shape: Shape, members: list[Member], *, answers: bool = False) -> str:
    body = render(
        f"spring/{'record' if shape.kind == 'record' else 'values'}.jinja",
        name=plan.names[role],
        annotations=shape.annotations,
        members=members,
        accessors=shape.kind == "plain",
        parts=[" ".join([*given, kind, name]) for given, kind, name in members],
        factory=shape.factory if answers else "",
        entity=plan.names["entity"],
        row=plan.variable,
        values=[(setter(name), value) for name, value in _values(plan)] if answers else [],
        width=plan.house.layout.width,
        sent=[],
    )
    exemplar = plan.sibling.entity.path
    return whole_file(plan, role, body, exemplar, path=plan.paths[role])


def _update_file(plan: SpringPlan) -> str:
    shape = update_shape(plan)
    members = (
        list(_sent(plan, changes=True)) if plan.is_patch else [m for m in _sent(plan) if plan.field(m[2]).spec.update]
    )
    body = render(
        f"spring/{'record' if shape.kind == 'record' else 'values'}.jinja",
        name=update_name(plan),
        annotations=shape.annotations,
        members=members,
        accessors=shape.kind == "plain",
        parts=[" ".join([*given, kind, name]) for given, kind, name in members],
        factory="",
        entity=plan.names["entity"],
        row=plan.variable,
        values=[],
        width=plan.house.layout.width,
        sent=[f.attr for f in plan.fields if plan.is_patch and is_null(f)],
    )
    return whole_file(plan, "update", body, plan.sibling.entity.path, path=update_path(plan))
