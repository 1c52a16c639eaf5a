"""Password hashes of other languages: fast digests of a password, and costs that do not hurt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import links
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Security, libraries

Weak = tuple[Body, Expr, str, str]  # where, what is wrong, what to do

_PASSWORD = re.compile(r"(^|_)(password|passwd|pwd|passphrase)$", re.IGNORECASE)
_VERB = re.compile(r"^(hash|encode|encrypt|verify|check|compare|validate|get|set|make|create)", re.IGNORECASE)
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FAST = re.compile(r"^(md[245]|sha-?[0-9_/-]+|sha3-?\d*|ripemd160|blake2\w*)$", re.IGNORECASE)
# Digests of passwords that are looked up in lists of leaked ones, or make a key of a cache.
_LOOKED_UP = re.compile(r"pwn|breach|leak|hibp|compromis|cache|etag|gravatar", re.IGNORECASE)
_HELP = "use Argon2id, bcrypt with a cost of at least 10, or scrypt"


def weak(index: FactIndex, serving: Serving) -> Iterator[Weak]:
    """Every digest of a password that is fast, and every cost that is too low."""
    for body in bodies(index).by_key.values():
        known = libraries(index.files[body.path].language).security
        if body.path not in serving or not (known.weak_hashes or known.rounds):
            continue
        for call in body.calls:
            for link in links(call.expr):
                found = _cheap(index, body, link, known) or _fast(body, call.expr, link, known)
                if found:
                    yield body, link, found, _HELP
                    break


def _named(link: Expr, names: Mapping[str, object]) -> str:
    dotted = link.parts[0].dotted().replace("()", "")
    return next((n for n in names if dotted == n or dotted.endswith(f".{n}")), "")


def _cheap(index: FactIndex, body: Body, link: Expr, known: Security) -> str:
    name = _named(link, known.rounds)
    if not name:
        return ""
    at, least = known.rounds[name]
    given = link.positional()
    cost = _number(index, body, given[at]) if at < len(given) else None
    return (
        f"`{name}` is called with a cost of {cost}: that is tried out in no time"
        if cost is not None and cost < least
        else ""
    )


def _number(index: FactIndex, body: Body, expr: Expr) -> int | None:
    if expr.kind == "name":
        own = body.targets().get(expr.text, ())
        found = inference(index).resolve(body.path, expr.text)
        value = own[-1].value if own else found.symbol.value if found is not None else None
        return _number(index, body, value) if value is not None and value.kind == "constant" else None
    return int(expr.text) if expr.kind == "constant" and expr.text.isdigit() else None


def _fast(body: Body, whole: Expr, link: Expr, known: Security) -> str:
    name = _named(link, known.weak_hashes)
    if not name or _LOOKED_UP.search(f"{body.scope} {body.path}"):
        return ""
    kind = known.weak_hashes[name]
    if kind == "*":
        given = link.positional()
        kind = given[0].text if given and given[0].kind == "string" else ""
    if not _FAST.match(kind):
        return ""
    held = next((e for e in walk(whole) if e.kind in {"name", "attribute"} and _is_password(e.text)), None)
    return (
        f"`{held.dotted() or held.text}` is kept as {kind.upper()}, which is made to be fast"
        if held is not None
        else ""
    )


def _is_password(name: str) -> bool:
    return bool(_PASSWORD.search(_WORD_START.sub("_", name))) and not _VERB.match(name)
