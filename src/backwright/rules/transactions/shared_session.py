"""BW404: a session belongs to one task."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.callgraph import Hop, callgraph
from backwright.kit.chains import links, receiver_of
from backwright.kit.database import access, database
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.rules.transactions._at_once import AtOnce, at_once

_VOICE = Voice("BW404", "shared-session", "error")
_SESSIONS = frozenset({"Session", "AsyncSession"})
_HELP = "open a session for each request or task (`with SessionLocal() as session:`, or a dependency)"


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Sessions that live as long as the module, and sessions that several tasks use at once."""
    yield from (_of_others(found) for found in at_once(index, archmap))
    index = index.only(("python",))
    serving = Serving(index, archmap)
    for path in sorted(index.files):
        if path in serving:
            yield from _of_module(index, serving, path)
    for link in bodies(index).called(("gather",)):
        if link.body.path in serving:
            yield from _gathered(index, link.body, link.expr)


def _of_others(found: AtOnce) -> Finding:
    return _VOICE.finding(
        found.body.path,
        found.at.loc,
        f"these writes run at once on the one transaction `{found.handle}`: when one fails, the others go on after its rollback",
        scope=found.body.scope,
        text=f"at once on {found.handle}",
        help="await them one after the other, or write them with one statement",
        related=[hop.related() for hop in found.writes],
    )


# -- of the module -------------------------------------------------------------------------------------------------
def _of_module(index: FactIndex, serving: Serving, path: str) -> Iterator[Finding]:
    infer = callgraph(index).inference
    for name, symbol in index.symbols(path).items():
        if symbol.kind != "variable" or symbol.value is None or symbol.value.kind != "call":
            continue
        found = infer.of(path, "", symbol.value)  # what it is, not what it is annotated as
        if found is None or found.itself or found.last not in _SESSIONS or not _is_session(index, found.origin):
            continue
        if symbol.value.parts[0].text in {"begin", "next"}:
            continue
        user = _user(index, serving, path, name)
        if user is not None:
            yield _VOICE.finding(
                path,
                symbol.loc,
                f"`{name}` is one session for the whole process: requests and threads share its transaction",
                text=name,
                help=_HELP,
                related=[user],
            )


def _is_session(index: FactIndex, origin: str) -> bool:
    return origin.partition(".")[0] in {"sqlalchemy", "sqlmodel"}


def _user(index: FactIndex, serving: Serving, path: str, name: str) -> Related | None:
    """A function that uses the session: in its file, or in one that imports it."""
    for place in sorted(index.files):
        if place not in serving:
            continue
        if place != path:
            aliases = {
                i.alias for i in index.imports(place) if i.name == name and index.imported_file(place, i) == path
            }
        else:
            aliases = {name}
        for body in bodies(index).by_path.get(place, {}).values() if aliases else ():
            if body.symbol is None or body.symbol.kind == "class" or _hides(body, aliases):
                continue
            for call in database(index).of(body):
                receiver = receiver_of(call.link)
                if receiver is not None and any(e.text in aliases for e in names_in(receiver)):
                    return Hop(place, call.link.loc, f"`{body.scope}` uses it").related()
    return None


def _hides(body: Body, names: set[str]) -> bool:
    own = {p.name for p in body.symbol.params} if body.symbol is not None else set()
    return bool(names & (own | set(body.targets())))


# -- at once -------------------------------------------------------------------------------------------------------
def _gathered(index: FactIndex, body: Body, link: Expr) -> Iterator[Finding]:
    """`asyncio.gather(a(session), b(session))`, also for the methods of one object that holds a session."""
    if callgraph(index).inference.origin(body.path, link.parts[0].dotted()) != "asyncio.gather":
        return
    used: dict[str, Expr] = {}
    for key, part in zip(link.keys[1:], link.parts[1:], strict=False):
        if key not in {"", "*"}:
            continue
        many = [e for e in walk(part) if e.kind == "comprehension"]
        for call in [many[0].parts[0]] if many and many[0].parts else [part]:
            for shared in _sessions_of(index, body, call):
                if many and _changes(many[0], shared):
                    continue
                if shared in used or many:
                    yield _VOICE.finding(
                        body.path,
                        call.loc,
                        f"several tasks use `{shared}` at once: a session runs one statement at a time",
                        scope=body.scope,
                        text=f"gather {shared}",
                        help="await them one after another, or open a session in each task",
                    )
                    return
                used[shared] = call


def _changes(comprehension: Expr, shared: str) -> bool:
    """Whether every round has an object of its own."""
    targets = {
        e.text
        for p in comprehension.parts[1:]
        if p.kind == "other" and p.text == "for_in_clause" and p.parts
        for e in names_in(p.parts[0])
    }
    return shared.partition(".")[0] in targets


def _sessions_of(index: FactIndex, body: Body, call: Expr) -> Iterator[str]:
    """What a call shares with others: a session among its arguments, or the object whose session it uses."""
    if call.kind != "call":
        return
    graph = callgraph(index)
    reach = access(index)
    if reach.through(body, call) is None:
        own = database(index).of(body)
        if any(c.link.loc == call.loc and c.kind == "session" for c in own):
            receiver = receiver_of(call)
            if receiver is not None and receiver.dotted():
                yield receiver.dotted()
        return
    for part in call.parts[1:]:
        found = graph.inference.of(body.path, body.scope, part) if part.kind in {"name", "attribute"} else None
        if found is not None and not found.itself and found.last in _SESSIONS and _is_session(index, found.origin):
            yield part.dotted()
            return
    receiver = receiver_of(call)
    if receiver is None or receiver.kind == "call" or not receiver.dotted():
        return
    target = graph.target(body, call)
    owner = graph.inference.of(body.path, body.scope, receiver)
    if target is None or owner is None or owner.definition is None:
        return
    inner = graph.body_of(target)
    if inner is not None and _uses_own_session(index, inner):
        yield receiver.dotted()


def _uses_own_session(index: FactIndex, body: Body) -> bool:
    """Whether a method queries by the session of its object."""
    for call in database(index).of(body):
        receiver = receiver_of(call.link)
        while receiver is not None and receiver.kind == "call":
            receiver = next(iter(links(receiver.parts[0])), receiver.parts[0])
        if call.kind == "session" and receiver is not None and receiver.dotted().startswith("self."):
            return True
    return False


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
