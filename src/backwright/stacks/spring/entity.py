"""Spells the entity with its enums, and the repository."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from backwright.core.facts import Field, Symbol
from backwright.kit.templates import render
from backwright.stacks.spring.columns import column_marks, column_of, constant, default_of, java_type
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.files import whole_file
from backwright.stacks.spring.reading import marks
from backwright.stacks.spring.shapes import bases_of, kept_fields, lombok_of

_LIFE = ("PrePersist", "PreUpdate")


def entity_text(plan: SpringPlan) -> str:
    """The file of the entity: what stands above and below its fields is the exemplar's."""
    entity, sources = plan.sibling.entity, plan.sources
    named = marks(entity.symbol.decorators)
    lombok = lombok_of(entity, sources)
    written = {text.partition("(")[0] for text in lombok}
    accessors = not written & {"@Data", "@Getter"}
    if not accessors and not written & {"@Data", "@Setter"}:
        lombok = (*lombok, "@Setter")
    if "@Builder" in written or "@AllArgsConstructor" in written or "@SuperBuilder" in written:
        lombok = tuple(dict.fromkeys((*lombok, "@NoArgsConstructor", "@AllArgsConstructor")))
    listeners = (
        [f"@{sources.at(entity.path, named['EntityListeners'].loc).lstrip('@')}"] if "EntityListeners" in named else []
    )
    kept = [(f, sources.at(entity.path, f.loc)) for f in kept_fields(entity, sources)]
    fields = [*_kept(kept, key=True), *_own(plan), *_kept(kept, key=False)]
    properties = [(f.name, f.annotation, _has_setter(plan, f.name)) for f, _ in kept]
    body = render(
        "spring/entity.jinja",
        annotations=["@Entity", _table(plan), *lombok, *listeners],
        name=plan.names["entity"],
        extends=_extends(plan),
        fields=fields,
        accessors=list(_accessors(plan, properties)) if accessors else [],
        life=[_as_member(plan, m) for m in _life(plan)],
    )
    return whole_file(plan, "entity", body, entity.path)


def _table(plan: SpringPlan) -> str:
    given = [f'name = "{plan.table}"']
    for group in plan.unique_together:
        columns = ", ".join(f'"{column_of(plan, plan.field(n))}"' for n in group)
        name = constant(f"uq_{plan.table}_{'_'.join(column_of(plan, plan.field(n)) for n in group)}")
        given.append(f'uniqueConstraints = @UniqueConstraint(name = "{name}", columnNames = {{{columns}}})')
    return f"@Table({', '.join(given)})"


def _extends(plan: SpringPlan) -> str:
    """The exemplar's base, where that is a class of the project."""
    entity = plan.sibling.entity
    base = next(iter(list(bases_of(entity, plan.sources))[1:2]), None)
    if base is None or "interface" in base.symbol.modifiers:
        return ""
    text = plan.sources.text_of(entity)
    found = re.search(r"\bextends\s+([\w.]+(?:<[^{]*?>)?)\s*(?:implements\b[^{]*)?\{", text)
    return f" extends {plan.like(found[1])}" if found is not None else ""


def _kept(kept: list[tuple[Field, str]], *, key: bool) -> Iterator[str]:
    """The exemplar's own fields that every entity has: its key above the others, its times below."""
    for field, text in kept:
        if ("Id" in marks(field.decorators)) == key:
            lines = text.splitlines()
            yield "\n".join([lines[0], *textwrap.dedent("\n".join(lines[1:])).splitlines()])


def _own(plan: SpringPlan) -> Iterator[str]:
    for field in plan.columns:
        kind, name = java_type(plan, field), field.attr
        if field.target is not None:
            kind, name = field.target.entity, field.relation
        value = default_of(plan, field)
        built = any("Builder" in a for a in lombok_of(plan.sibling.entity, plan.sources))
        start = f" = {value}" if value and field.target is None and not built else ""
        yield "\n".join([*column_marks(plan, field), f"private {kind} {name}{start};"])


def _accessors(plan: SpringPlan, kept: list[tuple[str, str, bool]]) -> Iterator[tuple[str, str, bool]]:
    """Property, type, and whether it can be set."""
    yield from (p for p in kept if p[0] == plan.key)
    for field in plan.columns:
        if field.target is not None:
            yield field.relation, field.target.entity, True
        else:
            yield field.attr, java_type(plan, field), True
    yield from (p for p in kept if p[0] != plan.key)


def _has_setter(plan: SpringPlan, name: str) -> bool:
    wanted = f"set{name[:1].upper()}{name[1:]}"
    return any(m.name == wanted for m in plan.sources.members(plan.sibling.entity))


def _life(plan: SpringPlan) -> Iterator[Symbol]:
    """The exemplar's methods that set its times."""
    own = {f.name for f in kept_fields(plan.sibling.entity, plan.sources)}
    for member in plan.sources.members(plan.sibling.entity):
        if set(marks(member.decorators)) & set(_LIFE):
            text = plan.sources.whole(plan.sibling.entity, member)
            named = {f.name for f in plan.sibling.entity.symbol.fields if re.search(rf"\b{f.name}\b", text)}
            if named and named <= own:
                yield member


def _as_member(plan: SpringPlan, member: Symbol) -> str:
    lines = plan.sources.whole(plan.sibling.entity, member).splitlines()
    return "\n".join([lines[0], *textwrap.dedent("\n".join(lines[1:])).splitlines()])


def enum_texts(plan: SpringPlan) -> Iterator[tuple[str, str]]:
    """Path and text of each enum of the new entity, beside it."""
    folder = plan.paths["entity"].rpartition("/")[0]
    for field in plan.fields:
        if field.enum:
            body = render("spring/enum.jinja", name=field.enum, values=field.spec.values)
            yield f"{folder}/{field.enum}.java", whole_file(plan, "entity", body, plan.sibling.entity.path)


def repository_text(plan: SpringPlan) -> str:
    """The interface of the repository."""
    symbol = plan.sibling.repository.symbol
    annotated = "Repository" in marks(symbol.decorators)
    body = render(
        "spring/repository.jinja",
        name=plan.names["repository"],
        entity=plan.names["entity"],
        key=plan.key_type,
        annotated=annotated,
        queried="list" in plan.operations,
    )
    return whole_file(plan, "repository", body, plan.sibling.repository.path)
