"""Spells the entity, and the types of requests."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.core.facts import Field
from backwright.kit.artifacts import FieldPlan
from backwright.kit.spelling import TEXTUAL, precision_of
from backwright.kit.templates import render
from backwright.stacks.gin.columns import (
    default_of,
    go_name,
    go_type,
    gorm_tag,
    held_by_value,
    is_null,
    rules,
)
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.layout import fields
from backwright.stacks.gin.migration import deleted, indexed, together
from backwright.stacks.gin.spelled import own_errors, requests_of, target_type

_KEPT = {"id", "createdat", "updatedat", "updateat", "deletedat"}


def entity_text(plan: GinPlan) -> str:
    """The declarations of the entity."""
    errors = list(own_errors(plan).values())
    path = plan.paths["model"]
    return render(
        "gin/entity.go.jinja",
        doc=f"// {plan.entity} is {plan.a} {plan.name.human}.",
        entity=plan.entity,
        table=plan.table,
        table_name=_says_table(plan),
        rows=fields([*_kept(plan), *(_row(plan, f) for f in plan.columns), *_relations(plan, path)]),
        hook=_hook(plan),
        dates=[(f.attr, is_null(f)) for f in plan.columns if f.type == "date"],
        errors=errors,
        width=max((len(name) for name, _ in errors), default=0),
        humans=plan.name.human_plural,
    )


def _exemplar(plan: GinPlan) -> tuple[Field, ...]:
    found = next(t for t in plan.sources.types(plan.sibling.table.entity) if t.path == plan.sibling.model)
    return found.symbol.fields


def _kept(plan: GinPlan) -> list[tuple[str, str, str]]:
    """What the exemplar has besides its own: the types that it embeds, its key, its times."""
    rows = []
    for field in _exemplar(plan):
        text = plan.sources.at(plan.sibling.model, field.loc)
        tag = re.search(r"`([^`]*)`", text)
        if not field.name:
            rows.append((field.annotation, "", "") if tag is None else (field.annotation, " ", tag[1]))
        elif field.name.lower() in _KEPT or "autoCreateTime" in text or "autoUpdateTime" in text:
            rows.append((field.name, field.annotation, tag[1] if tag is not None else ""))
    return rows


def _row(plan: GinPlan, field: FieldPlan) -> tuple[str, str, str]:
    column = plan.column(field)
    named = [name for name, columns in together(plan).items() if column in columns]
    marked = field in indexed(plan)
    kind = f"*{go_type(field)}" if is_null(field) else go_type(field)
    said = "" if _spells(field.attr) == column else column
    tag = gorm_tag(field, said, tuple(named), indexed=marked, dialect=plan.house.dialect)
    return field.attr, kind, f'{tag}json:"{plan.json(field)}"'


def _spells(name: str) -> str:
    """The column that GORM makes of a field's name, where that is plain."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _relations(plan: GinPlan, path: str) -> list[tuple[str, str, str]]:
    """The rows that it refers to: GORM makes the foreign keys of them, and they are not shown."""
    found = []
    for field in plan.columns:
        if field.target is not None:
            kind = target_type(plan, field, path)
            tag = f"foreignKey:{field.attr};constraint:OnUpdate:CASCADE,OnDelete:{deleted(field)}"
            found.append((field.relation, f"*{kind}", f'gorm:"{tag}" json:"-"'))
    return found


def _says_table(plan: GinPlan) -> bool:
    """Whether the exemplar says what its table is called."""
    text = plan.sources.read(plan.sibling.model)
    return re.search(rf"func \((?:\w+ )?\*?{re.escape(plan.sibling.table.entity)}\) TableName\(", text) is not None


def _hook(plan: GinPlan) -> str:
    """What gives a row its key before it is written, where the exemplar has a hook for that."""
    if plan.key not in {"uuid.UUID", "string"}:
        return ""
    text = plan.sources.read(plan.sibling.model)
    entity = re.escape(plan.sibling.table.entity)
    own = re.search(rf"^func \(\w+ \*{entity}\) BeforeCreate\(.*?^\}}", text, re.MULTILINE | re.DOTALL)
    if own is not None and re.search(r"\.(ID|Id)\s*=", own[0]) and own[0].count("\n") <= 8:
        return plan.like(own[0])
    bases = [f.annotation.lstrip("*").rpartition(".")[2] for f in _exemplar(plan) if not f.name]
    hooks = [d.symbol.scope for d in plan.sources.functions("BeforeCreate")]
    tags = " ".join(plan.sources.at(plan.sibling.model, f.loc) for f in _exemplar(plan) if f.name.lower() == "id")
    for base in (t for b in bases for t in plan.sources.types(b)):
        tags += plan.sources.declared(base.path, base.symbol)
    if any(b in hooks for b in bases) or re.search(r"default:(gen_random_uuid|uuid_generate)", tags):
        return ""
    raise Unsupported(
        f"it was not found what gives a row of {plan.sibling.table.entity} its key: neither a hook BeforeCreate nor a default",
        where=plan.sibling.model,
    )


