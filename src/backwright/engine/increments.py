"""A request in plain words that holds several, taken apart where each of them can be understood by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwright.core.errors import UsageError
from backwright.core.request import Understood
from backwright.engine.requesting import parse_words

_VERBS = "add|create|build|introduce|rename|remove|delete|drop"
_BETWEEN = re.compile(rf"(?:\s*[.;]\s+|\s*,?\s+and\s+(?:then\s+)?|\s*,\s*then\s+|\s+then\s+)(?=(?:{_VERBS})\s)", re.I)
_MOST = 12  # parts; more is no request but a project


def parts_of(words: str, known: Sequence[str]) -> tuple[str, ...]:
    """The requests in the order in which they were asked; the words as they are where they cannot be told apart for sure.

    `known` are the entities of the repository; a part may speak of what one before it adds.
    """
    pieces = [piece for piece in _BETWEEN.split(words) if piece.strip()]
    if not 1 < len(pieces) <= _MOST:
        return (words,)
    names = list(known)
    for piece in pieces:
        try:
            understood = parse_words(piece, names)
        except UsageError:
            return (words,)
        if not _stands_alone(understood):
            return (words,)
        if understood.feature is not None:
            names.append(understood.feature.resource)
    return tuple(pieces)


def _stands_alone(understood: Understood) -> bool:
    """Whether a part is a request of its own: a resource with its fields, or a change of a field."""
    return understood.field is not None or (understood.feature is not None and bool(understood.feature.fields))
