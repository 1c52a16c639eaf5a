"""What stands between a route and its handler in other languages than Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import links, name_of
from backwright.kit.handlers import Handler
from backwright.kit.index import FactIndex

# What does something else than asking who it is.
_HARMLESS = re.compile(
    r"(?i)valid|schema|zod|joi|celebrate|pars|upload|multer|limit|throttl|cache|async|wrap|catch|log|cors|csrf|body|status|http_?code|"
    r"interceptor|api|header|version|transform|redact|serialize|pipe|exclude"
)
_WHO = frozenset(
    {"user", "session", "auth", "userId", "account", "currentUser", "principal", "token", "isAuthenticated"}
)
_REQUEST = re.compile(r"^(this\.)?_?(req|request|ctx|context|c|res|response|reply|event|state|locals|cls)\b")
_OPEN = re.compile(r"(?i)public|anonymous|skip|open|unprotected|no_?auth")


class _Registered:
    """Where routes are registered, and the calls that do it, by the place where they end."""

    def __init__(self, index: FactIndex) -> None:
        self.homes = {id(route): path for path, route in index.routes()}
        self.links: dict[tuple[str, int], list[Expr]] = {}
        for path in set(self.homes.values()):
            for body in bodies(index).by_path.get(path, {}).values():
                for call in body.calls:
                    for link in links(call.expr):
                        self.links.setdefault((path, link.loc.end), []).append(link)


def home(index: FactIndex, handler: Handler) -> str:
    """The file that registers a route."""
    return index.derived(_Registered).homes.get(id(handler.route), handler.path)


def around(index: FactIndex, handler: Handler) -> Iterator[Expr]:
    """What a route is registered with beside its path and its handler: middlewares, options, decorators."""
    symbol = handler.body.symbol
    owner = index.symbols(handler.path).get(symbol.scope) if symbol is not None and symbol.scope else None
    for marked in (symbol, owner):
        yield from marked.decorators if marked is not None and marked.decorators else ()
    for link in index.derived(_Registered).links.get((home(index, handler), handler.route.loc.end), ()):
        if inside(handler.route.loc, link.loc):
            yield from link.parts[1:-1]


def guards_all(index: FactIndex) -> bool:
    """Whether one guard stands before all routes: who is let in by it is not known."""
    named = {i.name for path in index.files for i in index.imports(path)}
    return "APP_GUARD" in named or "useGlobalGuards" in bodies(index).by_name


def may_ask(index: FactIndex, handler: Handler, asking: re.Pattern[str]) -> bool:
    """Whether something around a handler, the handler, or what it calls may know who it is: or says that nobody has to.

    `asking` are names of calls that ask.
    """
    for expr in around(index, handler):
        names = [e.text for e in walk(expr) if e.kind in {"name", "attribute"} and e.text]
        unknown = bool(names) and not any(_HARMLESS.search(n) for n in names)
        if not _is_route(expr) and (unknown or any(map(_OPEN.search, names))):
            return True
    every = list(bodies(index).with_inner(handler.body))
    graph = callgraph(index)
    called = (graph.target(body, link) for body in every for call in body.calls for link in links(call.expr))
    every += [inner for target in called if target is not None and (inner := graph.body_of(target)) is not None]
    for body in every:
        if any(asking.search(name_of(link)) for call in body.calls for link in links(call.expr)):
            return True
        if any(_is_who(node) for top in _all(body) for node in walk(top)):
            return True
    return False


def _all(body: Body) -> Iterator[Expr]:
    yield from body.expressions()
    yield from (branch.condition for branch in body.branches)
    yield from (Expr("other", "", a.loc, (a.target, a.value)) for a in body.assigns)


def _is_who(node: Expr) -> bool:
    """`req.user`, `ctx.state.auth`, `c.get("user")`, `const { user } = req`."""
    if node.kind == "other" and len(node.parts) == 2 and node.parts[0].kind == "mapping":
        return bool(_WHO & set(node.parts[0].keys)) and _REQUEST.match(node.parts[1].dotted()) is not None
    if node.kind == "attribute":
        return node.text in _WHO and _REQUEST.match(node.dotted()) is not None
    given = node.parts[1:] if node.kind == "call" and name_of(node) in {"get", "getRequest"} else ()
    return any(part.kind == "string" and part.text in _WHO for part in given)


def _is_route(expr: Expr) -> bool:
    """`@Post("lines")`, `@Controller("orders")`: the decorators that make the route."""
    last = expr.dotted().removesuffix("()").rpartition(".")[2]
    return last.lower() in {"get", "post", "put", "patch", "delete", "controller", "jsoncontroller", "all"}
