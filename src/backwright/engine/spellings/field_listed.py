"""The list of a resource asked by a relation that comes with the same change."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.blueprints.list.decide import ListEdit
from backwright.core.errors import Unsupported, UsageError
from backwright.core.request import Listing
from backwright.engine.siblings import Resource
from backwright.engine.spelling import Task
from backwright.engine.spellings.field_code import Code
from backwright.engine.spellings.list_path import path_of
from backwright.engine.spellings.list_steps import emit_steps
from backwright.kit.artifacts import Emission, FieldPlan
from backwright.kit.existing import existing_plan
from backwright.kit.field_edit import FieldEdit


@dataclass(frozen=True)
class Asked:
    """What makes the list take the relation; `why` says why it does not, and then there is nothing."""

    emissions: tuple[Emission, ...] = ()
    why: str = ""


def asked_by(task: Task, edit: FieldEdit, field: FieldPlan, resource: Resource, code: Code) -> Asked:
    """The list as it is asked by the field, or what stands in the way, with its place."""
    listed = resource.operation("list")
    if listed is None:
        return Asked(why=f"no endpoint lists {edit.name.human_plural}, so there is none to ask by {field.attr}")
    listing = Listing(paginate=False, filters=(field.attr,))
    plan = existing_plan(edit.path, edit.table, edit.house, edit.index, fields=(field,), listing=listing)
    wanted = ListEdit(edit.path, edit.table, plan, "")
    try:
        return Asked(tuple(emit_steps(task, wanted, path_of(task, wanted, listed, code.types))))
    except (Unsupported, UsageError) as refused:
        where = f" ({refused.where})" if refused.where else ""
        return Asked(why=f"the list of {edit.name.human_plural} is not asked by {field.attr}: {refused.message}{where}")
