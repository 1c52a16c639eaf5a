"""A change of the database alone: `add an index on orders.status`, `make email of users unique`.

Grammar (`migration index 'orders(status, created_at)'`), plain words and feature files become one `MigrationChange`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from backwright.core.change import Question
from backwright.core.errors import UsageError
from backwright.core.request import MigrationChange, Understood
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import singular, snake

ACTIONS = ("index", "unique", "check", "backfill")
EXAMPLES = (
    "plan migration index 'orders(status, created_at)'",
    "plan migration unique 'users(email)'",
    "plan migration check 'orders(total >= 0)'",
    "plan migration backfill orders.status=pending where 'status is null'",
)
Action = Literal["index", "unique", "check", "backfill"]
_SENTENCES = (
    "migration_index",
    "migration_index_of",
    "migration_indexed",
    "migration_unique",
    "migration_uniquely",
    "migration_unique_short",
    "migration_unique_must",
    "migration_check_must",
    "migration_check",
    "migration_check_of",
    "migration_backfill",
    "migration_backfill_short",
)
_BACKFILL = "backfill status of orders with pending where status is null"
_TABLE = re.compile(r"(?P<table>[A-Za-z_][\w]*)\s*(?:\((?P<inside>.*)\)|\.(?P<column>\w+))?\s*$")
_SETS = re.compile(
    r"(?P<table>\w+)\.(?P<column>\w+)\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|\S+)(?:\s+where\s+(?P<where>.+))?$"
)


def parse_migration(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan migration` is understood as. Raises UsageError."""
    action, *rest = tokens or [""]
    if action not in ACTIONS:
        hints = (*did_you_mean(action, ACTIONS), *(f"for example: {e}" for e in EXAMPLES))
        raise UsageError(f"no migration is called '{action}'" if action else "nothing was asked for", hints=hints)
    example = f"for example: {EXAMPLES[ACTIONS.index(action)]}"
    concurrently = "--concurrently" in rest
    if concurrently and action not in ("index", "unique"):
        raise UsageError("`--concurrently` builds an index, and this is none")
    batch = _batch([t for t in rest if t.startswith("batch=")], action)
    kept = [t for t in rest if t != "--concurrently" and not t.startswith("batch=")]
    text, words = " ".join(kept).strip(), " ".join(("migration", *tokens))
    if action == "backfill":
        match = _SETS.match(text)
        if match is None:
            raise UsageError("a backfill sets a column of a table", hints=(example,))
        change = MigrationChange(
            "backfill", match["table"], (snake(match["column"]),), _bare((match["where"] or "").strip()),
            match["value"].strip("'\""), batch=batch,
        )  # fmt: skip
        return Understood("migration", words=words, migration=change)
    match = _TABLE.match(text)
    inside = (match["inside"] or match["column"] or "") if match is not None else ""
    if match is None or not inside.strip():
        raise UsageError(f"`migration {action}` names a table and what of it", hints=(example,))
    if action == "check":
        return _understood(MigrationChange("check", match["table"], condition=inside.strip()), words)
    columns = tuple(part.strip() for part in inside.split(",") if part.strip())
    return _understood(
        MigrationChange(cast("Action", action), match["table"], columns, concurrently=concurrently), words
    )


def migration_of_file(said: Mapping[str, Any], words: str) -> Understood:
    """What `migration` of a feature file says: `{index: 'orders(status)'}`, with `concurrently` or `batch` beside it."""
    action = next((key for key in ACTIONS if key in said), "")
    tokens = [action, str(said.get(action, ""))]
    tokens += ["--concurrently"] if str(said.get("concurrently", "")).lower() in {"true", "yes"} else []
    tokens += [f"batch={said['batch']}"] if "batch" in said else []
    found = parse_migration(tokens)
    return Understood("migration", words=words, migration=found.migration)


def migration_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about the database alone is understood as; None where it is about something else."""
    plain = sentence.strip(" .")
    for name in _SENTENCES:
        match = pattern(name).match(plain)
        if match is None:
            continue
        said: dict[str, str] = {}
        for key, value in match.groupdict().items():  # one name a group: alternatives are numbered
            said[key.rstrip("0123456789")] = said.get(key.rstrip("0123456789")) or value or ""
        entity = find_entity(said["entity"], known)
        if not entity:
            continue
        columns = tuple(snake(c) for c in re.split(r"\s*(?:,|\band\b)\s*", said.get("columns") or "") if c.strip())
        if name.startswith("migration_check"):
            condition = _condition(" ".join(filter(None, (said["condition"], said.get("bound")))))
            if not condition:
                continue
            return _understood(MigrationChange("check", entity, condition=condition), words)
        if name.startswith("migration_backfill"):
            rows = re.search(r"\d+", said.get("batch") or "")
            change = MigrationChange(
                "backfill", entity, columns[:1], said.get("where") or "", said["value"].strip("'\""),
                batch=int(rows.group()) if rows else 0,
            )  # fmt: skip
            return _understood(change, words)
        if name == "migration_unique_must":  # "names" are what each has one of
            columns = tuple(singular(c) for c in columns)
        if name == "migration_unique_short" and not re.search(r"\bunique", plain):
            continue
        action: Action = "unique" if said.get("unique") or name.startswith("migration_unique") else "index"
        concurrently = bool(pattern("migration_big").search(plain))
        return _understood(MigrationChange(action, entity, columns, concurrently=concurrently), words)
    if pattern("migration_begun").match(plain):
        text = f"a backfill names a column of an entity, and a value. For example: {_BACKFILL}"
        return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
    return None


def _batch(said: Sequence[str], action: str) -> int:
    """The rows of `batch=500`; 0 where nothing is said of them. Raises UsageError for what is no number of rows."""
    if not said:
        return 0
    if action != "backfill" or len(said) > 1 or not re.fullmatch(r"batch=0*[1-9]\d{0,6}", said[0]):
        raise UsageError(f"'{' '.join(said)}' is no number of rows of a backfill", hints=("for example: batch=500",))
    return int(said[0].partition("=")[2])


def _bare(text: str) -> str:
    """A condition without quotes around it as a whole; those of its values stay."""
    quote = text[:1]
    whole = quote in ("'", '"') and len(text) > 1 and text.endswith(quote) and quote not in text[1:-1]
    return text[1:-1].strip() if whole else text


def _understood(change: MigrationChange, words: str) -> Understood:
    for column in change.columns:
        if not re.fullmatch(r"[A-Za-z_]\w*", column):
            raise UsageError(f"'{column}' is no name of a column", hints=EXAMPLES[:1])
    return Understood("migration", words=words, migration=change)


def _condition(text: str) -> str:
    """`total is not negative`, `total >= 0` as SQL; `""` where it is neither."""
    found = pattern("migration_bound").match(text.strip())
    if found is not None:
        bounds = {"negative": ">= 0", "positive": "> 0", "empty": "<> ''"}
        word = next(word for word in bounds if word in found["bound"])
        return f"{snake(found['column'])} {bounds[word]}"
    return (
        text.strip()
        if re.match(
            r"\w+\s*(?:<=|>=|<>|!=|=|<|>|in\s*\(|between\b|is\s+(?:not\s+)?(?:null|true|false|distinct)\b)",
            text.strip(),
            re.I,
        )
        else ""
    )
