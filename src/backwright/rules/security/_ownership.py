"""What a request does with the row that it names: which fetches it, and which ask whether the row is the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, arguments, callgraph, shown
from backwright.kit.chains import links, name_of
from backwright.kit.database import access, database, is_access
from backwright.kit.index import FactIndex

Names = frozenset[str]
_MAX_DEPTH = 3
_COMPARING = frozenset({"==", "!=", "is", "is not", "in", "not in"})
_SELECTING = frozenset(
    {"where", "filter", "filter_by", "get", "get_or_404", "get_object_or_404", "aget", "and_", "or_", "Q", "first_or_404"}
)  # fmt: skip
_TELLING = re.compile(
    r"^(log|logger|logging|_logger|LOG|_log|audit\w*|capture_\w+|print|sentry_sdk|metrics|posthog)$", re.I
)
# What is asked by its name, also where nobody can look inside.
ASKING = re.compile(
    r"permi(ssion|tted)|authoriz|(^|_)(check|ensure|verify|validate|require|assert|can|may|has)_\w*(access|owner|permission|"
    r"role|member|user|auth|admin)|(^|_)(access|owner|policy|scope|tenan|acl|allowed)",
    re.IGNORECASE,
)
_CURRENT = re.compile(
    r"current_?(user|tenant|org|account|member|workspace)|request\.(user|auth)|self\.(\w+\.)?_?(user|tenant|owner|auth)\w*$",
    re.IGNORECASE,
)
_ANSWERING = re.compile(r"render|Response|redirect|messages\.|reverse|get_current_site|log", re.IGNORECASE)


def mentions(expr: Expr, names: Iterable[str]) -> bool:
    """Whether an expression reads one of these (dotted) names."""
    known = names if isinstance(names, frozenset) else frozenset(names)
    return any(e.kind in {"name", "attribute"} and e.dotted() in known for e in walk(expr))


def derived(body: Body, names: Iterable[str]) -> Names:
    """These names, and the variables that are made of them."""
    known = set(names)
    for _ in range(_MAX_DEPTH):
        before = len(known)
        for target, given in body.targets().items():
            if target not in known and any(mentions(a.value, frozenset(known)) for a in given):
                known.add(target)
        if len(known) == before:
            break
    return frozenset(known)


@dataclass(frozen=True)
class Caller:
    """What a function knows of the request: the ids that it brought, and who sends it. Both with all made of them.

    What is made of both is a row that was fetched for somebody, and counts as named by the id.
    """

    body: Body
    ids: Names
    owners: Names


class Ownership:
    """Reads the functions of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph = callgraph(index)
        self.reach = access(index)
        self.db = database(index)

    # -- fetches ---------------------------------------------------------------------------------------------------
    def fetch(self, caller: Caller) -> tuple[Expr, tuple[Hop, ...]] | None:
        """The first call by an id that reads from the database, itself or through functions of the project."""
        own = {c.link.loc for c in self.db.of(caller.body) if is_access(c)}
        for call in sorted(caller.body.calls, key=lambda c: c.loc.start):
            for link in links(call.expr):
                if not any(mentions(part, caller.ids) for part in link.parts[1:]):
                    continue
                if link.loc in own:
                    return link, ()
                way = self.reach.through(caller.body, link)
                if way is not None:
                    return link, way
        return None

    # -- conditions ------------------------------------------------------------------------------------------------
    def condition(self, caller: Caller, depth: int = 0) -> tuple[Hop, ...] | None:
        """Where it is asked whether the row is the caller's: compared with it, or part of the query."""
        body = caller.body
        for branch in body.branches:
            found = self._compared(branch.condition, caller)
            if found is not None and not (branch.exits and found.text in {"==", "in"}):  # nobody may do that to himself
                return (Hop(body.path, found.loc, "it is asked here whose row that is"),)
        for call in body.calls:
            for link in links(call.expr):
                if name_of(link) in _SELECTING and mentions(call.expr, caller.ids) and self._limits(link, caller):
                    return (Hop(body.path, link.loc, "this query takes only rows of the caller"),)
        return self._passed(caller, depth)

    def _compared(self, expr: Expr, caller: Caller) -> Expr | None:
        """`item.owner_id != user.id`: an attribute of a row beside one of the caller."""
        for node in walk(expr):
            if node.kind == "binary" and node.text in _COMPARING and len(node.parts) == 2:
                for one, other in (node.parts, node.parts[::-1]):
                    of_row = other.kind in {"attribute", "call"} and mentions(other, caller.ids)
                    if of_row and mentions(one, caller.owners):
                        return node
        return None

    def limit(self, body: Body, owners: Names) -> tuple[Hop, ...] | None:
        """Where a list is cut down to the rows of the caller, here or in a function that is given the caller."""
        return self._limit(Caller(body, frozenset(), owners), 0)

    def _limit(self, caller: Caller, depth: int) -> tuple[Hop, ...] | None:
        body = caller.body
        for call in body.calls:
            for link in links(call.expr):
                if name_of(link) in _SELECTING - {"get"} and self._limits(link, caller):
                    return (Hop(body.path, link.loc, "this query takes only rows of the caller"),)
                target = (
                    self.graph.target(body, link) if any(mentions(p, caller.owners) for p in link.parts[1:]) else None
                )
                inner = self.graph.body_of(target) if target is not None and depth < _MAX_DEPTH else None
                if target is None or inner is None:
                    continue
                owners = derived(inner, (n for n, e in arguments(link, target).items() if mentions(e, caller.owners)))
                found = self._limit(Caller(inner, frozenset(), owners), depth + 1) if owners else None
                if found is not None:
                    return Hop(body.path, link.loc, f"`{shown(link)}` is given the caller"), *found
        return None

    def _limits(self, link: Expr, caller: Caller) -> bool:
        """`where(Item.id == id, Item.owner_id == user.id)`, `filter_by(owner=user)`."""
        for key, part in zip(link.keys[1:], link.parts[1:], strict=False):
            if key not in {"", "*", "**"} and mentions(part, caller.owners):
                return True
            for node in walk(part):
                if node.kind == "binary" and node.text in {"==", "in"} and len(node.parts) == 2:
                    left, right = node.parts
                    if (
                        mentions(right, caller.owners)
                        and left.kind == "attribute"
                        and not mentions(left, caller.owners)
                    ):
                        return True
        return False

    def _passed(self, caller: Caller, depth: int) -> tuple[Hop, ...] | None:
        """The same in a function that is given both the id and the caller."""
        if depth >= _MAX_DEPTH:
            return None
        body = caller.body
        for call in body.calls:
            for link in links(call.expr):
                given = link.parts[1:]
                if not any(mentions(p, caller.owners) for p in given) or not any(
                    mentions(p, caller.ids) for p in given
                ):
                    continue
                target = self.graph.target(body, link)
                inner = self.graph.body_of(target) if target is not None else None
                if target is None or inner is None:
                    continue
                taken = arguments(link, target)
                ids = derived(inner, (n for n, e in taken.items() if mentions(e, caller.ids)))
                owners = derived(inner, (n for n, e in taken.items() if mentions(e, caller.owners))) - ids
                found = self.condition(Caller(inner, ids, owners), depth + 1) if ids and owners else None
                if found is not None:
                    return Hop(body.path, link.loc, f"`{shown(link)}` is given the caller too"), *found
        return None

    # -- silence ---------------------------------------------------------------------------------------------------
    def asks_otherwise(self, caller: Caller) -> bool:
        """Whether the caller is used in any way but for telling about it, or something is asked by its name."""
        for body in bodies(self.index).with_inner(caller.body):
            for expr in body.expressions():
                if not _tells(expr) and mentions(expr, caller.owners):
                    return True
            if any(ASKING.search(name_of(link)) or _hands_on(link) for call in body.calls for link in links(call.expr)):
                return True
        return False

    def asks_below(self, body: Body, link: Expr, depth: int = 0) -> bool:
        """Whether a function that is called asks by a name, without being given anything."""
        target = self.graph.target(body, link)
        inner = self.graph.body_of(target) if target is not None else None
        if inner is None or depth >= _MAX_DEPTH:
            return False
        for call in inner.calls:
            for one in links(call.expr):
                if (
                    ASKING.search(name_of(one))
                    or _CURRENT.search(name_of(one))
                    or self.asks_below(inner, one, depth + 1)
                ):
                    return True
        return any(_CURRENT.search(e.dotted()) for expr in inner.expressions() for e in walk(expr))


def _hands_on(link: Expr) -> bool:
    """Whether the request as a whole goes to somebody who can ask."""
    given = (part.dotted() in {"request", "self.request"} for part in link.parts[1:])
    return any(given) and not _ANSWERING.search(link.parts[0].dotted())


def _tells(expr: Expr) -> bool:
    """A call that logs, or `_ = user`."""
    dotted = expr.parts[0].dotted() if expr.kind == "call" else ""
    return bool(dotted) and any(_TELLING.match(word) for word in dotted.split("."))


def ownership(index: FactIndex) -> Ownership:
    """The reading of this project, made once."""
    return index.derived(Ownership)
