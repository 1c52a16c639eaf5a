"""Rows of existing entities, made in tests: what has to be set of them, and with what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backwright.core.facts import Field
from backwright.kit.index import Definition
from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.reading import generic, marks
from backwright.stacks.spring.service import repository_of
from backwright.stacks.spring.shapes import bases_of, key_of, setter

_SET_BY_ITSELF = {
    "Id",
    "EmbeddedId",
    "GeneratedValue",
    "CreationTimestamp",
    "UpdateTimestamp",
    "CreatedDate",
    "LastModifiedDate",
    "CreatedBy",
    "LastModifiedBy",
    "Version",
    "Transient",
    "OneToMany",
    "ManyToMany",
    "ElementCollection",
    "Formula",
}
_VALUES = {
    "Integer": "made",
    "Long": "(long) made",
    "BigDecimal": "BigDecimal.ONE",
    "Double": "1.0",
    "Float": "1.0f",
    "Short": "(short) 1",
    "Boolean": "true",
    "LocalDate": "LocalDate.now()",
    "LocalDateTime": "LocalDateTime.now()",
    "Instant": "Instant.now()",
    "OffsetDateTime": "OffsetDateTime.now()",
    "ZonedDateTime": "ZonedDateTime.now()",
    "UUID": "UUID.randomUUID()",
    "Date": "new Date()",
}


@dataclass
class Row:
    """How a row is made. `because` says why it cannot be, `""` where it can."""

    entity: str
    variable: str
    repository: str
    key: str
    sets: list[tuple[str, str]] = field(default_factory=list)
    because: str = ""


def row_of(plan: SpringPlan, entity: str, found: dict[str, Row]) -> Row:
    """The row of an entity, after those that it needs itself."""
    if entity in found:
        return found[entity]
    definition = plan.sources.named(entity)
    repository = repository_of(plan, entity)
    row = Row(entity, entity[:1].lower() + entity[1:], repository[:1].lower() + repository[1:], "")
    if definition is None or not repository:
        row.because = f"no repository would save a row of {entity}"
    else:
        row.key = key_of(definition, plan.sources)[0]
        found[entity] = row  # a row of the same entity within it would have no end
        _fill(plan, definition, row, found)
        found.pop(entity)
    found[entity] = row
    return row


def _fill(plan: SpringPlan, definition: Definition, row: Row, found: dict[str, Row]) -> None:
    sources = plan.sources
    made = [m for m in sources.members(definition) if m.name == definition.symbol.name]
    named = marks(definition.symbol.decorators)
    lombok = {"NoArgsConstructor", "Data", "Getter"} & set(named)
    if (
        any(m.params for m in made)
        and not any(not m.params and "protected" not in m.modifiers for m in made)
        and "NoArgsConstructor" not in named
    ):
        row.because = f"{row.entity} has no constructor without parameters"
        return
    setters = {m.name for owner in bases_of(definition, sources) for m in sources.members(owner)}
    for owner in bases_of(definition, sources):
        every = {"Data", "Setter"} & set(marks(owner.symbol.decorators))
        for item in owner.symbol.fields:
            text = sources.at(owner.path, item.loc)
            if not _is_needed(item, text):
                continue
            value = _value(plan, item, text, found, owner.path)
            can = bool(every) or setter(item.name) in setters or "Setter" in marks(item.decorators)
            if not value or not can:
                row.because = f"the test cannot set `{item.name}` of {row.entity}"
                return
            row.sets.append((setter(item.name), value))
    assert lombok is not None


def _is_needed(item: Field, text: str) -> bool:
    """Whether a row cannot be saved without it."""
    named = marks(item.decorators)
    if set(named) & _SET_BY_ITSELF or item.value or re.search(r"\bstatic\b|\btransient\b", text.partition("=")[0]):
        return False
    if item.annotation in {"int", "long", "boolean", "double", "float", "short"}:
        return False
    asked = {"NotNull", "NotBlank", "NotEmpty"} & set(named)
    return bool(asked) or bool(re.search(r"nullable\s*=\s*false|optional\s*=\s*false", text))


def _value(plan: SpringPlan, item: Field, text: str, found: dict[str, Row], path: str) -> str:
    """The source of a value that suits a field; `""` where we know none."""
    kind = generic(item.annotation)[0]
    if kind == "String":
        return _text(item, text)
    if kind in _VALUES:
        return _VALUES[kind]
    definition = plan.sources.named(kind, path)
    if definition is None:
        return ""
    if "enum" in definition.symbol.modifiers:
        return f"{kind}.values()[0]"
    if "Entity" in marks(definition.symbol.decorators):
        row = row_of(plan, kind, found)
        return "" if row.because else f"saved{row.entity}()"
    return ""


def _text(item: Field, text: str) -> str:
    """A text that nothing else is likely to be, no longer than it may be."""
    if "Pattern" in marks(item.decorators):
        return ""
    lengths = [int(n) for n in re.findall(r"\b(?:length|max)\s*=\s*(\d+)", text)]
    longest = min(lengths, default=255)
    if "email" in item.name.lower() or "Email" in marks(item.decorators):
        return f'"{item.name.lower()[:5]}" + made + "@example.com"' if longest > 24 else ""
    least = max([int(n) for n in re.findall(r"\bmin\s*=\s*(\d+)", text)], default=0)
    word = item.name[: max(0, longest - 4)]
    return f'"{word}{"x" * max(0, least - len(word))}" + made' if longest >= 4 else f'"{"x" * longest}"'
