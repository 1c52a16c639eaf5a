"""What the tests of a project request: paths, names of routes, and the handlers that they call themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from backwright.core.facts import Expr, Route, Test
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import links, name_of, receiver_of, text_of
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

_VERBS = {v: v.upper() for v in ("get", "post", "put", "patch", "delete", "head", "options")}
_NAMED_BY = frozenset({"reverse", "reverse_lazy", "url_for", "url_path_for", "resolve_url"})
_TEXTS = frozenset({"string", "interpolation", "concatenation", "percent"})
_HOST = re.compile(r"^[a-z]+://[^/]+")
_HOLE = re.compile(r"\{[^{}/]*\}|%[sd]|<[^<>]*>|\(\?P<\w+>[^/()]*\)|\(\?P<\w+>[^/]*\)|\([^/()]*\)|(?<=/):\w+")
_OPTIONAL = re.compile(r"\(\?:[^()]*\)\?")
_PATH = re.compile(r"[\w\-./*:@~+,%=&]+")
# Tools that walk through all routes themselves.
_ALL_ROUTES = (
    *("schemathesis", "hypothesis_jsonschema", "tavern", "dredd_hooks"),
    *("@playwright/test", "playwright", "cypress", "puppeteer", "@pact-foundation/pact", "dredd", "jest-openapi"),
)
_CLIENT = re.compile(r"client|request\(\)|agent|supertest|^(app|server|api|fastify)\b", re.IGNORECASE)
_ALL_PATTERNS = frozenset({"urlpatterns", "get_resolver", "URLPattern"})
_WORD = re.compile(r"[a-z]{3,}")
_LEAST = 5  # requests, before their unreadable share says anything

_HELPING = re.compile(
    r"(^|/)(fixtures?|testing|tests?[-_]?(utils?|helpers?|setup))[/.]", re.IGNORECASE
)  # beside the tests
_PREFIX = re.compile(r"api|rest|v\d+")  # what a server sets before all of its paths

Segments = tuple[str, ...]


@dataclass
class Requested:
    """What the tests of a project ask for.

    `paths` holds segments, with `*` for what cannot be known, by each literal segment, and the verb or `""`.
    `named` are the paths of the routes that they ask for by name.
    `vague` are the verbs of requests that could not be read, with the words in the names of their files.
    """

    tests: int = 0
    paths: dict[str, set[tuple[str, Segments]]] = field(default_factory=lambda: defaultdict(set))
    names: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    vague: set[tuple[str, str]] = field(default_factory=set)
    readable: int = 0
    unreadable: int = 0
    everything: bool = False

    @property
    def is_readable(self) -> bool:
        """Whether most of what tests request could be read."""
        return self.unreadable * 4 <= self.readable or self.unreadable + self.readable < _LEAST

    def reaches(self, route: Route) -> bool:
        """Whether some test requests a route by its path or its name, or names its handler."""
        handler = route.handler.rpartition(".")[0] or route.handler
        if route.path in self.named or {handler.rpartition(".")[2], route.handler.rpartition(".")[2]} & self.mentioned:
            return True
        segments = _segments(route.path)
        verbs = {"", route.method, "ANY"} if route.method not in {"", "ANY", "*"} else None
        words = {w for segment in segments for w in _WORD.findall(segment.lower())}
        if any((verbs is None or verb in verbs) and word in words for verb, word in self.vague):
            return True
        for literal in segments:
            for verb, asked in self.paths.get(literal, ()):
                if (verbs is None or verb in verbs) and _match(asked, segments, whole=route.complete):
                    return True
        return not any(_is_literal(s) for s in segments) and any(not asked for _, asked in self.paths.get("", ()))


def knows_routes(index: FactIndex) -> bool:
    """Whether most of what tests request is a known route: else the routes of this project cannot all be read."""
    by_literal: dict[str, set[tuple[Segments, bool]]] = defaultdict(set)
    for _, route in index.routes():
        segments = _segments(route.path)
        for literal in segments:
            by_literal[literal].add((segments, route.complete))
    asked = {path for paths in requested(index).paths.values() for verb, path in paths if verb and path}
    known = [
        path
        for path in asked
        if any(_match(path, route, whole=whole) for literal in path for route, whole in by_literal.get(literal, ()))
    ]
    return len(asked) < _LEAST or len(known) * 4 >= len(asked) * 3


def _own_name(name: str) -> str:
    """A route's own name: `detail` of `orders:detail` and of `orders.detail`."""
    return re.split(r"[:.]", name)[-1]


