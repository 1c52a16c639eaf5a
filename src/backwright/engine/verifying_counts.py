"""How many tests ran, from what a runner without a report prints."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_LINE_LIMIT = 400  # characters of a line that are looked at


class Count(NamedTuple):
    """`number` of `unit` that ran."""

    number: int
    unit: str = "tests"

    def __str__(self) -> str:
        return f"{self.number} {self.unit if self.number != 1 else self.unit.removesuffix('s')}"


def count_of(output: str) -> Count | None:
    """What the runner says it ran; None where it does not say."""
    lines = [line[:_LINE_LIMIT].rstrip() for line in output.splitlines()]
    for pattern, unit in _runners():
        found = [match for line in lines if (match := pattern.search(line))]
        if found:
            return Count(sum(int(match[1] or 0) if match.re.groups else 1 for match in found), unit)
    return None


@cache
def _runners() -> tuple[tuple[re.Pattern[str], str], ...]:
    text = (files("backwright.knowledge") / "test_runners.toml").read_text(encoding="utf-8")
    known = tomllib.loads(text)["runner"].values()
    return tuple((re.compile(item["line"]), item.get("unit", "tests")) for item in known)
