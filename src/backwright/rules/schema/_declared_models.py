"""What BW901 says of the models of Django: the models and fields that the migrations of their app do not have."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Field, Loc
from backwright.core.findings import Finding, Related
from backwright.kit.aside import Serving
from backwright.kit.chains import name_of
from backwright.kit.django.migrations import AppState, Migrations, migrations_of_django
from backwright.kit.django.models import Model, Models, models
from backwright.kit.findings import Voice, heading, span_of
from backwright.kit.index import Definition, FactIndex
from backwright.rules.schema._declared_tables import Declared

_FIELDS = ("django.db.models.", "django.contrib.postgres.", "django.contrib.gis.")
_VIRTUAL = frozenset({"GenericForeignKey", "GenericRelation", "GenericPrefetch"})
# Keywords that change the column, with what they are where they are not given.
_DEFAULTS = {"null": "False", "unique": "False", "max_length": "", "max_digits": "", "decimal_places": ""}
_HELP = "`python manage.py makemigrations`, then read what it wrote"


def declared(index: FactIndex, archmap: ArchMap) -> Iterator[Declared]:
    """Every field of the models whose migrations cannot be read, for one state to be compared with another."""
    for model, state in _judged(index, archmap):
        if state is None or model.name.lower() in state.unsure:
            for owner, item in _own(index, models(index), model):
                if _is_field(index, owner.path, item.value_expr):
                    here = owner.symbol == model.definition.symbol
                    yield Declared(
                        model.key[0], model.name, item.name, item.loc if here else heading(model.definition.symbol)
                    )


def compared(index: FactIndex, archmap: ArchMap, voice: Voice) -> Iterator[Finding]:
    """One finding for each model or field that differs from what the migrations of its app lead to."""
    for model, state in _judged(index, archmap):
        if state is None or model.name.lower() in state.unsure:
            continue
        fields = state.models.get(model.name.lower())
        if fields is not None:
            yield from _fields(index, models(index), model, fields, state, voice)
        elif _is_django_model(index, model):
            yield _missing_model(model, state, voice)


def _judged(index: FactIndex, archmap: ArchMap) -> Iterator[tuple[Model, AppState | None]]:
    """The models that the migrations of an app are to make, with what those lead to where that can be told."""
    migrations = migrations_of_django(index)
    if not migrations.by_app:
        return
    serving = Serving(index, archmap)
    apps = {migrations.label(app): app for app in migrations.by_app}
    for model in models(index).by_key.values():
        app = _app_of(index, migrations, model, apps)
        if app is not None and model.key[0] in serving and _is_migrated(index, model):
            yield model, migrations.state(app)


def _app_of(index: FactIndex, migrations: Migrations, model: Model, apps: dict[str, str]) -> str | None:
    """The folder of the app that a model belongs to, by its `app_label` or its place; None where it has no migrations."""
    label = _option(index, model.definition, "app_label")
    if label is not None:
        return apps.get(label.text) if label.kind == "string" else None
    folder = dirname(model.key[0])
    while folder:
        if folder in migrations.by_app:
            return folder
        if f"{folder}/apps.py" in index.files or (f"{folder}/models.py" in index.files):
            return None
        folder = dirname(folder)
    return None


def _option(index: FactIndex, definition: Definition, name: str) -> Expr | None:
    meta = index.symbols(definition.path).get(f"{definition.symbol.qualname}.Meta")
    return next((f.value_expr for f in meta.fields if f.name == name), None) if meta is not None else None


def _is_true(expr: Expr | None) -> bool:
    return expr is not None and expr.text == "True"


def _is_migrated(index: FactIndex, model: Model) -> bool:
    """Whether the class has a table of its own that migrations are to make."""
    managed = _option(index, model.definition, "managed")
    if model.definition.symbol.scope or (managed is not None and managed.text != "True"):
        return False
    return not any(_option(index, model.definition, name) is not None for name in ("abstract", "proxy"))


def _is_django_model(index: FactIndex, model: Model) -> bool:
    """Whether a class has columns and is no manager, queryset or expression of Django's."""
    others = [b for b in index.root_bases(model.definition) if b.startswith("django.db.") and not b.endswith(".Model")]
    return not others and any(_is_field(index, model.key[0], f.value_expr) for f in model.definition.symbol.fields)


