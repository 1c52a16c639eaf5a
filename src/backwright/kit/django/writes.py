"""Functions that write several rows through Django's ORM without a transaction around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import CallGraph, callgraph
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.django.models import models
from backwright.kit.index import Definition, FactIndex

_OF_MANAGERS = frozenset(
    {
        "create",
        "bulk_create",
        "update",
        "delete",
        "get_or_create",
        "update_or_create",
        "bulk_update",
        "acreate",
        "aupdate",
    }
)
_OF_ROWS = frozenset({"save", "delete", "asave", "adelete"})
_ATOMIC = re.compile(r"atomic|transaction|unit_of_work|commit_on_success", re.IGNORECASE)
# What is saved beside the matter, or is no row.
_BESIDE = re.compile(
    r"audit|log$|logs$|logentry|event|notif|session|token|history|stat(s|us)|progress|task|cache|file|image|storage|backup|"
    r"workbook|document\.|index|message|config|photo|avatar|thumbnail",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Half:
    """Two writes of one function of which the second may fail when the first is there to stay."""

    body: Body
    first: Expr
    second: Expr


class Writes:
    """The writes of one project that uses Django's ORM."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.present = bool(models(index).by_key)
        self.by_request = self.present and any(_says_atomic(index, path) for path in index.files)

    def halves(self, functions: Iterator[Body]) -> Iterator[Half | Body]:
        """For each function with several writes: the first two that nothing holds together, or its body where something does."""
        if not self.present or self.by_request:
            return
        for body in functions:
            written = list(self.of(body))
            if len(written) < 2:
                continue
            if self._is_held(body):
                yield body
            elif (pair := _pair(body, written)) is not None:
                yield Half(body, *pair)

    def of(self, body: Body) -> Iterator[Expr]:
        """The writes of a body in order, each by its call."""
        for call in sorted(body.calls, key=lambda c: c.loc.end):
            for link in links(call.expr):
                if self._is_write(body, link):
                    yield link
                    break

    def _is_write(self, body: Body, link: Expr) -> bool:
        name, receiver = name_of(link), receiver_of(link)
        dotted = receiver.dotted() if receiver is not None else ""
        if not dotted or _BESIDE.search(dotted):
            return False
        if name in _OF_MANAGERS and ".objects." in f"{dotted}.":
            return True
        if name not in _OF_ROWS or link.positional() or dotted in {"super()", "self.client"}:
            return False
        saved = link.keyword("commit")
        if saved is not None and saved.text == "False":
            return False
        return "()" not in dotted and self._is_row(body, receiver)

    def _is_row(self, body: Body, receiver: Expr | None) -> bool:
        """Whether something that is saved is a row: a model, or a form or serializer that holds one."""
        if receiver is None:
            return False
        last = receiver.dotted().rpartition(".")[2]
        if last in {"serializer", "form"} or last.endswith(("_form", "_serializer")):
            return True
        found = models(self.index)
        typed = self.graph.inference.of(body.path, body.scope, receiver)
        if typed is not None and typed.definition is not None:
            return (typed.definition.path, typed.definition.symbol.qualname) in found.by_key
        return typed is None and last.replace("_", "").lower() in self._names

    @property
    def _names(self) -> frozenset[str]:
        return self.index.derived(_model_names)

    def _is_held(self, body: Body, depth: int = 0) -> bool:
        """Whether a transaction is around a function: its own, or that of everybody who calls it."""
        symbol = body.symbol
        if symbol is None:
            return False
        if any(_ATOMIC.search(d.dotted()) for d in symbol.decorators):
            return True
        if any(_ATOMIC.search(link.parts[0].dotted()) for call in body.calls for link in links(call.expr)):
            return True
        owner = self.index.symbols(body.path).get(symbol.scope)
        if owner is not None and any(_ATOMIC.search(e.dotted()) for d in owner.decorators for e in walk(d)):
            return True
        if depth >= 2:
            return False
        callers = [caller for caller, _ in self.graph.callers(Definition(body.path, symbol))]
        return bool(callers) and all(self._is_held(caller, depth + 1) for caller in callers)


def _model_names(index: FactIndex) -> frozenset[str]:
    return frozenset(name.lower() for name in models(index).by_name)


def _says_atomic(index: FactIndex, path: str) -> bool:
    """`ATOMIC_REQUESTS` in the settings: every request is one transaction."""
    for assign in index.assigns(path, ""):
        if "DATABASES" in assign.target.dotted() or (
            assign.target.kind == "subscript" and "ATOMIC" in str(assign.target)
        ):
            for node in (assign.target, *walk(assign.value)):
                given = node.keyword("ATOMIC_REQUESTS") if node.kind == "mapping" else None
                if given is not None and given.text != "False":
                    return True
                if any(e.kind == "string" and e.text == "ATOMIC_REQUESTS" for e in walk(assign.target)):
                    return assign.value.text != "False"
    return False


def _pair(body: Body, written: list[Expr]) -> tuple[Expr, Expr] | None:
    """Two writes of different things of which the second follows the first on every way."""
    for at, first in enumerate(written):
        for second in written[at + 1 :]:
            if (
                _subject(first) != _subject(second)
                and not _made_by(body, first, second)
                and _follows(body, first, second, lambda p: p.is_yield)
            ):
                return first, second
    return None


def _made_by(body: Body, first: Expr, second: Expr) -> bool:
    """`order = Order.objects.create(…)`, then `order.save()`: one row twice."""
    given = body.targets().get(_subject(second), ())
    return any(inside(first.loc, assign.value.loc) for assign in given)


def _subject(link: Expr) -> str:
    receiver = receiver_of(link)
    dotted = receiver.dotted() if receiver is not None else ""
    return dotted.split(".objects")[0]


def _follows(body: Body, first: Expr, second: Expr, passes: Callable[..., bool]) -> bool:
    """Whether the arms around the first write are around the second too, and nothing leaves in between."""
    if any(inside(e.loc, c.body) for e in (first, second) for c in body.catches):
        return False
    for start, (end, _) in body.arms().items():
        if start <= first.loc.start and first.loc.end <= end and not (start <= second.loc.start <= end):
            return False
    leaving = [r for r in body.returns if not passes(r) and first.loc.end < r.loc.start < second.loc.start]
    return not any(_in_same_arm(body, r.loc.start, second) for r in leaving) and not any(
        inside(first.loc, r.loc) for r in body.returns
    )


def _in_same_arm(body: Body, at: int, second: Expr) -> bool:
    """Whether a place lies in no arm that the second write is not part of."""
    return not any(s <= at <= e and not (s <= second.loc.start <= e) for s, (e, _) in body.arms().items())


def writes(index: FactIndex) -> Writes:
    """The writes of this project."""
    return index.derived(Writes)