# --- requests ----------------------------------------------------------------------------------------------------------


def requests_text(plan: GinPlan) -> str:
    """The declarations of what requests may hold."""
    names, ops = requests_of(plan), plan.operations
    slugs = [f for f in plan.fields if f.type == "slug"]
    decimals = [f for f in plan.fields if f.type == "decimal"]
    wanted = [f for f in plan.fields if not is_null(f)]
    changing = [f for f in plan.fields if f.spec.update]
    given_default = [f for f in wanted if f.optional]
    return render(
        "gin/requests.go.jinja",
        **names,
        human=plan.name.human,
        a=plan.a,
        humans=plan.name.human_plural,
        slug=f"{plan.name.camel}Slug",
        creating=fields([_created(plan, f) for f in plan.fields]) if "create" in ops else None,
        updating=fields([_changed(plan, f) for f in changing]) if "update" in ops else None,
        listing=fields(_listed(plan)) if "list" in ops else None,
        create_read=bool(slugs or decimals or given_default),
        create_wanted=[f'"{plan.json(f)}"' for f in given_default],
        update_wanted=[f'"{plan.json(f)}"' for f in changing if not is_null(f)],
        decimals=[f'"{plan.json(f)}": {precision_of(f)[1]}' for f in decimals],
        slugs=[(f.attr, plan.json(f), f.optional) for f in slugs],
        checked=[f.attr for f in slugs],
        update_checked=[f.attr for f in slugs if f in changing],
        changes=[(f.attr, plan.json(f), plan.column(f)) for f in changing],
    )


def is_pointer(field: FieldPlan) -> bool:
    """Whether a request to make a row holds a pointer: what may be left out, and what may be the zero of its type."""
    return field.optional or is_null(field) or not held_by_value(field)


def _created(plan: GinPlan, field: FieldPlan) -> tuple[str, str, str]:
    bounds = rules(field, plan.house.dialect)
    must = field.spec.required and not field.optional and not is_null(field)
    kind = f"*{go_type(field)}" if is_pointer(field) else go_type(field)
    return (
        field.attr,
        kind,
        _tags(plan.json(field), ["required" if must else "omitempty", *bounds] if must or bounds else []),
    )


def _changed(plan: GinPlan, field: FieldPlan) -> tuple[str, str, str]:
    bounds = rules(field, plan.house.dialect)
    if (
        field.type in TEXTUAL
        and field.spec.required
        and not field.spec.min_length
        and field.type not in {"string", "text"}
    ):
        bounds = ["min=1", *bounds]
    return field.attr, f"*{go_type(field)}", _tags(plan.json(field), ["omitempty", *bounds] if bounds else [])


def _tags(name: str, bounds: list[str], kind: str = "json") -> str:
    return f'{kind}:"{name}" binding:"{",".join(bounds)}"' if bounds else f'{kind}:"{name}"'


def _listed(plan: GinPlan) -> list[tuple[str, str, str]]:
    listing, (at, size) = plan.listing, plan.answers.page
    rows = []
    if listing.paginate:
        first = 0 if at == "offset" else 1
        rows.append((go_name(at), "int", _tags(f"{at},default={first}", [f"min={first}", "max=1000000"], "form")))
        limits = ["min=1", f"max={listing.page_max}"]
        rows.append((go_name(size), "int", _tags(f"{size},default={listing.page_default}", limits, "form")))
    for name in listing.filters:
        field = plan.field(name)
        kind = "string" if go_type(field) == "uuid.UUID" else go_type(field)
        bounds = [r for r in rules(field, plan.house.dialect) if re.match(r"oneof|uuid|datetime|excludes", r)]
        rows.append((field.attr, f"*{kind}", _tags(plan.json(field), ["omitempty", *bounds] if bounds else [], "form")))
    if listing.sorts:
        names = [plan.json(plan.field(n)) for n in listing.sorts]
        both = " ".join(f"{n} -{n}" for n in names)
        rows.append(("Sort", "string", _tags("sort", ["omitempty", f"oneof={both}"], "form")))
    if listing.search:
        text = [r"excludes=\x00"] if plan.house.dialect == "postgres" else []
        rows.append(("Search", "string", _tags("search", ["omitempty", "max=200", *text], "form")))
    return rows


def values_of(plan: GinPlan) -> tuple[list[tuple[str, str]], list[str]]:
    """What a new row is made of: names and values, and the fields whose default a request may overrule."""
    pairs, defaults = [], []
    for field in plan.fields:
        if field.spec.has_default and not is_null(field):
            pairs.append((field.attr, default_of(field)))
            defaults.append(field.attr)
        elif is_null(field) or not is_pointer(field):
            pairs.append((field.attr, f"input.{field.attr}"))
        else:
            pairs.append((field.attr, f"*input.{field.attr}"))
    if plan.owner_field is not None:
        pairs.append((plan.owner_field.attr, "user"))
    return pairs, defaults
