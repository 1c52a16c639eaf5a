"""BW105: services arrive in handlers by injection, where that is how the project does it."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding, Related
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links
from backwright.kit.findings import Voice, place
from backwright.kit.handlers import injected
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference
from backwright.kit.layers import Layers, layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW105", "service-built-in-handler", "warning")
_STYLE = 3
_HOW = {True: "`Depends`", False: "by the constructor"}


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that builds one; one for the project where most do."""
    for language in sorted(index.spoken):
        yield from _of(index.only((language,)), archmap)


def _of(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    layers = layers_of(index, archmap)
    built: list[tuple[Body, Expr, Definition]] = []
    given: list[tuple[str, Expr, Definition]] = []
    for handler in layers.handlers:
        given += _injected(index, layers, handler.body)
        built += [(handler.body, link, found) for link, found in _built(index, layers, handler.body)]
    if not built:
        return
    each = [_one(item, given) for item in built]
    if len(built) > len(given):
        if len(built) >= _STYLE:
            yield _VOICE.style(
                each,
                f"{len(built)} handlers build the services and repositories that they use; {len(given)} get them injected",
                help="a dependency that provides them lets tests replace them",
            )
        return
    yield from each


def _injected(index: FactIndex, layers: Layers, body: Body) -> Iterator[tuple[str, Expr, Definition]]:
    """The services and repositories that a handler gets by `Depends`, or its class by its constructor."""
    if not body.path.endswith(".py"):
        yield from _kept(index, layers, body)
        return
    for param in body.symbol.params if body.symbol is not None else ():
        if injected(index).of(body.path, param) is None:
            continue
        found = inference(index).param(body.path, param)
        where = param.annotation_expr or param.default_expr
        if (
            found is not None
            and found.definition is not None
            and where is not None
            and _is_layer(layers, found.definition)
        ):
            yield body.path, where, found.definition


def _kept(index: FactIndex, layers: Layers, body: Body) -> Iterator[tuple[str, Expr, Definition]]:
    """The services and repositories of a handler's class that are given to its constructor."""
    owner = inference(index).resolve(body.path, body.scope.rpartition(".")[0]) if "." in body.scope else None
    for field in owner.symbol.fields if owner is not None else ():
        found = inference(index).annotation(body.path, field.annotation) if not field.value else None
        if found is not None and found.definition is not None and _is_layer(layers, found.definition):
            yield body.path, Expr("name", field.name, field.loc), found.definition


def _built(index: FactIndex, layers: Layers, body: Body) -> Iterator[tuple[Expr, Definition]]:
    for call in body.calls:
        for link in links(call.expr):
            found = inference(index).function(body.path, body.scope, link.parts[0])
            if found is not None and found.symbol.kind == "class" and _is_layer(layers, found):
                yield link, found
                return


def _is_layer(layers: Layers, found: Definition) -> bool:
    """A class of a service or repository that has behaviour: not an error, a schema or an enumeration beside it."""
    name = found.symbol.name
    return layers.layer.get(found.path) in {"service", "repository"} and name.endswith(
        (
            "Service",
            "Repository",
            "Repo",
            "UseCase",
            "Interactor",
            "DAO",
            "CRUD",
            "Manager",
            "ServiceImpl",
            "RepositoryImpl",
        )
    )


def _one(item: tuple[Body, Expr, Definition], given: list[tuple[str, Expr, Definition]]) -> Finding:
    body, link, found = item
    same = next((g for g in given if g[2].symbol.name == found.symbol.name), given[0] if given else None)
    exemplar = f"; {place(same[0], same[1].loc)} gets `{same[2].symbol.name}` so" if same is not None else ""
    related: list[Related] = [Hop(found.path, found.symbol.loc, "the class").related()]
    return _VOICE.finding(
        body.path,
        link.loc,
        f"`{found.symbol.name}` is built in the handler, so nothing can replace it",
        scope=body.scope,
        text=found.symbol.name,
        help=f"let the framework inject it ({_HOW[body.path.endswith('.py')]}){exemplar}",
        related=related,
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "java", "kotlin"), check)
