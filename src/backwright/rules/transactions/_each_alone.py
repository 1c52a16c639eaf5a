"""Writes that are each their own transaction: what stores do that have no session to commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.database import DbCall, database, reaching
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.libraries import Transactions, libraries, pattern
from backwright.kit.paths import follows, is_repeated, may_follow

_READING = re.compile(
    r"^_*(?i:get|list|find|load|fetch|read|search|check|is|has|ensure|resolve|validate|compute|count|init|compile|prepare|parse|render|"
    r"format|build|current)(?![a-z])"
)
# What is named as writing.
_WRITING = re.compile(
    r"^_*(?i:create|update|delete|save|add|remove|set|assign|deactivate|activate|archive|register|insert|store|replace|increase|decrease|"
    r"increment|decrement|upsert|mark|transfer|copy|clear|persist|change)(?![a-z])"
)
_BESIDE = re.compile(
    r"audit|log(?!in)|track|metric|event|notif|session|token|attempt|history|stat(s|us)|progress|job|task|cache|lock|otp|"
    r"queue|mail|webhook|publish|emit|telemetry|analytics|outbox",
    re.I,
)


@dataclass(frozen=True)
class Write:
    """A place in a function that changes data: the statement itself, or a call that leads to one."""

    link: Expr
    way: tuple[Hop, ...]


@dataclass(frozen=True)
class Apart:
    """Two writes of one function without a transaction around them, or one in a loop that is both.

    `always`: the second follows wherever the first is reached.
    """

    body: Body
    first: Write
    second: Write
    always: bool = True


class EachAlone:
    """Finds functions that write twice; `whole` counts those that do it in one transaction."""

    def __init__(self, index: FactIndex, archmap: ArchMap) -> None:
        self.index = index
        self.layers = layers_of(index, archmap)
        self.serving = Serving(index, archmap)
        self.handled = {h.body.key for h in handlers(index, archmap)}
        self.reach: Reach = reaching(index, _is_own_write, lambda d: not self._is_marked(d.path, d.symbol.qualname))
        self.whole = 0

    def found(self) -> Iterator[Apart]:
        """The first such pair of every function."""
        for body in self.serving.functions():
            writes = self._writes(body)
            repeated = next((w for w in writes if not w.way and is_repeated(body, w.link)), None)
            if len(writes) < 2 and repeated is None:
                continue
            if self._is_whole(body):
                self.whole += 1
                continue
            pairs = [pair for pair in combinations(writes, 2) if self._are_apart(body, *pair)]
            always = next((p for p in pairs if follows(body, p[0].link, p[1].link) and not _is_looped(body, *p)), None)
            if always is not None or pairs:
                yield Apart(body, *(always or pairs[0]), always is not None)
            elif repeated is not None:
                yield Apart(body, repeated, repeated, False)

    def _known(self, body: Body) -> Transactions:
        return libraries(self.index.files[body.path].language).transactions

    def _writes(self, body: Body) -> list[Write]:
        own = {id(c.call): c for c in database(self.index).of(body) if _is_own_write(c)}
        serves = body.key in self.handled or self.layers.layer.get(body.path) == "service"
        out = []
        for call in sorted(body.calls, key=lambda c: c.loc.start):
            if any(inside(call.loc, c.body) for c in body.catches):
                continue
            direct = own.get(id(call))
            if direct is not None:
                if not _BESIDE.search(shown(direct.link)):
                    out.append(Write(direct.link, ()))
                continue
            for link in links(call.expr) if serves or own else ():
                way = self.reach.through(body, link) if serves or _WRITING.match(name_of(link)) else None
                beside = way is not None and (_BESIDE.search(shown(link)) or _BESIDE.search(way[-1].text))
                if way is not None and not beside and not _READING.match(name_of(link)):
                    out.append(Write(link, way))
                    break
        return out

    def _is_whole(self, body: Body) -> bool:
        """Whether a function opens a transaction, runs in one, or is given one."""
        known = self._known(body)
        if any(pattern(known.calls).search(name_of(link)) for c in body.calls for link in links(c.expr)):
            return True
        if self._is_marked(body.path, body.scope) or self._is_given(body, known):
            return True
        outer = body.scope
        while outer:
            outer = outer.rpartition(".")[0]
            around = bodies(self.index).get(body.path, outer)
            if around is None or body.symbol is None:
                continue
            if any(
                inside(body.symbol.loc, link.loc) and pattern(known.calls).search(name_of(link))
                for c in around.calls
                for link in links(c.expr)
            ):
                return True
        return False

    def _is_given(self, body: Body, known: Transactions) -> bool:
        handles = pattern(known.handles)
        if body.symbol is not None and any(handles.search(name) for p in body.symbol.params for name in p.names):
            return True
        for write in self._writes(body):
            receiver = receiver_of(write.link)
            named = [receiver.dotted()] if receiver is not None else []
            named += [e.text for part in write.link.parts[1:] for e in walk(part) if e.kind == "name"]
            named += [key for part in write.link.parts[1:] for key in part.keys]
            if any(n and handles.search(n) for n in named):
                return True
        return False

    def _is_marked(self, path: str, scope: str) -> bool:
        """Whether a method or its class is decorated as one transaction."""
        known = libraries(self.index.files[path].language).transactions.decorators
        if not known:
            return False
        owner = scope.rpartition(".")[0]
        symbols = [self.index.symbols(path).get(name) for name in (scope, owner) if name]
        return any(
            pattern(known).search(d.dotted().removesuffix("()")) for s in symbols if s is not None for d in s.decorators
        )

    def _are_apart(self, body: Body, first: Write, second: Write) -> bool:
        if first.link.parts[0].dotted() == second.link.parts[0].dotted() and _subject(first) == _subject(second):
            return False
        if _is_same_row(body, first, second) or _are_choices(body, first, second):
            return False
        return may_follow(body, first.link, second.link) and not self._are_one(body, first, second)

    def _are_one(self, body: Body, first: Write, second: Write) -> bool:
        """`user.save()` after `user.update()`, or a read-only detour: one object that is written twice."""
        targets = [callgraph(self.index).target(body, w.link) for w in (first, second)]
        if targets[0] is not None and targets[0] == targets[1]:
            return True
        names = [receiver.dotted() if (receiver := receiver_of(w.link)) is not None else "" for w in (first, second)]
        taken = [name for p in (body.symbol.params if body.symbol is not None else ()) for name in p.names]
        return names[0] == names[1] and (names[0] in body.targets() or names[0] in taken) and not _text(first)


def _text(write: Write) -> str:
    """The statement that a write sends as text, `""` for none."""
    return next((part.text for part in write.link.positional() if part.kind == "string"), "")


def _is_looped(body: Body, first: Write, second: Write) -> bool:
    """Whether the second is done for each of what is no part of the first, and neither is sure to be a write of its own."""
    return bool(first.way) and any(
        inside(second.link.loc, loop.loc) and not inside(first.link.loc, loop.loc) for loop in body.loops
    )


def _is_same_row(body: Body, first: Write, second: Write) -> bool:
    """`saved = repository.save(order)`, then `repository.save(saved)`."""
    given = [part.dotted() for part in second.link.positional()]
    return any(inside(first.link.loc, a.value.loc) for name in given if name for a in body.targets().get(name, ()))


def _are_choices(body: Body, first: Write, second: Write) -> bool:
    """Whether one of two is done: `found ? rows.update(x) : rows.create(x)`."""
    for top in body.expressions():
        if inside(first.link.loc, top.loc) and inside(second.link.loc, top.loc):
            for node in walk(top):
                sides = (node.parts[0], node.parts[-1]) if node.kind == "conditional" and len(node.parts) == 3 else ()
                if sides and inside(first.link.loc, sides[0].loc) and inside(second.link.loc, sides[1].loc):
                    return True
    return False


def _subject(write: Write) -> tuple[str, ...]:
    """What tells two calls of one method apart: their text, or the variables that they are given."""
    text = _text(write)
    return (text,) if text else tuple(part.dotted() for part in write.link.positional())


def _is_own_write(call: DbCall) -> bool:
    return call.family == "write" and call.kind == "store"
