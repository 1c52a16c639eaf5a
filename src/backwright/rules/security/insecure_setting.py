"""BW509: no credentials for every origin, no debugger in production, no session cookie in the open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Symbol
from backwright.core.findings import Finding, Fix
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.patches import appended, replaced
from backwright.kit.shapes import Rule
from backwright.rules.security._settings_of_others import CALLS, wrong

_VOICE = Voice("BW509", "insecure-setting", "warning")
_APPS = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette", "litestar.Litestar"})
_ALL = frozenset({"*", ".*", "https?://.*", "http.*", "^.*$"})
_COOKIE = re.compile(
    r"(^|[_\-])(session|sessionid|access|refresh|auth|jwt|token|id_token|remember)([_\-]|$)", re.IGNORECASE
)
_READABLE = re.compile(r"csrf|xsrf", re.IGNORECASE)
_LOCAL = re.compile(r"(^|[/_])(dev|develop|development|local|debug|test|tests|testing|ci|docker)([/_.]|$)")

_BY_POSITION = 7  # arguments of `set_cookie` without names: then the flags may be among them

Wrong = tuple[Expr, str, str]


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each insecure setting that stands in the code of what serves."""
    yield from _of_others(index.only(index.spoken - {"python"}), archmap)
    index = index.only(("python",))
    infer = inference(index)
    serving = Serving(index, archmap)
    for link in bodies(index).called(("add_middleware", "Middleware", "CORS", "FastAPI", "Starlette", "set_cookie")):
        if link.body.path not in serving or _LOCAL.search(link.body.path):
            continue
        for expr, message, help_ in _wrong(infer, index, link.body, link.expr):
            fix = _flagged(link.body.path, link.expr) if expr is link.expr and name_of(expr) == "set_cookie" else None
            yield _VOICE.finding(
                link.body.path, expr.loc, message, scope=link.body.scope, text=message, help=help_, fix=fix
            )
    for path in sorted(index.files):
        if path in serving and not _LOCAL.search(path) and _is_settings(index, path):
            yield from _django(index, path)


