"""The YAML of a contract as plain values, each with the line it is on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backwright.core.errors import UsageError
from backwright.engine import yaml_nodes
from backwright.engine.yaml_nodes import Mapping, Node, Scalar

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?[0-9]{0,18}\.[0-9]{1,18}")

Plain = str | int | float | bool | None


@dataclass
class Marked:
    """A value and the line it starts on (from 1). `keys` are the lines of a mapping's keys."""

    value: Plain | list[Marked] | dict[str, Marked]
    line: int
    keys: dict[str, int] = field(default_factory=dict)


def load(text: str, path: str) -> Marked:
    """The one document of `text`. Raises `UsageError` at `path:line` for whatever is refused."""
    node = yaml_nodes.load(text, path)
    return _marked(node, path) if node is not None else Marked(None, 1)


def _marked(node: Node, path: str) -> Marked:
    if isinstance(node, Scalar):
        return Marked(_plain(node), node.line)
    if not isinstance(node, Mapping):
        return Marked([_marked(item, path) for item in node.items], node.line)
    for key, _ in node.pairs:
        if key.plain and key.text == "<<":
            raise UsageError("merge keys are not read", where=f"{path}:{key.line}", hints=("write the keys out",))
    return Marked(
        {key.text: _marked(value, path) for key, value in node.pairs},
        node.line,
        {key.text: key.line for key, _ in node.pairs},
    )


def _plain(node: Scalar) -> Plain:
    """A scalar as JSON has it, so that `yes`, `1:30` and dates stay the text they look like."""
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    if node.boolean is not None:
        return node.boolean
    if _INTEGER.fullmatch(node.text):
        return int(node.text)
    if _FLOAT.fullmatch(node.text):
        return float(node.text)
    return node.text
