"""Values that can be guessed: what the module `random` gives, where it becomes something that nobody may guess."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Assign, Expr
from backwright.kit.bodies import Body, Link, bodies, walk
from backwright.kit.chains import links, name_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import Inference

_MAKING = frozenset(
    {"random", "randint", "randrange", "randbytes", "getrandbits", "uniform", "normalvariate", "gauss", "triangular", "choice",
     "choices", "sample", "betavariate", "expovariate", "lognormvariate"}
)  # fmt: skip
_PICKING = frozenset({"choice", "choices", "sample"})
_MODULES = ("random.", "numpy.random.")
_SECRET = re.compile(
    r"(^|_)(token|secret|password|passwd|passphrase|passcode|otp|totp|nonce|csrf|xsrf|pin|captcha|jti|"
    r"(session|cookie|remember|api|access|secret|activation|reset|signing|auth)_?(id|key|value|me|secret|code|token)|"
    r"(verification|verify|confirmation|auth|invite|invitation|login|sms|email|security|recovery|backup)_?(code|key|link)s?)$"
)
_NOT_SECRET = re.compile(
    r"count|num|len|size|limit|ttl|expire|delay|sleep|index|seed|test|fake|mock|dummy|sample|max|min"
)
_KEPT = re.compile(r"session|cookie", re.IGNORECASE)  # a container of what a browser is known by
_LETTERS = re.compile(r"letter|digit|alphabet|char|ascii|string|hex|symbol|punct", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def guessable(index: FactIndex, infer: Inference) -> Iterator[tuple[Link, str]]:
    """Each call of `random` whose result becomes a secret, with the name of that secret."""
    for link in bodies(index).called(_MAKING):
        origin = infer.origin(link.body.path, link.expr.parts[0].dotted())
        if origin.startswith(_MODULES) and origin.count(".") == origin.startswith("numpy.") + 1 and _makes(link.expr):
            name = _becomes(link.body, link.expr)
            if name:
                yield link, name


def _makes(link: Expr) -> bool:
    """Whether it makes a value, and does not pick one of things that are there."""
    if name_of(link) not in _PICKING:
        return True
    given = link.positional()
    texts = [e for e in walk(given[0]) if e.kind in {"name", "attribute", "string"}] if given else []
    return any(e.kind == "string" or _LETTERS.search(e.dotted()) for e in texts)


def _becomes(body: Body, link: Expr) -> str:
    """The secret that a value becomes in its function, `""` for none."""
    held: set[str] = set()
    for assign in sorted(body.assigns, key=lambda a: a.loc.start):
        if assign.loc.start >= link.loc.end or assign.loc.end < link.loc.start:
            holds = any(e.kind == "name" and e.text in held for e in walk(assign.value))
        else:
            holds = _contains(assign.value, link)
        if not holds or assign.op == "for":
            continue
        name = _target(assign)
        if name:
            return name
        if assign.target.kind == "name":
            held.add(assign.target.text)
    for call in body.calls:
        for one in links(call.expr):
            name = _passed(one, link, held)
            if name:
                return name
    given = [r.value for r in body.returns if r.value is not None]
    own = body.scope.rpartition(".")[2]
    returned = any(_contains(v, link) or any(e.kind == "name" and e.text in held for e in walk(v)) for v in given)
    return own if returned and is_secret(own) else ""


def _target(assign: Assign) -> str:
    target = assign.target
    if target.kind == "subscript" and len(target.parts) > 1:
        holder, key = target.parts[0].dotted(), target.parts[1]
        named = key.text if key.kind in {"string", "name"} else ""
        return holder if _KEPT.search(holder.rpartition(".")[2]) else named if is_secret(named) else ""
    return target.text if target.kind in {"name", "attribute"} and is_secret(target.text) else ""


def _passed(call: Expr, link: Expr, held: set[str]) -> str:
    """The keyword, or the cookie, that a call takes the value as."""
    for key, part in zip(call.keys[1:], call.parts[1:], strict=False):
        if not _contains(part, link) and not (part.kind == "name" and part.text in held):
            continue
        if name_of(call) == "set_cookie":
            return "a cookie"
        if key and is_secret(key):
            return key
    return ""


def _contains(expr: Expr, link: Expr) -> bool:
    return any(e.loc == link.loc and e.kind == "call" for e in walk(expr))


def is_secret(name: str) -> bool:
    """Whether an identifier names something that nobody may guess."""
    plain = _CAMEL.sub("_", name).lower()
    return bool(_SECRET.search(plain)) and not _NOT_SECRET.search(plain)
