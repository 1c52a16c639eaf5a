"""How rows come to be marked instead of deleted: the column, every query of theirs, every place that deletes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from backwright.blueprints.soft_delete.decide import COLUMN, Decision
from backwright.core.errors import Unsupported
from backwright.engine.siblings import Resource, resource_of
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field import refuse_unanswered, sqlite
from backwright.engine.spellings.field_code import Code, served_by
from backwright.engine.spellings.soft_delete_tests import emit_soft_delete_tests, untested
from backwright.frameworks.alembic.field import emit_field_migration
from backwright.frameworks.sqlalchemy.field import emit_column
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.entity_uses import Access, accesses, outermost
from backwright.languages.python.field_uses import Found
from backwright.languages.python.queries import chained, method_of
from backwright.languages.python.signatures import Text

_BECAUSE = "deleted rows are not read"
_SHOWN = 5
_UTC = 11  # Python 3.11 has `datetime.UTC`


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported, naming the places, where rows are read or deleted in a way that is not known."""
    change = task.understood.soft_delete
    assert change is not None, "the blueprint accepts soft deletes only"
    refuse_foreign(task)
    decision: Decision = decide(change, task.house, task.index, task.settings, sqlite=sqlite(task.index))
    edit = decision.plan
    resource = resource_of(edit.path, edit.table.entity, task.index, task.components)
    if decision.assumptions and any(r.route.method != "GET" for r in resource.routes):
        # values that stay taken are noticed by the database alone
        refuse_unanswered(task, resource, "a value that a deleted row keeps", ())

    @cache
    def code() -> Code:
        types, operations = served_by(task, resource)
        return Code(types, frozenset(), Found(), operations)

    return Spelled(
        title=f"mark {edit.name.human_plural} as deleted instead of deleting them",
        emissions=lambda: tuple(_emissions(task, decision, resource, code())),
        house=task.house,
        assumptions=decision.assumptions,
        questions=decision.questions,
        notes=lambda: (*decision.notes, *((f"there is no test of it: {why}",) if (why := untested(code())) else ())),
        decision=decision,
    )


def _emissions(task: Task, decision: Decision, resource: Resource, code: Code) -> Iterator[Emission]:
    edit = decision.plan
    entity = (edit.path, edit.table.entity)
    versions = f"{edit.house.migration.directory}/" if edit.house.migration is not None else "\0"
    paths = [p for p in task.index.files if p.endswith(".py") and not p.startswith(versions) and not is_test_file(p)]
    found = accesses(code.types, entity, decision.relations, paths, edit.table.table)
    _refuse_shown(task, decision)
    if found.unknown:
        shown = ", ".join(f"{p}:{line}" for p, line, _ in found.unknown[:_SHOWN])
        path, line, why = found.unknown[0]
        raise Unsupported(f"rows of {edit.table.entity}: {why}", where=f"{path}:{line}", hints=(shown,))
    if not any(a.kind in {"delete", "drop"} for a in found.found):
        raise Unsupported(f"nothing deletes rows of {edit.table.entity}", where=f"{edit.path}:{edit.table.loc.line}")
    if edit.table.orm == "sqlmodel":
        yield from _sqlmodel_column(task, decision)
    else:
        yield from emit_column(edit, task.read(edit.path) or "")
    yield from emit_field_migration(edit)
    places: dict[str, _Places] = {}
    for access in found.found:
        source = code.types.sources.source(access.path)
        assert source is not None, "a file that was looked at has been read"
        if access.path not in places:
            places[access.path] = _Places(access.path, Text(source.text), decision)
        yield from places[access.path].spliced(access)
    yield from emit_soft_delete_tests(edit, code)


def _refuse_shown(task: Task, decision: Decision) -> None:
    """Raises Unsupported where a schema shows what a relation gives: rows that are marked would be in it."""
    names = {name for found in decision.relations.values() for name in found}
    entities = {t.entity for _, t in task.index.tables()}
    for definition in task.index.classes():
        if definition.symbol.name in entities or is_test_file(definition.path):
            continue
        if not {b.rpartition(".")[2] for b in task.index.root_bases(definition)} & {"BaseModel", "SQLModel"}:
            continue
        shown = next((f for f in definition.symbol.fields if f.name in names and f.annotation), None)
        if shown is not None:
            raise Unsupported(
                f"`{definition.symbol.name}.{shown.name}` may show rows of {decision.plan.table.entity} that a relation gives",
                where=f"{definition.path}:{shown.loc.line}",
            )


