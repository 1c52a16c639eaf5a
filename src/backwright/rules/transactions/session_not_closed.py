"""BW405: who opens a session or connection also closes it, whatever happens in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Expr
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving, is_command
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, arguments, callgraph, shown
from backwright.kit.chains import awaited, links, mark_of, name_of
from backwright.kit.database import database
from backwright.kit.findings import Voice
from backwright.kit.handlers import injected
from backwright.kit.index import FactIndex
from backwright.kit.libraries import libraries
from backwright.kit.libtypes import FACTORIES
from backwright.kit.shapes import Rule
from backwright.rules.transactions._leased import Leased, leased

_VOICE = Voice("BW405", "session-not-closed", "warning")
_CLASSES = frozenset(
    {"sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session", "sqlalchemy.ext.asyncio.AsyncSession",
     "sqlmodel.ext.asyncio.session.AsyncSession", "sqlalchemy.ext.asyncio.session.AsyncSession"}
)  # fmt: skip
_OPENING = frozenset({"connect", "raw_connection", "acquire"})
_MAYBE = re.compile(r"session|maker|factory|connect|acquire|^a?next$|local|db", re.IGNORECASE)  # worth a closer look
_CLOSING = frozenset(
    {"close", "aclose", "remove", "dispose", "release", "putconn", "invalidate", "terminate", "close_all"}
)
_KEEPING = re.compile(
    r"^(closing|aclosing|enter_(async_)?context|push(_async)?(_callback|_exit)?|callback|addfinalizer|release|putconn)$"
)
_PROCESS = re.compile(
    r"(^|_)(main|cli|command|script|worker|lifespan|startup|on_startup|setup|init_\w+|initialize)($|_)|^handle$"
)
_HELP = dict.fromkeys(("next", "anext"), "open a session with `with`, and leave providers to `Depends`")
_COMMANDS = frozenset({"command", "callback", "on_event", "fixture"})


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each session or connection that a function opens and nobody closes."""
    yield from (_of_lease(one) for one in leased(index, archmap))
    scopes = Scopes(index.only(("python",)))
    serving = Serving(index, archmap)
    exemplar: str | None = None
    for body in serving.functions():
        for opened, name, why in scopes.left_open(body):
            exemplar = scopes.exemplar(serving) if exemplar is None else exemplar
            yield _VOICE.finding(
                body.path,
                opened.loc,
                f"`{shown(opened)}` is opened here and {why}: its connection stays taken until the garbage is collected",
                scope=body.scope,
                text=f"{shown(opened)} {name}",
                help=f"{_HELP.get(shown(opened), f'open it with `with {shown(opened)}(…)`, or close it in a `finally`')}{exemplar}",
                related=scopes.origin(body, opened),
            )


def _of_lease(one: Leased) -> Finding:
    return _VOICE.finding(
        one.body.path,
        one.call.loc,
        f"`{shown(one.call)}` is opened here and never closed: what it takes stays taken",
        scope=one.body.scope,
        text=f"{shown(one.call)} {one.name}",
        help=f"call `{one.name}.{one.lease.closing[0]}()` in a `finally`; {one.lease.how}",
    )


