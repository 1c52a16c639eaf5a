"""Reading the nodes of a feature file; every complaint names the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

from backwright.core.errors import UsageError
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_types import number
from backwright.engine.yaml_nodes import Mapping, Node, Scalar, Sequence

T = TypeVar("T")


class NodeReader:
    """Reads nodes of one file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def fail(self, node: Node, message: str, hints: tuple[str, ...] = ()) -> NoReturn:
        raise UsageError(message, where=f"{self.path}:{node.line}", hints=hints)

    def _at(self, node: Node, read: Callable[..., T], *arguments: Any) -> T:
        """What `read` gives; its complaint gets the line of `node`."""
        try:
            return read(*arguments)
        except UsageError as error:
            hints = error.hints + ('in a list like [a, b], quote it: "price:decimal(10,2)"',) * (
                "not closed" in error.message
            )
            raise UsageError(error.message, where=error.where or f"{self.path}:{node.line}", hints=hints) from None
        except ValueError as error:
            self.fail(node, str(error))

    def _known(self, node: Node, known: tuple[str, ...]) -> None:
        assert isinstance(node, Mapping)
        for key, _ in node.pairs:
            if key.text not in known:
                self.fail(key, f"unknown key '{key.text}'", did_you_mean(key.text, known, "keys"))

    def _key(self, node: Node, text: str) -> Node:
        assert isinstance(node, Mapping)
        return next(key for key, _ in node.pairs if key.text == text)

    def _mapping(self, node: Node, what: str) -> dict[str, Node]:
        if not isinstance(node, Mapping):
            self.fail(node, f"{what} is a mapping of keys to values")
        return {key.text: value for key, value in node.pairs}

    def _items(self, node: Node, what: str) -> tuple[Node, ...]:
        if not isinstance(node, Sequence):
            self.fail(node, f"{what} is a list", (f"for example {what}: [a, b]",))
        return node.items

    def _words(self, node: Node, what: str, separator: str = ",") -> Iterable[str]:
        if isinstance(node, Scalar):
            return [] if node.is_null else [word.strip() for word in node.text.split(separator) if word.strip()]
        return [self._text(item) for item in self._items(node, what)]

    def _text(self, node: Node) -> str:
        if not isinstance(node, Scalar) or node.is_null:
            self.fail(
                node, "a value is missing" if isinstance(node, Scalar) else "one value is wanted here, not several"
            )
        return node.text

    def _boolean(self, node: Node, what: str) -> bool:
        value = {"yes": True, "no": False}.get(node.text.lower(), node.boolean) if isinstance(node, Scalar) else None
        if value is None:
            self.fail(node, f"'{what}' is true or false")
        return value

    def _count(self, node: Node, what: str) -> int:
        text = self._text(node)
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            self.fail(node, f"'{what}' is a whole number, not '{text}'")
        return int(text)

    def _plain(self, node: Node) -> Any:
        if isinstance(node, Sequence):
            return [self._plain(item) for item in node.items]
        if isinstance(node, Mapping):
            return {key.text: self._plain(value) for key, value in node.pairs}
        if node.is_null:
            return None
        if node.boolean is not None:
            return node.boolean
        if node.is_number:
            return int(node.text) if node.text.lstrip("+-").isdigit() else float(number(node.text))
        return node.text
