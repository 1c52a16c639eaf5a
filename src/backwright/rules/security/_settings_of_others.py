"""Settings of CORS and cookies in TypeScript and JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import argument, name_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference

_NAME = re.compile(
    r"(^|[_\-.])(session|sid|sessionid|access|refresh|auth|jwt|token|id_?token|remember)([_\-.]|$)|(session|access|refresh|auth)_?token",
    re.IGNORECASE,
)
_READABLE = re.compile(r"csrf|xsrf|theme|lang", re.IGNORECASE)
_ALL = frozenset({".*", "^.*$", ".+", "/.*/", "/^.*$/", "/.+/", "/./"})
_DEVELOPING = re.compile(r"(?i)prod|\bdev|develop|NODE_ENV|local|debug|is_?test")
_SETTERS = {"cookie": 1, "setCookie": 1}
CALLS = ("cors", "enableCors", "register", "cookie", "setCookie", "session", "expressSession")

Wrong = tuple[Expr, str, str]


def wrong(index: FactIndex, body: Body, link: Expr) -> Iterator[Wrong]:
    """What one call sets insecurely: the place, what it means, what to do. What is for development only is left alone."""
    if any(_DEVELOPING.search(e.text) for b in body.branches_around(link.loc) for e in walk(b.condition)):
        return
    name = name_of(link)
    if name in {"cors", "enableCors"} or (
        name == "register" and len(link.parts) > 2 and "cors" in link.parts[1].dotted().lower()
    ):
        yield from _cors(index, body, link)
    elif name in {"session", "expressSession"}:
        cookie = _given(index, body, argument(link, "cookie"))
        secure = cookie.keyword("secure") if cookie is not None else None
        if secure is not None and secure.text == "false":
            help_ = "set `secure`, by the settings where it is off for development"
            yield secure, "the cookie of the session is sent without `secure`", help_
    elif name in _SETTERS:
        yield from _cookie(index, body, link)


def _cors(index: FactIndex, body: Body, link: Expr) -> Iterator[Wrong]:
    """Any origin is answered with its own name, and with credentials."""
    options = _given(index, body, link.parts[-1] if len(link.parts) > 1 else None)
    if options is None:
        return
    credentials, origin = options.keyword("credentials"), options.keyword("origin")
    if credentials is not None and credentials.text == "true" and origin is not None and _is_all(origin):
        yield origin, "every site may send requests with the user's cookies", "name the origins of your own clients"


def _is_all(origin: Expr) -> bool:
    if origin.kind == "lambda":
        calls = [e for e in walk(origin) if e.kind == "call"]
        return bool(calls) and all([p.text for p in call.parts[1:]] == ["null", "true"] for call in calls)
    return origin.kind in {"constant", "string"} and (origin.text == "true" or origin.text in _ALL)


def _cookie(index: FactIndex, body: Body, link: Expr) -> Iterator[Wrong]:
    """`res.cookie("token", value)`, `setCookie(c, "session", value, options)`."""
    given = link.positional()
    given = given[1:] if link.parts[0].kind == "name" else given
    if len(given) < 2 or given[0].kind != "string" or given[1].kind == "string":
        return  # a text that stands in the source is no secret: so cookies are taken back
    name = given[0].text
    if not _NAME.search(name) or _READABLE.search(name):
        return
    options = _given(index, body, given[2]) if len(given) > 2 else None
    if len(given) > 2 and (options is None or "**" in options.keys):
        return
    held = dict(zip(options.keys, options.parts, strict=False)) if options is not None else {}
    later = {a.target.text for a in body.assigns if a.target.kind == "attribute"}
    age = held.get("maxAge") or held.get("expires")
    if age is not None and age.kind == "constant" and age.text in {"0", "-1"}:
        return  # it is taken back
    lacking = [f for f in ("httpOnly", "secure") if f not in later and (f not in held or held[f].text == "false")]
    if lacking:
        shown = " and ".join(f"`{flag}`" for flag in lacking)
        yield link, f"the cookie `{name}` is sent without {shown}", f"set {shown}"


def _given(index: FactIndex, body: Body, options: Expr | None) -> Expr | None:
    """A mapping that stands here, or under a name; None where it is made otherwise."""
    if options is None or options.kind == "mapping":
        return options
    if options.kind != "name":
        return None
    own = [a.value for a in body.targets().get(options.text, ())]
    if not own:
        module = bodies(index).get(body.path, "")
        own = [a.value for a in module.targets().get(options.text, ())] if module is not None else []
    if not own:
        found = inference(index).resolve(body.path, options.text)
        own = [found.symbol.value] if found is not None and found.symbol.value is not None else []
    return own[0] if len(own) == 1 and own[0].kind == "mapping" else None
