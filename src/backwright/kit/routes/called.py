"""Routes that are calls: `router.get(path, handler)`; and lists of them: `[("/x", Handler)]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from backwright.core.facts import Call, Expr, Route
from backwright.kit.chains import (
    argument,
    by_name,
    fits,
    joined,
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
from backwright.kit.linking import within_any
from backwright.kit.mounting import Mounting
from backwright.kit.patterns import Answers, Calls, Patterns, Resources
from backwright.kit.routes.handling import Answer, answers, guards_between, guards_in, handler_name
from backwright.kit.testfiles import is_test_file

_HTTP = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(\S*)$")
_NOT_PATHS = frozenset({"", "&", "<", "to", "as", "via", "on"})  # keywords beside `"path" => handler`
ANY = "ANY"

Found = Iterator[tuple[str, Route]]


def called(index: FactIndex, pattern: Calls, patterns: Patterns, mounting: Mounting) -> Found:
    """The routes that calls of this pattern make."""
    calls = index.derived(by_name)
    for verb, method in pattern.verbs.items():
        for path, call, link in calls.get(verb, ()):
            if (
                counts(path, link, pattern)
                and (not pattern.importing or _imports(index, path, patterns))
                and not _is_of_another(index, path, link, pattern, patterns)
            ):
                yield from _route(index, pattern, patterns.answers, mounting, path, call, link, method)


def _imports(index: FactIndex, path: str, patterns: Patterns) -> bool:
    return any(within_any(item.module, patterns.packages) for item in index.imports(path))


def _is_of_another(index: FactIndex, path: str, link: Expr, pattern: Calls, patterns: Patterns) -> bool:
    """Whether it is a function of another package, in Go, where packages are called as routers are: `slog.Any("error", err)`."""
    receiver = receiver_of(link)
    if (
        index.files[path].language != "go"
        or receiver is None
        or receiver.kind != "name"
        or "*" not in pattern.receivers
    ):
        return False
    return any(
        item.alias == receiver.text and not item.name and not within_any(item.module, patterns.packages)
        for item in index.imports(path)
    )


def counts(path: str, link: Expr, pattern: Calls | Resources) -> bool:
    """Whether a call of the right name is on the right thing, in the right file."""
    receiver = receiver_of(link)
    dotted = receiver.dotted() if receiver is not None else ""
    known = fits(dotted, pattern.receivers) or (bool(dotted) and fits(root_of(receiver), pattern.receivers))
    if receiver is not None and not dotted:
        known = "*" in pattern.receivers
    if receiver is None:
        known = "" in pattern.receivers or pattern.receivers == ("*",)
    return known and (not pattern.files or any(fnmatchcase(path, f) for f in pattern.files))


def _route(
    index: FactIndex, pattern: Calls, known: Answers, mounting: Mounting, path: str, call: Call, link: Expr, method: str
) -> Found:
    if len(positional(link)) < pattern.least and not any(p.kind == "mapping" for p in positional(link)):
        return
    given = argument(link, pattern.path)
    text = text_of(index, path, given)
    handler = _handler(pattern, call, link)
    if pattern.handler_link and handler is None:
        return
    if pattern.reversed:
        if (
            handler is None
            or handler.kind not in {"name", "attribute", "lambda"}
            or text_of(index, path, handler) is not None
        ):
            return
        text = "" if given is None else text
    if text is None and pattern.plain:
        text, handler = _plain(link, given, handler)
    if text is None or (pattern.rooted and text[:1] not in {"/", ""}) or (" " in text.strip() and not pattern.spaced):
        return
    if handler is not None and (handler.dotted().endswith((".urls", "urlpatterns", "include()", "_urls"))):
        return
    methods = methods_in(argument(link, pattern.methods)) if pattern.methods is not None else []
    if pattern.spaced and (found := _HTTP.match(text)):
        methods, text = [found[1]], found[2]
        text = text[text.find("/") :] if "/" in text else text
    if pattern.spaced and "/" not in text:
        return
    if pattern.methods_link:
        methods += [m for one in links(call.expr) if name_of(one) == pattern.methods_link for m in methods_in(one)]
    made: list[Answer] = [(v, n, ()) for v, n in _verbs(index, path, pattern, handler)] if pattern.inner else []
    if not made:
        if pattern.inner and method == "?":
            return
        made = [] if methods else answers(index, path, handler, known)
    if not made:
        named = methods or [ANY if method in {"*", "?"} else method]
        name = handler_name(index, path, handler) or (text if pattern.plain else "") or call.scope
        action = argument(link, pattern.action)
        name = f"{name}.{action.text}" if action is not None and action.kind == "string" else name
        made = [(m, name, ()) for m in named]
    guards = guards_between(link, handler)
    if pattern.guards_link:
        guards += tuple(g for one in links(call.expr) if name_of(one) in pattern.guards_link for g in guards_in(one))
    router = root_of(receiver_of(link))
    texts = [text, *_more(index, path, link, pattern)]
    for prefix in mounting.prefixes(path, call, link):
        for verb, name, own in made:
            for one in texts:
                whole = joined(prefix, one)
                auth, known_whole = (*own, *guards), not pattern.reversed
                yield path, Route(verb, whole, name, place_of(link), router, auth=auth, complete=known_whole)


def _handler(pattern: Calls, call: Call, link: Expr) -> Expr | None:
    """The handler's argument: of the call itself, or of a call behind it in its chain."""
    if pattern.handler_link:
        behind = next((one for one in links(call.expr) if name_of(one) == pattern.handler_link), None)
        return argument(behind, 0) if behind is not None else None
    return argument(link, pattern.handler)


def _plain(link: Expr, given: Expr | None, handler: Expr | None) -> tuple[str, Expr | None]:
    """A path that is missing, a symbol, or the key of a pair: `get "/x" => "home#index"`."""
    text, handler = "", given if given is not None else handler
    for key, part in zip(link.keys[1:], link.parts[1:], strict=False):
        if ("/" in key or not text) and key not in _NOT_PATHS and part.kind == "string":
            text, handler = key, part
    return text, handler


def _more(index: FactIndex, path: str, link: Expr, pattern: Calls) -> list[str]:
    """Further paths behind the first: `add_resource(Users, "/users", "/people")`."""
    if not pattern.several or not isinstance(pattern.path, int):
        return []
    texts = [text_of(index, path, part) for part in positional(link)[pattern.path + 1 :]]
    return [text for text in texts if text is not None]


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
            yield (ANY if method == "*" else method), handler_name(index, path, given)


def listed(index: FactIndex, known: Answers) -> Found:
    """Pairs of a path and a class that answers requests, in a list: `handlers = [(r"/x", XHandler)]`."""
    for path in index.files:
        if is_test_file(path):
            continue
        tops = [a.value for a in index.assigns(path)]
        tops += [p for call in index.calls(path) for link in links(call.expr) for p in positional(link)]
        for pair in (pair for top in tops if top.kind in {"sequence", "concatenation"} for pair in _pairs(top)):
            text = text_of(index, path, pair.parts[0])
            if text is None or text.strip("^(")[:1] != "/":
                continue
            for verb, name, guards in answers(index, path, pair.parts[1], known):
                yield path, Route(verb, text.strip("^$"), name, pair.loc, auth=guards, complete=True)


def _pairs(expr: Expr) -> Iterator[Expr]:
    for part in expr.parts:
        if part.kind != "sequence" or not part.parts:
            continue
        if len(part.parts) > 1 and part.parts[1].kind in {"name", "attribute"}:
            yield part
        elif part.parts[0].kind == "sequence":
            yield from _pairs(part)
