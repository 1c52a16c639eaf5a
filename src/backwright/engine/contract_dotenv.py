"""Reads `.env` files as python-dotenv does: `export`, quotes, comments, `${NAME}` and `${NAME:-default}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*
        (?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^\r\n]*))""",
    re.MULTILINE | re.VERBOSE,
)
_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\"}


def read_dotenv(text: str) -> dict[str, str]:
    """Names to values, later lines winning; a reference to a name that is not set above is empty, or its default."""
    values: dict[str, str] = {}
    for match in _LINE.finditer(text):
        if match["single"] is not None:
            values[match["name"]] = match["single"].replace(r"\'", "'")
            continue
        if match["double"] is not None:
            raw = re.sub(r"\\[nt\"\\]", lambda m: _ESCAPES[m.group()], match["double"])
        else:
            raw = re.sub(r"(^|[ \t]+)#.*$", "", match["bare"]).strip()
        values[match["name"]] = _expanded(raw, values)
    return values


def _expanded(raw: str, values: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda m: values.get(m["name"]) or m["default"] or "", raw)