def _of_others(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """The same in other languages."""
    serving = Serving(index, archmap)
    for link in bodies(index).called(CALLS) if index.files else ():
        if link.body.path in serving and not _LOCAL.search(link.body.path):
            for expr, message, help_ in wrong(index, link.body, link.expr):
                yield _VOICE.finding(link.body.path, expr.loc, message, scope=link.body.scope, text=message, help=help_)


def _wrong(infer: Inference, index: FactIndex, body: Body, link: Expr) -> Iterator[Wrong]:
    origin = infer.origin(body.path, link.parts[0].dotted())
    if name_of(link) in {"add_middleware", "Middleware"}:
        yield from _cors(infer, body, link)
    elif origin == "flask_cors.CORS":
        credentials, origins = link.keyword("supports_credentials"), link.keyword("origins")
        if (
            credentials is not None
            and credentials.text == "True"
            and (origins is None or _is_all(infer, body, origins))
        ):
            yield link, "every site may send requests with the user's cookies", "name the origins of your own clients"
    elif origin in _APPS:
        debug = link.keyword("debug")
        if debug is not None and debug.text == "True":
            yield (
                debug,
                "debug mode is on: clients see tracebacks",
                "take it from the settings, with `False` as default",
            )
    elif name_of(link) == "set_cookie":
        yield from _cookie(index, body, link)


def _cors(infer: Inference, body: Body, link: Expr) -> Iterator[Wrong]:
    given = link.positional()
    if not given or given[0].dotted().rpartition(".")[2] != "CORSMiddleware":
        return
    credentials = link.keyword("allow_credentials")
    origins = link.keyword("allow_origins") or link.keyword("allow_origin_regex")
    if credentials is not None and credentials.text == "True" and origins is not None and _is_all(infer, body, origins):
        yield origins, "every site may send requests with the user's cookies", "name the origins of your own clients"


def _is_all(infer: Inference, body: Body, expr: Expr) -> bool:
    """`"*"`, a list of it, or a variable that is nothing else."""
    if expr.kind == "string":
        return expr.text in _ALL
    if expr.kind == "sequence":
        return any(_is_all(infer, body, p) for p in expr.parts)
    if expr.kind != "name":
        return False
    own = [a.value for a in body.targets().get(expr.text, ())]
    if own:
        return all(_is_all(infer, body, v) for v in own if v.kind != "name")
    found = infer.resolve(body.path, expr.text)
    value = found.symbol.value if found is not None else None
    return value is not None and value.kind in {"string", "sequence"} and _is_all(infer, body, value)


def _cookie(index: FactIndex, body: Body, link: Expr) -> Iterator[Wrong]:
    if "**" in link.keys:
        return
    given = link.positional()
    key = link.keyword("key") or (given[0] if given else None)
    name = _name_of(index, body, key) if key is not None else ""
    if not _COOKIE.search(name) or _READABLE.search(name):
        return
    lacking = [
        flag
        for flag in ("httponly", "secure")
        if ((value := link.keyword(flag)) is None and len(given) < _BY_POSITION)
        or (value is not None and value.text == "False")
    ]
    if lacking:
        shown = " and ".join(f"`{flag}`" for flag in lacking)
        yield link, f"the cookie `{name}` is sent without {shown}", f"set {shown}" + _exemplar(index, link)


def _flagged(path: str, link: Expr) -> Fix | None:
    """The cookie with `httponly` and `secure`: the browser sends it by HTTPS only then."""
    flags = {flag: link.keyword(flag) for flag in ("httponly", "secure")}
    lacking = [flag for flag, value in flags.items() if value is None]
    patches = [replaced(path, v.loc, "False", "True") for v in flags.values() if v is not None and v.text == "False"]
    if lacking:
        more = appended(path, link, ", ".join(f"{flag}=True" for flag in lacking))
        if more is None or len(link.positional()) >= _BY_POSITION:
            return None
        patches += more
    return Fix("Send it by HTTPS only, and hide it from scripts", "review", patches=tuple(patches))


def _name_of(index: FactIndex, body: Body, key: Expr) -> str:
    if key.kind == "string":
        return key.text
    found = callgraph(index).inference.resolve(body.path, key.dotted()) if key.kind == "name" else None
    if found is not None and found.symbol.value is not None and found.symbol.value.kind == "string":
        return found.symbol.value.text
    return key.dotted().rpartition(".")[2].lower() if key.kind in {"name", "attribute"} else ""


def _exemplar(index: FactIndex, link: Expr) -> str:
    for other in bodies(index).called(("set_cookie",)):
        flags = [other.expr.keyword(f) for f in ("httponly", "secure")]
        if other.expr is not link and all(f is not None and f.text != "False" for f in flags):
            return f"; {place(other.body.path, other.expr.loc)} does"
    return ""


# -- settings of Django --------------------------------------------------------------------------------------------
def _is_settings(index: FactIndex, path: str) -> bool:
    names = index.symbols(path)
    return "INSTALLED_APPS" in names or "MIDDLEWARE" in names


def _django(index: FactIndex, path: str) -> Iterator[Finding]:
    names = index.symbols(path)

    def on(name: str) -> Symbol | None:
        symbol = names.get(name)
        return symbol if symbol is not None and symbol.value is not None and symbol.value.text == "True" else None

    assigned = {}
    for assign in index.assigns(path, ""):
        assigned[assign.target.dotted()] = assign.value.text
    debug = on("DEBUG")
    if debug is not None and assigned.get("DEBUG") == "True":
        yield _setting(path, debug, "`DEBUG` is on where nothing says that this is for development")
    everyone = on("CORS_ALLOW_ALL_ORIGINS") or on("CORS_ORIGIN_ALLOW_ALL")
    if everyone is not None and on("CORS_ALLOW_CREDENTIALS") is not None:
        yield _setting(path, everyone, "every site may send requests with the user's cookies")


def _setting(path: str, symbol: Symbol, message: str) -> Finding:
    help_ = "take it from the environment, with the safe value as default"
    return _VOICE.finding(path, symbol.loc, message, text=symbol.name, help=help_)


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