def _missing_model(model: Model, state: AppState, voice: Voice) -> Finding:
    return voice.finding(
        model.key[0],
        heading(model.definition.symbol),
        f"no migration of its app creates `{model.name}`",
        scope=model.name,
        text=model.name,
        help=_HELP,
        related=[_last(state)],
    )


def _fields(
    index: FactIndex, known: Models, model: Model, fields: dict[str, Expr], state: AppState, voice: Voice
) -> Iterator[Finding]:
    for owner, item in _own(index, known, model):
        declared = item.value_expr
        if declared is None or not _is_field(index, owner.path, declared):
            continue
        made = fields.get(item.name)
        what = "no migration adds it" if made is None else _difference(declared, made)
        if what:
            here = owner.path == model.key[0] and owner.symbol == model.definition.symbol
            yield voice.finding(
                model.key[0],
                item.loc if here else heading(model.definition.symbol),
                f"`{model.name}.{item.name}`{'' if here else f' (from `{owner.symbol.name}`)'} is in the model, and {what}",
                scope=model.name,
                text=f"{model.name}.{item.name} {'' if made is None else what}",
                help=_HELP,
                related=[_last(state)],
            )


def _own(index: FactIndex, known: Models, model: Model) -> Iterator[tuple[Definition, Field]]:
    """The fields of a class and of its abstract bases, each where it counts; those of a parent with a table are its own."""
    line = known.line(model)
    parents = [known.by_key[o.path, o.symbol.qualname] for o in line[1:] if (o.path, o.symbol.qualname) in known.by_key]
    tables = [known.line(p) for p in parents if not _is_true(_option(index, p.definition, "abstract"))]
    elsewhere = {(o.path, o.symbol.qualname) for those in tables for o in those}
    seen: set[str] = set()
    for owner in line:
        if (owner.path, owner.symbol.qualname) in elsewhere:
            continue
        yield from ((owner, item) for item in {f.name: f for f in owner.symbol.fields if f.name not in seen}.values())
        seen |= {f.name for f in owner.symbol.fields}
        seen |= {s.name for s in index.symbols(owner.path).values() if s.scope == owner.symbol.qualname}


def _is_field(index: FactIndex, path: str, call: Expr | None) -> bool:
    """Whether an attribute is a column or relation of Django's own classes, or of a class of the project made from them."""
    if call is None or call.kind != "call" or name_of(call) in _VIRTUAL:
        return False
    dotted = call.parts[0].dotted()
    if not name_of(call).endswith(("Field", "ForeignKey")):
        return False
    return index.origin(path, dotted).startswith(_FIELDS)


def _difference(declared: Expr, made: Expr) -> str:
    """What the last migration has otherwise, of what changes the column; `""` for nothing that can be told."""
    if made.kind != "call":
        return ""
    if name_of(declared) != name_of(made):
        plain = all(c.parts[0].dotted() == f"models.{name_of(c)}" for c in (declared, made))
        return f"the migrations make it a `{name_of(made)}`" if plain else ""
    if any("**" in call.keys for call in (declared, made)):
        return ""
    for key, default in _DEFAULTS.items():
        wanted, given = declared.keyword(key), made.keyword(key)
        if any(v is not None and v.kind != "constant" for v in (wanted, given)):
            continue
        left, right = (v.text if v is not None else default for v in (wanted, given))
        if left != right and left and right:
            return f"the migrations have it with `{key}={right}`"
    return ""


def _last(state: AppState) -> Related:
    return Related("the last migration of its app", span_of(state.last, Loc(1, 1, 1, 1, 0, 0)))
