"""A resource as each stack decides it, whatever it spells it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backwright.core.errors import Unsupported, UsageError
from backwright.core.request import Feature, FieldSpec, Listing, Ownership
from backwright.kit.artifacts import FieldPlan
from backwright.kit.house import AuthStyle
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms, forms, snake
from backwright.kit.sqlwords import is_sql_word


@dataclass(frozen=True)
class DecidedResource:
    """What is made of a request on every stack. `access` maps operations to public, user or admin."""

    name: NameForms
    fields: tuple[FieldPlan, ...]
    owner_field: FieldPlan | None
    operations: tuple[str, ...]
    access: Mapping[str, str]
    listing: Listing
    owner: Ownership | None
    unique_together: tuple[tuple[str, ...], ...]
    index: FactIndex

    @property
    def columns(self) -> tuple[FieldPlan, ...]:
        """All fields with a column, the owner's among them."""
        return (*self.fields, *((self.owner_field,) if self.owner_field else ()))


def owner_spec(feature: Feature, auth: AuthStyle) -> FieldSpec | None:
    """The field that says whose a row is, where rows belong to users and the project knows them."""
    if feature.owner is None or auth.user is None:
        return None
    plain = feature.owner.field.removesuffix("_id")
    return FieldSpec(name=plain, type="ref", ref=auth.user.name, on_delete="cascade", update=False)


def exists_already(name: NameForms, where: str) -> UsageError:
    """The error for a resource that the project has."""
    return UsageError(f"{name.pascal} exists already", where=where, hints=("choose another name",))


def no_target(spec: FieldSpec, resource: NameForms, what: str, known: Iterable[str]) -> UsageError | Unsupported:
    """The error for a field that refers to what the project does not have. `what` they are called there: model, table."""
    wanted = forms(spec.ref)
    if wanted.pascal == resource.pascal:
        return Unsupported(f"`{spec.name}` refers to the new {resource.human} itself, which is not spelled here yet")
    have = ", ".join(sorted(known)) or "none"
    return UsageError(
        f"`{spec.name}` refers to {spec.ref}, which is not {'an' if what[0] in 'aeiou' else 'a'} {what} of this project",
        hints=(
            f"{forms(what).human_plural}: {have}",
            f"plan {spec.ref} first: backwright plan resource {wanted.pascal} name:str",
        ),
    )


def refuse_parameters(plan: DecidedResource, paging: Iterable[str]) -> None:
    """Raises UsageError for a filter that is called as another parameter of the list. `paging` are those of its pages."""
    listing = plan.listing
    taken = {
        *(map(snake, paging) if listing.paginate else ()),
        *(("sort",) if listing.sorts else ()),
        *(("search",) if listing.search else ()),
    }
    for name in listing.filters if "list" in plan.operations else ():
        if name in taken:
            raise UsageError(
                f"the list cannot be filtered by `{name}`: one of its parameters is called so already",
                hints=(f"call the field otherwise, for example {plan.name.snake}_{name}",),
            )


def refuse_words(plan: DecidedResource, dialect: str) -> None:
    """Raises UsageError for a field whose column the database would not know as one without quotes."""
    for field in plan.fields:
        name = field.spec.name
        if field.target is None and is_sql_word(name, dialect):
            raise UsageError(
                f"a field cannot be called '{name}': it is a word of SQL, and columns are written without quotes here",
                hints=(f"for example {plan.name.snake}_{name}",),
            )
