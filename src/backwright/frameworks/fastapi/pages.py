"""How lists are cut into pages and wrapped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from backwright.core.archmap import Convention, RouteInfo
from backwright.core.facts import Expr, Field, Param, Span
from backwright.frameworks.fastapi.dependencies import callable_of, needs_of, signature_of
from backwright.kit.declarations import read_annotation
from backwright.kit.house import PageStyle
from backwright.kit.imitation import pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import ref_of

SIZES = (
    "limit",
    "page_size",
    "size",
    "per_page",
    "items_per_page",
    "take",
    "pageSize",
    "perPage",
    "itemsPerPage",
    "pagesize",
)
OFFSETS = ("offset", "skip", "start")
PAGES = ("page", "page_number", "page_num", "pageNumber", "p")
_TOTALS = frozenset(
    {
        "total",
        "count",
        "total_count",
        "totalCount",
        "total_items",
        "totalItems",
        "total_records",
        "totalRecords",
        "total_results",
    }
)


def page_style(
    index: FactIndex, lists: Iterable[tuple[RouteInfo, NameForms]]
) -> tuple[PageStyle | None, Convention | None]:
    """The pagination of most list routes, the exemplar's counting first; None where no list is paginated."""
    counts: Counter[PageStyle] = Counter()
    first: dict[PageStyle, Span] = {}
    total = 0
    for info, name in lists:
        total += 1
        style = _style_of(index, info, name)
        if style is not None:
            counts[style] += 1
            first.setdefault(style, Span(info.path, info.route.loc.line))
    if not counts:
        return None, None
    style, support = counts.most_common(1)[0]
    wrapped = {"list": "a bare list", "generic": f"{style.generic.name if style.generic else ''}[…]", "own": style.own}[
        style.envelope
    ]
    named = wrapped.replace("{Pascals}", "<Names>").replace("{Pascal}", "<Name>")
    value = f"lists take {style.at} and {style.size} and answer {named}"
    return style, Convention("pagination", value, support, total - support, first[style])


def list_params(index: FactIndex, info: RouteInfo) -> list[Param]:
    """The parameters of a handler, those of the dependencies that carry its page included."""
    handler = index.symbols(info.path).get(info.route.handler)
    if handler is None:
        return []
    out = list(handler.params)
    for need in needs_of(index, info.path, handler.params):
        target = callable_of(index, need.path, need.expr) or index.resolve(need.path, need.type)
        if target is None:
            continue
        for function in signature_of(index, target):
            out.extend(function.params)
        if target.symbol.kind == "class":
            out.extend(Param(f.name, f.annotation, f.value, "positional", f.loc) for f in target.symbol.fields)
    # a model as one query parameter: `params: Annotated[PageParams, Query()]`
    for param in handler.params:
        kind = read_annotation(param.annotation_expr).inner
        found = index.resolve(info.path, kind) if kind else None
        if found is not None and found.symbol.kind == "class":
            out.extend(Param(f.name, f.annotation, f.value, "positional", f.loc) for f in found.symbol.fields)
    return out


def _style_of(index: FactIndex, info: RouteInfo, name: NameForms) -> PageStyle | None:
    params = {p.name: p for p in list_params(index, info)}
    names = set(params)
    ready = _ready_made(index, info)
    if ready is not None:
        return ready
    size = next((n for n in SIZES if n in names), "")
    offset, page = next((n for n in OFFSETS if n in names), ""), next((n for n in PAGES if n in names), "")
    if not size or not (offset or page):
        return None
    kind = "offset" if offset else "page"
    first = 0 if offset or re.match(r"(?:\w+\((?:default=)?)?0\b", params[page].default) else 1
    bare = PageStyle(kind, size, offset or page, first)  # type: ignore[arg-type]  # one of the two by construction
    return _enveloped(index, info, name, bare)


