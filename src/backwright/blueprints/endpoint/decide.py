"""From an action on a row and the entity's columns to a transition: which column, from what, to what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from backwright.blueprints.endpoint.states import State, spoken_of, states_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.facts import Table
from backwright.core.request import EndpointChange
from backwright.kit.actions import meant, participle, state_columns
from backwright.kit.index import FactIndex
from backwright.kit.naming import snake, why_not_field
from backwright.kit.transitions import Member, Transition

_TRUE, _FALSE, _NOW, _NONE = ("true", "yes", "on", "1"), ("false", "no", "off", "0"), ("now", "now()"), ("null", "none")


@dataclass
class Decision:
    """The transition with what was assumed and asked on the way; `plan` is None while it waits for an answer."""

    plan: Transition | None = None
    assumptions: list[Assumption] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def decide(change: EndpointChange, path: str, table: Table, index: FactIndex) -> Decision:
    """Raises UsageError for states that the entity does not have, and for what contradicts itself."""
    out = Decision()
    where = f"{path}:{table.loc.line}"
    states = states_of(path, table, index)
    column, equals, value = change.target.partition("=")
    made: Transition | None
    if equals:
        made = _named(snake(column), value.strip(), change, states, where, table)
    else:
        chosen = _chosen(change, states, table, out)
        made = _to(chosen[0], chosen[1] or change.target, change, out, where) if chosen is not None else None
    if made is None:
        return out
    stamps = tuple((name, name not in {c.name for c in table.columns}) for name in map(snake, change.stamps))
    for name, _ in stamps:
        _refuse_name(name, where)
    out.plan = msgspec.structs.replace(made, stamps=stamps)
    return out


def _chosen(change: EndpointChange, states: tuple[State, ...], table: Table, out: Decision) -> tuple[State, str] | None:
    """The column that the action is about, with what it is afterwards where the verb says so."""
    said = [w for w in (change.target, *change.sources, change.until) if w]
    valued = [s for s in states if s.members]
    fitting = [s for s in valued if any(_of(s, word) for word in said)]
    verb = [s for s in valued if _of(s, participle(change.action))]
    usual = [s for name in state_columns() for s in states if s.column.name == name and s.kind in {"enum", "text"}]
    for found in (fitting, verb, usual):
        if len({s.column.name for s in found}) == 1 or (found and found[0].column.name in state_columns()):
            return found[0], ""
    spoken = spoken_of(change.action, states) if not said or not valued else None
    if spoken is not None:
        if said:
            because = f"{table.entity} has no other state: this is what {', '.join(said)} is taken for"
            out.assumptions.append(Assumption("to", f"{spoken[0].column.name}={spoken[1].lower()}", because, ()))
        return spoken
    endings = [s for s in valued if s.column.name.endswith(tuple(f"_{n}" for n in state_columns()))]
    if len(endings) == 1:
        return endings[0], ""
    _ask(change, states, table, out)
    return None


def _ask(change: EndpointChange, states: tuple[State, ...], table: Table, out: Decision) -> None:
    done = participle(change.action)
    options = [f"{s.column.name}=…" for s in states if s.kind in {"enum", "text"}]
    options += [f"{s.column.name}=true" for s in states if s.kind == "boolean"]
    options += [f"{done}_at=now", f"is_{done}=true"]
    text = (
        f"what does `{change.action}` change? {table.entity} has no state that says so. A column and its value; "
        f"one that is not there yet is added"
    )
    out.questions.append(Question("to", text, "high", tuple(dict.fromkeys(options))))


def _named(
    column: str, value: str, change: EndpointChange, states: tuple[State, ...], where: str, table: Table
) -> Transition:
    """`is_open=false`, `archived_at=now`, `status=cancelled`: the column is said, and may be new."""
    state = next((s for s in states if s.column.name == column), None)
    word = value.lower()
    if state is not None:
        return _to(state, value, change, Decision(), where)
    if column in {c.name for c in table.columns} | {r.name for r in table.relations}:
        raise UsageError(f"`{column}` of {table.entity} holds no state that can be `{value}`", where=where)
    _refuse_name(column, where)
    if word in (*_TRUE, *_FALSE):
        return Transition(column, "boolean", str(word in _TRUE), (str(word not in _TRUE),), fresh=True)
    if word in _NOW:
        return Transition(column, "moment", "now", ("None",), fresh=True)
    raise UsageError(
        f"{table.entity} has no field `{column}`",
        where=where,
        hints=(f'add it first: backwright plan field add {table.entity} "{column}:enum(…,{value})=…"',
               f"columns: {', '.join(c.name for c in table.columns)}"),
    )  # fmt: skip


def _to(state: State, value: str, change: EndpointChange, out: Decision, where: str) -> Transition:
    match state.kind:
        case "boolean":
            return _of_boolean(state, value, change, where)
        case "moment":
            target = "None" if value.lower() in _NONE else "now"
            return Transition(state.column.name, "moment", target, ("None",) if target == "now" else ())
        case _:
            return _of_values(state, value, change, out, where)


def _of_boolean(state: State, value: str, change: EndpointChange, where: str) -> Transition:
    word = value.lower()
    if word not in (*_TRUE, *_FALSE):
        spoken = spoken_of(change.action, (state,))
        if spoken is None or value:
            raise UsageError(f"`{state.column.name}` is true or false, not '{value}'", where=where)
        word = spoken[1].lower()
    target = str(word in _TRUE)
    return Transition(state.column.name, "boolean", target, (str(target != "True"),))


def _of_values(state: State, value: str, change: EndpointChange, out: Decision, where: str) -> Transition:
    wanted = value or participle(change.action)
    target, added = _of(state, wanted), None
    if not target:
        added = _new_member(state, wanted)
        target = added.name
        if not value:
            because = f"none of {', '.join(m.value for m in state.members) or 'its values'} is what `{change.action}` leads to"
            out.assumptions.append(Assumption("to", added.value, because, tuple(m.value for m in state.members)))
    elif not value:
        because = f"what `{change.action}` leads to"
        out.assumptions.append(Assumption("to", _value(state, target), because, ()))
    sources = tuple(_sources(state, target, change, where))
    if target in sources:
        raise UsageError(f"'{target}' is what it is before and afterwards", where=where)
    if not sources:
        known = tuple(m.value for m in state.members if m.name != target)
        out.assumptions.append(
            Assumption(
                "from", f"any but {added.value if added else _value(state, target)}", "nothing says from when", known
            )
        )
    enum = state.enum
    return Transition(
        state.column.name,
        "enum" if enum is not None else "text",
        target,
        sources,
        enum=enum.symbol.name if enum is not None else "",
        enum_path=enum.path if enum is not None else "",
        added=(added.name, added.value) if added is not None and (enum is not None or state.members) else None,
    )


def _sources(state: State, target: str, change: EndpointChange, where: str) -> Iterator[str]:
    known = [m.value for m in state.members]
    for word in change.sources:
        found = _of(state, word) or ("" if known else word)
        if not found:
            raise UsageError(
                f"`{state.column.name}` is never '{word}'", where=where, hints=(f"it is: {', '.join(known)}",)
            )
        yield found
    if change.until and not change.sources:
        last = _of(state, change.until)
        if not last:
            hint = f"it is: {', '.join(known)}" if known else "say from which: --set from=…"
            raise UsageError(f"`{state.column.name}` is never '{change.until}'", where=where, hints=(hint,))
        names = [m.name for m in state.members]
        yield from (n for n in names[: names.index(last)] if n != target)


def _of(state: State, word: str) -> str:
    """The name of the member that a word means, `""` for none."""
    by = {m.value: m.name for m in state.members} | {m.name: m.name for m in state.members}
    found = meant(word, dict.fromkeys(m.value for m in state.members)) or meant(word, [m.name for m in state.members])
    return by.get(found, "")


def _value(state: State, name: str) -> str:
    return next((m.value for m in state.members if m.name == name), name)


def _new_member(state: State, wanted: str) -> Member:
    """A value in the style of those that are there."""
    plain = snake(wanted)
    if state.enum is None:
        upper = bool(state.members) and all(m.value.isupper() for m in state.members)
        return Member(plain.upper(), plain.upper()) if upper else Member(plain, plain)
    name = plain.upper() if all(m.name.isupper() for m in state.members) else plain
    if state.members and all(m.name[:1].isupper() and not m.name.isupper() for m in state.members):
        name = "".join(part.title() for part in plain.split("_"))
    values = [m.value for m in state.members]
    value = plain.upper() if values and all(v.isupper() for v in values) else plain
    if values and all(v[:1].isupper() and not v.isupper() for v in values):
        value = plain.replace("_", " ").title()
    return Member(name, value)


def _refuse_name(name: str, where: str) -> None:
    if reason := why_not_field(name):
        raise UsageError(f"a column cannot be called '{name}': {reason}", where=where)
