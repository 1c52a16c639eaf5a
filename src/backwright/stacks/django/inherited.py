"""What the bases of a model bring: told by the migrations of the model that is imitated."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.core.facts import Field
from backwright.kit.django.house import Resource
from backwright.kit.django.migrations import migrations_of_django
from backwright.kit.django.models import models
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.rendering import source_of

_FILLS_ITSELF = re.compile(r"\b(primary_key|auto_now|auto_now_add|null|blank)\s*=\s*True\b|\bdefault\s*=")
_BOOKKEEPING = re.compile(r"\b(primary_key|auto_now|auto_now_add)\s*=\s*True\b")


@dataclass(frozen=True)
class Inherited:
    """`columns` are the fields that a new model like the exemplar has without naming them, and those that it names
    for the same reason (`own`): the key and the times of changes. Each with its source as migrations have it.
    """

    bases: tuple[str, ...]  # as the class names them
    base_imports: tuple[str, ...]
    own: tuple[Field, ...]
    columns: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return next((name for name, source in self.columns if "primary_key=True" in source), "id")

    @property
    def uuid(self) -> bool:
        return any("primary_key=True" in source and "UUID" in source for _, source in self.columns)

    @property
    def created(self) -> str:
        """The column that says when a row was made; `""` where there is none."""
        return next((name for name, source in self.columns if "auto_now_add=True" in source), "")

    @property
    def touched(self) -> tuple[str, ...]:
        """The columns that every change of a row writes."""
        return tuple(name for name, source in self.columns if "auto_now=True" in source)


def inherited_of(index: FactIndex, sibling: Resource) -> Inherited:
    """What the exemplar's bases bring. Raises Unsupported where the migrations do not tell."""
    model = sibling.model
    where = f"{model.path}:{model.symbol.loc.line}"
    state = migrations_of_django(index).state(sibling.app)
    fields = state.models.get(model.symbol.name.lower()) if state is not None else None
    if fields is None or (state is not None and model.symbol.name.lower() in state.unsure):
        raise Unsupported(
            f"the migrations of {sibling.app} do not tell what {model.symbol.name} consists of, and so not how a new one begins",
            where=where,
            hints=("commit the migrations of this app: python manage.py makemigrations",),
        )
    declared = {f.name for f in model.symbol.fields}
    own = tuple(f for f in model.symbol.fields if _BOOKKEEPING.search(f.value))
    kept = {f.name for f in own}
    brought = _brought(index, sibling)
    columns = tuple(
        (name, source_of(value))
        for name, value in fields.items()
        if name in kept or name not in declared or name in brought
    )
    foreign = next(
        (name for name, source in columns if re.search(r"(ForeignKey|OneToOneField|ManyToManyField)\(", source)), ""
    )
    if foreign:
        raise Unsupported(
            f"{model.symbol.name} inherits the relation `{foreign}`, which a new resource would need too", where=where
        )
    needed = next((name for name, source in columns if not _FILLS_ITSELF.search(source)), "")
    if needed:
        raise Unsupported(f"{model.symbol.name} inherits `{needed}`, which must be given a value", where=where)
    imports = tuple(line for base in model.symbol.bases if (line := import_of(index, model.path, base)))
    return Inherited(model.symbol.bases, imports, own, columns)


def import_of(index: FactIndex, path: str, name: str) -> str:
    """The statement by which another file gets what a (dotted) name means in this one; `""` for a builtin."""
    head = name.partition(".")[0]
    for item in index.imports(path):
        if item.alias == head and not item.scope:
            module = index.absolute(path, item)
            renamed = f" as {item.alias}" if item.alias != item.name and item.name else ""
            return f"from {module} import {item.name}{renamed}" if item.name else f"import {module}"
    return f"from {index.module(path)} import {head}" if head in index.symbols(path) else ""


def _brought(index: FactIndex, sibling: Resource) -> frozenset[str]:
    """Attributes that a base of this project declares, even where the exemplar declares them again."""
    names: set[str] = set()
    known = models(index)
    model = known.of_class(sibling.model.path, sibling.model.symbol.name)
    for owner in inference(index).line(sibling.model)[1:] if model is not None else ():
        names |= {f.name for f in owner.symbol.fields}
    return frozenset(names)
