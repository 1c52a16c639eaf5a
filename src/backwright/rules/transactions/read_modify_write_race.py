"""BW403: what is computed from a row that was read is not written back as if nobody else had changed it meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.aside import Serving, is_command
from backwright.kit.bodies import Body, bodies, inside, walk
from backwright.kit.callgraph import Hop, callgraph
from backwright.kit.chains import awaited, links, name_of, receiver_of
from backwright.kit.django.models import Model, models
from backwright.kit.django.querysets import querysets
from backwright.kit.findings import Voice
from backwright.kit.index import Definition, FactIndex
from backwright.kit.loading import Loading
from backwright.kit.shapes import Rule
from backwright.rules.transactions._written_back import WrittenBack, written_back

_VOICE = Voice("BW403", "read-modify-write-race", "warning")
_NUMBERS = re.compile(
    r"^(\w+\.)*(int|float|Decimal|Integer|BigInteger|SmallInteger|Float|Double|Numeric|DECIMAL|INTEGER|BIGINT|REAL|"
    r"Positive(Big|Small)?IntegerField|(Big|Small)?IntegerField|DecimalField|FloatField|MoneyField)\b"
)
_LOCKING = frozenset({"with_for_update", "select_for_update", "with_lockmode", "for_update"})
_HOLDING = re.compile(r"(^|_)(for_update|lock|mutex|semaphore|advisory|serializ\w*|locked|exclusive)", re.IGNORECASE)
_SERIAL = re.compile(r"serializable|repeatable[_ ]read", re.IGNORECASE)
_SAVING = frozenset({"save", "asave"})
_SENDING = re.compile(r"^_?(a?update|values|set_|patch|edit|change|modify)")
_MAKING = frozenset({"create", "acreate", "bulk_create"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", ""})
# What only one worker at a time changes, and what may be off by one.
_OWN = re.compile(
    r"(^|_)(attempts?|retr(y|ies)\w*|tries|version|revision|progress|processed|failures?|position|order|index)(_|$)"
)

_ONCE = re.compile(r"Migration")
_WORK = re.compile(r"(^|_)(job|task|run|execution|batch)$")
_TOLD = re.compile(r"(^|_)(log|report|import|sync)(_\w+)?$")  # what one run tells of itself


@dataclass(frozen=True)
class Lost:
    """A column of a row that is written from its own old value, where it is written, and the query that read it."""

    body: Body
    at: Loc
    row: Expr
    column: str
    query: Hop
    entity: str
    django: bool


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each number of a row that a function reads, changes and writes back."""
    yield from (_of_code(one) for one in written_back(index, archmap, _OWN))
    index = index.only(("python",))
    races = Races(index)
    if races.silent:
        return
    exemplars: dict[bool, str] = {}
    serving = Serving(index, archmap)
    for body in serving.functions():
        if is_command(body.path):
            continue
        told: set[str] = set()
        for lost in sorted(races.of(body), key=lambda item: item.at.start):
            if lost.entity in told:  # a row that is locked is locked for all of its numbers
                continue
            told.add(lost.entity)
            if lost.django not in exemplars:
                exemplars[lost.django] = _exemplar(index, serving, django=lost.django)
            yield _one(lost, exemplars[lost.django])