def _ready_made(index: FactIndex, info: RouteInfo) -> PageStyle | None:
    """The page of fastapi-pagination, alone or as one of several answers: `Item | Page[Item]`."""
    for name in re.findall(r"([\w.]+)\[", info.route.response):
        origin = index.origin(info.path, name) or ""
        if not origin.startswith("fastapi_pagination."):
            continue
        ref = ref_of(index, info.path, name)
        if origin.endswith(".LimitOffsetPage"):
            extra: tuple[tuple[str, str], ...] = (("limit", "size"), ("offset", "at"))
            return PageStyle("offset", "limit", "offset", 0, "generic", ref, "", "items", "total", extra)
        if origin.endswith(".Page"):
            extra = (("page", "at"), ("size", "size"), ("pages", "pages"))
            return PageStyle("page", "size", "page", 1, "generic", ref, "", "items", "total", extra)
    return None


def _enveloped(index: FactIndex, info: RouteInfo, name: NameForms, bare: PageStyle) -> PageStyle:
    handler = index.symbols(info.path).get(info.route.handler)
    response = _response_expr(index, info)
    if response is None or handler is None:
        return bare
    if read_annotation(response).many:
        return bare
    head = response.parts[0] if response.kind == "subscript" else response
    found = index.resolve(info.path, head.dotted())
    if found is None or found.symbol.kind != "class":
        return bare
    read = _fields(index, found, name)
    if read is None:
        return bare
    items, total, extra = read
    if response.kind == "subscript":
        ref = ref_of(index, info.path, head.dotted())
        return PageStyle(bare.kind, bare.size, bare.at, bare.first, "generic", ref, "", items, total, extra)
    pattern = pattern_of(found.symbol.name, name)
    if "{" not in pattern:
        return bare
    patterns = (pattern_of(items, name), pattern_of(total, name))
    return PageStyle(bare.kind, bare.size, bare.at, bare.first, "own", None, pattern, *patterns, extra)


def _response_expr(index: FactIndex, info: RouteInfo) -> Expr | None:
    """The response model as an expression, from the decorator or from the return annotation."""
    handler = index.symbols(info.path).get(info.route.handler)
    if handler is None:
        return None
    for decorator in handler.decorators:
        model = decorator.keyword("response_model") if decorator.kind == "call" else None
        if model is not None:
            return model
    return _parsed(handler.returns, handler)


def _parsed(text: str, handler: object) -> Expr | None:
    """A return annotation as an expression; it is one name with at most one bracket in all that matters here."""
    from backwright.core.facts import Loc

    bare = text.strip("'\" ")
    if not bare:
        return None
    here = Loc(1, 1, 1, 1, 0, 0)
    head, bracket, rest = bare.partition("[")
    left = (
        Expr("name", head, here)
        if "." not in head
        else Expr("attribute", head.rsplit(".", 1)[1], here, (Expr("name", head.rsplit(".", 1)[0], here),))
    )
    if not bracket:
        return left
    return Expr("subscript", "", here, (left, Expr("name", rest.rstrip("]"), here)))


def _fields(
    index: FactIndex, definition: Definition, resource: NameForms
) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
    """Which field of an envelope holds the rows, which the total (`""` for none), and what the other required ones want."""
    fields: dict[str, Field] = {}
    for current in [*reversed(list(index.bases(definition))), definition]:
        fields.update({f.name: f for f in current.symbol.fields if not f.name.startswith(("_", "model_config"))})
    items = next((n for n, f in fields.items() if read_annotation(f.annotation_expr).many), "")
    counted = {f"{n}{end}" for n in (resource.camel_plural, resource.snake_plural) for end in ("Count", "_count")}
    total = next((n for n in fields if n in _TOTALS | counted), "")
    if not items:
        return None
    extra: list[tuple[str, str]] = []
    for name, declared in fields.items():
        if name in {items, total} or declared.value:
            continue
        kind = "size" if name in SIZES else "at" if name in (*OFFSETS, *PAGES) else ""
        if name in {"pages", "total_pages", "page_count", "num_pages"}:
            kind = "pages"
        if name in {"has_next", "has_more"}:
            kind = "next"
        if name in {"has_prev", "has_previous"}:
            kind = "previous"
        if not kind:
            return None
        extra.append((name, kind))
    return items, total, tuple(extra)