def _segments(path: str) -> Segments:
    """`/users/{id}/?x=1` as `("users", "*")`."""
    bare = _OPTIONAL.sub("", _HOLE.sub("*", _HOST.sub("", path.split("?")[0] if "(?" not in path else path)))
    cleaned = bare.replace("^", "").replace("$", "").replace("?", "").replace("\\", "")
    return tuple(s for s in cleaned.split("/") if s)


def _is_literal(segment: str) -> bool:
    return segment != "*"


def _match(asked: Segments, route: Segments, *, whole: bool) -> bool:
    """Whether a path, or its end after a prefix that is not known, is a route's: at least one segment by its name.

    `whole` says that all of the route's path is known.
    """
    literal = False
    for one, other in zip(reversed(asked), reversed(route), strict=False):
        if not (fnmatchcase(one, other) or fnmatchcase(other, one)):
            return False
        literal = literal or (one == other and _is_literal(one))
    before = asked[: max(len(asked) - len(route), 0)]
    set_for_all = all(_PREFIX.fullmatch(one) for one in before)
    return literal and (not whole or set_for_all or len(route) > 1 or asked[0] == "*")


def requested(index: FactIndex) -> Requested:
    """What the tests of this project request, read once."""
    return index.derived(_read)


def _read(index: FactIndex) -> Requested:
    found = Requested()
    for path in index.files:
        if not is_test_file(path) and not _HELPING.search(path):
            continue
        found.tests += any(
            b.symbol is not None and "test" in b.scope.lower() for b in bodies(index).by_path[path].values()
        ) or any(isinstance(fact, Test) for fact in index.facts(path))
        for item in index.imports(path):
            found.everything = found.everything or item.module.startswith(_ALL_ROUTES)
            found.everything = found.everything or item.name in _ALL_PATTERNS
            found.mentioned.add(item.name)
        for body in bodies(index).by_path[path].values():
            _read_body(index, body, found)
    if found.names:
        found.named |= {r.path for p, r in index.routes() if not found.names.isdisjoint(_names(index, p, r))}
    return found


def _names(index: FactIndex, path: str, route: Route) -> Iterator[str]:
    """What a route is called where it is registered: `path("orders", orders, name="orders")`, `@get("/", name=…)`."""
    handler = index.symbols(path).get(route.handler)
    called: list[Expr] = [d for d in handler.decorators if d.kind == "call"] if handler is not None else []
    called += [c.expr for c in index.calls(path) if c.loc.start == route.loc.start]
    given = (k for e in called for inner in walk(e) if inner.kind == "call" and (k := inner.keyword("name")))
    yield route.handler.rpartition(".")[2]
    yield from (_own_name(k.text) for k in given if k.kind == "string")


def _read_body(index: FactIndex, body: Body, found: Requested) -> None:
    said: set[int] = set()
    for call in body.calls:
        for link in links(call.expr):
            name = name_of(link)
            found.mentioned.add(name)
            given = link.positional()
            if name in _NAMED_BY and given:
                _add_names(index, body.path, given[0], found)
            verb, asked = _asked(link, name)
            if asked is None:
                continue
            said.add(asked.loc.start)
            is_read = _add(index, body, verb, asked, found, whole=True) or _is_known(index, body, asked)
            receiver = receiver_of(link)
            if receiver is not None and _CLIENT.search(receiver.dotted()):
                found.readable += is_read
                found.unreadable += not is_read
                if not is_read:
                    found.vague |= {(verb, word) for word in _WORD.findall(body.path.lower().rpartition("/")[2])}
    found.everything = found.everything or _loops_over_routes(body)
    for expr in _expressions(body):
        for inner in walk(expr):
            if inner.kind in _TEXTS and inner.loc.start not in said:
                _add(index, body, "", inner, found)
            elif inner.kind == "attribute":
                found.mentioned.add(inner.text)


