"""Rows that are marked instead of deleted: `soft delete orders`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import SoftDelete, Understood
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import pascal, snake

EXAMPLE = "plan soft-delete Order"
COLUMN = "deleted_at"
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
    column = pattern("soft_column").match(sentence.strip(" ."))
    if column is not None and (marked := find_entity(column["entity"], known)):
        return _by_column(marked, snake(column["column"]), words)
    match = next(
        (m for n in _SENTENCES if (m := pattern(n).match(sentence.strip(" .")))),
        None,
    )
    entity = find_entity(match["entity"], known) if match is not None else ""
    return Understood("soft_delete", words=words, soft_delete=SoftDelete(entity)) if entity else None


def _by_column(entity: str, column: str, words: str) -> Understood:
    """A column of this name alone hides no row: what is meant is a soft delete, or has to be told."""
    if column == COLUMN:
        why = f"`{COLUMN}` is what marks a row as deleted; as a plain field: plan field add {entity} {COLUMN}:datetime?"
        said = (Assumption("soft_delete", "yes", why),)
        return Understood("soft_delete", assumptions=said, words=words, soft_delete=SoftDelete(entity))
    text = (
        f"a field `{column}` alone hides no row. Shall rows be marked as deleted, and read no more: plan soft-delete "
        f"{entity}? As a plain field: plan field add {entity} {column}:bool=false"
    )
    return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
