"""From an understood request to a ChangeSet: decide, spell, weave. Nothing is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backwright.core.archmap import Component
from backwright.core.change import ChangeSet, Edit, Question
from backwright.core.errors import NeedsPerson
from backwright.core.ports import Formatter
from backwright.core.request import Understood
from backwright.engine.soundness import refuse_unsound
from backwright.engine.spelling import Spelled, Task, spelled
from backwright.engine.weaving import Weaver
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Blueprint


@dataclass(frozen=True)
class Planned:
    """A change, and the decision it came from: what the blueprint's `decide` gave."""

    change: ChangeSet
    decision: Any


def plan_change(
    understood: Understood,
    house: House,
    index: FactIndex,
    *,
    blueprint: Blueprint,
    read: Callable[[str], str | None],
    formatter: Formatter,
    settings: Mapping[str, str],
    components: tuple[Component, ...] = (),
) -> Planned:
    """Raises NeedsPerson with open questions of level high, Unsupported for what cannot be spelled, UsageError for bad requests."""
    made = spelled(blueprint, Task(understood, house, index, components, read, settings))
    return Planned(woven(understood, made, index, author=blueprint.name, read=read, formatter=formatter), made.decision)


def woven(
    understood: Understood,
    made: Spelled,
    index: FactIndex,
    *,
    author: str,
    read: Callable[[str], str | None],
    formatter: Formatter,
) -> ChangeSet:
    """What was spelled, as a change of the project's files; `author` is the blueprint.

    Raises NeedsPerson with open questions of level high, Unsupported for new text that is not sound.
    """
    questions = (*understood.questions, *made.questions)
    refuse_open(questions)
    weaver = Weaver(index, made.house, read, formatter, made.words)
    edits = weaver.weave(tuple(made.emissions()))
    edits = (*edits, *weaver.packages(edits))
    refuse_unsound(edits, made.house, index, formatter)
    base = {e.path: _sha(e.before) for e in edits}
    digest = hashlib.sha256("\0".join(f"{e.path}\0{_timeless(e.after)}" for e in edits).encode()).hexdigest()[:4]
    return ChangeSet(
        id=digest,
        title=made.title,
        edits=edits,
        author=f"blueprint:{author}",
        base=base,
        assumptions=(*understood.assumptions, *made.assumptions),
        questions=questions,
        notes=tuple(made.notes()),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        request=understood.words,
        tests=tuple(e.path for e in edits if _is_test(e)),
        leaves=tuple(made.leaves()),
    )


def refuse_open(questions: tuple[Question, ...]) -> None:
    """Open questions of level high stop everything. Raises NeedsPerson."""
    high = [q for q in questions if q.level == "high"]
    if high:
        hints = tuple(f"{q.text} --set {q.key}={'|'.join(q.options) or '…'}" for q in high)
        raise NeedsPerson("the request leaves something open that must not be guessed", hints=hints)


def _is_test(edit: Edit) -> bool:
    name = edit.path.rpartition("/")[2]
    return edit.before is None and (name.startswith("test_") or name.endswith("_test.py"))


def differing(planned: Sequence[Edit], again: Sequence[Edit]) -> tuple[str, ...]:
    """The paths whose edits are not the same in both, apart from the moment that a migration notes down."""
    first, second = (
        {re.sub(r"\d", "", e.path): (e.path, _timeless(e.after)) for e in edits} for edits in (planned, again)
    )
    unlike = (key for key in {**first, **second} if first.get(key, ("", None))[1] != second.get(key, ("", None))[1])
    return tuple(sorted((first.get(key) or second[key])[0] for key in unlike))


def _timeless(text: str | None) -> str:
    """Without the moment that a migration notes down: the same request gives the same id."""
    return re.sub(r"^Create Date: .*$", "", text or "", flags=re.MULTILINE)


def _sha(text: str | None) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text is not None else ""
