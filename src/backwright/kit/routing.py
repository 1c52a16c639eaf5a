"""Routes of a project by a framework's patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from backwright.core.facts import Call, Expr, Loc, Route, Symbol
from backwright.kit.chains import (
    argument,
    by_name,
    fits,
    links,
    methods_in,
    name_of,
    place_of,
    positional,
    receiver_of,
    root_of,
    text_of,
)
from backwright.kit.index import FactIndex
from backwright.kit.mounting import Mounting, joined
from backwright.kit.patterns import Calls, Decorators, Files, Patterns, Resources
from backwright.kit.testfiles import is_test_file

_GUARD = re.compile(r"(?i)auth|guard|login|permission|secured|roles?allowed|protect|jwt|ensure_?user|require_?user")
_NO_GUARD = re.compile(r"(?i)allow_?anonymous|public|author(?!i)|noauth|^Api(Bearer|Cookie|OAuth|Basic)|skip_?auth")
_HTTP = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(\S*)$")
_EXPORTED = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_ANY = "ANY"

Found = Iterator[tuple[str, Route]]


def routes(index: FactIndex, patterns: Patterns) -> Found:
    """Every route, with the file that registers it."""
    mounting = Mounting(index, patterns)
    everywhere = _global_prefix(index, patterns)
    seen: set[tuple[str, str, str, int]] = set()
    for path, route in _all(index, patterns, mounting):
        whole = _clean(f"{everywhere}/{route.path}")
        key = (path, route.method, whole, route.loc.start)
        if key not in seen:
            seen.add(key)
            yield path, _with_path(route, whole)


def _all(index: FactIndex, patterns: Patterns, mounting: Mounting) -> Found:
    for pattern in patterns.calls:
        yield from _called(index, pattern, mounting)
    for resource in patterns.resources:
        yield from _resources(index, resource, mounting)
    for decorator in patterns.decorators:
        yield from _decorated(index, decorator, mounting)
    for page in patterns.pages:
        yield from _pages(index, page)


def _with_path(route: Route, path: str) -> Route:
    return Route(
        route.method, path, route.handler, route.loc, router=route.router, auth=route.auth, complete=route.complete
    )


def _clean(path: str) -> str:
    return re.sub(r"/{2,}", "/", "/" + path.strip()).rstrip("/") or "/"


def _global_prefix(index: FactIndex, patterns: Patterns) -> str:
    calls = index.derived(by_name)
    for name in patterns.globals:
        for path, _, link in calls.get(name, ()):
            text = text_of(index, path, argument(link, 0))
            if text:
                return joined("", text)
    return ""


# -- calls ---------------------------------------------------------------------------------------------------------
def _called(index: FactIndex, pattern: Calls, mounting: Mounting) -> Found:
    calls = index.derived(by_name)
    for verb, method in pattern.verbs.items():
        for path, call, link in calls.get(verb, ()):
            if _counts(path, link, pattern):
                yield from _route(index, pattern, mounting, path, call, link, method)


def _counts(path: str, link: Expr, pattern: Calls | Resources) -> bool:
    receiver = receiver_of(link)
    dotted = receiver.dotted() if receiver is not None else ""
    known = fits(dotted, pattern.receivers) or (bool(dotted) and fits(root_of(receiver), pattern.receivers))
    if receiver is not None and not dotted:
        known = "*" in pattern.receivers
    if receiver is None:
        known = "" in pattern.receivers or pattern.receivers == ("*",)
    return known and (not pattern.files or any(fnmatchcase(path, f) for f in pattern.files))


def _route(
    index: FactIndex, pattern: Calls, mounting: Mounting, path: str, call: Call, link: Expr, method: str
) -> Found:
    if len(positional(link)) < pattern.least and not any(p.kind == "mapping" for p in positional(link)):
        return
    given = argument(link, pattern.path)
    text = text_of(index, path, given)
    handler = argument(link, pattern.handler)
    if text is None and pattern.plain:
        text, handler = "", given if given is not None else handler
        for key, part in zip(link.keys[1:], link.parts[1:], strict=False):
            if (
                ("/" in key or not text)
                and key not in {"", "&", "<", "to", "as", "via", "on"}
                and part.kind == "string"
            ):
                text, handler = key, part
    if text is None or (pattern.rooted and text[:1] not in {"/", ""}) or (" " in text.strip() and not pattern.spaced):
        return
    if handler is not None and (handler.dotted().endswith((".urls", "urlpatterns", "include()", "_urls"))):
        return
    methods = methods_in(argument(link, pattern.methods)) if pattern.methods is not None else []
    if pattern.spaced and (found := _HTTP.match(text)):
        methods, text = [found[1]], found[2]
        text = text[text.find("/") :] if "/" in text else text
    if pattern.methods_link:
        methods += [m for one in links(call.expr) if name_of(one) == pattern.methods_link for m in methods_in(one)]
    made = list(_verbs(index, path, pattern, handler)) if pattern.inner else []
    if not made:
        if pattern.inner and method == "?":
            return
        named = methods or [_ANY if method in {"*", "?"} else method]
        name = _handler(index, path, handler) or (text if pattern.plain else "") or call.scope
        action = argument(link, pattern.action)
        name = f"{name}.{action.text}" if action is not None and action.kind == "string" else name
        made = [(m, name) for m in named]
    guards = _guards(link, handler)
    router = root_of(receiver_of(link))
    for prefix in mounting.prefixes(path, call, link):
        for verb, name in made:
            yield (
                path,
                Route(verb, joined(prefix, text), name, place_of(link), router=router, auth=guards, complete=True),
            )


def _verbs(index: FactIndex, path: str, pattern: Calls, handler: Expr | None) -> Iterator[tuple[str, str]]:
    """`get(list).post(create)`, `web::get().to(list)`: the methods inside of a handler's argument."""
    if handler is None:
        return
    chain = list(links(handler))
    target = next((argument(one, 0) for one in chain if name_of(one) == "to"), None)
    for one in reversed(chain):
        method = pattern.inner.get(name_of(one))
        if method is not None:
            given = argument(one, -1) if target is None else target
            yield (_ANY if method == "*" else method), _handler(index, path, given)