class Races:
    """Finds numbers that are written from what was read before."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.rows = index.derived(Loading)
        self.querysets = querysets(index)
        self.silent = not (self.rows.entities or models(index).by_key) or _is_serial(index)

    def of(self, body: Body) -> Iterator[Lost]:
        """In one function."""
        for assign in body.assigns:
            if assign.target.kind == "attribute" and self._is_from_itself(body, assign):
                yield from self._lost(body, assign.target.parts[0], assign.target.text, assign.loc)
        for link in (link for call in body.calls for link in links(call.expr) if _SENDING.match(name_of(link))):
            for node in (link, *(part for part in link.parts[1:] if part.kind == "mapping")):
                for key, value in zip(node.keys, node.parts, strict=False):
                    row = _of_itself(value, key) if key.isidentifier() else None
                    if row is not None and not _compares(link, row, key):
                        yield from self._lost(body, row, key, value.loc, sent=True)

    def _is_from_itself(self, body: Body, assign: Assign) -> bool:
        """`row.n += 1`, `row.n = row.n + 1`, also by way of a variable."""
        if assign.op in {"+=", "-="}:
            return True
        if assign.op != "=":
            return False
        whole, value = assign.target.dotted(), assign.value
        if value.kind == "name":
            before = [a for a in body.targets().get(value.text, ()) if a.loc.end <= assign.loc.start and a.op == "="]
            value = before[-1].value if len(before) == 1 else value
        return _is_computed(value) and any(e.dotted() == whole for e in walk(value) if e.kind == "attribute")

    def _lost(self, body: Body, row: Expr, column: str, at: Loc, *, sent: bool = False) -> Iterator[Lost]:
        if _OWN.search(column) or _is_worker(body, row):
            return
        held = self.rows.rows(body, row)
        if held is not None and held.query is not None and not held.many:
            definition = self.rows.definition(held.entity)
            versioned = definition is not None and any("version_id_col" in f.value for f in definition.symbol.fields)
            kinds = [(c.type, c.python) for c in held.entity.table.columns if c.name == column]
            if any(_NUMBERS.match(k) for pair in kinds for k in pair) and not versioned:
                lost = Lost(body, at, row, column, held.query, held.entity.table.entity, django=False)
                if not _ONCE.search(lost.entity) and not self._is_held(lost):
                    yield lost
            return
        model, query = self._of_django(body, row)
        if model is not None and query is not None and self._is_number(model, column):
            lost = Lost(body, at, row, column, query, model.name, django=True)
            if (sent or _is_saved(body, row, at)) and not self._is_held(lost):
                yield lost

    def _of_django(self, body: Body, row: Expr) -> tuple[Model | None, Hop | None]:
        if row.dotted() == "self":
            if any(inside(row.loc, loop.loc) for loop in body.loops):
                return None, None
            owner = models(self.index).of_class(body.path, body.scope.rpartition(".")[0])
            return owner, Hop(body.path, row.loc, "read before this method is called")
        held = self.querysets.rows(body, row)
        if held is not None:
            # a parameter was read elsewhere
            read = not held.many and held.query.loc != row.loc and not _is_name(held.body, held.query.loc)
            return (held.model, held.query) if read else (None, None)
        for assign in body.targets().get(row.dotted(), ()):  # `row, created = Model.objects.get_or_create(…)`
            if assign.target.kind == "sequence" and assign.target.parts[0].dotted() == row.dotted():
                value = awaited(assign.value)
                receiver = receiver_of(value) if value.kind == "call" else None
                if receiver is not None and name_of(value) in {"get_or_create", "update_or_create", "aget_or_create"}:
                    model = models(self.index).of_class(body.path, receiver.dotted().removesuffix(".objects"))
                    return model, Hop(body.path, value.loc, "this query loads the row")
        return None, None

    def _is_number(self, model: Model, column: str) -> bool:
        for owner in models(self.index).line(model):
            for item in owner.symbol.fields:
                if item.name == column:
                    return bool(_NUMBERS.match(item.value))
        return False

    def _is_held(self, lost: Lost) -> bool:
        """Whether a lock is held where the row is read or written, or the row was made here."""
        graph = callgraph(self.index)
        around = [
            lost.body,
            *(b for b in bodies(self.index).by_path[lost.query.path].values() if _has(b, lost.query.loc)),
        ]
        outer = lost.body.scope.rpartition(".")[0]
        around += [
            b for b in (bodies(self.index).get(lost.body.path, outer),) if b is not None and b.symbol is not None
        ]
        for body in around:
            if _locks(body) or (body.symbol is not None and _HOLDING.search(body.symbol.name)):
                return True
        symbol = lost.body.symbol
        if symbol is not None and any(_HOLDING.search(d.dotted()) for d in symbol.decorators):
            return True
        for assign in lost.body.targets().get(lost.row.dotted(), ()):
            made = awaited(assign.value)
            if made.kind == "call" and name_of(made) in _MAKING:
                return True
        called = (graph.target(lost.body, link) for call in lost.body.calls for link in links(call.expr))
        if any(t is not None and (b := graph.body_of(t)) is not None and _locks(b) for t in called):
            return True
        return symbol is not None and self._is_called_held(lost.body, own=lost.row.dotted() == "self")

    def _is_called_held(self, body: Body, depth: int = 0, *, own: bool) -> bool:
        """Whether somebody who calls a function holds a lock; a method of a row is known by its name."""
        symbol = body.symbol
        if symbol is None or depth > 1:
            return False
        if own:
            callers = [link.body for link in bodies(self.index).by_name.get(symbol.name, ())]
        else:
            callers = [caller for caller, _ in callgraph(self.index).callers(Definition(body.path, symbol))]
        return any(_locks(caller) or self._is_called_held(caller, depth + 1, own=False) for caller in callers)


def _is_worker(body: Body, row: Expr) -> bool:
    """Whether a function ends a piece of work that is its own: it sets the state of a job."""
    name = row.dotted()
    return bool(_TOLD.search(name) or (_WORK.search(name) and f"{name}.status" in body.targets()))


def _is_computed(value: Expr) -> bool:
    return value.kind == "concatenation" or (value.kind == "binary" and value.text in _ARITHMETIC)


def _of_itself(value: Expr, key: str) -> Expr | None:
    """The row of `n=row.n + 1`."""
    for term in value.parts if _is_computed(value) else ():
        if term.kind == "attribute" and term.text == key and term.parts[0].kind == "name":
            return term.parts[0]
    return None


def _compares(link: Expr, row: Expr, key: str) -> bool:
    """`filter(n=row.n).update(n=row.n + 1)` changes nothing where another was faster."""
    whole = f"{row.dotted()}.{key}"
    chain = list(links(link))
    return any(p.dotted() == whole for one in chain for p in one.parts[1:]) or any(
        e.kind == "binary" and e.text == "==" and any(p.dotted() == whole for p in e.parts)
        for one in chain
        for p in one.parts[1:]
        for e in walk(p)
    )


def _is_name(body: Body, loc: Loc) -> bool:
    return any(e.kind == "name" and e.loc == loc for top in body.expressions() for e in walk(top))


def _has(body: Body, loc: Loc) -> bool:
    return any(inside(loc, call.loc) for call in body.calls)


def _locks(body: Body) -> bool:
    for call in body.calls:
        for node in walk(call.expr):
            if node.kind == "call" and (
                name_of(node) in _LOCKING or _LOCKING & set(node.keys) or _HOLDING.search(name_of(node))
            ):
                return True
    return any(a.op == "with" and any(_HOLDING.search(e.text) for e in walk(a.value)) for a in body.assigns) or any(
        e.kind == "string" and re.search(r"for update|pg_advisory|lock table", e.text, re.IGNORECASE)
        for call in body.calls
        for e in walk(call.expr)
    )


def _is_saved(body: Body, row: Expr, at: Loc) -> bool:
    for call in body.calls:
        receiver = receiver_of(call.expr)
        if call.loc.start < at.start or name_of(call.expr) not in _SAVING:
            continue
        if receiver is not None and receiver.dotted() == row.dotted():
            return True
    return False


def _is_serial(index: FactIndex) -> bool:
    """Whether the database itself refuses what could be lost, as the engine's settings say."""
    for link in bodies(index).called(("create_engine", "create_async_engine", "sessionmaker", "execution_options")):
        level = link.expr.keyword("isolation_level")
        if level is not None and level.kind == "string" and _SERIAL.search(level.text):
            return True
    return False


