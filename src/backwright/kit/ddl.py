"""Statements of PostgreSQL that make others wait, or that fail on a table with rows: what a migration in SQL is read for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from backwright.kit.sqltext import NAME, bare, parts, statements

Kind = Literal["required", "index", "constraint", "null", "rewrite"]

_FLAGS = re.IGNORECASE | re.DOTALL
_KNOWN = re.compile(r"--\s*squawk-ignore\b")  # whoever wrote it has thought of it
_CREATES = re.compile(
    rf"CREATE\s+(?:\w+\s+)*?(?:TABLE|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?({NAME})", _FLAGS
)
_ALTERS = re.compile(rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?({NAME})\s*\*?\s+(.*)", _FLAGS)
_INDEXES = re.compile(rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(.*?)\bON\s+(?:ONLY\s+)?({NAME})", _FLAGS)
_RENAMES = re.compile(rf"RENAME\s+TO\s+({NAME})", _FLAGS)
_EMPTIES = re.compile(rf"(?:TRUNCATE\s+(?:TABLE\s+)?|DELETE\s+FROM\s+)(?:ONLY\s+)?({NAME})(?!.*\bWHERE\b)", _FLAGS)
_ADDS = re.compile(rf"ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?({NAME})\s+(.*)", _FLAGS)
_RULE = re.compile(
    rf"ADD\s+(?:CONSTRAINT\s+({NAME})\s+)?(PRIMARY\s+KEY|UNIQUE|FOREIGN\s+KEY|CHECK|EXCLUDE)\b(.*)", _FLAGS
)
_NOT_NULL = re.compile(rf"ALTER\s+(?:COLUMN\s+)?({NAME})\s+SET\s+NOT\s+NULL", _FLAGS)
# Text stays as it is as text of another length, so those types say too little.
_TYPE = re.compile(
    rf"ALTER\s+(?:COLUMN\s+)?({NAME})\s+(?:SET\s+DATA\s+)?TYPE\s+(?!(?:TEXT|VARCHAR|CHARACTER\s+VARYING)\b(?!.*\bUSING\b))",
    _FLAGS,
)
_VALIDATE = re.compile(rf"VALIDATE\s+CONSTRAINT\s+({NAME})", _FLAGS)
_IS_NOT_NULL = re.compile(rf"\(\s*({NAME})\s+IS\s+NOT\s+NULL\s*\)", _FLAGS)
_DEFAULT = re.compile(
    r"\bDEFAULT\s+(.*?)(?=\bNOT\s+NULL\b|\bNULL\s*$|\bUNIQUE\b|\bPRIMARY\b|\bCHECK\b|\bREFERENCES\b|\bCONSTRAINT\b|\bCOLLATE\b|$)",
    _FLAGS,
)
_CALL = re.compile(r"(::\s*|\bAS\s+)?\b([A-Za-z_]\w*)\s*\(\s*(\))?", re.IGNORECASE)
# Evaluated once for all rows; any other function is taken for one that is not.
_ONCE = frozenset(
    {"array", "cast", "coalesce", "pi", "lower", "upper", "timezone", "to_jsonb", "jsonb_build_object", "json_build_object",
     "jsonb_build_array", "row", "current_setting", "concat", "make_interval", "date", "interval", "numeric", "varchar"}
)  # fmt: skip
_MOMENTS = frozenset({"now", "transaction_timestamp", "statement_timestamp"})


@dataclass(frozen=True)
class Risk:
    """One thing that a statement does to a table that is in use, and where its statement starts in the text."""

    kind: Kind
    table: str
    what: str
    instead: str
    start: int


@dataclass
class _File:
    """What the statements of one file did so far."""

    transaction: bool
    alone: bool
    made: set[str] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)
    # Constraints added NOT VALID, with the column that may not be NULL.
    unproved: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # those of them that were added by this very transaction
    proved: set[tuple[str, str]] = field(default_factory=set)  # table, column or "*"


def risks(sql: str, *, transaction: bool = False, made: Iterable[str] = ()) -> list[Risk]:
    """What the statements of one migration do to tables that it has not made itself, nor in another way (`made`).

    `transaction` says that they run in one.
    """
    listed = list(statements(sql))
    state = _File(transaction, len(listed) == 1, {_bare(name) for name in made})
    out: list[Risk] = []
    end = 0
    for text, start in listed:
        found = [Risk(kind, table, what, instead, start) for kind, table, what, instead in _read(text, state)]
        out += [] if _KNOWN.search(sql, end, start) else found
        end = start + len(text)
    return out


def is_careful(sql: str) -> bool:
    """Whether somebody minded locks here."""
    return re.search(r"\bCONCURRENTLY\b|\bNOT\s+VALID\b|\block_timeout\b", sql, re.IGNORECASE) is not None


def _bare(name: str) -> str:
    return bare(name).lower()


Found = Iterator[tuple[Kind, str, str, str]]


def _read(text: str, state: _File) -> Found:
    upper = re.sub(r"\s+", " ", text.upper())
    first = upper.split(" ")[0]
    if first in {"BEGIN", "START"}:
        state.transaction, state.alone = True, False
    elif first in {"COMMIT", "END", "ROLLBACK"}:
        state.transaction = False
        state.held.clear()
    elif (created := _CREATES.match(text)) is not None:
        state.made.add(_bare(created[1]))
    elif (emptied := _EMPTIES.match(text)) is not None:
        state.made.add(_bare(emptied[1]))  # without rows it is as good as new
    elif (altered := _ALTERS.match(text)) is not None:
        table = _bare(altered[1])
        if table in state.made and (renamed := _RENAMES.match(altered[2])) is not None:
            state.made.add(_bare(renamed[1]))
        for action, _, _ in parts(f"{altered[2]})") if table not in state.made else ():
            yield from _altering(table, action.strip(), state)
    elif (index := _INDEXES.match(text)) is not None:
        yield from _indexing(index, state)
    elif upper.startswith("DROP INDEX"):
        name = _bare(re.sub(r"(?i)^DROP\s+INDEX\s+(CONCURRENTLY\s+)?(IF\s+EXISTS\s+)?", "", text).split(",")[0])
        if "CONCURRENTLY" not in upper and name not in state.indexes:
            yield "index", "", f"queries wait while the index `{name}` is dropped", "`DROP INDEX CONCURRENTLY`"
    elif first == "REINDEX" and "CONCURRENTLY" not in upper and " SYSTEM" not in upper:
        yield "index", "", "writes wait until the index is built again", "`REINDEX … CONCURRENTLY`"
    elif first == "CLUSTER" or re.match(r"VACUUM (\([^)]*)?\bFULL\b(?! (FALSE|OFF|0))", upper):
        yield (
            "rewrite",
            "",
            f"`{first}` writes the whole table anew, and everybody waits",
            "pg_repack, or plain `VACUUM`",
        )
    elif re.match(r"ALTER DOMAIN .* ADD CONSTRAINT", upper) and "NOT VALID" not in upper:
        yield (
            "constraint",
            "",
            "every table with the domain is read under a lock",
            "add it `NOT VALID`, then validate it",
        )


def _indexing(index: re.Match[str], state: _File) -> Found:
    words, table = index[1], _bare(index[2])
    name = re.sub(r"(?i)\b(CONCURRENTLY|IF\s+NOT\s+EXISTS)\b", "", words).strip()
    state.indexes.add(_bare(name))
    if table in state.made:
        return
    if "CONCURRENTLY" not in words.upper():
        yield "index", table, f"writes to `{table}` wait until this index is built", "`CREATE INDEX CONCURRENTLY`"
    elif state.transaction and not state.alone:
        yield (
            "index",
            table,
            "`CREATE INDEX CONCURRENTLY` cannot run in a transaction",
            "a migration of its own, outside of one",
        )


def _altering(table: str, action: str, state: _File) -> Found:
    rule = _RULE.match(action)
    if rule is not None:
        yield from _constraining(table, rule, state)
    elif (proved := _VALIDATE.match(action)) is not None:
        name = _bare(proved[1])
        if name in state.held:
            yield (
                "constraint",
                table,
                f"`{name}` is validated under the lock that adding it took",
                "another transaction",
            )
        state.proved.add((table, state.unproved.get(name, "*")))
    elif (strict := _NOT_NULL.match(action)) is not None:
        if not {(table, _bare(strict[1])), (table, "*")} & state.proved:
            what = f"everybody waits while `{table}` is searched for a NULL in `{_bare(strict[1])}`"
            yield "null", table, what, "first a `CHECK (… IS NOT NULL) NOT VALID`, then validate it"
    elif (typed := _TYPE.match(action)) is not None:
        what = f"everybody waits while `{table}` is written anew with another type of `{_bare(typed[1])}`"
        yield "rewrite", table, what, "a new column that is filled in batches"
    elif re.match(r"DETACH\s+PARTITION\b(?!.*\b(CONCURRENTLY|FINALIZE)\b)", action, _FLAGS):
        yield (
            "index",
            table,
            f"queries of `{table}` wait while the partition is detached",
            "`DETACH PARTITION … CONCURRENTLY`",
        )
    elif (added := _ADDS.match(action)) is not None:
        yield from _adding(table, _bare(added[1]), added[2])


def _constraining(table: str, rule: re.Match[str], state: _File) -> Found:
    kind, rest = re.sub(r"\s+", " ", rule[2].upper()), re.sub(r"\s+", " ", rule[3].upper())
    name = _bare(rule[1]) if rule[1] else ""
    if "USING INDEX" in rest and kind != "FOREIGN KEY":
        return
    if "NOT VALID" in rest:
        checked = _IS_NOT_NULL.search(rule[3])
        state.unproved[name] = _bare(checked[1]) if checked is not None else ""
        if state.transaction:
            state.held.add(name)
        return
    if kind in {"FOREIGN KEY", "CHECK"}:
        what = f"`{table}` is read under a lock to prove the {kind.lower()}"
        yield "constraint", table, what, "add it `NOT VALID`, then `VALIDATE CONSTRAINT` in another transaction"
    else:
        what = f"`{table}` is locked until the index of the {kind.lower()} is built"
        yield "constraint", table, what, "`CREATE UNIQUE INDEX CONCURRENTLY`, then `ADD CONSTRAINT … USING INDEX`"


def _adding(table: str, column: str, declared: str) -> Found:
    upper = re.sub(r"\s+", " ", declared.upper())
    given = _DEFAULT.search(declared)
    default = given[1].strip() if given is not None else ""
    made = re.search(r"\bGENERATED\b|\bIDENTITY\b|\w*SERIAL\b|\bAUTO_?INCREMENT\b", upper) is not None
    if "NOT NULL" in upper and not made and default.upper() in {"", "NULL"}:
        what = f"`{table}.{column}` is added NOT NULL without a value for the rows that exist: this fails on a table with rows"
        yield "required", table, what, "a `DEFAULT`, or add it nullable, fill it, then forbid NULL"
    if "STORED" in upper and "GENERATED" in upper:
        yield (
            "rewrite",
            table,
            f"everybody waits while `{table}` is written anew with `{column}`",
            "a plain column that is filled in batches",
        )
    elif default and not _is_constant(default):
        what = f"everybody waits while `{table}` is written anew: the default of `{column}` differs from row to row"
        yield "rewrite", table, what, "add it nullable, set the default, then fill it in batches"
    if re.search(r"\b(UNIQUE|PRIMARY KEY)\b", upper):
        what = f"`{table}` is locked until the index of `{column}` is built"
        yield "constraint", table, what, "`CREATE UNIQUE INDEX CONCURRENTLY`, then `ADD CONSTRAINT … USING INDEX`"
    elif "REFERENCES" in upper:
        what = f"`{table}` and the table that `{column}` refers to are locked"
        yield "constraint", table, what, "add the column, then the foreign key `NOT VALID`, then validate it"


def _is_constant(default: str) -> bool:
    """Whether a default is evaluated once for all rows."""
    for of_type, name, empty in _CALL.findall(default):
        once = name.lower() in _ONCE or (name.lower() in _MOMENTS and empty)
        if not of_type and not once:
            return False
    return True
