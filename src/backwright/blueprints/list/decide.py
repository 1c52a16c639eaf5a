"""From what a list shall be asked for to the columns that it is asked by, each with the type that it is compared as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Table
from backwright.core.request import ListChange, Listing
from backwright.kit.artifacts import FieldPlan, ResourcePlan
from backwright.kit.existing import existing_plan, field_of, find_column, find_entity
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.spelling import TEXTUAL

_SECRET = re.compile(r"passw|secret|token|hash|salt|api_?key|private_?key")


@dataclass(frozen=True)
class ListEdit:
    """What a list is asked for in addition: `resource` holds the columns as fields and the listing by their names."""

    path: str
    table: Table
    resource: ResourcePlan
    pages: str  # "" | "offset" | "cursor"

    @property
    def filters(self) -> tuple[FieldPlan, ...]:
        return tuple(map(self.resource.field, self.resource.listing.filters))

    @property
    def sorts(self) -> tuple[FieldPlan, ...]:
        return tuple(map(self.resource.field, self.resource.listing.sorts))

    @property
    def search(self) -> tuple[FieldPlan, ...]:
        return tuple(map(self.resource.field, self.resource.listing.search))


@dataclass(frozen=True)
class Decision:
    """The change with what was assumed and asked on the way."""

    plan: ListEdit
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def decide(change: ListChange, house: House, index: FactIndex, settings: Mapping[str, str]) -> Decision:
    """Raises UsageError for columns that are not there or cannot be searched, Unsupported for what no list is asked by."""
    path, table = find_entity(change.resource, index)
    fields: dict[str, FieldPlan] = {}
    said: list[Assumption] = []
    notes: list[str] = []

    def named(names: tuple[str, ...], use: str) -> tuple[str, ...]:
        out = []
        for name in names:
            column = find_column(name, path, table)
            where = f"{path}:{column.loc.line}"
            if column.name not in (name, f"{name}_id"):
                notes.append(f"`{name}` of {table.entity} is taken for {column.name}")
            if _SECRET.search(column.name):
                raise Unsupported(
                    f"`{column.name}` is nothing that a list may be asked by: it would tell it", where=where
                )
            field = field_of(column, path, table, house, index)
            if field is None or field.type == "json":
                raise Unsupported(
                    f"a list cannot be asked by `{column.name}`: {column.type or column.python}", where=where
                )
            if use == "searched" and (field.type not in TEXTUAL or field.enum):
                raise UsageError(f"`{column.name}` holds no text that could be searched", where=where)
            fields[column.name] = field
            out.append(column.name)
        return tuple(dict.fromkeys(out))

    listing = Listing(
        paginate=bool(change.pages),
        page_default=change.page_default or Listing().page_default,
        page_max=max(change.page_max or Listing().page_max, change.page_default),
        filters=named(change.filters, "filtered"),
        sorts=named(change.sorts, "sorted"),
        search=named(change.search, "searched"),
    )
    resource = existing_plan(path, table, house, index, fields=tuple(fields.values()), listing=listing)
    if change.pages:
        sizes = f"{listing.page_default}..{listing.page_max}"
        why = "the answer keeps its shape; who names no page gets the first rows where it got all of them"
        said.append(Assumption("paginate", sizes, why, ("50..200",)))
    return Decision(
        ListEdit(path, table, resource, change.pages),
        tuple(said),
        (),
        tuple(dict.fromkeys((*notes, *_slow(table, listing)))),
    )


def _slow(table: Table, listing: Listing) -> list[str]:
    """Which of the columns that rows are now picked or ordered by have no index: said, not decided."""
    columns = {c.name: c for c in table.columns}
    bare = [
        name
        for name in dict.fromkeys((*listing.filters, *listing.sorts))
        if not (columns[name].index or columns[name].unique or columns[name].primary_key)
        and not any(group[:1] == (name,) for group in table.unique_together)
    ]
    names = ", ".join(bare)
    return [f"no index on {names} of {table.table}: plan migration index {table.table}({names})"] if bare else []
