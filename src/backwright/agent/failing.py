"""Why an attempt was not proven: a verdict and new findings, as failures with the least that shows each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from backwright.core.acting import Failure
from backwright.core.findings import Finding
from backwright.core.verdict import Fault, StepResult, Verdict
from backwright.engine.handbook import Page, pages

SHOWN = 3  # faults of a failure that are shown in full
NAMED = 7  # further ones that are named
_TAIL = 12  # lines of an output in no known form
_UNKNOWN = "unknown"
_LINE = 400  # characters of a line that signs are looked for in

# What differs between two runs that fail in the same way.
_VARYING = (
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "0x0"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b"), "HEX"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "TIME"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds?|milliseconds?)\b"), "DURATION"),
    (re.compile(r"/[Tt]e?mp/\S+|SCRATCH\S*"), "PLACE"),
    (re.compile(r"(?<=[:(])\d+(?:[:,]\d+)?(?=[):,\s]|$)|\bline \d+"), "N"),
    (re.compile(r"\b\d{5,}\b"), "N"),
    (re.compile(r"\s+"), " "),
)


class _Sign(NamedTuple):
    page: Page
    signs: tuple[re.Pattern[str], ...]


def failures_of(verdict: Verdict, findings: Sequence[Finding] = ()) -> tuple[Failure, ...]:
    """The failures of what a verdict counts against the change: one for each step and cause, the steps in their order.

    `findings` are the new ones; advice is none of them. A step that fails exactly as before the change is no failure.
    """
    grave = [finding for finding in findings if finding.severity != "advice"]
    found: list[Failure] = []
    for result in verdict.results:
        if _counts(result):
            guarded = result.step == "guardrails" and bool(grave)
            faults = tuple(_of_findings(grave)) if guarded else tuple(_faults(result))
            found += _failures(result.step, faults)
    if grave and not any(failure.step == "guardrails" for failure in found):
        found += _failures("guardrails", tuple(_of_findings(grave)))
    return tuple(found)


def cause_of(text: str, step: str = "") -> str:
    """The page of the playbook on what a text says; where nothing in it is a sign, that of the step, else "unknown"."""
    lines = [line[:_LINE] for line in text.splitlines()]
    for page, signs in _signs():
        if any(sign.search(line) for sign in signs for line in lines):
            return page.name.partition("/")[2]
    word = step.lower()
    return next((p.name.partition("/")[2] for p, _ in _signs() if word in p.front.get("steps", ())), _UNKNOWN)


def steady(text: str) -> str:
    """A text without what differs between two runs: addresses, ids, times, positions."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text.strip()


def _counts(result: StepResult) -> bool:
    if not result.required or result.outcome in ("passed", "skipped"):
        return False
    return not (result.was == "failed" and result.new == () and result.problems)


def _faults(result: StepResult) -> Iterator[Fault]:
    """What is new of what a step showed; without a known form its problems, its detail, the end of its output."""
    if result.outcome == "unavailable":
        yield Fault(result.step, (result.detail or "it could not run",))
        return
    if result.detail.startswith("stopped after"):
        yield Fault(result.step, (result.detail,))
    new = frozenset(result.new or ())
    known = [fault for fault in result.faults if fault.problem in new] or list(result.faults)
    if known:
        yield from known
        return
    problems = result.new or result.problems or ()
    if problems:
        yield from (Fault("", (problem,)) for problem in problems)
    else:
        lines = [line for line in result.tail.splitlines() if line.strip()][-_TAIL:]
        yield Fault("", tuple(lines) or (result.detail or "it failed and printed nothing",))


def _of_findings(findings: Sequence[Finding]) -> Iterator[Fault]:
    for finding in findings:
        said = (f"{finding.rule} {finding.message}", *((f"help: {finding.help}",) if finding.help else ()))
        chain = tuple(f"{step.span}: {step.message}" for step in finding.related[:3])
        yield Fault(finding.span.path, (*said, *chain), str(finding.span), problem=finding.fingerprint)


def _failures(step: str, faults: Sequence[Fault]) -> Iterator[Failure]:
    by_cause: dict[str, list[Fault]] = {}
    for fault in faults:
        by_cause.setdefault(cause_of("\n".join(fault.message), step), []).append(fault)
    for cause, alike in by_cause.items():
        page = pages().get(f"playbook/{cause}")
        yield Failure(cause, step, _evidence(step, alike), page.text if page else "", _fingerprint(step, cause, alike))


def _evidence(step: str, faults: Sequence[Fault]) -> str:
    lines = []
    for fault in faults[:SHOWN]:
        lines.append(fault.name or step)
        if fault.place:
            lines.append(f"  at {fault.place}")
        lines += [f"  {line}" for line in fault.message]
    rest = faults[SHOWN:]
    if rest:
        names = list(dict.fromkeys(fault.name or next(iter(fault.message), step) for fault in rest))[:NAMED]
        lines.append(f"and {len(rest)} more: {', '.join(names)}" + (" …" if len(rest) > len(names) else ""))
    return "\n".join(lines)


def _fingerprint(step: str, cause: str, faults: Sequence[Fault]) -> str:
    """Of what failed and how: equal whatever the order, the lines and the addresses."""
    alike = sorted({"\0".join((fault.name, *map(steady, fault.message))) for fault in faults})
    return sha256("\1".join((step, cause, *alike)).encode()).hexdigest()[:16]


@cache
def _signs() -> tuple[_Sign, ...]:
    read = [page for name, page in pages().items() if name.startswith("playbook/")]
    return tuple(
        _Sign(page, tuple(re.compile(sign) for sign in page.front.get("signs", ())))
        for page in sorted(read, key=lambda page: page.front["order"])
    )
