"""What arrives through `Depends`: which dependencies exist, what they give, which of them authenticate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Param, Symbol
from backwright.kit.index import Definition, FactIndex
from backwright.kit.rendering import source_of

_SCHEMES = frozenset(
    {
        "OAuth2PasswordBearer",
        "OAuth2AuthorizationCodeBearer",
        "HTTPBearer",
        "HTTPBasic",
        "APIKeyHeader",
        "APIKeyCookie",
        "APIKeyQuery",
    }
)
_MAX_DEPTH = 6
_CURRENT_USER = re.compile(
    r"(current|authenticated|logged_in|active)_?\w*user|require_(auth|login|user)|authenticate|get_user_from",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Need:
    """One `Depends(...)` of a callable: the parameter's name, its annotated type, the expression inside `Depends`.

    `path` is the file in which type and expression are to be resolved: that of the alias, if there is one.
    """

    param: str
    type: str
    expr: Expr | None  # None means that the annotation itself is the dependency
    path: str
    alias: str = ""  # the Annotated alias it was written with


def depends_argument(expr: Expr | None) -> tuple[bool, Expr | None]:
    """Whether an expression is `Depends(...)` or `Security(...)`, and what it wraps."""
    if expr is None or expr.kind != "call" or expr.parts[0].dotted().split(".")[-1] not in {"Depends", "Security"}:
        return False, None
    inner = next(iter(expr.positional()), None) or expr.keyword("dependency")
    return True, inner


def annotated(expr: Expr | None) -> tuple[Expr | None, tuple[Expr, ...]]:
    """`Annotated[T, x, y]` as (T, (x, y)); anything else as (itself, ())."""
    if expr is not None and expr.kind == "subscript" and expr.parts[0].dotted().split(".")[-1] == "Annotated":
        inner = expr.parts[1:]
        if len(inner) == 1 and inner[0].kind == "sequence":
            inner = inner[0].parts
        if inner:
            return inner[0], inner[1:]
    return expr, ()


def needs_of(index: FactIndex, path: str, params: tuple[Param, ...]) -> Iterator[Need]:
    """The dependencies among a callable's parameters."""
    for param in params:
        yes, inner = depends_argument(param.default_expr)
        if yes:
            yield Need(param.name, param.annotation, inner, path)
            continue
        kind, extras = annotated(param.annotation_expr)
        alias, origin = "", path
        if not extras and param.annotation_expr is not None and param.annotation_expr.kind in {"name", "attribute"}:
            found = index.resolve(path, param.annotation_expr.dotted())
            if found is not None and found.symbol.kind == "variable":
                kind, extras = annotated(found.symbol.value)
                alias, origin = param.annotation_expr.dotted(), found.path
        for extra in extras:
            yes, inner = depends_argument(extra)
            if yes:
                yield Need(param.name, kind.dotted() if kind is not None else "", inner, origin, alias)
                break


def callable_of(index: FactIndex, path: str, expr: Expr | None) -> Definition | None:
    """The function or class behind what is passed to `Depends`: a name, or a call that builds a callable."""
    if expr is None:
        return None
    dotted = expr.parts[0].dotted() if expr.kind == "call" else expr.dotted()
    found = index.resolve(path, dotted) or _method_of(index, path, dotted)
    if found is not None and found.symbol.kind == "variable" and found.symbol.value is not None:
        value = found.symbol.value
        if value.kind == "call":
            maker = index.resolve(found.path, value.parts[0].dotted())
            return maker if maker is not None and maker.symbol.kind != "variable" else found
        if value.kind in {"name", "attribute"} and value.dotted() != dotted:
            return callable_of(index, found.path, value) or found
    return found


def _method_of(index: FactIndex, path: str, dotted: str) -> Definition | None:
    """`service.current_user`, where `service` is an object made of a class of the project."""
    head, _, method = dotted.rpartition(".")
    owner = index.resolve(path, head) if head else None
    if (
        owner is None
        or owner.symbol.kind != "variable"
        or owner.symbol.value is None
        or owner.symbol.value.kind != "call"
    ):
        return None
    made = index.resolve(owner.path, owner.symbol.value.parts[0].dotted())
    if made is None or made.symbol.kind != "class":
        return None
    for current in [made, *index.bases(made)]:
        symbol = index.symbols(current.path).get(f"{current.symbol.qualname}.{method}")
        if symbol is not None:
            return Definition(current.path, symbol)
    return None


