"""BW503: passwords and codes cannot be tried without end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import bodies, walk
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.rules.security._routes_of_others import around

_VOICE = Voice("BW503", "unlimited-auth-endpoint", "warning")
_SEGMENT = re.compile(
    r"^(log-?_?in|sign-?_?in|sign-?_?up|register|registration|token|access-token|forgot-?_?password|reset-?_?password|"
    r"password-?_?(reset|recovery|forgot)|recover(-password)?|authenticate|otp|verify-otp|send-otp|magic-link)$",
    re.IGNORECASE,
)
_LIMITING = re.compile(r"rate_?limit|limiter|throttl|slow_?down|brute", re.IGNORECASE)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Endpoints without a limit where others have one; one advice where nothing in the project limits."""
    serving = Serving(index, archmap)
    open_: list[Handler] = []
    limited: list[Handler] = []
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        other = index.files[handler.path].language != "python"
        if _is_limited(handler) or (other and any(_names_limit(expr) for expr in around(index, handler))):
            limited.append(handler)
        elif handler.route.method == "POST" and _is_auth(handler):
            open_.append(handler)
    if not open_ or _limits_all(index, serving) or _limits_somewhere(index, limited):
        return
    if limited:
        yield from (_one(h, f"; {place(limited[0].path, limited[0].route.loc)} has one") for h in open_)
    else:
        yield _VOICE.style(
            [_one(h, "") for h in open_],
            f"nothing limits how often `{open_[0].route.path}` and {len(open_) - 1} other endpoints of sign-in can be tried"
            if len(open_) > 1
            else f"nothing limits how often `{open_[0].route.path}` can be tried",
            help="limit attempts by account and by address, here or in front of the service",
        )


def _is_auth(handler: Handler) -> bool:
    """A route for those who are not signed in yet: not one of administrators, about an account of their choice."""
    path = handler.route.path
    if handler.route.auth or "admin" in path + handler.body.scope.lower() or "user_id}" in path:
        return False
    last = path.rstrip("/").rpartition("/")[2]
    return _SEGMENT.match(last) is not None


def _is_limited(handler: Handler) -> bool:
    """By a decorator, a dependency, a parameter or a call that limits."""
    symbol = handler.body.symbol
    if symbol is None:
        return False
    exprs: list[Expr] = list(symbol.decorators)
    exprs += [e for p in symbol.params for e in (p.default_expr, p.annotation_expr) if e is not None]
    exprs += [c.expr.parts[0] for c in handler.body.calls]
    return any(
        (e.kind in {"name", "attribute"} and _LIMITING.search(e.text)) or _is_limiter(e)
        for expr in exprs
        for e in walk(expr)
    )


def _is_limiter(expr: Expr) -> bool:
    return expr.kind == "attribute" and expr.text == "limit" and "limiter" in expr.parts[0].dotted().lower()


def _limits_all(index: FactIndex, serving: Serving) -> bool:
    """A middleware that limits every route, or limits by default."""
    for link in bodies(index).called(
        ("add_middleware", "Middleware", "Limiter", "include_router", "FastAPI", "APIRouter")
    ):
        if link.body.path not in serving:
            continue
        name = link.expr.parts[0].text
        if name == "Limiter" and link.expr.keyword("default_limits") is not None:
            return True
        if name != "Limiter" and any(
            e.kind in {"name", "attribute"} and _LIMITING.search(e.text) for p in link.expr.parts[1:] for e in walk(p)
        ):
            return True
    own = [link.body.path for link in bodies(index).called(("middleware",))]
    return any(_LIMITING.search(name) for path in own for name in index.symbols(path))


def _names_limit(expr: Expr) -> bool:
    return any(e.kind in {"name", "attribute"} and _LIMITING.search(e.text) for e in walk(expr))


def _limits_somewhere(index: FactIndex, limited: list[Handler]) -> bool:
    """Whether another language than Python has a limit that stands before all routes, or of which it is not known where it stands."""
    others = [path for path in index.files if index.files[path].language != "python"]
    if limited:
        used = (link for link in bodies(index).called(("use", "register", "forRoot")) if link.body.path in set(others))
        return any(_names_limit(part) for link in used for part in link.expr.parts[1:])
    return any(
        _LIMITING.search(i.module.replace("-", "_")) or _LIMITING.search(i.name or i.alias)
        for path in others
        for i in index.imports(path)
    ) or any(_LIMITING.search(symbol.name) for path in others for symbol in index.symbols(path).values())


def _one(handler: Handler, exemplar: str) -> Finding:
    symbol = handler.body.symbol
    assert symbol is not None
    return _VOICE.finding(
        handler.path,
        heading(symbol),
        f"nothing limits how often `{handler.route.path}` can be tried",
        scope=handler.body.scope,
        text=handler.route.path,
        help=f"limit attempts by account and by address{exemplar}",
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