def _exemplar(index: FactIndex, serving: Serving, *, django: bool) -> str:
    """Where the project locks a row, or has the database compute."""
    found = bodies(index).called(("select_for_update", "update") if django else ("with_for_update",))
    found = (link for link in found if link.body.path in serving and not is_command(link.body.path))
    places = sorted((link.body.path, link.expr.loc.line) for link in found if _does_so(link.expr))
    return f"; {places[0][0]}:{places[0][1]} does so" if places else ""


def _does_so(link: Expr) -> bool:
    """A lock, or `update(stock=F("stock") - 1)`."""
    if name_of(link) in _LOCKING:
        return True
    return any(
        key == node.positional()[0].text
        for key, part in zip(link.keys[1:], link.parts[1:], strict=False)
        for node in walk(part)
        if node.kind == "call" and name_of(node) == "F" and node.positional()
    )


def _one(lost: Lost, exemplar: str) -> Finding:
    column = f"{lost.row.dotted()}.{lost.column}"
    if lost.django:
        hint = f'let the database compute it (`F("{lost.column}")` in `update`), or read the row with `select_for_update()`'
    else:
        hint = (
            f"let the database compute it (`update({lost.entity}).values({lost.column}={lost.entity}.{lost.column} + …)`), "
            "or read the row with `with_for_update()`"
        )
    return _VOICE.finding(
        lost.body.path,
        lost.at,
        f"`{column}` is written from what was read before: of two requests at once, one change is lost",
        scope=lost.body.scope,
        text=f"{lost.entity}.{lost.column}",
        help=hint + exemplar,
        related=[Hop(lost.query.path, lost.query.loc, "read here, without a lock").related()],
    )


def _of_code(one: WrittenBack) -> Finding:
    return _VOICE.finding(
        one.body.path,
        one.at,
        f"`{one.row}.{one.column}` is written from what was read before: of two requests at once, one change is lost",
        scope=one.body.scope,
        text=f"{one.row}.{one.column}",
        help="let the database compute it (`increment`, `$inc`, SQL), or read the row with a lock in the same transaction",
        related=[one.query.related()],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
