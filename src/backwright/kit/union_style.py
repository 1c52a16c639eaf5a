"""Whether a file writes `Optional[X]` or `X | None`: what is added to it does as it does."""

from __future__ import annotations

import re

_UNION = re.compile(r"(?<![\w.\]])((?:[\w.]+)(?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])?) \| None")


def in_style_of(text: str, line: str) -> str:
    """The line with its unions as those of the text."""
    if "Optional[" not in text or re.search(r"\| None\b", text):
        return line
    return _UNION.sub(r"Optional[\1]", line)
