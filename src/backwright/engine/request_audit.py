"""When rows were made and last changed: `add timestamps to orders`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.change import Question
from backwright.core.errors import UsageError
from backwright.core.request import Audit, Understood
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import pascal

COLUMNS = ("created_at", "updated_at", "created_by", "updated_by")
EXAMPLE = "plan audit Order"
_SENTENCES = ("audit_added", "audit_named", "audit_tracked")


def parse_audit(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan audit` is understood as: an entity, and which columns. Raises UsageError."""
    entity, *columns = [part for token in tokens for part in token.split(",") if part] or [""]
    if not re.fullmatch(r"[A-Za-z_]\w*", entity):
        raise UsageError("`audit` takes an entity", hints=(f"for example: {EXAMPLE}",))
    other = next((name for name in columns if name not in COLUMNS), "")
    if other:
        raise UsageError(f"`{other}` is none of {', '.join(COLUMNS)}", hints=did_you_mean(other, COLUMNS))
    return _understood(pascal(entity), columns, " ".join(("audit", *tokens)))


def audit_of_file(said: Mapping[str, str], words: str) -> Understood:
    """What `audit: Order` or `audit: Order created_at` of a feature file says."""
    found = parse_audit(re.split(r"[\s,]+", said["audit"]))
    return Understood("audit", words=words, audit=found.audit)


def audit_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about when (or by whom) rows were made is understood as; None where it is about something else."""
    plain = sentence.strip(" .")
    for name in _SENTENCES:
        match = pattern(name).match(plain)
        entity = find_entity(match["entity"], known) if match is not None else ""
        if match is None or not entity:
            continue
        said = match.groupdict().get("columns") or ""
        columns = [_column(part) for part in re.split(r"\s*(?:,\s*(?:and\s+)?|&|\band\b)\s*", said) if part.strip()]
        if "" in columns:
            text = (
                f"what is noted of rows is {', '.join(COLUMNS)}, and this is another: '{said}'. For example: {EXAMPLE}"
            )
            return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
        who = re.search(r"\bwho\b|\bby whom\b", plain) is not None
        if who and name == "audit_tracked":
            columns = [*(list(COLUMNS[:2]) if re.search(r"\bwhen\b", plain) else []), *COLUMNS[2:]]
        return _understood(entity, columns, words)
    return None


def _column(said: str) -> str:
    """`created_at` of `created` or `created at`; `""` for what is no such column."""
    name = re.sub(r"\W+", "_", said.strip().lower())
    return next((c for c in COLUMNS if name in (c, c.removesuffix("_at"))), "")


def _understood(entity: str, columns: Sequence[str], words: str) -> Understood:
    return Understood("audit", words=words, audit=Audit(entity, tuple(dict.fromkeys(columns))))