def _handler(index: FactIndex, path: str, expr: Expr | None) -> str:
    """The name of a handler: qualified where it is defined in this file, as written elsewhere."""
    if expr is None:
        return ""
    match expr.kind:
        case "string":
            return expr.text
        case "lambda":
            loc = expr.loc
            for symbol in index.symbols(path).values():
                if symbol.loc.start == loc.start and symbol.kind != "variable":
                    return symbol.qualname
            return f"<{loc.line}:{loc.col}>"
        case "sequence" if expr.parts:
            names = [p.text if p.kind == "string" else p.dotted().removesuffix(".class") for p in expr.parts]
            return ".".join(n for n in names if n)
        case "concatenation":
            return "".join(p.text if p.kind == "string" else p.dotted().removesuffix(".class") for p in expr.parts)
        case "call":
            inner = [_handler(index, path, p) for p in positional(expr)[-1:]]
            dotted = expr.parts[0].dotted()
            if dotted.endswith((".as_view", ".bind", "as_view")):
                return dotted.rpartition(".")[0]
            return (inner[0] if inner and inner[0] else dotted) or ""
    dotted = expr.dotted().removesuffix(".class")
    found = index.resolve(path, dotted) if dotted else None
    return found.symbol.qualname if found is not None and found.path == path else dotted


def _guards(link: Expr, handler: Expr | None) -> tuple[str, ...]:
    """Names of what stands between path and handler, or behind the route in its chain, and guards it."""
    between = [p for p in positional(link)[1:] if p is not handler]
    names = [n for p in between for n in _names(p)]
    return tuple(dict.fromkeys(n for n in names if _GUARD.search(n) and not _NO_GUARD.search(n)))


def _names(expr: Expr) -> Iterator[str]:
    if expr.kind in {"sequence", "mapping"}:
        for part in expr.parts:
            yield from _names(part)
    elif expr.kind in {"call", "attribute", "name"}:
        yield expr.dotted().replace("()", "")


