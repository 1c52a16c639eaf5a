"""Texts of SQL: names, lists and statements in them, and which of a migration's files lead forward."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.kit.testfiles import is_test_file

_PART = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w$]+)"
NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"  # of a table or a column, as it is written

_QUOTED = re.compile(r"--[^\n]*|/\*.*?\*/|#(?![>=-])[^\n]*|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_BACK = re.compile(
    r"([._-]|^|/)(down|rollback|revert|undo)(?![a-z])[^/]*\.sql$|(^|/)U\d[\d._]*__[^/]*\.sql$", re.IGNORECASE
)
_BACKWARD = re.compile(r"^--\s*(\+(goose|migrate)\s+down|migrate:down|rollback\s*$)", re.IGNORECASE | re.MULTILINE)
_FOREIGN = re.compile(r"(^|/)(vendor|node_modules|third_party)/")


def is_foreign(path: str) -> bool:
    """Whether a file is of tests, or of what others wrote."""
    return _FOREIGN.search(path) is not None or is_test_file(path)


def forward(path: str, text: str) -> str:
    """What of a file leads forward: `""` where the file takes a migration back, and where it is foreign."""
    if _BACK.search(path) or is_foreign(path):
        return ""
    backward = _BACKWARD.search(text)
    return text[: backward.start()] if backward is not None else text


def bare(name: str) -> str:
    """The last part of a name, without quotes."""
    return name.split(".")[-1].strip().strip('`"[]')


def without_comments(sql: str) -> str:
    """The same text with blanks for its comments, those in bodies of functions too: all places stay."""
    return _QUOTED.sub(_uncommented, sql)


def _uncommented(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] == "$":
        tag = len(found[1]) + 2
        return f"{text[:tag]}{without_comments(text[tag:-tag])}{text[-tag:]}"
    return text if text[0] == "'" else _blank(text)


def statements(sql: str) -> Iterator[tuple[str, int]]:
    """The statements with their places; comments and what is quoted are blank."""
    blank = _QUOTED.sub(lambda m: f"'{' ' * (len(m[0]) - 2)}'" if m[0][0] in "'$" else _blank(m[0]), sql)
    at = 0
    for part in blank.split(";"):
        if part.strip():
            yield part.strip(), at + len(part) - len(part.lstrip())
        at += len(part) + 1


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def parts(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """What commas part from `start` to the parenthesis that closes, each with its beginning and its end."""
    depth, at, quote = 0, start, ""
    for place in range(start, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]" and depth:
            depth -= 1
        elif sign == ")" or (sign == "," and not depth):
            yield text[at:place], at, place
            at = place + 1
            if sign == ")":
                return
