"""How a part is written where a repository shows none yet: one page a language in `knowledge/snippets`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_PART = re.compile(r"^## (\w+)\n```(\w+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_PAGE_OF = {"javascript": "typescript"}


@dataclass(frozen=True)
class Templates:
    """The parts by role, each with the language of its fence; `title` says what they are written for."""

    title: str = ""
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@cache
def templates(language: str) -> Templates:
    """Those of a language, none for one that there is no page for."""
    page = files("backwright.knowledge") / "snippets" / f"{_PAGE_OF.get(language, language)}.md"
    if not page.is_file():
        return Templates()
    text = page.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("# ")
    return Templates(title, {role: (fence, body) for role, fence, body in _PART.findall(text)})
