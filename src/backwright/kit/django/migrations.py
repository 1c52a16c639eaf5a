"""The migrations of a Django project: their operations in order, and the models that they lead to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from posixpath import basename, dirname

from backwright.core.facts import Expr, Symbol
from backwright.kit.chains import name_of, positional
from backwright.kit.index import FactIndex

_STATELESS = frozenset(
    {"RunPython", "RunSQL", "AddIndex", "RemoveIndex", "RenameIndex", "AlterModelOptions", "AlterUniqueTogether",
     "AlterIndexTogether", "AddConstraint", "RemoveConstraint", "AlterConstraint", "AlterModelManagers", "AlterModelTable",
     "AlterModelTableComment", "AddIndexConcurrently", "RemoveIndexConcurrently", "AddConstraintNotValid",
     "ValidateConstraint", "CreateCollation", "RemoveCollation", "AlterOrderWithRespectTo"}
)  # fmt: skip
# What each operation takes, in the order of its positional arguments.
_TAKES = {
    "CreateModel": ("name", "fields", "options", "bases", "managers"),
    "DeleteModel": ("name",),
    "RenameModel": ("old_name", "new_name"),
    "AddField": ("model_name", "name", "field", "preserve_default"),
    "AlterField": ("model_name", "name", "field", "preserve_default"),
    "RemoveField": ("model_name", "name"),
    "RenameField": ("model_name", "old_name", "new_name"),
    "SeparateDatabaseAndState": ("database_operations", "state_operations"),
    "RunSQL": ("sql", "reverse_sql", "state_operations", "hints", "elidable"),
    "RunPython": ("code", "reverse_code", "atomic", "hints", "elidable"),
    "AddIndex": ("model_name", "index"),
    "AddConstraint": ("model_name", "constraint"),
}


@dataclass(frozen=True)
class Operation:
    """One operation: `name` is Django's, `""` for what cannot be read. `in_state` and `in_database` say where
    it counts (`SeparateDatabaseAndState`)."""

    name: str
    call: Expr
    in_state: bool = True
    in_database: bool = True

    def argument(self, key: str) -> Expr | None:
        """An argument by its name, also where it is given by its place."""
        found = self.call.keyword(key)
        places = _TAKES.get(self.name, ())
        given = positional(self.call)
        if found is None and key in places and places.index(key) < len(given):
            return given[places.index(key)]
        return found

    def text(self, key: str) -> str:
        """A literal argument, `""` for another."""
        found = self.argument(key)
        return found.text if found is not None and found.kind == "string" else ""


@dataclass(frozen=True)
class Migration:
    """One migration. `readable` says that its operations are a literal list of calls; `app` is the folder of its app."""

    path: str
    app: str
    name: str
    operations: tuple[Operation, ...] = ()
    depends: tuple[tuple[str, str], ...] = ()  # app label, name
    replaces: tuple[str, ...] = ()
    readable: bool = True
    atomic: bool = True


@dataclass
class AppState:
    """What the migrations of one app lead to: model in lower case to its fields, each as it was given last.

    `unsure` are models that an operation names which is not Django's own.
    """

    models: dict[str, dict[str, Expr]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    last: str = ""


class Unreadable(Exception):
    """What the migrations of an app lead to cannot be told from their source."""


class Migrations:
    """All migrations of one project, by the folder of their app."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.by_app: dict[str, list[Migration]] = defaultdict(list)
        for path in sorted(index.files):
            symbol = index.symbols(path).get("Migration")
            if symbol is not None and symbol.kind == "class" and any(b.endswith("Migration") for b in symbol.bases):
                migration = _read(path, symbol)
                self.by_app[migration.app].append(migration)
        self._states: dict[str, AppState | None] = {}

    def all(self) -> Iterator[Migration]:
        """Every migration, app by app in the order in which they run."""
        for app, found in self.by_app.items():
            try:
                yield from self._ordered(app)
            except Unreadable:
                yield from found

    def label(self, app: str) -> str:
        """The name that other apps call this one by: that of its `AppConfig`, else of its folder."""
        for symbol in self.index.symbols(f"{app}/apps.py" if app else "apps.py").values():
            for item in symbol.fields:
                if item.name == "label" and item.value_expr is not None and item.value_expr.kind == "string":
                    return item.value_expr.text
        return basename(app)

    def state(self, app: str) -> AppState | None:
        """What the migrations of an app lead to; None where that cannot be told."""
        if app not in self._states:
            try:
                self._states[app] = self._replayed(app)
            except Unreadable:
                self._states[app] = None
        return self._states[app]

    def _ordered(self, app: str) -> list[Migration]:
        label = self.label(app)
        known = _unsquashed(self.by_app[app])
        stands_for: dict[str, set[str]] = {old: {m.name} for m in known.values() for old in m.replaces}
        stands_for |= {m.name: set(m.replaces) for m in self.by_app[app] if m.name not in known}
        graph: dict[str, set[str]] = {}
        for migration in known.values():
            named = {name for of, name in migration.depends if of == label} - {"__first__"}
            graph[migration.name] = {found for name in named for found in stands_for.get(name, {name})} - {
                migration.name
            }
        if not known.keys() >= set().union(*graph.values()):
            raise Unreadable
        try:
            return [known[name] for name in TopologicalSorter(graph).static_order()]
        except CycleError:
            raise Unreadable from None

    def _replayed(self, app: str) -> AppState:
        state = AppState()
        for migration in self._ordered(app):
            if not migration.readable:
                raise Unreadable
            for operation in migration.operations:
                if operation.in_state:
                    _apply(state, operation)
            state.last = migration.path
        return state


