"""What the parts of a run did, told as one: behaviour, checklist, what was spent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from backwright.core.acting import Usage
from backwright.engine.behaviour import Changed
from backwright.report.results import CheckedItem

# An item is answered for all parts by the first of these that it was answered with for one.
_WORST = ("no", "unproven", "judgement", "yes", "not applicable")


def behaviour_of(parts: Sequence[Iterable[Changed]]) -> tuple[Changed, ...]:
    """What is not as it was before the first part: what a part changed again is told once, what went again not at all."""
    found: dict[tuple[str, str], Changed] = {}
    for part in parts:
        for one in part:
            key = (one.kind, one.name)
            before = found.pop(key, None)
            if before is None:
                found[key] = one
            elif before.how == "added" and one.how == "removed":
                continue
            else:
                how = before.how if one.how == "changed" else "changed" if before.how == "removed" else one.how
                found[key] = msgspec.structs.replace(one, how=how, was=before.was)
    return tuple(found.values())


def checklist_of(parts: Sequence[Sequence[CheckedItem]]) -> tuple[CheckedItem, ...]:
    """Each item with its worst answer, and the evidence of the parts that it was answered so for."""
    found: dict[str, CheckedItem] = {}
    for item in (item for part in parts for item in part):
        known = found.get(item.key)
        if known is None or _WORST.index(item.said) < _WORST.index(known.said):
            found[item.key] = item
        elif item.said == known.said:
            evidence = tuple(dict.fromkeys((*known.evidence, *item.evidence)))
            found[item.key] = msgspec.structs.replace(known, evidence=evidence)
    return tuple(found.values())


def spent(facts: Iterable[dict[str, Any]]) -> Usage:
    """What all attempts of all parts have spent: `facts` are what the steps of the run found out."""
    each = [msgspec.convert(one["usage"], Usage) for one in facts if one.get("usage")]
    dollars = [one.dollars for one in each if one.dollars is not None]
    return Usage(
        requests=sum(one.requests for one in each),
        input_tokens=sum(one.input_tokens for one in each),
        output_tokens=sum(one.output_tokens for one in each),
        dollars=sum(dollars) if dollars else None,
        seconds=sum(one.seconds for one in each),
    )
