"""How a change of the database alone is spelled: in the entity's declaration, and as one migration."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from backwright.blueprints.migration.decide import DatabaseEdit, Decision
from backwright.core.errors import Unsupported, UsageError
from backwright.engine.siblings import Resource, resources
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field import answers_conflicts, refuse_unanswered, sqlite
from backwright.frameworks.alembic.change import Ground, backfill_piece, check_piece, index_piece, unique_piece
from backwright.frameworks.alembic.constraints import constraint_name
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.index import FactIndex
from backwright.kit.spelling import quoted
from backwright.languages.python.project_types import Sources, declared_by, dotted
from backwright.languages.python.signatures import Text

_DECLARES = frozenset({"mapped_column", "Column", "Field"})
_IMPORTS = (
    "from sqlalchemy import CheckConstraint, Index, UniqueConstraint",
    "from sqlalchemy.orm import mapped_column",
    "from sqlmodel import Field",
)


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for bad requests."""
    change = task.understood.migration
    assert change is not None, "the blueprint accepts changes of the database only"
    refuse_foreign(task)
    decision: Decision = decide(
        change, task.house, task.index, task.settings, concurrently=_builds_concurrently(task.index)
    )
    edit = decision.plan
    served = _served(task, edit)
    if change.action == "unique" and served is not None:
        refuse_unanswered(task, served, "a unique field", ())
    what = ", ".join(c.name for c in edit.columns) or change.condition
    words = {"index": "index {0} of {1}", "unique": "make {0} of {1} unique", "check": "check that {0} in {1}",
             "backfill": "fill {0} of {1}"}  # fmt: skip
    return Spelled(
        title=words[change.action].format(what, edit.table.table),
        emissions=lambda: tuple(_emissions(task, edit)),
        house=task.house,
        assumptions=decision.assumptions,
        notes=lambda: (*decision.notes, *_gaps(task, edit, served)),
        decision=decision,
    )


def _served(task: Task, edit: DatabaseEdit) -> Resource | None:
    """The resource that is written through endpoints; None where the entity has none."""
    known = resources(task.index, task.components)
    found = next((r for r in known if (r.entity.path, r.entity.table.entity) == (edit.path, edit.table.entity)), None)
    return found if found is not None and any(r.route.method != "GET" for r in found.routes) else None


def _gaps(task: Task, edit: DatabaseEdit, served: Resource | None) -> Iterator[str]:
    if edit.change.action == "check" and served is not None and not answers_conflicts(task, served):
        yield "no endpoint checks the rule: a request that breaks it ends in an error of the server"
    if edit.change.action == "check" and sqlite(task.index):
        yield "SQLite adds a constraint by copying the table"


def _builds_concurrently(index: FactIndex) -> bool:
    """Whether a migration of this house does."""
    return any(
        call.expr.keyword("postgresql_concurrently") is not None
        for path in index.files
        if "upgrade" in index.symbols(path)
        for call in index.calls(path)
    )


def _emissions(task: Task, edit: DatabaseEdit) -> Iterator[Emission]:
    ground = Ground(edit.resource, edit.table, sqlite(task.index))
    names = tuple(c.name for c in edit.columns)
    naming = edit.resource.house.model.naming
    if edit.change.action == "backfill":
        yield from backfill_piece(ground, names[0], edit.value, edit.change.condition, edit.batch)
        return
    model = _Model(task, edit)
    if edit.change.action == "check":
        full = (constraint_name(naming, "ck", ground.bare, (edit.short,)) if "ck" in naming else "") or edit.name
        yield from model.argument(
            f'CheckConstraint({quoted(edit.change.condition)}, name="{edit.short if "ck" in naming else full}")'
        )
        yield from check_piece(ground, full, edit.change.condition)
        return
    unique = edit.change.action == "unique"
    inline = model.keyword(names[0]) if len(names) == 1 else None
    replaces = inline is not None and unique and model.says_index(names[0])
    if inline is not None:
        # SQLite knows a unique constraint of one column by its index alone
        indexed = not unique or ground.batch or replaces
        yield inline(", ".join(["unique=True"] * unique + ["index=True"] * (indexed and not replaces)))
        name = constraint_name(naming, "ix" if indexed else "uq", ground.bare, names) or f"{ground.bare}_{names[0]}_key"
    else:
        indexed, name = not unique or ground.batch, edit.name  # SQLite adds constraints by copying the table
        listed = ", ".join(f'"{n}"' for n in names)
        declared = f'Index("{name}", {listed}{", unique=True" * unique})'
        if not indexed:
            declared = f'UniqueConstraint({listed}, name="{name}")'
        model.refuse_named(name)
        yield from model.argument(declared)
    if indexed:
        concurrently = edit.change.concurrently or _builds_concurrently(task.index)
        yield from index_piece(ground, name, names, unique=unique, concurrently=concurrently, replaces=replaces)
    elif edit.change.concurrently:
        raise Unsupported(
            "a unique constraint is not built concurrently yet", where=edit.path,
            hints=("without `--concurrently` its table is locked while rows are compared",),
        )  # fmt: skip
    else:
        yield from unique_piece(ground, name, names)