# -- resources -----------------------------------------------------------------------------------------------------
def _resources(index: FactIndex, pattern: Resources, mounting: Mounting) -> Found:
    calls = index.derived(by_name)
    for name in pattern.names:
        for path, call, link in calls.get(name, ()):
            if not _counts(path, link, pattern):
                continue
            behind = {name_of(one): argument(one, 0) for one in links(call.expr)}
            only = _listed(argument(link, pattern.only) or behind.get(pattern.only))
            left = _listed(argument(link, pattern.leave) or behind.get(pattern.leave)) or set()
            handler = argument(link, pattern.handler)
            for one in _resource_names(index, path, link, pattern):
                owner = _handler(index, path, handler) if handler is not None else one.strip("/")
                sign = "." if handler is not None else "#"
                for prefix in mounting.prefixes(path, call, link):
                    for method, below, action in pattern.actions:
                        if (only is None or action in only) and action not in left:
                            whole = joined(joined(prefix, one), below) if below else joined(prefix, one)
                            yield path, Route(method, whole, f"{owner}{sign}{action}", place_of(link), complete=True)


def _resource_names(index: FactIndex, path: str, link: Expr, pattern: Resources) -> Iterator[str]:
    """`resources :a, :b` are two; `path:` says what it is called in the address."""
    other = argument(link, "path")
    if other is not None and other.kind == "string" and pattern.path == 0 and "" in pattern.receivers:
        yield other.text
        return
    first = argument(link, pattern.path)
    if first is not None and first.kind == "mapping":
        yield from first.keys
        return
    given = [p for k, p in zip(link.keys[1:], link.parts[1:], strict=False) if k == "" and p.kind == "string"]
    text = text_of(index, path, first)
    if pattern.handler is None and len(given) > 1:
        yield from (p.text for p in given)
    elif text is not None:
        yield text


def _listed(expr: Expr | None) -> set[str] | None:
    if expr is None:
        return None
    return {p.text for p in (expr.parts or (expr,)) if p.kind == "string"}


# -- decorators ----------------------------------------------------------------------------------------------------
def _decorated(index: FactIndex, pattern: Decorators, mounting: Mounting) -> Found:
    for path in index.files:
        if is_test_file(path):
            continue
        symbols = index.symbols(path)
        for symbol in symbols.values():
            if symbol.kind in {"function", "method"} and symbol.decorators:
                owner = symbols.get(symbol.scope) if symbol.scope else None
                yield from _of_function(index, pattern, mounting, path, symbol, owner)


def _of_function(
    index: FactIndex,
    pattern: Decorators,
    mounting: Mounting,
    path: str,
    symbol: Symbol,
    owner: Symbol | None,
) -> Found:
    own = owner if owner is not None and owner.kind == "class" else None
    if pattern.required and (own is None or not _marked(own, pattern.required)):
        return
    if own is not None and pattern.unless and _marked(own, pattern.unless):
        return
    extra = [pattern.methods_decorators[n] for d in symbol.decorators if (n := _last(d)) in pattern.methods_decorators]
    made: list[tuple[Expr, str | None, list[str]]] = []
    for decorator in symbol.decorators:
        method = pattern.verbs.get(_last(decorator))
        receiver = receiver_of(decorator) if decorator.kind == "call" else None
        dotted = receiver.dotted() if receiver is not None else ""
        if method is None or not fits(dotted, pattern.receivers):
            continue
        listed = [m for place in pattern.methods for m in methods_in(argument_of(decorator, place))]
        text = next((t for place in pattern.path if (t := _text(index, path, decorator, place)) is not None), None)
        made.append((decorator, text, listed or extra or [_ANY if method in {"*", "?"} else method]))
    if not made and extra and pattern.methods_decorators:  # `@GET` alone: the class's path is the whole
        marks = [d for d in symbol.decorators if _last(d) in pattern.methods_decorators]
        made = [(marks[0], "", extra)]
    guards = _marks(symbol, own)
    for decorator, text, methods in made:
        for prefix in _prefixes(index, pattern, mounting, path, own, decorator, symbol):
            whole = joined(prefix, text or "")
            if (text or "").startswith(("~/", "/")) and "~" in (text or ""):
                whole = (text or "")[1:]
            if own is not None:
                whole = whole.replace("[controller]", own.name.removesuffix("Controller").lower())
                whole = whole.replace("[action]", symbol.name)
            for method in methods:
                yield (
                    path,
                    Route(
                        method,
                        whole,
                        symbol.qualname,
                        symbol.loc,
                        auth=guards,
                        complete=True,
                        router=_router(decorator),
                    ),
                )


