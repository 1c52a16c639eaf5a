"""The handlers of routes: their names, the methods that they answer, and what guards them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from backwright.core.facts import Expr, Symbol
from backwright.kit.chains import links, methods_in, name_of, positional, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.patterns import Answers

_GUARD = re.compile(r"(?i)auth|guard|login|permission|secured|roles?allowed|protect|jwt|ensure_?user|require_?user")
_NO_GUARD = re.compile(
    r"(?i)allow_?any|allow_?anonymous|public|author(?!i)|noauth|^Api(Bearer|Cookie|OAuth|Basic)|skip_?auth"
)
_MADE = ("as_view", ".bind")

Answer = tuple[str, str, tuple[str, ...]]  # method, handler, guards


def is_guard(name: str) -> bool:
    """Whether something of this name lets only some through."""
    return bool(_GUARD.search(name)) and not _NO_GUARD.search(name)


def handler_name(index: FactIndex, path: str, expr: Expr | None) -> str:
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
            inner = [handler_name(index, path, p) for p in positional(expr)[-1:]]
            dotted = expr.parts[0].dotted()
            if dotted.endswith(_MADE):
                return dotted.rpartition(".")[0]
            return (inner[0] if inner and inner[0] else dotted) or ""
    dotted = expr.dotted().removesuffix(".class")
    found = index.resolve(path, dotted) if dotted else None
    return found.symbol.qualname if found is not None and found.path == path else dotted


def answers(index: FactIndex, path: str, expr: Expr | None, known: Answers) -> list[Answer]:
    """The methods that a handler answers by itself: marks of a function, methods and bases of a class, what a call lists."""
    if expr is None or not (known.members or known.marks or known.bases):
        return []
    name = handler_name(index, path, expr)
    made = next((one for one in links(expr) if name_of(one) == "as_view"), None) if expr.kind == "call" else None
    listed = next((p for p in positional(made) if p.kind == "mapping"), None) if made is not None else None
    found = index.resolve(path, name)
    guards = guards_of(index, found) if found is not None else ()
    if listed is not None:  # `as_view({"get": "list"})`
        return [
            (key.upper(), f"{name}.{part.text}", guards) for key, part in zip(listed.keys, listed.parts, strict=False)
        ]
    if found is None:
        return []
    if found.symbol.kind == "class":
        return [(method, f"{name}{member}", guards) for method, member in _of_class(index, found, known)]
    return [(method, name, guards) for method in _of_marks(found.symbol, known)]


def _of_marks(symbol: Symbol, known: Answers) -> list[str]:
    for mark in symbol.decorators:
        method = known.marks.get(last_name(mark))
        if method is not None:
            return [method] if method != "?" else methods_in(mark) or ["GET"]
    return []


def _of_class(index: FactIndex, found: Definition, known: Answers) -> Iterator[tuple[str, str]]:
    """Method and, behind a dot, the function of the class that answers it."""
    seen: set[str] = set()
    family = [found, *index.bases(found)]
    for definition in family:
        table = index.symbols(definition.path)
        for member, method in known.members.items():
            if method not in seen and f"{definition.symbol.qualname}.{member}" in table:
                seen.add(method)
                yield method, f".{member}"
    for definition in family:
        for base in definition.symbol.bases:
            for method in known.bases.get(base.rpartition(".")[2], ()):
                if method not in seen:
                    seen.add(method)
                    yield method, ""


def members_of(index: FactIndex, path: str, symbol: Symbol, known: Answers) -> list[tuple[str, str]]:
    """The methods that a class answers, each with the qualified name of the function that does."""
    found = _of_class(index, Definition(path, symbol), known)
    return [(method, f"{symbol.qualname}{member}") for method, member in found]


# -- guards --------------------------------------------------------------------------------------------------------
def guards_between(link: Expr, handler: Expr | None) -> tuple[str, ...]:
    """Names of what stands between path and handler, and guards it; `route("/x").get(guard, f)` has its path further up."""
    receiver = receiver_of(link)
    apart = receiver is not None and any(name_of(one) == "route" for one in links(receiver))
    between = [p for p in positional(link)[0 if apart else 1 :] if p is not handler]
    names = [n for p in between for n in _names(p)]
    return tuple(dict.fromkeys(n for n in names if is_guard(n)))


def guards_in(link: Expr) -> tuple[str, ...]:
    """What a call behind a route in its chain guards it by: names and texts that it is passed, or its own name."""
    given = [
        p.text if p.kind == "string" else p.dotted().replace("()", "")
        for part in positional(link)
        for p in (part.parts if part.kind == "sequence" else (part,))
    ]
    return tuple(n for n in given or [name_of(link)] if is_guard(n))


def _names(expr: Expr) -> Iterator[str]:
    if expr.kind in {"sequence", "mapping"}:
        for part in expr.parts:
            yield from _names(part)
    elif expr.kind in {"call", "attribute", "name"}:
        yield expr.dotted().replace("()", "")


def guards_of(index: FactIndex, found: Definition) -> tuple[str, ...]:
    """What guards a function or class by its own decorators, bases and list of permissions."""
    own = found.symbol
    names = [_guard_name(mark) for mark in own.decorators]
    names += [
        base.rpartition(".")[2] for base in own.bases if is_guard(base.rpartition(".")[2]) and own.kind == "class"
    ]
    for field in own.fields:
        if field.name == "permission_classes" and field.value_expr is not None:
            names += [n for n in _names(field.value_expr) if not _NO_GUARD.search(n)]
    return tuple(dict.fromkeys(n for n in names if n))


def marks_of(symbol: Symbol, own: Symbol | None) -> tuple[str, ...]:
    """Decorators that guard a function, or its class."""
    marks = (*symbol.decorators, *(own.decorators if own is not None else ()))
    names = [_guard_name(mark) for mark in marks]
    open_ = any(_NO_GUARD.search(last_name(mark)) for mark in symbol.decorators)
    return () if open_ else tuple(dict.fromkeys(n for n in names if n))


def _guard_name(mark: Expr) -> str:
    last = last_name(mark)
    inner = [p.dotted().replace("()", "") for p in positional(mark)] if mark.kind == "call" else []
    if last == "UseGuards":
        return inner[0] if inner else last
    return last if is_guard(last) else ""


def last_name(decorator: Expr) -> str:
    """What a decorator is called, without what it is an attribute of."""
    if decorator.kind == "call":
        return name_of(decorator)
    return decorator.dotted().rpartition(".")[2]


def is_marked(owner: Symbol, wanted: tuple[str, ...]) -> bool:
    """Whether a class has one of these decorators or bases."""
    names = {last_name(d) for d in owner.decorators} | {b.rpartition(".")[2] for b in owner.bases}
    return any(fnmatchcase(name, pattern) for name in names for pattern in wanted)
