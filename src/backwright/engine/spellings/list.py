"""How more is asked of a list that exists: its endpoint, the calls on the way to the queries, the queries, tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from backwright.blueprints.list.decide import Decision, ListEdit
from backwright.core.archmap import RouteInfo
from backwright.core.errors import Unsupported, UsageError
from backwright.engine.siblings import resource_of
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.field_code import Code, served_by
from backwright.engine.spellings.list_path import ListPath, path_of
from backwright.engine.spellings.list_steps import emit_steps
from backwright.engine.spellings.list_tests import emit_list_tests, untested
from backwright.frameworks.fastapi.pages import SIZES, list_params
from backwright.kit.existing import find_entity
from backwright.kit.index import FactIndex
from backwright.languages.python.field_uses import Found

_SEARCHES = frozenset({"search", "q", "query", "keyword", "term", "search_term"})
_SORTS = frozenset({"sort", "ordering", "order_by", "sort_by", "order"})


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for bad requests."""
    change = task.understood.listing
    assert change is not None, "the blueprint accepts changes of lists only"
    refuse_foreign(task)
    path, table = find_entity(change.resource, task.index)
    resource = resource_of(path, table.entity, task.index, task.components)
    listed = resource.operation("list")
    if listed is None:
        raise Unsupported(
            f"no endpoint lists {table.entity}",
            where=f"{path}:{table.loc.line}",
            hints=("plan a resource with a list",),
        )
    decision: Decision = decide(change, task.house, task.index, task.settings)
    edit = decision.plan
    _refuse_asked_already(edit, listed, task.index)
    made = [*change.filters, *change.sorts, *change.search]
    title = (
        f"ask the list of {table.entity} by {', '.join(dict.fromkeys(made))}"
        if made
        else f"paginate the list of {table.entity}"
    )

    @cache
    def code() -> Code:
        types, operations = served_by(task, resource)
        return Code(types, frozenset(), Found(), operations)

    @cache
    def way() -> ListPath:
        return path_of(task, edit, listed, code().types)

    return Spelled(
        title=title,
        emissions=lambda: (*emit_steps(task, edit, way()), *emit_list_tests(edit, code())),
        house=task.house,
        assumptions=decision.assumptions,
        questions=decision.questions,
        notes=lambda: (*decision.notes, *_gaps(edit, code())),
        decision=decision,
    )


def _refuse_asked_already(edit: ListEdit, listed: RouteInfo, index: FactIndex) -> None:
    """Raises UsageError for what the list can be asked for as it is, Unsupported for what cannot stand beside it."""
    where = f"{listed.path}:{listed.route.loc.line}"
    handler = index.symbols(listed.path).get(listed.route.handler)
    given = {p.name for p in handler.params} if handler is not None else set()
    for field in edit.filters:
        if field.attr in given:
            raise UsageError(f"the list of {edit.table.entity} is filtered by `{field.attr}` already", where=where)
    if edit.search and (known := given & _SEARCHES):
        raise UsageError(f"the list of {edit.table.entity} is searched by `{min(known)}` already", where=where)
    if edit.sorts and (known := given & _SORTS):
        raise Unsupported(
            f"the list of {edit.table.entity} is ordered by `{min(known)}` already: more orders for it are not supported",
            where=where,
        )
    if edit.pages and {p.name for p in list_params(index, listed)} & set(SIZES):
        raise UsageError(f"the list of {edit.table.entity} comes in pages already", where=where)
    if edit.pages == "cursor":
        raise Unsupported("pages by cursor are not supported yet", where=where, hints=("--paginate cuts by offset",))


def _gaps(edit: ListEdit, code: Code) -> Iterator[str]:
    """What this plan does not have: said, never left out in silence."""
    why = untested(edit, code)
    if why:
        yield f"there are no tests of it: {why}"
