"""Spells the model, and its registration with the admin."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, FieldPlan, Insertion, Piece
from backwright.kit.imitation import fill, pattern_of
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.inherited import import_of
from backwright.stacks.django.spelling import IMPORTS, enum_source, spelt


def emit_model(plan: DjangoPlan) -> Iterator[Emission]:
    """The class, in the exemplar's file of models or one like it, and where a package gathers its models there too."""
    lines = [f"class {plan.class_name}({', '.join(plan.inherited.bases)}):"]
    for field in plan.fields:
        if field.enum:
            lines += enum_source(field)
    lines += [f"    {f.name} = {f.value}" for f in plan.inherited.own if "primary_key" in f.value]
    lines += [f"    {field.attr} = {spelt(field, plan).model()}" for field in plan.columns]
    lines += [f"    {f.name} = {f.value}" for f in plan.inherited.own if "primary_key" not in f.value]
    options = meta_of(plan)
    lines += ["", "    class Meta:", *(f"        {key} = {value}" for key, value in options.items())]
    lines += ["", "    def __str__(self):", f"        return {shown_by(plan)}"]
    like = plan.sibling.model
    imports = (*IMPORTS, *plan.inherited.base_imports, *_copied(plan), *_targets(plan))
    yield Piece(
        "model",
        plan.paths["model"],
        imports,
        "\n".join(lines),
        f"models are declared here, as {like.symbol.name} is",
        like.path,
        f"{len(plan.columns)} columns",
    )
    yield from gathered(plan, "model", like.path, like.symbol.name, plan.class_name)


def _copied(plan: DjangoPlan) -> tuple[str, ...]:
    """What the exemplar's file imports: the lines that were copied from it need some of that."""
    if not plan.inherited.own:
        return ()
    path = plan.sibling.model.path
    return tuple(line for i in plan.index.imports(path) if (line := import_of(plan.index, path, i.alias)))


def _targets(plan: DjangoPlan) -> tuple[str, ...]:
    return tuple(f.target.ref.line for f in plan.columns if f.target is not None and f.target.path)


def gathered(plan: DjangoPlan, role: str, path: str, old: str, new: str) -> Iterator[Emission]:
    """The import in the package's `__init__.py` that gathers what the exemplar's file has."""
    if plan.paths[role] == path or plan.app.new:
        return
    package = f"{path.rpartition('/')[0]}/__init__.py"
    for item in plan.index.imports(package) if package in plan.index.files else ():
        if item.name == old:
            dots = "." * item.level
            module = fill(pattern_of(item.module, plan.sibling.name), plan.name)
            text = f"from {dots}{module} import {new}"
            yield Insertion(
                package,
                "import",
                text,
                "it is known to the package",
                item.loc.line,
                f"from {dots}{item.module}",
                exported=new,
            )


def meta_of(plan: DjangoPlan) -> dict[str, str]:
    """The options of the model, as source: order, names, table, constraints."""
    symbols = plan.index.symbols(plan.sibling.model.path)
    meta = symbols.get(f"{plan.sibling.model.symbol.qualname}.Meta")
    old = {f.name: f.value for f in meta.fields} if meta is not None else {}
    out = {"ordering": f'["{ordering_of(plan, old.get("ordering", ""))}"]'}
    if old.get("db_table", "")[:1] in {'"', "'"}:
        out["db_table"] = fill(pattern_of(old["db_table"], plan.sibling.name), plan.name)
    if old.get("verbose_name", "")[:1] in {'"', "'"}:
        out["verbose_name"] = f'"{plan.name.human}"'
    if plan.name.human_plural != f"{plan.name.human}s" or old.get("verbose_name_plural", "")[:1] in {'"', "'"}:
        out["verbose_name_plural"] = f'"{plan.name.human_plural}"'
    if plan.unique_together:
        constraints = [
            f'models.UniqueConstraint(fields=[{", ".join(_quoted(plan, g))}], name="{constraint_name(plan, g)}")'
            for g in plan.unique_together
        ]
        out["constraints"] = f"[{', '.join(constraints)}]"
    return out


def ordering_of(plan: DjangoPlan, like: str) -> str:
    """The column that rows are ordered by: the exemplar's where the new one has it, else the key."""
    wanted = like.strip("[]() ").partition(",")[0].strip("\"' ")
    known = {*(f.attr for f in plan.columns), *(name for name, _ in plan.inherited.columns)}
    return wanted if wanted.lstrip("-") in known else plan.inherited.key


def _quoted(plan: DjangoPlan, group: tuple[str, ...]) -> list[str]:
    return [f'"{attr}"' for attr in attributes(plan, group)]


def attributes(plan: DjangoPlan, group: tuple[str, ...]) -> list[str]:
    """The attributes of these fields: `owner` for `owner_id`."""
    by_name: dict[str, FieldPlan] = {}
    for f in plan.columns:
        by_name |= {f.spec.name: f, f.attr: f, f"{f.attr}_id": f}
    return [by_name[name].attr if name in by_name else name for name in group]


def constraint_name(plan: DjangoPlan, group: tuple[str, ...]) -> str:
    """At most 30 characters, which Django asks for."""
    return f"unique_{plan.name.snake}_{'_'.join(attributes(plan, group))}"[:30].rstrip("_")


def shown_by(plan: DjangoPlan) -> str:
    """What `__str__` returns: the first required text, else the key."""
    text = next(
        (f for f in plan.fields if f.type in {"string", "slug", "email"} and not f.spec.nullable and f.spec.required),
        None,
    )
    return f"self.{text.attr}" if text is not None else f'f"{plan.class_name} {{self.pk}}"'


def emit_admin(plan: DjangoPlan) -> Iterator[Emission]:
    """The registration with the admin, where the exemplar has one."""
    if "admin" not in plan.paths:
        return
    imports = ("from django.contrib import admin", f"from {plan.module('model')} import {plan.class_name}")
    if plan.sibling.admin_class:
        listed = [f.attr for f in plan.columns if f.type not in {"text", "json"}][:4] or [plan.inherited.key]
        shown = ", ".join(f'"{name}"' for name in listed)
        body = f"@admin.register({plan.class_name})\nclass {plan.class_name}Admin(admin.ModelAdmin):\n    list_display = [{shown}]"
        refs = [f for f in plan.columns if f.attr in listed and f.target is not None]
        if any(f.spec.nullable for f in refs):  # which Django does not follow by itself
            body += "\n    list_select_related = [" + ", ".join(f'"{f.attr}"' for f in refs) + "]"
    else:
        body = f"admin.site.register({plan.class_name})"
    yield Piece(
        "admin", plan.paths["admin"], imports, body, "models are registered with the admin here", plan.sibling.admin
    )
