"""Connections, query runners and sessions that are taken from a pool and never given back, as library data say what takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import CallGraph, arguments, callgraph
from backwright.kit.chains import awaited, links, root_of
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Lease, libraries, pattern
from backwright.kit.linking import within_any

_PROCESS = re.compile(
    r"^(main|init|initiali[sz]e|start|bootstrap|connect|setup|seed|migrate|up|down|run|open)($|[A-Z_])"
)


class Leased(NamedTuple):
    """A call that takes something from a pool, the name it is given, and what would give it back."""

    body: Body
    call: Expr
    name: str
    lease: Lease


def leased(index: FactIndex, archmap: ArchMap) -> Iterator[Leased]:
    """Those that the function which takes them neither gives back nor hands on."""
    leases = {language: _used(index, language) for language in index.spoken}
    for body in Serving(index, archmap).functions():
        known = leases[index.files[body.path].language]
        if not known or body.symbol is None or _PROCESS.search(body.symbol.name):
            continue
        for assign in body.assigns:
            value = awaited(assign.value)
            if assign.op != "=" or assign.target.kind != "name" or value.kind != "call":
                continue
            lease = next((one for one in known if pattern(one.calls).search(value.parts[0].dotted())), None)
            if lease is not None and not _takes_function(value) and not _Ends(index, lease).ends(body, assign):
                yield Leased(body, value, assign.target.text, lease)


def _used(index: FactIndex, language: str) -> tuple[Lease, ...]:
    """The leases of libraries that the project imports."""
    found = libraries(language).leases
    modules = (
        {item.module for path in index.files for item in index.imports(path) if not item.level} if found else set()
    )
    return tuple(one for one in found if any(within_any(module, one.packages) for module in modules))


def _takes_function(call: Expr) -> bool:
    """`pool.connect((error, client, done) => …)`, `transaction(async (trx) => …)`: what is passed ends it."""
    return any(part.kind == "lambda" for part in call.parts[1:])


class _Ends:
    """Whether somebody ends one lease."""

    def __init__(self, index: FactIndex, lease: Lease) -> None:
        self.index = index
        self.lease = lease
        self.graph: CallGraph = callgraph(index)

    def ends(self, body: Body, opened: Assign) -> bool:
        """Whether what is taken is given back, kept in something that lives longer, or handed to somebody who may do it."""
        name = opened.target.dotted()
        for inner in bodies(self.index).with_inner(body):
            if any(self._gives_back(top, name) for top in inner.expressions()):
                return True
            if any(item.value is not None and _hands_out(item.value, name) for item in inner.returns):
                return True
            if any(a is not opened and _hands_out(a.value, name) for a in inner.assigns):
                return True
            if any(self._is_taken(inner, link, name) for call in inner.calls for link in links(call.expr)):
                return True
        return False

    def _gives_back(self, top: Expr, name: str) -> bool:
        return any(
            e.kind == "attribute" and e.text in self.lease.closing and root_of(e.parts[0]).partition(".")[0] == name
            for e in walk(top)
        )

    def _is_taken(self, body: Body, link: Expr, name: str) -> bool:
        """Whether a call is given it: one that is not of this project may keep it, one that is must give it back."""
        given = [part for part in link.parts[1:] if _hands_out(part, name)]
        target = self.graph.target(body, link) if given else None
        inner = self.graph.body_of(target) if target is not None else None
        if not given or target is None or inner is None:
            own = link.parts[0].dotted().partition(".")[0] == name
            return not own and any(part.kind == "name" for part in given)  # `{ transaction: t }` only lends it
        taken = {n for n, e in arguments(link, target).items() if _hands_out(e, name)}
        return not taken or any(self._gives_back(top, n) for top in inner.expressions() for n in taken)


def _hands_out(expr: Expr, name: str) -> bool:
    """Whether the thing itself goes on: `client`, `{ client }`, `[client]`, `cond ? client : other`; not what it answers."""
    if expr.kind == "name":
        return expr.text == name
    if expr.kind in {"mapping", "sequence", "conditional", "binary", "await"} or (
        expr.kind == "call" and expr.text == "new"
    ):
        return any(_hands_out(part, name) for part in expr.parts)
    return False
