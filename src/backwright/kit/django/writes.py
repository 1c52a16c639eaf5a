"""Functions that write several rows through Django's ORM without a transaction around them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from backwright.core.facts import Expr, Loc
from backwright.kit.aside import is_command
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import CallGraph, Hop, Reach, callgraph, shown
from backwright.kit.chains import awaited, links, mark_of, name_of, receiver_of
from backwright.kit.django.models import models
from backwright.kit.index import Definition, FactIndex
from backwright.kit.paths import is_repeated, may_follow

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
        "create_user",
        "create_superuser",
    }
)
_OF_ROWS = frozenset({"save", "delete", "asave", "adelete"})
# What managers of many-to-many relations have beside these.
_OF_RELATIONS = _OF_MANAGERS | {"add", "set", "remove", "clear", "aadd", "aset"}
_OF_BASES = frozenset({"save", "delete", "create", "update"})
# The bases whose methods of these names store a row.
_STORING = {"form_valid": ("CreateView", "UpdateView", "ModelFormMixin"), "": ("ModelForm", "ModelSerializer", "Model")}
_LINKING = _OF_RELATIONS - _OF_MANAGERS
_ROWS = re.compile(r"(\.objects\.(\w+\(\)\.)*(get|create|first|last|latest|earliest)|^get_object_or_404)\(\)$")
_FILTERING = frozenset({"filter", "exclude", "all", "select_for_update", "order_by", "using"})
_REPLACING = frozenset({"delete", "update", "clear"})
# What is named as writing.
_WRITING = re.compile(
    r"(^|_)(create|update|delete|save|add|remove|set|assign|de?activate|archive|register|insert|store|replace|approve|reject|cancel|"
    r"enroll|record|mark|redeem|transfer|link|unlink|attach|detach|bulk|upsert|move|merge|copy|clear|anonymize)(_|$)"
)
_OF_WEB = re.compile(
    r"(^|[/_])(views?|viewsets?|admin|api|endpoints?|middlewares?|routers?|mutations?|graphql|forms?)([/_.]|$)"
)
# Settings that are no part of what runs.
_OTHER_SETTINGS = re.compile(r"(^|[/_])(sandbox|demo|examples?|tests?|testing)([/_.]|$)")
_MADE_UP = re.compile(r"(factor(y|ies)|random_data|dummy_data|fake\w*)\.py$")
_OF_JOBS = re.compile(r"(tasks?|jobs?|workers?|crons?|cli|scripts?|runner)(/|\.py$)")
_BY_ITSELF = re.compile(r"bulk_|get_or_create$")  # a batch, or what the next try finds
_OF_ITSELF = re.compile(r"`(self|super\(\))\.\w+` writes$")
_ATOMIC = re.compile(r"atomic|transaction(?!\.on_commit)|unit_of_work|commit_on_success", re.IGNORECASE)
# What is saved beside the matter.
_BESIDE = re.compile(
    r"audit|log$|logs$|logentry|eventlog|notif|session|history|stat(s|istics?)$|progress|cache|metric|access_?time",
    re.IGNORECASE,
)
# What is named as reading may write to remember what it read.
_READING = re.compile(
    r"^_*(get|list|find|load|fetch|read|search|check|is|has|can|ensure|resolve|validate|compute|count|init|log|notify|send|track|audit)(_|$)"
)


@dataclass(frozen=True)
class Half:
    """Two writes of one function of which the second may fail when the first is there to stay.

    `mild`: a request is one transaction, but not everybody who calls it need be one; or it is a loop of a job, whose elements
    often stand for themselves; or both are calls of functions that write.
    """

    body: Body
    first: Expr
    second: Expr
    mild: bool = False


class Writes:
    """The writes of one project that uses Django's ORM."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.present = bool(models(index).by_key)
        self._through: Reach | None = None
        self._own: dict[tuple[str, str], list[Expr]] = {}
        self.by_request = self.present and any(
            _says_atomic(index, path) for path in index.files if not _OTHER_SETTINGS.search(path)
        )

    def halves(self, functions: Iterator[Body]) -> Iterator[Half | Body]:
        """For each function with several writes: the first two that nothing holds together, or its body where something does.

        A write in a loop is several: it is both halves. Where every request is one transaction, what runs beside requests counts.
        """
        if not self.present:
            return
        for body in functions:
            if _MADE_UP.search(body.path):
                continue
            in_request = self.by_request and not _is_background(body)
            if in_request and _OF_WEB.search(body.path) and "serializers" not in body.path:
                continue
            own = self.own(body)
            written = self.with_calls(body, own)
            repeated = _repeated(body, written)
            if len(written) < 2 and repeated is None:
                continue
            if self._is_held(body):
                yield body
            elif (pair := _pair(body, written, {link.loc for link in own})) is not None:
                yield Half(body, *pair, in_request or not own)
            elif repeated is not None and not in_request:
                yield Half(body, repeated, repeated, _is_background(body))

    def own(self, body: Body) -> list[Expr]:
        """The writes of a body in order, found once."""
        if body.key not in self._own:
            self._own[body.key] = list(self.of(body))
        return self._own[body.key]

    def of(self, body: Body) -> Iterator[Expr]:
        """The writes of a body in order, each by its call."""
        for call in sorted(body.calls, key=lambda c: c.loc.end):
            for link in links(call.expr):
                if self._is_write(body, link):
                    yield link
                    break

    def with_calls(self, body: Body, own: list[Expr]) -> list[Expr]:
        """The writes of a body, and its calls of functions that write, in order."""
        known = {link.loc for link in own}
        found = list(own)
        for call in body.calls:
            for link in links(call.expr):
                if link.loc in known:
                    break
                if self._leads_to_write(body, link):
                    found.append(link)
                    break
        return sorted(found, key=lambda link: link.loc.end)

    def _leads_to_write(self, body: Body, link: Expr) -> bool:
        name = name_of(link)
        if _READING.match(name) or not _WRITING.search(name) or _BESIDE.search(shown(link)):
            return False
        if self._through is None:
            sites = {}
            for other in bodies(self.index).functions():
                first = next(iter(self.own(other)), None)
                if first is not None:
                    sites[other.key] = Hop(other.path, first.loc, f"`{shown(first)}` writes")
            self._through = Reach(self.graph, sites, lambda target: not _READING.match(target.symbol.name))
        way = self._through.through(body, link)
        return way is not None and not _OF_ITSELF.match(way[-1].text)

    def _is_write(self, body: Body, link: Expr) -> bool:
        name, receiver = name_of(link), receiver_of(link)
        dotted = receiver.dotted() if receiver is not None else ""
        if receiver is None or not dotted or self._is_beside(body, receiver, dotted):
            return False
        if name in _OF_MANAGERS and ".objects." in f"{dotted}.":
            return True
        if name in _OF_RELATIONS and self._is_of_relation(body, name, receiver):
            return True
        if name in _OF_BASES | {"form_valid"} and dotted == "super()":
            return self._stores(body, name)
        if name not in _OF_ROWS or link.positional() or dotted in {"super()", "self.client"}:
            return False
        saved = link.keyword("commit")
        if saved is not None and saved.text == "False":
            return False
        return "()" not in dotted and self._is_row(body, receiver)

    def _is_of_relation(self, body: Body, name: str, receiver: Expr) -> bool:
        """`order.lines.create(…)`, `order.lines.filter(…).delete()`, and `order.tags.add(…)` where `order` is a row."""
        held = receiver
        while held.kind == "call" and name not in _LINKING and held.parts[0].kind == "attribute":
            if name_of(held) not in _FILTERING:
                return False
            held = held.parts[0].parts[0]
        if held.kind != "attribute":
            return False
        if held.text in self._relations or held.text.endswith("_set"):
            return True
        return name in {"add", "set"} and held.parts[0].kind == "name" and self._is_row(body, held.parts[0])

    def _is_row(self, body: Body, receiver: Expr | None) -> bool:
        """Whether something that is saved is a row: a model, or a form or serializer that holds one."""
        if receiver is None:
            return False
        last = receiver.dotted().rpartition(".")[2]
        if last in {"serializer", "form"} or last.endswith(("_form", "_serializer")):
            return True
        if receiver.kind == "attribute" and last in self.index.derived(_single_names):
            return True
        found = models(self.index)
        typed = self.graph.inference.of(body.path, body.scope, receiver)
        if typed is not None and typed.definition is not None:
            return (typed.definition.path, typed.definition.symbol.qualname) in found.by_key
        if typed is not None:
            return typed.last in {"User", "ForeignKey", "OneToOneField"}
        return self._model_of(last) != "" or self._is_given_row(body, receiver)

    def _is_given_row(self, body: Body, receiver: Expr) -> bool:
        """Whether a variable was taken from a manager: `event = AccountEvent.objects.get(…)`."""
        given = body.targets().get(receiver.text, ()) if receiver.kind == "name" else ()
        return bool(given) and all(_ROWS.search(awaited(a.value).dotted()) is not None for a in given)

    def _is_beside(self, body: Body, receiver: Expr, dotted: str) -> bool:
        """Whether what is written is kept beside the matter: by its name, unless rows of other models hang on it."""
        typed = self.graph.inference.of(body.path, body.scope, receiver)
        name = receiver.text if receiver.kind == "attribute" and receiver.text in self._relations else dotted
        if typed is not None and typed.definition is not None:
            name = typed.definition.symbol.name
        elif (known := self._model_of(dotted.split(".objects")[0].rpartition(".")[2])) != "":
            name = known
        return _BESIDE.search(name) is not None and name.lower() not in self.index.derived(_leading_names)

    def _model_of(self, name: str) -> str:
        """The model that a variable is named after: `current_status_shelfbook` is a `ShelfBook`."""
        words = name.lower().split("_")
        return next((known for at in range(len(words)) if (known := "".join(words[at:])) in self._names), "")

    def _stores(self, body: Body, name: str) -> bool:
        """Whether `super().save(…)` stores a row: in a model, a form or a serializer, in the method of that name."""
        owner = self.graph.inference.resolve(body.path, body.scope.rpartition(".")[0])
        if owner is None or owner.symbol.kind != "class" or body.scope.rpartition(".")[2] != name:
            return False
        if (owner.path, owner.symbol.qualname) in models(self.index).by_key:
            return True
        bases = self.index.root_bases(owner)
        return any(base.rpartition(".")[2].endswith(_STORING.get(name, _STORING[""])) for base in bases)

    @property
    def _names(self) -> frozenset[str]:
        return self.index.derived(_model_names)

    @property
    def _relations(self) -> frozenset[str]:
        return self.index.derived(_relation_names)

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
    return frozenset({"user", *(name.lower() for name in models(index).by_name)})


