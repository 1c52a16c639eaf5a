"""Chains of calls, their arguments, and the texts in them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from backwright.core.facts import Call, Expr, Loc
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.kit.unrolling import unrolled

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "ANY"})


def links(expr: Expr) -> Iterator[Expr]:
    """The calls of `a(x).b(y).c(z)`, the last one first. What is awaited is a chain of its own."""
    while expr.kind in {"call", "attribute", "subscript"} and expr.parts:
        if expr.kind == "call":
            yield expr
        expr = expr.parts[0]


def name_of(call: Expr) -> str:
    """The called name: `get` for `app.get(…)`."""
    callee = call.parts[0]
    while callee.kind == "subscript" and callee.parts:
        callee = callee.parts[0]
    return callee.text if callee.kind in {"attribute", "name"} else ""


def mark_of(decorator: Expr) -> str:
    """The last name of a decorator, called or not: `Body` for `@Body()` and `@nest.Body`."""
    return decorator.dotted().rpartition(".")[2].removesuffix("()")


def receiver_of(call: Expr) -> Expr | None:
    """What it is called on; None for a call of a plain name."""
    callee = call.parts[0]
    while callee.kind == "subscript" and callee.parts:
        callee = callee.parts[0]
    return callee.parts[0] if callee.kind == "attribute" and callee.parts else None


def awaited(expr: Expr) -> Expr:
    """What is awaited, or the expression itself where nothing is."""
    return expr.parts[0] if expr.kind == "await" and expr.parts else expr


def root_of(expr: Expr | None) -> str:
    """What a chain begins with: `router` for `router.use(x).get(y)`, `this.app` for `this.app.get(x)`, `""` for `f(x)`."""
    while expr is not None and expr.parts:
        if expr.kind == "call":
            callee = expr.parts[0]
            expr = callee.parts[0] if callee.kind == "attribute" and callee.parts else None
        elif expr.kind in {"await", "subscript"}:
            expr = expr.parts[0]
        else:
            dotted = expr.dotted() if expr.kind == "attribute" else ""
            if "()" not in dotted:
                return dotted
            expr = expr.parts[0]
    return expr.text if expr is not None and expr.kind == "name" else ""


def place_of(call: Expr) -> Loc:
    """Where a call of a chain is: from its own name on, not from where the chain begins."""
    callee, whole = call.parts[0].loc, call.loc
    size = len(name_of(call))
    return Loc(
        callee.end_line, max(callee.end_col - size, 1), whole.end_line, whole.end_col, callee.end - size, whole.end
    )


def positional(call: Expr) -> list[Expr]:
    """The arguments by number; a block is the last one."""
    pairs = list(zip(call.keys[1:], call.parts[1:], strict=False))
    return [p for k, p in pairs if k == ""] + [p for k, p in pairs if k == "&"]


def argument(call: Expr, place: int | str | None) -> Expr | None:
    """The argument at a place: by number, by keyword, or under a key of a mapping that is passed."""
    if place is None:
        return None
    given = positional(call)
    if isinstance(place, int):
        return given[place] if -len(given) <= place < len(given) else None
    found = call.keyword(place)
    if found is not None:
        return found
    for part in given:
        if part.kind == "mapping" and (found := part.keyword(place)) is not None:
            return found
    return None


def text_of(index: FactIndex, path: str, expr: Expr | None) -> str | None:
    """The text of an expression: a literal, a constant of the project, a sum of them; holes are kept as `{name}`."""
    if expr is None:
        return None
    match expr.kind:
        case "string":
            return expr.text
        case "interpolation":
            return "".join(_hole(index, path, part) for part in expr.parts)
        case "concatenation":
            return "".join(_hole(index, path, part) for part in expr.parts)
        case "percent" if len(expr.parts) == 2:
            return _formatted(index, path, *expr.parts)
        case "sequence" if expr.parts:
            return text_of(index, path, expr.parts[0])
        case "name" | "attribute":
            found = index.resolve(path, expr.dotted())
            value = found.symbol.value if found is not None else None
            if value is not None and value.kind in {"string", "concatenation", "interpolation"}:
                return value.text if value.kind == "string" else text_of(index, found.path if found else path, value)
    return None


def _formatted(index: FactIndex, path: str, left: Expr, right: Expr) -> str | None:
    """`"/users/%s" % name`."""
    text = text_of(index, path, left)
    for part in right.parts if right.kind == "sequence" else (right,):
        text = text.replace("%s", _hole(index, path, part), 1) if text is not None else None
    return text


def _hole(index: FactIndex, path: str, expr: Expr) -> str:
    text = text_of(index, path, expr)
    return text if text is not None else "{" + (expr.dotted().rpartition(".")[2] or "?") + "}"


def methods_in(expr: Expr | None) -> list[str]:
    """The HTTP methods that an expression names: `["GET"]`, `RequestMethod.POST`, `http.MethodGet`, `:get`."""
    if expr is None:
        return []
    if expr.parts and expr.kind in {"sequence", "mapping", "binary", "call"}:
        return [method for part in expr.parts for method in methods_in(part)]
    word = expr.text.removeprefix("Method").upper().strip("/")
    return [word] if word in METHODS else [w for w in word.split("|") if w in METHODS]


def fits(text: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is one of these patterns."""
    return any(text == p or (p not in {"", "*"} and fnmatchcase(text, p)) or p == "*" for p in patterns)


def by_name(index: FactIndex) -> dict[str, list[tuple[str, Call, Expr]]]:
    """Every call of every chain by the called name: its file, the whole call, the link. Tests are left out."""
    out: dict[str, list[tuple[str, Call, Expr]]] = {}
    for path in index.files:
        if is_test_file(path):
            continue
        for call in index.calls(path):
            for one in unrolled(index, path, call) if call.loop >= 0 else (call,):
                for link in links(one.expr):
                    out.setdefault(name_of(link), []).append((path, one, link))
    return out


def joined(prefix: str, path: str) -> str:
    """Two parts of a path with one slash between them."""
    if not path or path == "/":
        return prefix or path
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"