class _Model:
    """The entity's class, where it is declared."""

    def __init__(self, task: Task, edit: DatabaseEdit) -> None:
        sources = Sources(task.index, task.read)
        source, node = sources.source(edit.path), sources.node((edit.path, edit.table.entity))
        if source is None or not isinstance(node, ast.ClassDef):
            raise Unsupported(f"the class of {edit.table.entity} cannot be read", where=edit.path)
        self.path, self.node, self.text, self.edit = edit.path, node, Text(source.text), edit
        self.because = "the model says so too"

    def refuse_named(self, name: str) -> None:
        """Raises UsageError where the model has what is called so."""
        if f'"{name}"' in self.text.body.decode():
            raise UsageError(f"{self.edit.table.entity} has `{name}` already", where=f"{self.path}:{self.node.lineno}")

    def says_index(self, name: str) -> bool:
        """Whether the declaration of a column has `index=True`."""
        return any(
            k.arg == "index" and isinstance(k.value, ast.Constant) and k.value.value is True
            for item in self.node.body
            if isinstance(item, ast.AnnAssign | ast.Assign) and dotted(declared_by(item)) == name
            if isinstance(item.value, ast.Call)
            for k in item.value.keywords
        )

    def keyword(self, name: str) -> Callable[[str], Splice] | None:
        """What makes the splice that adds keywords to the declaration of a column; None where it is declared elsewhere."""
        for item in self.node.body:
            if dotted(declared_by(item)) != name:
                continue
            value = item.value if isinstance(item, ast.AnnAssign | ast.Assign) else None
            if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _DECLARES:
                if any(k.arg == "sa_column" for k in value.keywords):
                    return None
                call = value
                return lambda words: self._spliced(*self.text.arguments(call, [words]))
            maker = "Field" if self.edit.table.orm == "sqlmodel" else "mapped_column"
            if value is None:
                at = self.text.end(item)
                return lambda words: self._spliced(at, f" = {maker}({words})")
            if self.edit.table.orm == "sqlmodel" and isinstance(value, ast.Constant):
                start, end, said = self.text.start(value), self.text.end(value), self.text.source(value)
                return lambda words: Splice(
                    self.path, start, end, f"Field(default={said}, {words})", self.because, "in", _IMPORTS
                )
        return None

    def argument(self, source: str) -> Iterator[Emission]:
        """The splice that adds to `__table_args__`. Raises Unsupported where these are made in another way."""
        for item in self.node.body:
            if isinstance(item, ast.Assign) and dotted(item.targets[0]) == "__table_args__":
                value = item.value
                if isinstance(value, ast.Tuple):
                    last = next((e for e in reversed(value.elts) if not isinstance(e, ast.Dict)), None)
                    if last is not None:
                        yield self._spliced(self.text.end(last), f", {source}")
                    else:
                        yield self._spliced(self.text.start(value) + 1, f"{source}, ")
                    return
                if isinstance(value, ast.Dict):
                    start, end, said = self.text.start(value), self.text.end(value), self.text.source(value)
                    yield Splice(self.path, start, end, f"({source}, {said})", self.because, "in", _IMPORTS)
                    return
                raise Unsupported("`__table_args__` is put together here", where=f"{self.path}:{item.lineno}")
        named = next(
            (i for i in self.node.body if isinstance(i, ast.Assign) and dotted(i.targets[0]) == "__tablename__"), None
        )
        if named is not None:
            yield Splice(
                self.path, self.text.start(named), self.text.end(named), f"__table_args__ = ({source},)", self.because,
                "below", _IMPORTS,
            )  # fmt: skip
            return
        first = self.node.body[0]
        doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        if doc:
            yield Splice(
                self.path, self.text.start(first), self.text.end(first), f"__table_args__ = ({source},)", self.because,
                "below", _IMPORTS,
            )  # fmt: skip
            return
        at = self.text.line_start(self.text.start(first))
        yield Splice(
            self.path,
            at,
            at,
            f"{self.text.indent(first)}__table_args__ = ({source},)\n\n",
            self.because,
            "in",
            _IMPORTS,
        )

    def _spliced(self, at: int, text: str) -> Splice:
        return Splice(self.path, at, at, text, self.because, "in", _IMPORTS)
