"""Spells the migration that creates the table, from the model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import Emission, Piece
from backwright.kit.django.migrations import Migration, migrations_of_django
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.inherited import import_of
from backwright.stacks.django.model import attributes, constraint_name, meta_of
from backwright.stacks.django.resources import app_of
from backwright.stacks.django.spelling import spelt

_IMPORTS = (
    "from decimal import Decimal",
    "from django.conf import settings",
    "from django.db import migrations, models",
    "import datetime",
    "import django.core.validators",
    "import django.db.models.deletion",
    "import django.utils.timezone",
    "import uuid",
)


def emit_migration(plan: DjangoPlan) -> Iterator[Emission]:
    """A migration after the leaf of its app. Raises Unsupported where the app has several leaves."""
    depends = list(dict.fromkeys(_dependencies(plan)))
    leaf = "" if plan.app.new else leaf_of(plan, plan.app.folder)
    if leaf:
        depends.insert(0, f'("{plan.app.label}", "{leaf}")')
    columns = [*plan.inherited.columns, *((f.attr, spelt(f, plan).migration()) for f in plan.columns)]
    fields = ", ".join(f'("{name}", {source})' for name, source in columns)
    options = {key: value for key, value in meta_of(plan).items() if key != "constraints"}
    shown = [f'"{key}": {value}' for key, value in options.items()]
    if plan.unique_together:
        made = ", ".join(
            f"models.UniqueConstraint(fields=({', '.join(repr(a) for a in attributes(plan, g))}), name={constraint_name(plan, g)!r})"
            for g in plan.unique_together
        )
        shown.append(f'"constraints": [{made}]')
    body = "\n".join(
        [
            "class Migration(migrations.Migration):",
            *(["    initial = True", ""] if not leaf else []),
            f"    dependencies = [{', '.join(depends)}]",
            "",
            f'    operations = [migrations.CreateModel(name="{plan.class_name}", fields=[{fields}], '
            f"options={{{', '.join(shown)}}})]",
        ]
    )
    number = int(found.group()) + 1 if (found := re.match(r"\d+", leaf)) else 1
    name = f"{number:04}_{plan.name.snake}" if leaf else "0001_initial"
    state = migrations_of_django(plan.index).state(plan.sibling.app)
    like = state.last if state is not None else ""
    wanted = (*_IMPORTS, *(_imports_of(plan, like) if like else ()))
    imports = tuple(i for i in wanted if not i.startswith("import ") or i.removeprefix("import ") in body)
    yield Piece(
        "migration", f"{plan.app.folder}/migrations/{name}.py", imports, body, "the table of the new model", like
    )
    if plan.app.new:
        yield Piece("package", f"{plan.app.folder}/migrations/__init__.py", (), "", "the migrations of the new app")


def leaf_of(plan: DjangoPlan, app: str) -> str:
    """The migration of an app that no other of it depends on; `""` where the app has none."""
    known = migrations_of_django(plan.index)
    found: list[Migration] = known.by_app.get(app, [])
    label = known.label(app)
    followed = {name for m in found for of, name in m.depends if of == label} | {n for m in found for n in m.replaces}
    leaves = [m for m in found if m.name not in followed]
    if len(leaves) > 1:
        raise Unsupported(
            f"the migrations of {app} have several ends: {', '.join(m.name for m in leaves)}",
            where=leaves[0].path,
            hints=("join them first: python manage.py makemigrations --merge",),
        )
    return leaves[0].name if leaves else ""


def _dependencies(plan: DjangoPlan) -> Iterator[str]:
    """The apps of what is referred to, each at its last migration."""
    known = migrations_of_django(plan.index)
    for field in plan.columns:
        assert field.spec.type != "ref" or field.target is not None
        if field.target is None:
            continue
        if "AUTH_USER_MODEL" in spelt(field, plan).migration():
            yield "migrations.swappable_dependency(settings.AUTH_USER_MODEL)"
            continue
        app = app_of(field.target.path)
        if app == plan.app.folder and not plan.app.new:
            continue
        leaf = leaf_of(plan, app)
        if not leaf:
            raise Unsupported(
                f"{field.target.entity} has no migration that the new one could follow", where=field.target.path
            )
        yield f'("{known.label(app)}", "{leaf}")'


def _imports_of(plan: DjangoPlan, path: str) -> tuple[str, ...]:
    """What the exemplar's migrations import: the columns that bases bring are written as there."""
    paths = {m.path for m in migrations_of_django(plan.index).by_app.get(plan.sibling.app, [])} | {path}
    lines = []
    for one in sorted(paths):
        for item in plan.index.imports(one):
            lines.append(import_of(plan.index, one, item.alias) if item.name else f"import {item.module}")
    return tuple(dict.fromkeys(line for line in lines if line))
