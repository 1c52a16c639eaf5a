"""The operations in a schema that is written in GraphQL's own language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

KINDS = {"Query": "QUERY", "Mutation": "MUTATION", "Subscription": "SUBSCRIPTION"}
_TEXTS = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_TYPE = re.compile(r"\b(?:extend\s+)?type\s+(\w+)[^{}]*\{")
_SCHEMA = re.compile(r"\bschema\b[^{}]*\{([^}]*)\}")
_ROOT = re.compile(r"\b(query|mutation|subscription)\s*:\s*(\w+)")
_MOST = 1_000_000  # characters


class Offered(NamedTuple):
    """A field of a root type; `line` is counted from 1 in the text."""

    method: str
    name: str
    line: int


def offered(text: str) -> Iterator[Offered]:
    """Every operation of a schema."""
    if len(text) > _MOST or "type" not in text:
        return
    plain = _TEXTS.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    schema = _SCHEMA.search(plain)
    roots = KINDS if schema is None else {name: kind.upper() for kind, name in _ROOT.findall(schema[1])}
    for opened in _TYPE.finditer(plain):
        if opened[1] in roots:
            for name, at in _fields(plain, opened.end()):
                yield Offered(roots[opened[1]], name, plain.count("\n", 0, at) + 1)


def _fields(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The names of the fields in braces, arguments and directives left out."""
    depth, name, at = 0, "", start
    for found in re.compile(r"[(){}\[\]]|\w+|[:@]").finditer(text, start):
        word = found[0]
        if word in "([{":
            depth += 1
        elif word == "}" and depth == 0:
            return
        elif word in ")]}":
            depth -= 1
        elif depth:
            continue
        elif word == ":":
            if name:
                yield name, at
            name = ""
        elif word == "@":
            name = ""
        else:
            name, at = word, found.start()
