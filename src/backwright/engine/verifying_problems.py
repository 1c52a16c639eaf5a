"""What a tool complains of, in a form that can be compared with an earlier run: free of positions, one text a problem.

Line numbers are left out because a change moves them; the same complaint twice in a file is two problems, so that a new
one does not hide behind an old one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LINE_LIMIT = 2000  # characters of an output line that are looked at

_POSITIONED = re.compile(
    r"^\s*(?P<path>[^\s:][^:]{0,400}\.\w{1,8}):\d+(?::\d+)?(?::\d+:\d+)?(?:: | - |:\s*|\s+)(?P<message>\S.*)$"
)
_FILE_ONLY = re.compile(
    r"^(?:[Ww]ould reformat:? |ERROR: |would sort )(?P<path>\S.*?)(?: Imports are incorrectly .*)?$"
)
_NOISE = re.compile(r"^(?:note|information)\b[: ]")
_VARYING = (
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "0x0"),
    (re.compile(r"\b(lines?|Line) \d+(?:-\d+)?"), r"\1 N"),
)


def problems_of(output: str) -> tuple[str, ...]:
    """The complaints in the output of a linter, formatter or type checker: `path: message`.

    Where no line looks like one (a tool we do not know), every line counts, with its numbers made equal.
    """
    found = []
    for line in output.splitlines():
        text = line[:LINE_LIMIT]
        match = _POSITIONED.match(text)
        if match and not _NOISE.match(match["message"]):
            found.append(f"{match['path']}: {_steady(match['message'])}")
        elif not match and (named := _FILE_ONLY.match(text)):
            found.append(f"{_steady(named['path'])}: is not formatted")
    if not found:
        lines = (line[:LINE_LIMIT].strip() for line in output.splitlines())
        found = [re.sub(r"\d+(\.\d+)?", "N", _steady(line)) for line in lines if line]
    return tuple(sorted(found))


def added(now: Iterable[str], before: Iterable[str]) -> tuple[str, ...]:
    """The problems of `now` that `before` did not have, counted: three where there were two is one new."""
    return tuple(sorted((Counter(now) - Counter(before)).elements()))


def _steady(message: str) -> str:
    for pattern, replacement in _VARYING:
        message = pattern.sub(replacement, message)
    return message.rstrip()