def _relation_names(index: FactIndex) -> frozenset[str]:
    """The attributes that are managers of rows on the other side."""
    return frozenset(r.name for m in models(index).by_key.values() for r in m.relations.values() if r.many)


def _single_names(index: FactIndex) -> frozenset[str]:
    """The attributes that are a row on the other side."""
    return frozenset(r.name for m in models(index).by_key.values() for r in m.relations.values() if not r.many)


def _leading_names(index: FactIndex) -> frozenset[str]:
    """Models that several others point to: what a project is about."""
    found = models(index)
    pointed: dict[str, set[str]] = {}
    for model in found.by_key.values():
        for relation in model.relations.values():
            target = found.get(relation.target)
            if target is not None and relation.path == model.definition.path and not relation.many:
                pointed.setdefault(target.name.lower(), set()).add(model.name)
    return frozenset(name for name, by in pointed.items() if len(by) > 1)


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


def _pair(body: Body, written: list[Expr], own: Collection[Loc]) -> tuple[Expr, Expr] | None:
    """Two writes of different things, one of them its `own` if it has any, of which the second follows the first on every way."""
    for at, first in enumerate(written):
        for second in written[at + 1 :]:
            if (
                (first.loc in own or second.loc in own or not own)
                and (_subject(first) != _subject(second) or _replaces(first, second) or _is_step(second, own))
                and name_of(first) != "get_or_create"  # what it leaves is found by the next try
                and {name_of(first), name_of(second)} - _LINKING
                and not _made_by(body, first, second)
                and may_follow(body, first, second)
            ):
                return first, second
    return None