class Scopes:
    """Follows what opens sessions and connections through one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph = callgraph(index)
        self.inference = self.graph.inference
        self.db = database(index)

    def left_open(self, body: Body) -> Iterator[tuple[Expr, str, str]]:
        """The calls of a body that open something, the name it is given, and what is wrong with it."""
        symbol = body.symbol
        if symbol is not None and self.db.present and not _PROCESS.search(symbol.name):
            found = [*self._given_names(body), *self._returned(body)]
            yield from found if found and not self._is_script(body) else ()

    def _given_names(self, body: Body) -> Iterator[tuple[Expr, str, str]]:
        for assign in body.assigns:
            value = awaited(assign.value)
            if (
                assign.op != "="
                or assign.target.kind != "name"
                or value.kind != "call"
                or not _MAYBE.search(name_of(value))
            ):
                continue
            by_hand = self._by_hand(body, value)
            if (by_hand or self._opens(body, value)) and not self._is_closed(body, assign):
                yield value, assign.target.text, "its generator is dropped at once" if by_hand else "never closed"

    def _returned(self, body: Body) -> Iterator[tuple[Expr, str, str]]:
        """What a dependency returns where it should yield it."""
        if body in injected(self.index) and not any(r.is_yield for r in body.returns):
            for item in body.returns:
                if item.value is not None and item.value.kind == "call" and self._opens(body, item.value):
                    yield item.value, "", "handed to handlers, which do not close it"

    def _is_script(self, body: Body) -> bool:
        """Whether a function is a process of its own, or is run by one: what it holds ends with it."""
        if body.path.endswith(("__main__.py", "manage.py", "cli.py")) or is_command(body.path):
            return True
        module = self.graph.bodies.get(body.path, "")
        if module is not None and any(_reads(b.condition, "__name__") for b in module.branches):
            return True
        decorators = body.symbol.decorators if body.symbol is not None else ()
        return any(mark_of(d) in _COMMANDS for d in decorators)

    def _opens(self, body: Body, call: Expr) -> bool:
        """Whether a call makes a session or connection that whoever calls it owns."""
        callee = call.parts[0]
        dotted = callee.dotted()
        if "()" in dotted:
            return False
        origin = self.inference.origin(body.path, dotted)
        if origin in _CLASSES:
            return not any(self._is_connection(body, part) for part in call.parts[1:])  # on a connection of somebody
        if origin in libraries("python").made:
            return self._is_connection(body, call) and not origin.endswith("create_pool")
        if callee.kind == "attribute" and callee.text in _OPENING:
            return self._is_connection(body, call)
        made = self.inference.of(body.path, body.scope, callee)
        return made is not None and not made.itself and made.definition is None and made.last in FACTORIES

    def _is_connection(self, body: Body, expr: Expr) -> bool:
        found = self.inference.of(body.path, body.scope, expr)
        return found is not None and not found.itself and self.db.kind_of(found) == "connection"

    def _by_hand(self, body: Body, call: Expr) -> bool:
        """`next(get_db())`: what the provider does after its `yield` happens at once, and never again."""
        given = call.positional()
        if name_of(call) not in {"next", "anext"} or len(given) != 1 or given[0].kind != "call":
            return False
        target = self.graph.target(body, given[0])
        provider = self.graph.body_of(target) if target is not None else None
        if provider is None or not any(r.is_yield for r in provider.returns):
            return False
        found = self.inference.of(body.path, body.scope, given[0])
        return found is not None and self.db.kind_of(found) in {"session", "connection"}

    # -- who closes it ---------------------------------------------------------------------------------------------
    def _is_closed(self, body: Body, opened: Assign, depth: int = 0) -> bool:
        """Whether it is closed, entered, given away or kept by somebody who may close it."""
        name = opened.target.dotted()
        for inner in bodies(self.index).with_inner(body):
            if any(_reads(c.value, name) for c in inner.contexts):
                return True
            for top in inner.expressions():
                if any(e.kind == "attribute" and e.text in _CLOSING and e.parts[0].dotted() == name for e in walk(top)):
                    return True
        if any(r.value is not None and _hands_out(r.value, name) for r in body.returns):
            return True
        for assign in body.assigns:
            if assign is opened or not _hands_out(assign.value, name):
                continue
            if assign.target.kind != "name" or (depth < 2 and self._is_closed(body, assign, depth + 1)):
                return True
        return any(self._is_taken(body, link, name) for call in body.calls for link in links(call.expr))

    def _is_taken(self, body: Body, link: Expr, name: str) -> bool:
        """Whether a function that is given it closes it."""
        if not any(_reads(part, name) for part in link.parts[1:]):
            return False
        if _KEEPING.match(name_of(link)):
            return True
        target = self.graph.target(body, link)
        inner = self.graph.body_of(target) if target is not None else None
        if target is None or inner is None:
            return False
        taken = [n for n, e in arguments(link, target).items() if _reads(e, name)]
        return any(
            e.kind == "attribute" and e.text in _CLOSING and e.parts[0].dotted() in taken
            for top in inner.expressions()
            for e in walk(top)
        )

    # -- what the finding tells ------------------------------------------------------------------------------------
    def origin(self, body: Body, opened: Expr) -> tuple[Related, ...]:
        """Where the factory or the provider is made."""
        given = opened.positional()
        callee = given[0].parts[0] if name_of(opened) in {"next", "anext"} and given else opened.parts[0]
        found = self.inference.resolve(body.path, callee.dotted()) if callee.dotted() else None
        if found is None or found.symbol.kind not in {"variable", "function"}:
            return ()
        return (Hop(found.path, found.symbol.loc, f"`{found.symbol.name}` makes it").related(),)

    def exemplar(self, serving: Serving) -> str:
        """Where the project enters one with `with`."""
        places = sorted(
            (body.path, context.loc.line)
            for body in bodies(self.index).functions()
            if body.path in serving
            for context in body.contexts
            if context.value.kind == "call" and self._opens(body, context.value)
        )
        return f"; {places[0][0]}:{places[0][1]} does so" if places else ""


def _reads(expr: Expr, name: str) -> bool:
    return any(e.kind == "name" and e.text == name for e in walk(expr))


def _hands_out(expr: Expr, name: str) -> bool:
    """Whether a value is it or holds it: itself, in a container, in an object; not what a query of it gives."""
    match expr.kind:
        case "name":
            return expr.text == name
        case "call":
            return any(_hands_out(part, name) for part in expr.parts[1:]) and _is_making(expr)
        case "sequence" | "mapping" | "conditional" | "binary" | "await" | "interpolation" | "lambda":
            return any(_hands_out(part, name) for part in expr.parts)
        case _:
            return False


def _is_making(call: Expr) -> bool:
    return name_of(call)[:1].isupper() or name_of(call) in {"cast", "partial"}


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
