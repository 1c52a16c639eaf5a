"""Words that a database keeps for itself: the data in `knowledge/sqlwords.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _words() -> dict[str, frozenset[str]]:
    texts = tomllib.loads((files("backwright.knowledge") / "sqlwords.toml").read_text(encoding="utf-8"))
    return {dialect: frozenset(words.split()) for dialect, words in texts.items()}


def is_sql_word(name: str, dialect: str) -> bool:
    """Whether postgres, sqlite, mysql or h2 keeps a name for itself; of a dialect that is not known, any of them."""
    known = _words()
    return name.lower() in (known.get(dialect) or frozenset().union(*known.values()))
