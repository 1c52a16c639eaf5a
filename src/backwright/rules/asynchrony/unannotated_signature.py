"""BW602: the signatures of handlers, services and repositories say their types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Param, Symbol
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body
from backwright.kit.findings import Voice, heading
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW602", "unannotated-signature", "warning")
_LAYERS = frozenset({"service", "repository"})
_NO_TYPE = frozenset({"", "Any", "typing.Any", "object"})
# A project annotates where at least so large a part of these functions is.
_STYLE = 0.8
_ANY = re.compile(r"^((Promise|Array|Observable)<)?any(\[\])*>?$")
_UNTYPED = (".js", ".mjs", ".cjs", ".jsx")  # files of a language with types that have none
_FEWEST = 5


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function without its types, in a project that writes them."""
    for language in sorted(index.spoken):
        yield from _of(index.only((language,)), archmap)


def _of(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    layer = layers_of(index, archmap).layer
    serving = Serving(index, archmap)
    handled = {h.body.key for h in handlers(index, archmap)}
    judged = [
        body
        for body in serving.functions()
        if (body.key in handled or (layer.get(body.path) in _LAYERS and _is_public(body.scope)))
        and not body.path.endswith(_UNTYPED)
    ]
    bare = [(body, missing) for body in judged if (missing := _missing(body, is_handler=body.key in handled))]
    if len(judged) < _FEWEST or len(judged) - len(bare) < _STYLE * len(judged):
        return
    for body, missing in bare:
        if body.symbol is not None:
            yield _VOICE.finding(
                body.path,
                heading(body.symbol),
                f"`{body.symbol.name}` does not say the type of {_listed(missing)}",
                scope=body.scope,
                text="signature",
                help=f"annotate it, as {len(judged) - len(bare)} of {len(judged)} handlers, services and repositories here do",
            )


def _is_public(scope: str) -> bool:
    """Methods of classes and functions of modules; what is private or defined inside of a function is not part of a layer."""
    parts = scope.split(".")
    return not any(part.startswith("_") for part in parts) and len(parts) <= 2


def _missing(body: Body, *, is_handler: bool) -> list[str]:
    """What has no type. What a handler returns may be said by its route instead."""
    symbol = body.symbol
    if symbol is None or any(d.dotted().rpartition(".")[2] in {"overload", "fixture"} for d in symbol.decorators):
        return []
    if not body.path.endswith(".py"):
        return _any_of(symbol)
    params = [p for p in symbol.params if p.kind in {"positional", "keyword"}]
    if params and params[0].name in {"self", "cls"} and symbol.scope:
        params = params[1:]
    out = [f"`{p.name}`" for p in params if _is_untyped(p)]
    if not is_handler and symbol.returns in _NO_TYPE and symbol.name != "__init__":
        out.append("what it returns")
    return out


def _any_of(symbol: Symbol) -> list[str]:
    """What is `any` in TypeScript; without a type only in methods: other functions may have theirs from where they stand."""
    is_method = symbol.kind == "method" and symbol.name != "constructor"
    out = [
        f"`{p.name}`"
        for p in symbol.params
        if (_ANY.match(p.annotation) or (is_method and not p.annotation and not p.default))
        and p.name.isidentifier()
        and not p.name.startswith("_")
    ]
    return [*out, "what it returns"] if _ANY.match(symbol.returns) else out


def _is_untyped(param: Param) -> bool:
    return param.annotation in _NO_TYPE and not param.name.startswith("_")


def _listed(missing: list[str]) -> str:
    return ", ".join(missing[:-1]) + f" and {missing[-1]}" if len(missing) > 1 else missing[0]


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
