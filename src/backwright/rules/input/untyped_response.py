"""BW202: an answer has a schema of its own, so that what is stored for us is not told to clients."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.annotations import take_apart
from backwright.kit.aside import Serving
from backwright.kit.callgraph import Hop
from backwright.kit.findings import Voice, heading, place
from backwright.kit.handlers import Handler, handlers
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.loading import Entity, Loading, loading
from backwright.kit.shapes import Rule
from backwright.rules.input._stored_of_others import Told, told

_VOICE = Voice("BW202", "untyped-response", "warning")
_SECRET = re.compile(
    r"^((hashed|encrypted|user)_?)?(password|passwd|pwd)(_?(hash|hashed|digest|salt))?$|^(otp|totp|mfa|api|client|webhook)_?(secret|key)$|"
    r"^(refresh|reset|access)_token$|^secret(_key)?$",
    re.IGNORECASE,
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that answers with an entity as it is stored, secrets included."""
    yield from (_of_others(found) for found in told(index, archmap))
    index = index.only(("python",))
    follow = loading(index)
    serving = Serving(index, archmap)
    secret = {e.table.entity: c for e in follow.entities.values() if (c := _secret_of(index, e))}
    if not secret:
        return
    exemplar = ""
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        if handler.route.response and _schema(index, handler) and not exemplar:
            exemplar = f"; {place(handler.path, handler.route.loc)} has one"
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        for entity, where, how in _told(index, follow, handler):
            column = secret.get(entity.table.entity)
            if column is None:
                continue
            yield _VOICE.finding(
                handler.path,
                where,
                f"this route answers with `{entity.table.entity}` as it is stored, `{column}` included{how}",
                scope=handler.body.scope,
                text=f"{entity.table.entity}.{column}",
                help=f"declare a response model that has only what clients may see{exemplar}",
                related=[Hop(entity.path, entity.table.loc, "the entity").related()],
            )
            break


def _of_others(found: Told) -> Finding:
    entity, body = found.table.entity.rpartition(".")[2], found.handler.body
    return _VOICE.finding(
        body.path,
        found.at.loc,
        f"this route answers with `{entity}` as it is stored, `{found.column}` included",
        scope=body.scope,
        text=f"{entity}.{found.column}",
        help="select or map what clients may see",
        related=[*(hop.related() for hop in found.way), Hop(found.home, found.table.loc, "the entity").related()],
    )


def _secret_of(index: FactIndex, entity: Entity) -> str:
    """The column that must not be told; `""` where the class says itself what it shows."""
    methods = {s.name for s in index.symbols(entity.path).values() if s.scope == entity.table.entity}
    if methods & {"__json__", "__get_validators__", "model_dump", "dict"}:
        return ""
    return next((c.name for c in entity.table.columns if _SECRET.search(c.name)), "")


def _schema(index: FactIndex, handler: Handler) -> bool:
    found = inference(index).annotation(handler.path, handler.route.response)
    return (
        found is not None
        and found.definition is not None
        and found.last.endswith(("Out", "Read", "Response", "Public", "Schema"))
    )


def _told(index: FactIndex, follow: Loading, handler: Handler) -> Iterator[tuple[Entity, Loc, str]]:
    symbol = handler.body.symbol
    assert symbol is not None
    declared = take_apart(handler.route.response)
    if handler.route.response:
        entity = follow.entity(handler.path, declared.name)
        if entity is not None and entity.table.orm == "sqlmodel":
            yield entity, heading(symbol), ": its response model is the table itself"
        return
    for item in handler.body.returns:
        if item.value is None or item.is_yield:
            continue
        for value in _held(item.value):
            rows = follow.rows(handler.body, value)
            if rows is not None:
                yield rows.entity, item.loc, ": it has no response model"


def _held(value: Expr) -> Iterator[Expr]:
    """What an answer consists of: itself, or the values of a mapping."""
    if value.kind == "mapping":
        yield from value.parts
    else:
        yield value


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
