"""Which of its arguments a function of the project calls itself: `retried(lambda: client.send(…))` runs what it is given at once."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, Link, bodies
from backwright.kit.callgraph import CallGraph, arguments, callgraph
from backwright.kit.index import Definition, FactIndex


class Callbacks:
    """The functions of one project that call what they are given, and the calls that give it to them."""

    def __init__(self, index: FactIndex) -> None:
        self.graph: CallGraph = callgraph(index)
        self._bodies = bodies(index)
        self._called: dict[tuple[str, str], frozenset[str]] = {}
        for body in self._bodies.functions():
            params = {p.name for p in body.symbol.params} if body.symbol is not None else set()
            called = {c.expr.parts[0].text for c in body.calls if c.expr.parts[0].kind == "name" and not c.awaited}
            if params & called:
                self._called[body.key] = frozenset(params & called)

    def given(self) -> Iterator[tuple[Link, Definition, Expr]]:
        """Each argument that is run by the call that it is given to: the call, what is called, the argument."""
        names = {scope.rpartition(".")[2] for _, scope in self._called}
        for link in self._bodies.called(names):
            target = self.graph.target(link.body, link.expr)
            if target is None:
                continue
            called = self._called.get((target.path, target.symbol.qualname), frozenset())
            yield from ((link, target, given) for name, given in arguments(link.expr, target).items() if name in called)

    def function(self, body: Body, argument: Expr) -> Definition | None:
        """The function of the project that an argument names."""
        if argument.kind not in {"name", "attribute"}:
            return None
        found = self.graph.inference.function(body.path, body.scope, argument)
        return found if found is not None and found.symbol.kind in {"function", "method"} else None


def callbacks(index: FactIndex) -> Callbacks:
    """The callbacks of this project, found once."""
    return index.derived(Callbacks)