def _router(decorator: Expr) -> str:
    receiver = receiver_of(decorator) if decorator.kind == "call" else None
    return receiver.dotted() if receiver is not None else ""


def _last(decorator: Expr) -> str:
    if decorator.kind == "call":
        return name_of(decorator)
    return decorator.dotted().rpartition(".")[2]


def argument_of(decorator: Expr, place: int | str) -> Expr | None:
    return argument(decorator, place) if decorator.kind == "call" else None


def _text(index: FactIndex, path: str, decorator: Expr, place: int | str) -> str | None:
    given = argument_of(decorator, place)
    if given is not None and given.kind in {"call", "lambda"}:
        return None
    return text_of(index, path, given)


def _marked(owner: Symbol, required: tuple[str, ...]) -> bool:
    names = {_last(d) for d in owner.decorators} | {b.rpartition(".")[2] for b in owner.bases}
    return any(fnmatchcase(name, pattern) for name in names for pattern in required)


def _prefixes(
    index: FactIndex,
    pattern: Decorators,
    mounting: Mounting,
    path: str,
    own: Symbol | None,
    decorator: Expr,
    symbol: Symbol,
) -> list[str]:
    if own is not None:
        for mark in own.decorators:
            if _last(mark) in pattern.prefix:
                for place in (*pattern.path, "prefix", "url_prefix"):
                    given = argument_of(mark, place)
                    if given is not None and given.kind == "sequence" and given.parts:
                        return [text_of(index, path, part) or "" for part in given.parts]
                    text = text_of(index, path, given)
                    if text is not None:
                        return [text]
        named = next((f for f in own.fields if f.name == pattern.prefix_field), None) if pattern.prefix_field else None
        if named is not None and named.value_expr is not None:
            return [text_of(index, path, named.value_expr) or ""]
        if pattern.prefix:
            return [""]
    call = Call(decorator, symbol.qualname, decorator.loc)
    return mounting.prefixes(path, call, decorator) if decorator.kind == "call" else [""]


def _marks(symbol: Symbol, own: Symbol | None) -> tuple[str, ...]:
    """Decorators that guard a function, or its class."""
    marks = (*symbol.decorators, *(own.decorators if own is not None else ()))
    names = [_guard_name(mark) for mark in marks]
    open_ = any(_NO_GUARD.search(_last(mark)) for mark in symbol.decorators)
    return () if open_ else tuple(dict.fromkeys(n for n in names if n))


def _guard_name(mark: Expr) -> str:
    last = _last(mark)
    inner = [p.dotted().replace("()", "") for p in positional(mark)] if mark.kind == "call" else []
    if last == "UseGuards":
        return inner[0] if inner else last
    return last if _GUARD.search(last) and not _NO_GUARD.search(last) else ""


# -- files ---------------------------------------------------------------------------------------------------------
def _pages(index: FactIndex, pattern: Files) -> Found:
    shape = re.compile(pattern.pattern)
    for path in index.files:
        found = shape.search(path)
        if found is None:
            continue
        symbols = index.symbols(path)
        route = re.sub(r"/\([^)]*\)", "", "/" + (found["path"] or "").removesuffix("index").strip("/"))
        fixed = found.groupdict().get("method")
        if fixed is not None or (pattern.default and not any(name in symbols for name in _EXPORTED)):
            method = fixed.upper() if fixed else pattern.default
            yield path, Route(method, route, "default", Loc(1, 1, 1, 1, 0, 0), complete=True)
            continue
        for name in _EXPORTED:
            symbol = symbols.get(name)
            if symbol is not None:
                yield path, Route(name, route, name, symbol.loc, complete=True)
