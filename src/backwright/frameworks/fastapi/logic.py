"""The rules of a resource as statements: existence, uniqueness, references, ownership.

They stand in the service where there is one, in the handler else. Blocks are statements without indentation.
"""

from __future__ import annotations

from backwright.core.errors import Unsupported
from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.artifacts import FieldPlan, Fragments, ResourcePlan
from backwright.kit.templates import render


class Logic:
    """The rules of `plan`, told through the given data access. `user` is the source of the current user."""

    def __init__(self, plan: ResourcePlan, access: Fragments, *, data: str, user: str = "current_user") -> None:
        self.plan = plan
        self.access = access
        self.data = data
        self.user = user
        self.var = plan.name.snake

    # -- errors ----------------------------------------------------------------------------------------------------
    def raising(self, status: int, message: str, *, entity: str = "", key: str = "") -> str:
        """The statement that answers with `status` the way the house does."""
        errors = self.plan.house.errors
        known = errors.of(status)
        if known is not None:
            return "raise " + known.call.format(
                message=f'"{message}"', entity=f'"{entity or self.plan.class_name}"', key=key or f"{self.var}_id"
            )
        if errors.kind == "domain":
            raise Unsupported(
                f"the errors of this project have no class for status {status}, and none could be derived",
                where="errors",
                hints=(f"add one beside the class for 404, mapped to {status}",),
            )
        named = errors.status_names and self.var != "status"  # else the row would stand in the module's way
        code = f"status.{STATUS_NAMES[status]}" if named else str(status)
        return f'raise HTTPException(status_code={code}, detail="{message}")'

    def missing(self) -> str:
        return self.raising(404, f"{self._title()} not found")

    def conflict(self) -> str:
        """For what the database refuses: a race between two requests, or a rule that only it knows."""
        unique = self.plan.unique
        if len(unique) == 1 and not self.plan.unique_together:
            return self.raising(409, self._taken(unique[0]))
        return self.raising(409, f"{self._title()} conflicts with an existing row")

    def may_conflict(self) -> bool:
        return bool(self.plan.unique or self.plan.unique_together or self.plan.refs)

    def _title(self) -> str:
        return self.plan.name.human.capitalize()

    def _taken(self, field: FieldPlan) -> str:
        return f"{self._title()} with this {field.spec.name.replace('_', ' ')} already exists"

    # -- blocks ----------------------------------------------------------------------------------------------------
    def load(self, operation: str, key: str, *, fetch: str = "") -> str:
        """Fetch one row or answer 404; refuse others' rows where the request says so.

        `fetch` is a call that already answers 404 by itself.
        """
        owner = self.plan.owner
        guarded = owner is not None and operation in owner.ops
        foreign = forbidden = ""
        if guarded and self.plan.owner_field is not None:
            own = f"{self.var}.{self.plan.owner_field.attr} != {self.user}.{self.plan.house.auth.user_key}"
            test = self.plan.house.auth.admin_test
            foreign = f"{own} and not {_bracketed(test.format(user=self.user))}" if test else own
            forbidden = self.raising(403, "Not enough permissions")
        return render(
            "fastapi/load.jinja",
            var=self.var,
            get=fetch or self.access.get(key),
            missing="" if fetch else self.missing(),
            foreign=foreign,
            forbidden=forbidden,
        ).strip()

    def create(self) -> str:
        """Check the rules, build the row, store it; leaves it in the resource's variable."""
        checks = [self._unique_on_create(f) for f in self.plan.unique] + [
            self._reference_on_create(f) for f in self.plan.refs
        ]
        conflict = self.conflict() if self.may_conflict() else ""
        return render("fastapi/create.jinja", checks=checks, build=self._build(), add=self.access.add(conflict)).strip()

    def update(self) -> str:
        """Apply what was sent to the loaded row and store it."""
        changing = [f for f in self.plan.fields if f.spec.update]
        checks = [self._unique_on_update(f) for f in changing if f.spec.unique]
        checks += [self._reference_on_update(f) for f in changing if f.target is not None]
        conflict = self.conflict() if self.may_conflict() else ""
        return render(
            "fastapi/update.jinja", data=self.data, var=self.var, checks=checks, save=self.access.save(conflict)
        ).strip()

    def _build(self) -> str:
        plan = self.plan
        owner = plan.owner_field
        value = f"{self.user}.{plan.house.auth.user_key}"
        if plan.house.model.orm == "sqlmodel":
            extra = f', update={{"{owner.attr}": {value}}}' if owner else ""
            return f"{self.var} = {plan.class_name}.model_validate({self.data}{extra})"
        extra = f", {owner.attr}={value}" if owner else ""
        return f"{self.var} = {plan.class_name}(**{self.data}.model_dump(){extra})"

    def _unique_on_create(self, field: FieldPlan) -> dict[str, str]:
        value = f"{self.data}.{field.attr}"
        found = f"{self.access.find[field.attr](value)} is not None"
        guard = f"{value} is not None and " if field.spec.nullable else ""
        return {"condition": guard + found, "raises": self.raising(409, self._taken(field))}

    def _unique_on_update(self, field: FieldPlan) -> dict[str, str]:
        value = f'changes["{field.attr}"]'
        found = f"{self.access.find[field.attr](value)} is not None"
        guard = f'"{field.attr}" in changes and {value} != {self.var}.{field.attr} and '
        if field.spec.nullable:
            guard += f"{value} is not None and "
        return {"condition": guard + found, "raises": self.raising(409, self._taken(field))}

    def _reference_on_create(self, field: FieldPlan) -> dict[str, str]:
        value = f"{self.data}.{field.attr}"
        guard = f"{value} is not None and " if field.spec.nullable else ""
        return {"condition": guard + self.access.missing[field.attr](value), "raises": self._no_target(field, value)}

    def _reference_on_update(self, field: FieldPlan) -> dict[str, str]:
        value = f'changes["{field.attr}"]'
        guard = (
            f'changes.get("{field.attr}") is not None and '
            if field.spec.nullable
            else f'"{field.attr}" in changes and '
        )
        return {"condition": guard + self.access.missing[field.attr](value), "raises": self._no_target(field, value)}

    def _no_target(self, field: FieldPlan, value: str) -> str:
        assert field.target is not None
        return self.raising(
            404, f"{field.target.name.human.capitalize()} not found", entity=field.target.entity, key=value
        )


def _bracketed(test: str) -> str:
    return f"({test})" if " " in test else test


def error_imports(plan: ResourcePlan) -> list[str]:
    """What raising needs."""
    errors = plan.house.errors
    lines = [c.ref.line for c in (*errors.classes, *(a.error for a in errors.additions))]
    return [*lines, "from fastapi import HTTPException, status"]
