"""What is common to following rows from a query to the expressions that hold them, whatever ORM they are of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from backwright.core.facts import Expr
from backwright.kit.bodies import Body

R = TypeVar("R")
MAX_DEPTH = 40  # expressions that lead to each other; what comes in circles ends by itself
_COMPARING = frozenset({"==", "in", "not"})


class Following(ABC, Generic[R]):
    """Follows rows through the functions of one project; what they are is up to the ORM."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int, int], R | None] = {}

    def rows(self, body: Body, expr: Expr, depth: int = 0) -> R | None:
        """The rows that an expression holds, None where it holds something else or nobody can tell."""
        key = body.path, body.scope, expr.loc.start, expr.loc.end
        if key not in self._known:
            if depth > MAX_DEPTH:
                return None
            self._known[key] = None  # what is made of itself holds nothing new
            self._known[key] = self._rows(body, expr, depth)
        return self._known[key]

    def _rows(self, body: Body, expr: Expr, depth: int) -> R | None:
        match expr.kind:
            case "name":
                return self._named(body, expr, depth)
            case "await":
                return self.rows(body, expr.parts[0], depth + 1) if expr.parts else None
            case "call":
                return self._called(body, expr, depth)
            case "attribute":
                return self._attribute(body, expr, depth)
            case "subscript" if expr.parts:
                found = self.rows(body, expr.parts[0], depth + 1)
                many = any(part.kind == "other" for part in expr.parts[1:])
                return self._some(found, many=many) if found is not None else None
            case "conditional" | "binary" | "sequence" if expr.parts and expr.text not in _COMPARING:
                return next((r for p in expr.parts if (r := self.rows(body, p, depth + 1)) is not None), None)
            case "comprehension":
                return self._picked(body, expr, depth)
            case _:
                return None

    @abstractmethod
    def _named(self, body: Body, expr: Expr, depth: int) -> R | None:
        """Of a variable."""

    @abstractmethod
    def _called(self, body: Body, expr: Expr, depth: int) -> R | None:
        """Of a call."""

    @abstractmethod
    def _attribute(self, body: Body, expr: Expr, depth: int) -> R | None:
        """Of an attribute: a relation of a row, most often."""

    @abstractmethod
    def _picked(self, body: Body, expr: Expr, depth: int) -> R | None:
        """Of a comprehension."""

    @abstractmethod
    def _some(self, rows: R, *, many: bool) -> R:
        """A part of these rows: several, or one."""
