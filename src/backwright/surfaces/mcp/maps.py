"""Parts of the answer of `map`, as agents need them: short."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from backwright.adapters.files import open_tree
from backwright.surfaces.mcp.shapes import Arguments, Data


def map_argv(arguments: Arguments) -> list[str]:
    """The verb that all tools about the architecture ask."""
    return ["map", "--json", "--", arguments.path or "."]


def place(span: dict[str, Any]) -> str:
    """`app/api/orders.py:14`."""
    return f"{span['path']}:{span['line']}"


def entity_view(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity with a line a column."""
    columns = [_column(column) for column in entity["columns"]]
    relations = [f"{r['name']} -> {'many ' if r['many'] else ''}{r['target']}" for r in entity["relations"]]
    return {
        "name": entity["name"],
        "table": entity["table"],
        "orm": entity["orm"],
        "at": place(entity["span"]),
        "columns": columns,
        "relations": relations,
    }


def _column(column: dict[str, Any]) -> str:
    marks = [mark.replace("_", " ") for mark in ("primary_key", "unique", "index", "nullable") if column[mark]]
    foreign = [f"-> {column['foreign_key']}"] if column["foreign_key"] else []
    return " ".join(word for word in (column["name"], column["type"], *marks, *foreign) if word)


def convention_view(convention: dict[str, Any]) -> dict[str, Any]:
    """A convention with its best example."""
    exemplar = convention["exemplar"]
    return {
        "topic": convention["topic"],
        "value": convention["value"],
        "for": convention["support"],
        "against": convention["against"],
        **({"example": place(exemplar)} if exemplar else {}),
    }


def best_of(data: Data, role: str, like: str = "") -> dict[str, Any] | None:
    """The file of a role to imitate: one of that name, else the one that most conventions have their example in."""
    cited = Counter(c["exemplar"]["path"] for c in data["conventions"] if c["exemplar"])
    word = like.lower().removesuffix("s")

    def worth(component: dict[str, Any]) -> tuple[bool, int, int, str]:
        path = component["path"]
        return (not (word and word in path.lower()), -cited[path], abs(component["lines"] - 60), path)

    found = [c for c in data["components"] if c["role"] == role and c["lines"]]
    if not found:
        return None
    best = min(found, key=worth)
    count = cited[best["path"]]
    why = f"{count} conventions have their best example here" if count else f"the {role} that is easiest to read"
    return {"role": role, "path": best["path"], "why": why}


def text_of(root: Path, path: str) -> str:
    """The text of a file of the repository, read without leaving it."""
    with open_tree(root) as tree:
        return tree.read(path).text or ""
