"""Whether new tests fail without their change, and for the reason that they are there for.

A test that is written first shows that it can fail. It counts only where it fails because something of the change is not there
yet: an assertion, an answer 404 or 405, a name that only the change brings. A test that cannot be read proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from backwright.core.change import ChangeSet, Edit
from backwright.core.verdict import Fault, Red, StepResult

_BROKEN = re.compile(r"\b(SyntaxError|IndentationError|TabError)\b")
_NAMED = re.compile(
    r"No module named '(?P<module>[\w.]+)'|cannot import name '(?P<name>\w+)'|name '(?P<free>\w+)' is not defined"
    r"|has no attribute '(?P<attribute>\w+)'|unexpected keyword argument '(?P<argument>\w+)'|Cannot find module '(?P<path>[^']+)'"
    r"|is not exported|KeyError: '(?P<key>\w+)'|fixture '(?P<fixture>\w+)' not found"
)
_ANSWER = re.compile(r"\b40[45]\b")
_ASSERTION = re.compile(r"\b(AssertionError|AssertionFailedError|assert\b|expected\b|expect\()", re.I)
_WORD = re.compile(r"[A-Za-z_]\w+")
_SHOWN = 200  # characters of evidence


def reds_of(result: StepResult, change: ChangeSet) -> tuple[Red, ...]:
    """What each new test did without the rest of the change. `result` is of the step that ran the tests."""
    brought = _brought(change)
    faults = [fault for fault in result.faults if _is_of(fault, change.tests)]
    reds = tuple(_red(fault, brought) for fault in faults)
    if reds:
        return reds
    problems = [p for p in result.new or result.problems or () if any(path in p for path in change.tests)]
    return tuple(_red(Fault(p, tuple(result.tail.splitlines()[-12:])), brought) for p in problems)


def is_right(reds: Sequence[Red]) -> bool:
    """Whether the new tests fail as they should: some do, and none for a reason of its own."""
    return bool(reds) and all(red.reason != "other" for red in reds)


def _red(fault: Fault, brought: Collection[str]) -> Red:
    text = "\n".join(fault.message)
    shown = next((line.strip() for line in fault.message if line.strip()), "")[:_SHOWN]
    if _BROKEN.search(text):
        return Red(fault.name, "other", shown)
    named = list(_names(text))
    if named:
        ours = any(part in brought for name in named for part in _WORD.findall(name)[-1:])
        return Red(fault.name, "missing" if ours else "other", shown)
    if _ANSWER.search(text):
        return Red(fault.name, "answer", shown)
    return Red(fault.name, "assertion" if _ASSERTION.search(text) else "other", shown)


def _names(text: str) -> Iterator[str]:
    for match in _NAMED.finditer(text):
        yield from (name for name in match.groupdict().values() if name)


def _brought(change: ChangeSet) -> frozenset[str]:
    """The words that only the change brings: names in its code, and the names of its new files and folders."""
    words: set[str] = set()
    for edit in change.edits:
        if edit.path not in change.tests:
            words |= set(_WORD.findall(edit.after or "")) - set(_WORD.findall(edit.before or ""))
            words |= set(_WORD.findall(edit.path)) if edit.before is None else set()
    return frozenset(words)


def _is_of(fault: Fault, tests: Sequence[str]) -> bool:
    """Whether a fault is of one of these files, wherever the runner's root is."""
    named = f"{fault.name} {fault.problem} {fault.place}"
    module = named.replace("/", ".")
    return any(path in named or path.rpartition(".")[0].replace("/", ".") in module for path in tests) or any(
        named.partition("::")[0] and path.endswith(named.partition("::")[0].strip()) for path in tests
    )


def only_tests(change: ChangeSet) -> tuple[Edit, ...]:
    """The edits of the change that are its new tests."""
    return tuple(edit for edit in change.edits if edit.path in change.tests)