def migrations_of_django(index: FactIndex) -> Migrations:
    """The migrations of this project, read once."""
    return index.derived(Migrations)


def _unsquashed(found: list[Migration]) -> dict[str, Migration]:
    """The migrations that count: a squashed one, or what it stands for while all of that is still there."""
    known = {m.name: m for m in found}
    for migration in found:
        there = [name for name in migration.replaces if name in known]
        if there and len(there) == len(migration.replaces):
            known.pop(migration.name, None)
        elif there:
            raise Unreadable
    return known


# -- reading -------------------------------------------------------------------------------------------------------
def _read(path: str, symbol: Symbol) -> Migration:
    given = {item.name: item.value_expr for item in symbol.fields}
    operations, replaces, depends = given.get("operations"), given.get("replaces"), given.get("dependencies")
    readable = operations is None or _is_plain(operations)
    atomic = given.get("atomic")
    return Migration(
        path,
        dirname(dirname(path)),
        basename(path).removesuffix(".py"),
        tuple(_operations(operations)) if operations is not None else (),
        tuple(_pairs(depends)),
        tuple(name for _, name in _pairs(replaces)),
        readable,
        atomic is None or atomic.text != "False",
    )


def _is_plain(operations: Expr) -> bool:
    return operations.kind == "sequence" and all(part.kind == "call" for part in operations.parts)


def _pairs(expr: Expr | None) -> Iterator[tuple[str, str]]:
    for part in expr.parts if expr is not None and expr.kind == "sequence" else ():
        if part.kind == "sequence" and len(part.parts) == 2 and all(p.kind == "string" for p in part.parts):
            yield part.parts[0].text, part.parts[1].text


def _operations(expr: Expr, *, in_state: bool = True, in_database: bool = True) -> Iterator[Operation]:
    for call in expr.parts:
        if call.kind != "call":
            continue
        operation = Operation(name_of(call), call, in_state, in_database)
        if operation.name == "SeparateDatabaseAndState":
            yield from _inside(operation, "database_operations", in_state=False, in_database=in_database)
        else:
            yield operation
        if operation.name in {"SeparateDatabaseAndState", "RunSQL"}:
            yield from _inside(operation, "state_operations", in_state=in_state, in_database=False)


def _inside(operation: Operation, key: str, *, in_state: bool, in_database: bool) -> Iterator[Operation]:
    """The operations that another one holds; one without a name for a list that cannot be read."""
    inner = operation.argument(key)
    if inner is not None and not _is_plain(inner):
        yield Operation("", operation.call, in_state, in_database)
    elif inner is not None:
        yield from _operations(inner, in_state=in_state, in_database=in_database)


# -- replaying -----------------------------------------------------------------------------------------------------
def _apply(state: AppState, op: Operation) -> None:
    """One operation on the state of its app. Raises `Unreadable` where it does not say what it changes."""
    models = state.models
    if op.name in _STATELESS or op.name.endswith("Extension"):
        return
    if op.name == "CreateModel":
        name = op.text("name")
        models[name.lower()] = dict(_created(op))
    elif op.name == "DeleteModel":
        models.pop(op.text("name").lower(), None)
    elif op.name == "RenameModel":
        models[op.text("new_name").lower()] = models.pop(op.text("old_name").lower(), {})
    elif op.name in {"AddField", "AlterField", "RemoveField", "RenameField"}:
        _change_field(state, op)
    elif not op.name:
        raise Unreadable
    else:
        state.unsure |= {part.text.lower() for part in op.call.parts[1:] if part.kind == "string"}


def _change_field(state: AppState, op: Operation) -> None:
    fields = state.models.get(op.text("model_name").lower())
    if fields is None:
        raise Unreadable
    if op.name == "RemoveField":
        fields.pop(op.text("name"), None)
    elif op.name == "RenameField":
        if op.text("old_name") not in fields:
            raise Unreadable
        fields[op.text("new_name")] = fields.pop(op.text("old_name"))
    else:
        given = op.argument("field")
        if given is None or not op.text("name"):
            raise Unreadable
        fields[op.text("name")] = given


def _created(op: Operation) -> Iterator[tuple[str, Expr]]:
    fields = op.argument("fields")
    if not op.text("name") or fields is None or fields.kind != "sequence":
        raise Unreadable
    for pair in fields.parts:
        if pair.kind != "sequence" or len(pair.parts) != 2 or pair.parts[0].kind != "string":
            raise Unreadable
        yield pair.parts[0].text, pair.parts[1]
