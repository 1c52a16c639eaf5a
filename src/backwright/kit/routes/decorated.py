"""Routes that decorators make of functions, and of the methods of classes."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Call, Expr, Route, Symbol
from backwright.kit.chains import argument, by_name, fits, joined, methods_in, receiver_of, text_of
from backwright.kit.index import FactIndex
from backwright.kit.mounting import Mounting
from backwright.kit.patterns import Answers, Decorators
from backwright.kit.routes.called import ANY, Found
from backwright.kit.routes.handling import is_marked, last_name, marks_of, members_of
from backwright.kit.testfiles import is_test_file

Made = tuple[Expr, str | None, list[str]]  # decorator, path, methods


def decorated(index: FactIndex, pattern: Decorators, known: Answers, mounting: Mounting) -> Found:
    """The routes that decorators of this pattern make."""
    listed = _listed(index, mounting, pattern.listed) if pattern.listed else None
    for path in index.files:
        if is_test_file(path):
            continue
        symbols = index.symbols(path)
        for symbol in symbols.values():
            if not symbol.decorators or (listed is not None and (path, symbol.qualname) not in listed):
                continue
            if symbol.kind in {"function", "method"}:
                owner = symbols.get(symbol.scope) if symbol.scope else None
                yield from _of_function(index, pattern, mounting, path, symbol, owner)
            elif symbol.kind == "class" and known.members:
                yield from _of_class(index, pattern, known, mounting, path, symbol)


def _listed(index: FactIndex, mounting: Mounting, names: tuple[str, ...]) -> set[tuple[str, str]]:
    """The functions that calls of these names list: only these are routes."""
    calls = index.derived(by_name)
    return {
        key
        for name in names
        for path, call, link in calls.get(name, ())
        for part in link.parts[1:]
        for key in mounting.meant(path, part, call.scope)
    }


def _of_function(
    index: FactIndex, pattern: Decorators, mounting: Mounting, path: str, symbol: Symbol, owner: Symbol | None
) -> Found:
    own = owner if owner is not None and owner.kind == "class" else None
    if pattern.required and (own is None or not is_marked(own, pattern.required)):
        return
    if own is not None and pattern.unless and is_marked(own, pattern.unless):
        return
    extra = [
        pattern.methods_decorators[n] for d in symbol.decorators if (n := last_name(d)) in pattern.methods_decorators
    ]
    made = list(_made(index, pattern, path, symbol, extra))
    if not made and extra and pattern.methods_decorators:  # `@GET` alone: the class's path is the whole
        marks = [d for d in symbol.decorators if last_name(d) in pattern.methods_decorators]
        made = [(marks[0], "", extra)]
    guards = marks_of(symbol, own)
    for decorator, text, methods in made:
        for prefix in _prefixes(index, pattern, mounting, path, own, decorator, symbol):
            whole = joined(prefix, text or "")
            if (text or "").startswith(("~/", "/")) and "~" in (text or ""):
                whole = (text or "")[1:]
            whole = whole or pattern.otherwise
            if own is not None:
                whole = whole.replace("[controller]", own.name.removesuffix("Controller").lower())
                whole = whole.replace("[action]", symbol.name)
            for method in methods:
                router = _router(decorator)
                yield path, Route(method, whole, symbol.qualname, symbol.loc, router, auth=guards, complete=True)


def _made(index: FactIndex, pattern: Decorators, path: str, symbol: Symbol, extra: list[str]) -> Iterator[Made]:
    """The decorators that make routes, with what they say."""
    for decorator in symbol.decorators:
        method = pattern.verbs.get(last_name(decorator))
        receiver = receiver_of(decorator) if decorator.kind == "call" else None
        dotted = receiver.dotted() if receiver is not None else ""
        if method is None or not fits(dotted, pattern.receivers):
            continue
        named = [m for place in pattern.methods for m in methods_in(argument_of(decorator, place))]
        text = next((t for place in pattern.path if (t := _text(index, path, decorator, place)) is not None), None)
        yield decorator, text, named or extra or [ANY if method in {"*", "?"} else method]


def _of_class(
    index: FactIndex, pattern: Decorators, known: Answers, mounting: Mounting, path: str, symbol: Symbol
) -> Found:
    """`@routes.view("/x")` on a class: its methods `get`, `post` are the routes."""
    for decorator, text, _ in _made(index, pattern, path, symbol, []):
        answered = members_of(index, path, symbol, known)
        for prefix in _prefixes(index, pattern, mounting, path, None, decorator, symbol) if text is not None else ():
            for method, handler in answered:
                auth = marks_of(symbol, None)
                yield path, Route(method, joined(prefix, text or ""), handler, symbol.loc, auth=auth, complete=True)


def _router(decorator: Expr) -> str:
    receiver = receiver_of(decorator) if decorator.kind == "call" else None
    return receiver.dotted() if receiver is not None else ""


def argument_of(decorator: Expr, place: int | str) -> Expr | None:
    """An argument of a decorator; one that is not called has none."""
    return argument(decorator, place) if decorator.kind == "call" else None


def _text(index: FactIndex, path: str, decorator: Expr, place: int | str) -> str | None:
    given = argument_of(decorator, place)
    if given is not None and given.kind in {"call", "lambda"}:
        return None
    return text_of(index, path, given)


def _prefixes(
    index: FactIndex,
    pattern: Decorators,
    mounting: Mounting,
    path: str,
    own: Symbol | None,
    decorator: Expr,
    symbol: Symbol,
) -> list[str]:
    if pattern.listed:
        return mounting.mounted(path, symbol.qualname)
    if own is not None:
        for mark in own.decorators:
            if last_name(mark) in pattern.prefix:
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
