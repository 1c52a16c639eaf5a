"""Data flow in languages that have data about their libraries: what a client sends, which types are harmless, what passes on."""

from __future__ import annotations

from dataclasses import replace

from backwright.core.facts import Expr
from backwright.kit.annotations import take_apart
from backwright.kit.chains import receiver_of
from backwright.kit.dataflow import Flow
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Libraries, libraries, pattern
from backwright.kit.values import MAX_CALLS, SAFE, UNKNOWN, Frame, Root, Value, join

_PIECES = frozenset({"join", "Join", "implode", "concat", "mkString", "joinToString"})
_EACH = frozenset({"map", "flatMap", "filter", "select", "Select", "collect"})


class OtherFlow(Flow):
    """As `Flow`, by the libraries of the language that a value stands in."""

    def _known(self, path: str) -> Libraries:
        return libraries(self.index.files[path].language)

    def value(self, frame: Frame, expr: Expr, depth: int = 0) -> Value:
        """What is known of an expression where it stands."""
        if self.is_enough(depth):
            return UNKNOWN
        if self._is_sent(frame, expr):
            return Value((Root(frame.body.path, frame.body.scope, "", expr.loc, expr.dotted()),))
        if expr.kind == "lambda":
            return self.value(frame, expr.parts[0], depth + 1) if expr.parts else UNKNOWN
        if expr.kind == "binary" and expr.text in {"??", "||", "?:"}:
            return join(self.value(frame, part, depth + 1) for part in expr.parts)
        return super().value(frame, expr, depth)

    def _is_sent(self, frame: Frame, expr: Expr) -> bool:
        """Whether an expression is a part of the request."""
        if expr.kind not in {"attribute", "call", "subscript", "name"}:
            return False
        known = self._known(frame.body.path).request.values
        dotted = expr.dotted() if known else ""
        return bool(dotted) and pattern(known).search(dotted) is not None

    def _is_open(self, path: str, annotation: str) -> bool:
        read = take_apart(annotation)
        known = self._known(path)
        if not annotation:
            return known.untyped
        return read.name.rpartition(".")[2] in known.texts_of

    def is_harmless(self, path: str, annotation: str) -> bool:
        """As for Python, with the numbers of the language."""
        name = take_apart(annotation).name.rpartition(".")[2]
        found = self.inference.resolve(path, name) if name else None
        return name in self._known(path).numbers or (found is not None and "enum" in found.symbol.modifiers)

    def _call(self, frame: Frame, expr: Expr, depth: int) -> Value:
        callee, known = expr.parts[0], self._known(frame.body.path)
        name, dotted = callee.text, callee.dotted()
        if name in known.safe or dotted in known.safe:
            return SAFE
        if name in known.formats or dotted in known.formats:
            return self.put_together(frame, expr, expr.parts[1:], depth)
        receiver = receiver_of(expr)
        if name in _PIECES:
            held = [receiver] if receiver is not None and not receiver.text[:1].isupper() else []
            return replace(join(self.value(frame, part, depth + 1) for part in (*held, *expr.parts[1:])), whole="")
        if name in _EACH and receiver is not None and len(expr.parts) > 1:
            return self._mapped(frame, receiver, expr.parts[1], depth)
        if name in known.passing:
            parts = expr.parts[1:] if receiver is None or len(expr.parts) > 1 else (receiver,)
            return join(self.value(frame, part, depth + 1) for part in parts)
        target = self.graph.target(frame.body, expr) if frame.calls < MAX_CALLS else None
        if target is not None:
            return self._returned(frame, expr, target, depth)
        if receiver is not None and name in known.of_receiver:
            return replace(self.value(frame, receiver, depth + 1), whole="")
        return UNKNOWN

    def _mapped(self, frame: Frame, receiver: Expr, function: Expr, depth: int) -> Value:
        """What `names.map((name, i) => …)` gives: its first parameter is an element, others are numbers."""
        if function.kind != "lambda" or not function.parts:
            return UNKNOWN
        element = replace(self.value(frame, receiver, depth + 1), whole="")
        local = {name: (element if number == 0 else SAFE) for number, name in enumerate(function.keys) if name}
        return self.value(replace(frame, local={**frame.local, **local}), function.parts[0], depth + 1)

    def _attribute(self, frame: Frame, expr: Expr, depth: int) -> Value:
        owner = expr.parts[0]
        if owner.text == "this" or expr.text == "length":
            return SAFE if expr.text == "length" else UNKNOWN
        typed = self.inference.of(frame.body.path, frame.body.scope, owner)
        if typed is not None and typed.definition is not None:
            return self._field(frame, typed.definition, expr)
        base = self.value(frame, owner, depth + 1)
        return replace(base, whole="") if base.outside and base.roots[0].name == "" else UNKNOWN


def other_flow(index: FactIndex) -> OtherFlow:
    """The data flow of this project's languages other than Python."""
    return index.derived(OtherFlow)
