"""The one JSON envelope around what every verb says to programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from backwright.core.errors import BackwrightError
from backwright.report.advice import next_steps
from backwright.report.results import CheckResult, Head, Next, Problem
from backwright.report.sanitize import clean_json
from backwright.report.tool import version
from backwright.report.views import view


class ProblemView(msgspec.Struct, frozen=True):
    """Something that could not be done, with what to do about it."""

    code: str
    message: str
    hint: str = ""
    where: str = ""


class Meta(msgspec.Struct, frozen=True):
    """What the answer is about. `root` names the repository; all paths in the answer are relative to it."""

    version: str
    root: str = ""
    commit: str = ""
    seconds: float = 0.0
    run: str | None = None


class Envelope(msgspec.Struct, frozen=True):
    """Keys are added within a version of a schema, never renamed."""

    schema: str
    ok: bool
    exit_code: int
    summary: Mapping[str, Any]
    data: Any
    problems: tuple[ProblemView, ...]
    next: tuple[Next, ...]
    meta: Meta


def envelope(
    verb: str,
    *,
    exit_code: int,
    data: Any,
    summary: Mapping[str, Any] | None = None,
    problems: tuple[Problem, ...] = (),
    next: tuple[Next, ...] = (),
    head: Head | None = None,
    seconds: float = 0.0,
    run: str | None = None,
) -> Envelope:
    """The answer of a verb."""
    head = head or Head(name="")
    return Envelope(
        schema=f"backwright.{verb}/1",
        ok=exit_code == 0,
        exit_code=exit_code,
        summary=summary or {},
        data=data,
        problems=tuple(ProblemView(p.code, p.message, p.hint, p.where) for p in problems),
        next=next,
        meta=Meta(version(), head.name, head.commit, round(seconds, 3), run),
    )


def answer(verb: str, result: Any, exit_code: int) -> Envelope:
    """The answer that a result of `report.results` makes."""
    summary, data = view(result)
    run = getattr(result, "run", None)
    return envelope(
        verb,
        exit_code=exit_code,
        data=data,
        summary=summary,
        problems=getattr(result, "problems", ()),
        next=next_steps(result),
        head=getattr(result, "head", None),
        seconds=getattr(result, "seconds", 0.0),
        run=run.id if run else None,
    )


def lines(verb: str, result: CheckResult, exit_code: int) -> Iterator[str]:
    """JSON Lines: each finding as a line, then the envelope without them."""
    whole = answer(verb, result, exit_code)
    for finding in getattr(whole.data, "findings", ()):
        yield to_json(finding, indent=0)
    yield to_json(msgspec.structs.replace(whole, data={}), indent=0)


def error_envelope(verb: str, error: BackwrightError) -> Envelope:
    """The answer of a verb that could not be done."""
    problem = Problem(error.code, error.message, error.where, "\n".join(error.hints))
    return envelope(verb or "error", exit_code=error.exit_code, data={}, problems=(problem,))


def to_json(value: object, *, indent: int = 2) -> str:
    """JSON text ending in a newline; with `indent=0` on one line."""
    raw = msgspec.json.encode(value)
    if indent:
        raw = msgspec.json.format(raw, indent=indent)
    return clean_json(raw.decode("utf-8", "surrogatepass")) + "\n"