class _Places:
    """How each place is spelled afterwards, in one file."""

    def __init__(self, path: str, text: Text, decision: Decision) -> None:
        self.path, self.text, self.resource = path, text, decision.resource
        self.sqlmodel = self.resource.house.session.sqlmodel and decision.plan.table.orm == "sqlmodel"
        moment = "from datetime import UTC, datetime, timezone"
        self.imports = ("from sqlalchemy import func, select, update", "from sqlmodel import col", moment)
        if self.sqlmodel:
            self.imports = ("from sqlmodel import col, select", "from sqlalchemy import func, update", moment)

    def spliced(self, access: Access) -> Iterator[Emission]:
        match access.kind:
            case "read":
                yield from self._read(access)
            case "get":
                yield from self._got(access)
            case "delete":
                yield from self._marked(access)
            case _:
                yield self._in(access.call.func, "update")
                at = self.text.end(access.call)
                more = f".where({self._alive(access.entity)}).values({COLUMN}=func.now())"
                yield Splice(self.path, at, at, more, _BECAUSE, "in", self.imports)

    def _alive(self, entity: str) -> str:
        return f"{self._column(entity, COLUMN)}.is_(None)"

    def _column(self, entity: str, name: str) -> str:
        return f"col({entity}.{name})" if self.sqlmodel else f"{entity}.{name}"

    def _in(self, node: ast.expr | ast.stmt, text: str) -> Splice:
        return Splice(self.path, self.text.start(node), self.text.end(node), text, _BECAUSE, "in", self.imports)

    def _refused(self, node: ast.expr, why: str) -> Unsupported:
        return Unsupported(f"`{ast.unparse(node)[:60]}` {why}", where=f"{self.path}:{node.lineno}")

    def _read(self, access: Access) -> Iterator[Emission]:
        links = [access.call, *chained(access.step, access.call)]
        legacy = method_of(access.call) == "query"
        if legacy and any(method_of(c) in {"get", "delete", "from_statement"} for c in links):
            raise self._refused(links[-1], "cannot be narrowed")
        source = next((c for c in links[1:] if method_of(c) == "select_from"), None)
        if source is not None:
            if access.entity not in {ast.unparse(a) for a in source.args}:
                raise self._refused(links[-1], "reads it from something else")
            return  # what it selects from is narrowed
        at = self.text.end(access.call)
        narrowed = f".{'filter' if legacy else 'where'}({self._alive(access.entity)})"
        yield Splice(self.path, at, at, narrowed, _BECAUSE, "in", self.imports)

    def _got(self, access: Access) -> Iterator[Emission]:
        """A row by its key, as a query."""
        call, entity = access.call, access.entity
        whole = outermost(access.step, call)
        assert isinstance(whole, ast.expr)
        assert isinstance(call.func, ast.Attribute)
        given = {k.arg: k.value for k in call.keywords}
        key = call.args[1] if len(call.args) > 1 else given.pop("ident", None)
        if key is None or set(given) - {"options"}:
            raise self._refused(call, "has no other spelling")
        loaded = ""
        if "options" in given:
            value = given["options"]
            inside = f"*{self.text.source(value)}"
            if isinstance(value, ast.List | ast.Tuple):
                inside = ", ".join(self.text.source(e) for e in value.elts)
            loaded = f".options({inside})"
        found = f"{self._column(entity, self.resource.key)} == {self.text.source(key)}, {self._alive(entity)}"
        method = "exec" if self.sqlmodel else "scalars"
        asked = f"{self.text.source(call.func.value)}.{method}(select({entity}).where({found}){loaded})"
        yield self._in(whole, f"{f'(await {asked})' if isinstance(whole, ast.Await) else asked}.first()")

    def _marked(self, access: Access) -> Iterator[Emission]:
        call = access.call
        statement = access.step.parents[outermost(access.step, call)]
        if not isinstance(statement, ast.Expr):
            raise self._refused(call, "gives something that is used")
        recent = int(self.resource.house.target.removeprefix("py3") or "11") >= _UTC
        row = self.text.source(call.args[0])
        text = f"{row}.{COLUMN} = datetime.now({'UTC' if recent else 'timezone.utc'})"
        if self.sqlmodel and isinstance(call.func, ast.Attribute):
            text += f"\n{self.text.indent(statement)}{self.text.source(call.func.value)}.add({row})"
        yield self._in(statement, text)


def _sqlmodel_column(task: Task, decision: Decision) -> Iterator[Emission]:
    """The column in the class of the table itself: no base of requests and answers gets it."""
    edit = decision.plan
    symbol = task.index.symbols(edit.path)[edit.table.entity]
    fields = [f for f in symbol.fields if f.annotation]
    if not fields:
        raise Unsupported(
            f"{edit.table.entity} declares no column of its own", where=f"{edit.path}:{edit.table.loc.line}"
        )
    last = max((f.loc for f in fields if "Relationship" not in f.value), key=lambda loc: loc.end, default=fields[0].loc)
    line = f"{COLUMN}: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))"
    imports = ("from datetime import datetime", "from sqlalchemy import DateTime", "from sqlmodel import Field")
    yield Splice(edit.path, last.start, last.end, line, f"the column {COLUMN}", "below", imports)
