"""BW502: tokens expire, and are believed only after their signature was checked by an algorithm that we chose."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import CallGraph, callgraph
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.mappings import keys_of
from backwright.kit.randomness import guessable
from backwright.kit.shapes import Rule
from backwright.rules.security._tokens_of_others import wrong

_VOICE = Voice("BW502", "unsafe-jwt", "error")
_PACKAGES = ("jwt.", "jose.jwt.")
_CHECKING = frozenset({"jwt.decode", "jose.jwt.decode"})
# One of these says that the token is meant to be looked at before, or instead of, being believed.
_PEEKING = ("unverified", "peek", "inspect", "debug", "without_verif")

Wrong = tuple[Expr, str, str]  # where, what is wrong, what to do


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each thing that is wrong with a call of a JWT library."""
    serving = Serving(index, archmap)
    for where, expr, message, help_ in wrong(index, serving):
        yield _VOICE.finding(where.path, expr.loc, message, scope=where.scope, text=message, help=help_)
    index = index.only(("python",))
    graph = callgraph(index)
    for link in bodies(index).called(("encode", "decode")):
        body = link.body
        if body.path not in serving:
            continue
        origin = graph.inference.origin(body.path, link.expr.parts[0].dotted())
        if not origin.startswith(_PACKAGES):
            continue
        judged = _encoding(graph, body, link.expr) if origin.endswith("encode") else _decoding(graph, body, link.expr)
        for expr, message, help_ in judged:
            yield _VOICE.finding(
                body.path,
                expr.loc,
                message,
                scope=body.scope,
                text=message,
                help=help_ + _exemplar(graph, body, origin.rpartition(".")[2]),
            )
    for link, name in guessable(index, graph.inference):
        if link.body.path in serving:
            yield _VOICE.finding(
                link.body.path,
                link.expr.loc,
                f"`{name}` can be guessed: `{link.expr.parts[0].dotted()}` repeats itself for who has seen enough of it",
                scope=link.body.scope,
                text=f"{name} of random",
                help="use `secrets.token_urlsafe()`, `secrets.choice` or `secrets.randbelow`",
            )


def _encoding(graph: CallGraph, body: Body, link: Expr) -> Iterator[Wrong]:
    given = link.positional()
    claims = given[0] if given else link.keyword("payload") or link.keyword("claims")
    algorithm = link.keyword("algorithm") or (given[2] if len(given) > 2 else None)
    if algorithm is not None and _is_none(algorithm):
        yield algorithm, "this token is not signed: its algorithm is `none`", "sign it with `HS256` or `RS256`"
    key = given[1] if len(given) > 1 else link.keyword("key")
    if key is not None and key.kind == "string" and key.text:
        yield key, "the key that signs tokens stands in the source", "read it from the settings"
    keys = keys_of(graph, body, claims) if claims is not None else None
    # an expiry under a name of its own is checked by the project's own code
    if keys and not any(k.lower().startswith("exp") for k in keys):
        yield link, "this token never expires: it has no `exp`", "give it an `exp` claim"


def _decoding(graph: CallGraph, body: Body, link: Expr) -> Iterator[Wrong]:
    given = link.positional()
    algorithms = link.keyword("algorithms") or (given[2] if len(given) > 2 else None)
    if any(key == "**" for key in link.keys):
        return
    off = _switched_off(body, link)
    if off is not None:
        if not _is_checked_elsewhere(graph, body, link) and not _only_looks(body, link):
            yield (
                off,
                "the signature of this token is not checked",
                "leave the verification on, and name the algorithms",
            )
        return
    if algorithms is None:
        yield link, "any algorithm is accepted for this token", 'name the algorithms: `algorithms=["HS256"]`'
    elif _is_none(algorithms) or any(_is_none(p) for p in algorithms.parts):
        yield (
            algorithms,
            "tokens without a signature are accepted: `none` is an algorithm here",
            "take `none` out of the list",
        )
    key = given[1] if len(given) > 1 else link.keyword("key")
    if key is not None and key.kind == "string" and key.text:
        yield key, "the key that checks tokens stands in the source", "read it from the settings"


def _is_none(expr: Expr) -> bool:
    return expr.kind == "string" and expr.text.lower() == "none"


def _switched_off(body: Body, link: Expr) -> Expr | None:
    """What switches the verification off: `verify=False`, or the option `verify_signature`."""
    plain = link.keyword("verify")
    if plain is not None and plain.text == "False":
        return plain
    options = link.keyword("options")
    if options is None:
        return None
    held = [options]
    if options.kind == "name":
        held = [a.value for a in body.targets().get(options.text, ())]
    for mapping in held:
        value = mapping.keyword("verify_signature")
        if value is not None and value.text == "False":
            return options
    return None


def _is_checked_elsewhere(graph: CallGraph, body: Body, link: Expr) -> bool:
    """A look at the claims first, to choose the key, is followed by a real check in the same function."""
    for call in body.calls:
        for expr in walk(call.expr):
            if expr.kind != "call" or expr.loc == link.loc or name_of(expr) != "decode":
                continue
            if graph.inference.origin(body.path, expr.parts[0].dotted()) in _CHECKING and not _switched_off(body, expr):
                return True
    return False


def _only_looks(body: Body, link: Expr) -> bool:
    """Functions that say so, and ID tokens, which came from the provider itself."""
    token = next(iter(link.positional()), None)
    names = body.scope.lower() + " " + (" ".join(e.text for e in walk(token)).lower() if token is not None else "")
    return any(word in names for word in (*_PEEKING, "id_token"))


def _exemplar(graph: CallGraph, body: Body, name: str) -> str:
    """Where the project does it right."""
    for link in bodies(graph.index).called((name,)):
        if link.body.key == body.key:
            continue
        origin = graph.inference.origin(link.body.path, link.expr.parts[0].dotted())
        if not origin.startswith(_PACKAGES):
            continue
        judged = _encoding(graph, link.body, link.expr) if name == "encode" else _decoding(graph, link.body, link.expr)
        claims = next(iter(link.expr.positional()), None)
        known = keys_of(graph, link.body, claims) if name == "encode" and claims is not None else frozenset()
        if not any(judged) and known is not None:
            return f"; {place(link.body.path, link.expr.loc)} does it"
    return ""


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