def _is_step(second: Expr, own: Collection[Loc]) -> bool:
    """`state.save()`, then `state.start(user)`: a method of the row that writes what belongs to it."""
    return second.loc not in own and name_of(second) not in _OF_BASES | _OF_ROWS


def _repeated(body: Body, written: list[Expr]) -> Expr | None:
    """The first write that is done for each element of something, where no element's error is handled by itself."""
    return next((w for w in written if not _BY_ITSELF.match(name_of(w)) and is_repeated(body, w)), None)


def _is_background(body: Body) -> bool:
    """A task of a queue, or a command of somebody."""
    marks = (mark_of(d) for d in body.symbol.decorators) if body.symbol is not None else ()
    return is_command(body.path) or _OF_JOBS.search(body.path) is not None or any("task" in mark for mark in marks)


def _replaces(first: Expr, second: Expr) -> bool:
    """`Line.objects.filter(…).delete()`, then `Line.objects.create(…)`: without the second, nothing is left.

    So do `bulk_create` and `bulk_update`, which write different rows.
    """
    names = name_of(first), name_of(second)
    if names[0] in _OF_MANAGERS and names[1] in _OF_MANAGERS and any(n.startswith("bulk_") for n in names):
        return names[0] != names[1]
    return names[0] in _REPLACING and names[1] not in _REPLACING | _OF_ROWS


def _made_by(body: Body, first: Expr, second: Expr) -> bool:
    """`order = Order.objects.create(…)`, then `order.save()`: one row twice."""
    given = body.targets().get(_subject(second), ())
    return any(inside(first.loc, assign.value.loc) for assign in given)


def _subject(link: Expr) -> str:
    receiver = receiver_of(link)
    dotted = receiver.dotted() if receiver is not None else ""
    return "self" if dotted == "super()" else dotted.split(".objects")[0]


def writes(index: FactIndex) -> Writes:
    """The writes of this project."""
    return index.derived(Writes)
