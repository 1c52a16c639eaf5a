"""One TypeScript or JavaScript file into facts."""

from __future__ import annotations

from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Parser

from backwright.core.facts import FileFacts
from backwright.kit.syntax.walking import extract as walk
from backwright.languages.typescript.grammar import GRAMMAR

# Only these may hold `<Type>value`, which the grammar with tags cannot read.
_WITHOUT_TAGS = (".ts", ".mts", ".cts")


@cache
def _parser(tags: bool) -> Parser:
    pointer = tree_sitter_typescript.language_tsx() if tags else tree_sitter_typescript.language_typescript()
    return Parser(Language(pointer))


def extract(path: str, source: bytes, module: str) -> FileFacts:
    """All facts of one file."""
    return walk(path, source, module, _parser(not path.endswith(_WITHOUT_TAGS)), GRAMMAR)
