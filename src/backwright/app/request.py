"""What was asked for, understood: from the grammar, a feature file or plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from backwright.core.change import ChangeSet
from backwright.core.errors import NeedsPerson, UsageError
from backwright.core.request import Understood
from backwright.engine.request_difficulty import with_difficulty
from backwright.engine.requesting import (
    CHANGES,
    ResourceOptions,
    apply_settings,
    parse_file,
    parse_resource,
    parse_words,
    setting_keys,
)
from backwright.kit.index import FactIndex

# Settings that blueprints decide with, by the kind of the request.
_LATER: dict[str, tuple[str, ...]] = {
    "resource": ("access", "table"),
    "field": ("backfill", "data"),
    "soft_delete": ("children",),
    "fix": ("grade",),
    "rate_limit": ("by",),
}
_MAX_FILE = 64 * 1024  # bytes of a feature file


def understand(
    index: FactIndex,
    *,
    tokens: Sequence[str],
    file: str,
    words: str,
    options: Mapping[str, Any],
    settings: Mapping[str, str],
    known: Sequence[str] = (),
) -> tuple[Understood, dict[str, str]]:
    """The request with what `settings` answer, and the settings that are for the later steps.

    `known` are entities that will be there, besides those of the repository.

    Raises `UsageError` for what cannot be, `NeedsPerson` for an answer that has to happen first.
    """
    given = ResourceOptions(**options)
    known = (*(table.entity for _, table in index.tables()), *known)
    if tokens and tokens[0] in CHANGES:
        _refuse_options(given, options)
        understood = CHANGES[tokens[0]](tokens[1:], known)
    elif tokens:
        understood = parse_resource(tokens[1], tokens[2:], given)
    elif file:
        _refuse_options(given, options)
        understood = parse_file(_text(Path(file)), file)
    else:
        _refuse_options(given, options)
        understood = parse_words(words, known)
    understood, rest = apply_settings(understood, settings)
    understood = with_difficulty(understood)
    if understood.decided:
        _refuse_settings(understood, rest)
    return understood, rest


def _refuse_options(given: ResourceOptions, options: Mapping[str, Any]) -> None:
    """Raises `UsageError` for an option of the resource's grammar beside another way of asking."""
    if given != ResourceOptions():
        named = next(name for name, value in options.items() if value != getattr(ResourceOptions(), name))
        raise UsageError(
            f"the option for `{named}` belongs to `resource NAME FIELD…`",
            hints=("say it in the words or in the file", "or answer what is open with --set KEY=VALUE"),
        )


def refuse_others(understood: Understood, *, model: str) -> None:
    """Raises `NeedsPerson` for what is somebody else's work, and for what no blueprint fits."""
    if understood.kind == "hand_off":
        why = tuple(question.text for question in understood.questions)
        raise NeedsPerson(f"this is a task for {understood.hand_off}, not for a backend", hints=why)
    if understood.kind == "unknown":
        raise no_recipe(model, tuple(question.text for question in understood.questions))


def no_recipe(model: str, why: tuple[str, ...] = ()) -> NeedsPerson:
    """The failure of a task that no blueprint fits, and why none does."""
    try_this = "see what can be planned: backwright plan --list"
    if model:
        return NeedsPerson("No recipe fits this task, and this version runs without a model", hints=(*why, try_this))
    return NeedsPerson("No recipe fits this task and no model is set", hints=(*why, "set agent.model", try_this))


def asking(understood: Understood) -> ChangeSet:
    """A change that is not decided yet: its questions, and no edit."""
    return ChangeSet(
        id="",
        title=_title(understood),
        edits=(),
        author=f"blueprint:{understood.kind}" if understood.decided else "",
        base={},
        assumptions=understood.assumptions,
        questions=understood.questions,
        request=understood.words,
    )


def _title(understood: Understood) -> str:
    if understood.feature is not None:
        return f"add resource {understood.feature.resource}"
    if understood.endpoint is not None:
        return f"add {understood.endpoint.action} to {understood.endpoint.resource}"
    if understood.listing is not None:
        return f"ask more of the list of {understood.listing.resource}"
    if understood.soft_delete is not None:
        return f"mark {understood.soft_delete.resource} as deleted instead of deleting it"
    if understood.rate_limit is not None:
        return f"limit {understood.rate_limit.path}"
    if understood.audit is not None:
        return f"add moments to {understood.audit.resource}"
    if understood.health is not None:
        return "add health checks"
    if understood.fix is not None:
        return "fix findings"
    if understood.migration is not None:
        return f"{understood.migration.action} of {understood.migration.table}"
    change = understood.field
    return f"{change.action} field {change.name} of {change.resource}" if change is not None else "not decided yet"


def settable(understood: Understood) -> tuple[str, ...]:
    """The keys that `--set` takes for this request."""
    return (*setting_keys(understood), *_LATER.get(understood.kind, ()))


def _refuse_settings(understood: Understood, rest: Mapping[str, str]) -> None:
    """Raises `UsageError` for a setting that nothing looks at: a misspelt answer is no answer."""
    later, known = _LATER.get(understood.kind, ()), settable(understood)
    for key in rest:
        if key not in later:
            close = get_close_matches(key, known, 1)
            there = f"there is: {', '.join(known)}" if known else "nothing can be set for this request"
            hints = (*((f"did you mean `{close[0]}`?",) if close else ()), there)
            raise UsageError(f"nothing is called `{key}` here", where="--set", hints=hints)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise UsageError(f"cannot be read: {cause.strerror}", where=str(path)) from cause
    if len(data) > _MAX_FILE:
        raise UsageError("is larger than 64 KiB, which no feature file is", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise UsageError("is not UTF-8 text", where=str(path)) from cause
