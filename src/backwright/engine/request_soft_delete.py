"""Rows that are marked instead of deleted: `soft delete orders`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.errors import UsageError
from backwright.core.request import SoftDelete, Understood
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import pascal

EXAMPLE = "plan soft-delete Order"
_SENTENCES = ("soft_delete", "soft_deleted", "soft_made", "soft_kept", "soft_marked")


def parse_soft_delete(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan soft-delete` is understood as: an entity. Raises UsageError."""
    if len(tokens) != 1 or not re.fullmatch(r"[A-Za-z_]\w*", tokens[0]):
        raise UsageError("`soft-delete` takes an entity", hints=(f"for example: {EXAMPLE}",))
    return Understood("soft_delete", words=f"soft-delete {tokens[0]}", soft_delete=SoftDelete(pascal(tokens[0])))


def soft_delete_of_file(said: Mapping[str, str], words: str) -> Understood:
    """What `soft_delete: Order` of a feature file says."""
    return Understood("soft_delete", words=words, soft_delete=SoftDelete(pascal(said["soft_delete"])))


def soft_delete_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about marking rows is understood as; None where it is about something else."""
    match = next(
        (m for n in _SENTENCES if (m := pattern(n).match(sentence.strip(" .")))),
        None,
    )
    entity = find_entity(match["entity"], known) if match is not None else ""
    return Understood("soft_delete", words=words, soft_delete=SoftDelete(entity)) if entity else None