def signature_of(index: FactIndex, definition: Definition) -> tuple[Symbol, ...]:
    """The functions whose parameters a dependency brings: itself, or a class's `__init__` and `__call__`, or inner functions."""
    symbol = definition.symbol
    table = index.symbols(definition.path)
    if symbol.kind == "class":
        return tuple(s for n in ("__init__", "__call__") if (s := table.get(f"{symbol.qualname}.{n}")) is not None)
    inner = tuple(s for q, s in table.items() if s.kind in {"function", "method"} and s.scope == symbol.qualname)
    return (symbol, *inner)


def authenticates(index: FactIndex, definition: Definition, depth: int = 0) -> bool:
    """Whether a dependency leads to a security scheme or decodes a token, itself or through what it depends on."""
    if depth > _MAX_DEPTH:
        return False
    symbol = definition.symbol
    if symbol.kind == "variable":
        return _is_scheme(symbol.value) or bool(library_guard(index, definition))
    origins = index.root_bases(definition) if symbol.kind == "class" else set()
    if any(o.split(".")[-1] in _SCHEMES for o in origins):
        return True
    if (
        symbol.kind in {"function", "method"}
        and _CURRENT_USER.search(symbol.name)
        and answers(index, definition, "401")
    ):
        return True
    for function in signature_of(index, definition):
        if _decodes(index, definition.path, function):
            return True
        for need in needs_of(index, definition.path, function.params):
            if need.expr is None:
                continue
            if need.expr.dotted() and _is_scheme_name(index, need.path, need.expr):
                return True
            target = callable_of(index, need.path, need.expr)
            if target is not None and target != definition and authenticates(index, target, depth + 1):
                return True
    return False


def library_guard(index: FactIndex, definition: Definition) -> str:
    """user | admin for `current_user = fastapi_users.current_user(active=True)`, `""` for anything else."""
    value = definition.symbol.value
    if definition.symbol.kind != "variable" or value is None or value.kind != "call":
        return ""
    head, _, method = value.parts[0].dotted().rpartition(".")
    maker = index.resolve(definition.path, head) if method == "current_user" else None
    if maker is None or maker.symbol.value is None or "FastAPIUsers" not in source_of(maker.symbol.value):
        return ""
    given = {key: value.keyword(key) for key in ("optional", "superuser")}
    yes = {key for key, expr in given.items() if expr is not None and expr.text == "True"}
    return "" if "optional" in yes else "admin" if "superuser" in yes else "user"


def answers(index: FactIndex, definition: Definition, status: str) -> bool:
    """Whether a function refuses with this status itself: `HTTPException(401)`, `HTTP_401_UNAUTHORIZED`, or an error named so."""
    words = {
        "401": r"401|unauthori[sz]ed|notauthenticated|authentication|credentials|notloggedin|loginrequired",
        "403": r"403|forbidden|permission|notallowed|accessdenied",
    }
    return any(
        fact.value is not None and re.search(words[status], source_of(fact.value), re.IGNORECASE)
        for function in signature_of(index, definition)
        for fact in index.raises(definition.path, function.qualname)
    )


def _is_scheme(value: Expr | None) -> bool:
    return value is not None and value.kind == "call" and value.parts[0].dotted().split(".")[-1] in _SCHEMES


def _is_scheme_name(index: FactIndex, path: str, expr: Expr) -> bool:
    if _is_scheme(expr):
        return True
    found = index.resolve(path, expr.dotted())
    if found is None:
        return False
    if found.symbol.kind == "variable":
        if _is_scheme(found.symbol.value):
            return True
        made = (
            index.resolve(found.path, found.symbol.value.parts[0].dotted())
            if found.symbol.value is not None and found.symbol.value.kind == "call"
            else None
        )
        return made is not None and any(o.split(".")[-1] in _SCHEMES for o in index.root_bases(made))
    return False


def _decodes(index: FactIndex, path: str, function: Symbol) -> bool:
    return any(
        call.expr.parts[0].dotted()
        in {"jwt.decode", "jose.jwt.decode", "decode_token", "decode_access_token", "verify_token"}
        for call in index.calls(path, function.qualname)
    )


def aliases(index: FactIndex) -> Iterator[tuple[Definition, Expr, Expr]]:
    """Every `X = Annotated[T, Depends(f)]` of the project: its definition, T and f."""
    for found in index.all_symbols():
        if found.symbol.kind != "variable" or found.symbol.value is None:
            continue
        kind, extras = annotated(found.symbol.value)
        for extra in extras:
            yes, inner = depends_argument(extra)
            if yes and kind is not None and inner is not None:
                yield found, kind, inner
