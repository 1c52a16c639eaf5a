"""Routes of warp: chains of filters that end in a handler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.facts import Call, Expr, Fact, Route
from backwright.kit.chains import argument, by_name, joined, links, name_of, place_of, root_of
from backwright.kit.index import FactIndex
from backwright.kit.linking import within_any
from backwright.kit.routes.handling import handler_name, is_guard

_METHODS = {name: name.upper() for name in ("get", "post", "put", "patch", "delete", "head", "options")}
_ENDS = ("and_then", "then", "map")
_DEEP = 6


def routes(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Route facts per file."""
    files = {
        p for p in index.files if any(within_any(i.module, ("warp",)) for i in index.imports(p)) or _named(index, p)
    }
    out: dict[str, list[Fact]] = {}
    calls = index.derived(by_name) if files else {}
    for name in _ENDS:
        for path, call, link in calls.get(name, ()):
            if path in files:
                out.setdefault(path, []).extend(_route(index, path, call, link))
    return {path: tuple(found) for path, found in out.items() if found}


def _named(index: FactIndex, path: str) -> bool:
    return index.files[path].language == "rust" and any(
        call.expr.dotted().startswith("warp.") for call in index.calls(path)
    )


def _route(index: FactIndex, path: str, call: Call, link: Expr) -> Iterator[Route]:
    """The route that ends in this link, if a path stands before it."""
    filters = [one for one in _filters(index, path, call, link) if one.kind == "call" or one.dotted()]
    paths = [text for one in filters if (text := _path(one)) is not None]
    if not paths:
        return
    methods = [
        _METHODS[name_of(one)]
        for one in filters
        if one.kind == "call" and name_of(one) in _METHODS and root_of(one) == "warp"
    ]
    whole = ""
    for text in paths:
        whole = joined(whole, text)
    guards = tuple(n for one in filters if (n := one.dotted().replace("()", "")) and is_guard(n) and "header" not in n)
    handler = handler_name(index, path, argument(link, 0))
    yield Route(
        methods[0] if methods else "ANY", f"/{whole.strip('/')}", handler, place_of(link), auth=guards, complete=True
    )


def _filters(index: FactIndex, path: str, call: Call, expr: Expr, depth: int = 0) -> Iterator[Expr]:
    """The filters of a chain in order: what it begins with, and what `.and(…)` adds."""
    chain = list(links(expr))
    if not chain:
        return
    first = chain[-1]
    root = root_of(first)
    if depth < _DEEP and root and root != "warp":
        for assign in index.assigns(path, call.scope):
            if assign.target.dotted() == root and assign.loc.start < expr.loc.start:
                yield from _filters(index, path, call, assign.value, depth + 1)
                break
    for one in reversed(chain):
        if root_of(one) == "warp" and name_of(one) not in {"and", "or", "with", *_ENDS}:
            yield one
        given = argument(one, 0) if name_of(one) == "and" else None
        if given is not None:
            yield given


def _path(one: Expr) -> str | None:
    """`warp::path!("todos" / u64)`, `warp::path("todos")`."""
    if one.kind != "call" or name_of(one) not in {"path!", "path"}:
        return None
    return "/".join(part for given in one.parts[1:] for part in _parts(given))


def _parts(expr: Expr) -> Iterator[str]:
    """A text, or what a macro is passed: texts and types, parted by slashes."""
    if expr.kind == "string":
        yield expr.text.strip("/")
    elif expr.kind == "other":
        for word in expr.text.strip("()").split("/"):
            if word.strip() and ".." not in word:
                yield word.strip().strip('"') if '"' in word else "{" + word.strip() + "}"
