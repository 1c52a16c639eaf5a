"""One Rust file into facts."""

from __future__ import annotations

from functools import cache

import tree_sitter_rust
from tree_sitter import Language, Parser

from backwright.core.facts import FileFacts
from backwright.kit.syntax.walking import extract as walk
from backwright.languages.rust.grammar import GRAMMAR


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_rust.language()))


def extract(path: str, source: bytes, module: str) -> FileFacts:
    """All facts of one file."""
    return walk(path, source, module, _parser(), GRAMMAR)
