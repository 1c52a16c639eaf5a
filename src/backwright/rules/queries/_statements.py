"""Statements that are not one query for each: of another table each time, about tables themselves, of many rows at once."""

from __future__ import annotations

import re

from backwright.core.facts import Expr, Loop
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.chains import name_of, receiver_of

_DDL = re.compile(
    r"\s*(drop|create|alter|truncate|grant|revoke|vacuum|analyze|set|reindex|comment|lock)\b", re.IGNORECASE
)
_TABLES = re.compile(r"^(Drop|Create|Add|Alter)[A-Z]\w*$")
_MANY = re.compile(r"(^|_)(rows|records|batch|dicts|mappings|payloads)$")
# What takes the class of an entity first, and what stands on one.
_OF_ENTITY = frozenset({"query", "select", "get", "scalars", "delete", "update", "insert"})
_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager", "all_objects"})
_CLASS = re.compile(r"(^|_)(model|entity|table|klass|cls|class|type)(_?(cls|class|type))?$", re.IGNORECASE)


def is_schema(link: Expr) -> bool:
    """`DROP TABLE` and what else goes table by table cannot be done for many at once."""
    for node in walk(link):
        if node.kind == "string" and _DDL.match(node.text):
            return True
        if node.kind == "call" and (
            _TABLES.match(name_of(node)) or (receiver_of(node) or node).dotted().lower().endswith("table")
        ):
            return True
    return name_of(link) == "drop"


def is_bulk(link: Expr) -> bool:
    """`execute(insert(table), rows)` sends many rows at once."""
    positional = link.positional()
    return len(positional) == 2 and positional[1].kind == "name" and bool(_MANY.search(positional[1].text))


def fills_gap(body: Body, loop: Loop, link: Expr) -> bool:
    """Whether a row is made for what is missing: `if flag is None: flag = Flag.objects.create(…)`. Few are."""
    if name_of(link) not in {"create", "get_or_create", "acreate"}:
        return False
    for branch in body.branches_around(link.loc):
        if inside(branch.loc, loop.loc) and inside(link.loc, branch.body):
            for node in walk(branch.condition):
                if node.text in {"not", "not in"} or (node.text == "is" and node.parts[-1].text == "None"):
                    return True
    return False


def asks_another(link: Expr, names: set[str]) -> bool:
    """Whether each time another table is asked: `session.query(model)`, `model.objects`. One query cannot ask them all."""
    for node in walk(link):
        asked = None
        if node.kind == "call" and name_of(node) in _OF_ENTITY and len(node.parts) > 1:
            asked = node.parts[1] if _CLASS.search(node.parts[1].text) else None
        elif node.kind == "attribute" and node.text in _MANAGERS:
            asked = node.parts[0]
        if asked is not None and asked.kind == "name" and asked.text in names:
            return True
    return False
