"""BW504: a route that changes something asks who it is, as the routes beside it do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Param
from backwright.core.findings import Finding
from backwright.kit.annotations import take_apart
from backwright.kit.aside import Serving
from backwright.kit.chains import links, name_of
from backwright.kit.database import access
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import Handler, handlers, injected
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.shapes import Rule
from backwright.rules.security._routes_of_others import guards_all, home, may_ask

_VOICE = Voice("BW504", "unprotected-write", "warning")
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# What must be open to those who have no account yet, or is signed otherwise.
_OPEN = re.compile(
    r"log-?_?in|log-?_?out|sign-?_?(in|up|out)|regist|token|refresh|password|reset|forgot|verify|verification|confirm|activat|"
    r"callback|webhook|hook|public|invite|invitation|accept|health|ping|contact|subscri|oauth|oidc|saml|sso|authoriz|"
    r"authenticat|otp|magic|session|setup|onboard|unlock|anonymous|guest|feedback|waitlist|newsletter|track|ingest|share|open|apply|application",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"current_?user|auth|permission|verify|signature|hmac|compare_digest|api_?key|credential|token|principal|identity|"
    r"require_|check_access|can_", re.IGNORECASE,
)  # fmt: skip
_LEAST = 3
_DEPTH = 3


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each changing route without authentication in a file whose other changing routes have it."""
    if guards_all(index):
        index = index.only(("python",))
    serving = Serving(index, archmap)
    by_file: dict[tuple[str, str], list[Handler]] = defaultdict(list)
    for handler in handlers(index, archmap):
        if handler.path in serving and handler.route.method in _WRITING:
            is_python = index.files[handler.path].language == "python"
            where = handler.path if is_python else home(index, handler)
            by_file[where, handler.route.router].append(handler)
    for group in by_file.values():
        guarded = [h for h in group if h.route.auth]
        bare = [h for h in group if not h.route.auth and not _is_meant(index, h)]
        if len(guarded) < _LEAST or len(bare) * 3 > len(guarded):
            continue
        for handler in bare:
            symbol = handler.body.symbol
            assert symbol is not None
            sibling = guarded[0]
            yield _VOICE.finding(
                handler.path,
                heading(symbol),
                f"`{handler.route.method} {handler.route.path}` changes data and asks nobody who they are; "
                f"{len(guarded)} of {len(group)} changing routes here do",
                scope=handler.body.scope,
                text=f"{handler.route.method} {handler.route.path}",
                help=f"guard it with `{sibling.route.auth[0]}`, as {place(sibling.path, sibling.route.loc)} does",
            )


def _is_meant(index: FactIndex, handler: Handler) -> bool:
    """Routes for those without an account, and routes that ask in a way of their own, or change nothing."""
    body, route = handler.body, handler.route
    symbol = body.symbol
    if symbol is None or _OPEN.search(route.path) or _OPEN.search(symbol.name):
        return True
    for param in symbol.params:
        default = param.default_expr.dotted() if param.default_expr is not None else ""
        typed = take_apart(param.annotation).name
        if any(_ASKING.search(text) for text in (param.name, param.annotation, param.default, default, typed)):
            return True
    if any(_asks(index, handler.path, param) for param in symbol.params):
        return True
    if any(_ASKING.search(d.dotted() + " ".join(k for k in d.keys)) for d in symbol.decorators[1:]):
        return True
    if any(_ASKING.search(name_of(link)) for call in body.calls for link in links(call.expr)):
        return True
    if index.files[handler.path].language != "python" and may_ask(index, handler, _ASKING):
        return True
    return access(index).chain(*body.key) is None


def _asks(index: FactIndex, path: str, param: Param, depth: int = 0) -> bool:
    """Whether what is injected asks itself: a service whose constructor takes the user."""
    found = injected(index).of(path, param)
    if found is None or depth > _DEPTH:
        return False
    if found.symbol.kind == "class":
        found = inference(index).method(found, "__init__")
    for inner in found.symbol.params if found is not None else ():
        if found is not None and (
            any(_ASKING.search(text) for text in (inner.name, inner.annotation, inner.default))
            or _asks(index, found.path, inner, depth + 1)
        ):
            return True
    return False


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
