"""What tests here use to empty tables by name empties the new one too, so that they can be run twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from backwright.stacks.express.decide import ExpressPlan

_CASE = re.compile(r"\.(?:test|spec)\.\w+$")
_NAME = r'\\?"?\w+\\?"?'
_TRUNCATE = re.compile(rf"\bTRUNCATE(?:\s+TABLE)?\s+(?P<names>(?:{_NAME}\s*,\s*)*{_NAME})", re.IGNORECASE)
_DELETES = re.compile(r"^\s*(?:await\s+)?[\w.]+\.(\w+)\.deleteMany\(\)[,;]?\s*$")


def emptied(plan: ExpressPlan) -> Iterator[tuple[str, str, str]]:
    """Path, text before and text after of each file beside the tests that names the sibling's table to empty it."""
    folder = PurePosixPath(plan.paths["test"]).parent
    for path in plan.index.files:
        if _CASE.search(path) or folder not in PurePosixPath(path).parents:
            continue
        before = plan.sources.read(path)
        after = _deleted(plan, _truncated(plan, before))
        if after != before:
            yield path, before, after


def _truncated(plan: ExpressPlan, text: str) -> str:
    for match in _TRUNCATE.finditer(text):
        names = re.split(r"\s*,\s*", match["names"])
        bare = [name.strip('\\"') for name in names]
        if plan.sibling.table.table in bare and plan.table not in bare:
            return f"{text[: match.end()]}, {names[-1].replace(bare[-1], plan.table)}{text[match.end() :]}"
    return text


def _deleted(plan: ExpressPlan, text: str) -> str:
    """Rows go before those that they refer to."""
    lines = text.splitlines(keepends=True)
    found = [_DELETES.match(line) for line in lines]
    sibling = plan.sibling.name.camel
    at = next((i for i, m in enumerate(found) if m is not None and m[1] == sibling), None)
    if at is None or any(m is not None and m[1] == plan.name.camel for m in found):
        return text
    line = lines[at].replace(f".{sibling}.deleteMany", f".{plan.name.camel}.deleteMany")
    while at and found[at - 1] is not None:
        at -= 1
    return "".join([*lines[:at], line, *lines[at:]])
