"""How difficult a request is: it decides how much is read for it, and whether it is split."""

from __future__ import annotations

import re

import msgspec

from backwright.core.acting import Difficulty
from backwright.core.request import Feature, Understood

# What makes a request complex in any words: stored data moves, a contract breaks, or it goes through everything.
_GRAVE = re.compile(
    r"\b(?:migrate|backfill|split \w+ into|merge \w+ (?:and|with|into)|multi-?tenan\w*|breaking change|backwards?[- ]compatib\w+"
    r"|everywhere|all (?:endpoints|routes|models|entities|services)|re-?architect\w*|rewrite|zero[- ]downtime|replace \w+ (?:with|by))\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"(?:^|[.;!?]\s+|\n\s*(?:[-*]|\d+[.)])\s+)(?=\S)")  # where another thing that is asked for begins
_COMPLEX = 5  # things that are asked for


def difficulty(feature: Feature) -> Difficulty:
    """Of a resource: by what has to be right at once."""
    refs = sum(field.type == "ref" for field in feature.fields)
    rules = refs + len(feature.unique_together) + (feature.owner is not None) + len(set(feature.access.values())) // 3
    if rules >= 5 or len(feature.fields) > 25:
        return "complex"
    return "medium" if rules >= 2 or len(feature.fields) > 12 else "simple"


def with_difficulty(understood: Understood) -> Understood:
    """The request with how difficult it is."""
    return msgspec.structs.replace(understood, difficulty=_of(understood))


def _of(understood: Understood) -> Difficulty:
    if understood.feature is not None:
        return difficulty(understood.feature)
    if understood.field is not None:
        # A new field concerns its own entity; another name or none concerns everybody who uses it.
        new = understood.field.action == "add"
        refers = understood.field.field is not None and understood.field.field.type == "ref"
        return "simple" if new and not refers else "medium"
    if understood.endpoint is not None:
        return "simple"  # one route, one decision, in the layers that its resource has
    return _of_words(understood.words)


def _of_words(words: str) -> Difficulty:
    """Of a request that no recipe fits: never simple, for there is nothing that says what belongs to it."""
    asked = len(_ASKED.findall(words.strip()))
    if _GRAVE.search(words) or asked >= _COMPLEX:
        return "complex"
    return "medium"