def _loops_over_routes(body: Body) -> bool:
    """Whether a test is run for each route, or requests them in a loop."""
    given = [loop.iterable for loop in body.loops if loop.iterable is not None]
    asks = any(_asked(link, name_of(link))[1] is not None for call in body.calls for link in links(call.expr))
    over = [*(given if asks else ()), *(body.symbol.decorators if body.symbol is not None else ())]
    return any(e.kind == "attribute" and e.text in {"routes", *_ALL_PATTERNS} for expr in over for e in walk(expr))


def _add_names(index: FactIndex, path: str, given: Expr, found: Requested) -> None:
    """The name of a route; where that is put together, every text of the file may be its end."""
    if given.kind == "string":
        found.names.add(_own_name(given.text))
        return
    for body in bodies(index).by_path[path].values():
        texts = (inner for expr in _expressions(body) for inner in walk(expr) if inner.kind == "string")
        found.names |= {_own_name(text.text) for text in texts if len(text.text) < 60}


def _expressions(body: Body) -> Iterator[Expr]:
    yield from body.expressions()
    if body.symbol is not None:
        yield from body.symbol.decorators
        yield from (f.value_expr for f in body.symbol.fields if f.value_expr is not None)
        yield from (p.default_expr for p in body.symbol.params if p.default_expr is not None)


def _asked(link: Expr, name: str) -> tuple[str, Expr | None]:
    """The verb and the path of a request: `client.get("/x")`, `client.request("GET", "/x")`."""
    given = link.positional()
    if receiver_of(link) is None:
        return "", None
    if name in _VERBS:
        return _VERBS[name], (given[0] if given else link.keyword("url") or link.keyword("path"))
    if name in {"request", "generic", "open", "stream"} and len(given) > 1 and given[0].kind == "string":
        return given[0].text.upper(), given[1]
    return "", None


def _is_known(index: FactIndex, body: Body, asked: Expr) -> bool:
    """Whether what is requested is a name that this file gives a path, which is read where that happens."""
    if asked.kind == "call":
        return name_of(asked) in _NAMED_BY or any(p.kind in _TEXTS for p in asked.parts[1:])
    name = asked.dotted()
    values = [a.value for a in index.assigns(body.path) if name and a.target.dotted() == name]
    symbol = index.resolve(body.path, name) if name else None
    if symbol is not None and symbol.symbol.value is not None:
        values.append(symbol.symbol.value)
    return any(v.kind in _TEXTS or (v.kind == "call" and name_of(v) in _NAMED_BY) for v in values)


def _add(index: FactIndex, body: Body, verb: str, expr: Expr, found: Requested, *, whole: bool = False) -> bool:
    """Keep a text that is a path. `whole` says that it is requested, whatever it looks like."""
    text = _spelled(index, body, expr) if expr.kind in _TEXTS or whole else None
    if text is None or not (whole or "/" in text) or len(text) > 300:
        return False
    if not _PATH.fullmatch(_HOLE.sub("*", text.split("?")[0])) and text:
        return False
    segments = _segments(text)
    literals = [s for s in segments if _is_literal(s)]
    for literal in literals or ([""] if not segments else []):
        found.paths[literal].add((verb, segments))
    return bool(literals) or not segments


def _spelled(index: FactIndex, body: Body, expr: Expr) -> str | None:
    """A text, with what its test class says once: `f"{self.ENDPOINT}{order.pk}/"`."""
    if expr.kind == "attribute" and expr.parts[0].dotted() in {"self", "cls"}:
        return _of_class(index, body, expr.text)
    if expr.kind != "interpolation":
        return text_of(index, body.path, expr)
    known = [_spelled(index, body, p) if p.kind == "attribute" else None for p in expr.parts]
    if not any(known):
        return text_of(index, body.path, expr)
    return "".join(
        value or (part.text if part.kind == "string" else "{}") for part, value in zip(expr.parts, known, strict=True)
    )


def _of_class(index: FactIndex, body: Body, name: str) -> str | None:
    """The text that a class, or one it is built on, gives a name."""
    owner = index.resolve(body.path, body.scope.rpartition(".")[0])
    for current in [owner, *index.bases(owner)] if owner is not None else ():
        for said in current.symbol.fields:
            if said.name == name and said.value_expr is not None:
                return text_of(index, current.path, said.value_expr)
    return None
