"""Signed tokens of other languages: keys in the source, tokens that never end, checks that are switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, Link, bodies, walk
from backwright.kit.chains import links, name_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference

Wrong = tuple[Body, Expr, str, str]

# When it was made is looked at by who checks the age of tokens by hand.
_ENDS = re.compile(r"^(createdAt|created_at|exp|expiresIn|expires_in|ExpiresAt|expiresAt)$")
_JWT = re.compile(r"jwt|jsonwebtoken|jose", re.IGNORECASE)
_SAYING = frozenset({"setSubject", "subject", "claim"})
_ENDING = frozenset({"setExpiration", "expiration", "expiresAt", "setClaims", "claims", "addClaims"})
_NEVER = "this token never expires"
_KEY = "the key of tokens stands in the source"
_CALLS = ("sign", "verify", "NewWithClaims", "SignedString", "signWith", "from_secret", "compact")


def wrong(index: FactIndex, serving: Serving) -> Iterator[Wrong]:
    """What is wrong with each call of a library for tokens."""
    for link in bodies(index).called(_CALLS):
        if link.body.path in serving:
            for expr, message, help_ in _judged(index, link):
                yield link.body, expr, message, help_


def _judged(index: FactIndex, link: Link) -> Iterator[tuple[Expr, str, str]]:
    match index.files[link.body.path].language, name_of(link.expr):
        case "typescript", ("sign" | "verify") as name if _is_jwt(index, link):
            yield from _signed(link) if name == "sign" else _verified(link)
        case "go", "NewWithClaims" if _is_jwt(index, link):
            given = link.expr.positional()
            claims = given[1] if len(given) > 1 else None
            if claims is not None and _keys(claims) and not _ends(claims) and not _ends_apart(link.body, claims):
                yield link.expr, f"{_NEVER}: it has no `exp`", "give it an `exp` claim"
        case "go", "SignedString" if (key := _literal(link.expr)) is not None:
            yield key, _KEY, "read it from the configuration"
        case (("java" | "kotlin"), "signWith") if (key := _literal(link.expr)) is not None:
            yield key, _KEY, "read it from the configuration"
        case (("java" | "kotlin"), "compact"):
            names = {name_of(one) for one in links(link.expr)}
            if "builder" in names and names & _SAYING and not names & _ENDING:
                yield link.expr, f"{_NEVER}: nothing sets its expiration", "set its expiration"
        case "rust", "from_secret" if (key := _literal(link.expr)) is not None:
            yield key, _KEY, "read it from the configuration"


def _is_jwt(index: FactIndex, link: Link) -> bool:
    dotted = link.expr.parts[0].dotted()
    return bool(_JWT.search(inference(index).origin(link.body.path, dotted) or dotted))


def _signed(link: Link) -> Iterator[tuple[Expr, str, str]]:
    given = link.expr.positional()
    if len(given) > 1 and given[1].kind == "string" and given[1].text:
        yield given[1], _KEY, "read it from the configuration"
    if len(given) not in {2, 3} or given[0].kind != "mapping" or _ends(given[0]) or "**" in given[0].keys:
        return
    options = given[2] if len(given) == 3 else None
    if options is None or (options.kind == "mapping" and "**" not in options.keys and not _ends(options)):
        yield link.expr, f"{_NEVER}: nothing says `expiresIn`", "give it `expiresIn`"


def _verified(link: Link) -> Iterator[tuple[Expr, str, str]]:
    given = link.expr.positional()
    if len(given) > 1 and given[1].kind == "string" and given[1].text:
        yield given[1], _KEY, "read it from the configuration"
    options = given[2] if len(given) > 2 and given[2].kind == "mapping" else None
    if options is None:
        return
    ignored = options.keyword("ignoreExpiration")
    if ignored is not None and ignored.text == "true":
        yield ignored, "tokens are believed after their end", "leave the expiration on"
    algorithms = options.keyword("algorithms")
    if algorithms is not None and any(part.text == "none" for part in algorithms.parts):
        yield algorithms, "tokens without a signature are accepted: `none` is an algorithm here", "take `none` out"


def _keys(expr: Expr) -> list[str]:
    return [key for e in walk(expr) if e.kind in {"mapping", "call"} for key in e.keys if key not in {"", "*"}]


def _ends(expr: Expr) -> bool:
    return any(_ENDS.match(key.rpartition(".")[2]) for key in _keys(expr))


def _ends_apart(body: Body, claims: Expr) -> bool:
    """Whether a variable in the claims is given its end by a statement of its own: `claims.ExpiresAt = …`."""
    names = {e.text for e in walk(claims) if e.kind == "name"}
    for assign in body.assigns:
        owner, _, field = assign.target.dotted().partition(".")
        if owner in names and (_ENDS.match(field.rpartition(".")[2]) if field else _ends(assign.value)):
            return True
    return False


def _literal(link: Expr) -> Expr | None:
    """A text among the arguments, also as its bytes."""
    for part in link.parts[1:]:
        bare = part
        while bare.kind in {"call", "attribute", "other"} and bare.parts and _is_bytes(bare):
            bare = bare.parts[-1] if bare.kind == "call" and len(bare.parts) > 1 else bare.parts[0]
        if bare.kind == "string" and bare.text:
            return bare
    return None


def _is_bytes(expr: Expr) -> bool:
    """`[]byte("…")`, `"…".getBytes()`, `"…".as_ref()`."""
    return expr.kind != "call" or name_of(expr) in {
        "",
        "byte",
        "[]byte",
        "getBytes",
        "as_ref",
        "as_bytes",
        "toByteArray",
    }
