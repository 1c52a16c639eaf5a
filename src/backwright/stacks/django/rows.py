"""Rows that tests need before they can ask for anything: what a new resource refers to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwright.core.facts import Expr, Field
from backwright.kit.chains import name_of
from backwright.kit.django.models import Model, models
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.stacks.django.resources import Views

_DEPTH = 4
_SKIPPED = re.compile(r"\b(null|auto_now|auto_now_add)\s*=\s*True\b|\bdefault\s*=|\bprimary_key\s*=\s*True\b.*default")
_VALUES = {
    "BooleanField": "True",
    "DateField": '"2030-01-15"',
    "DateTimeField": '"2030-01-15T12:00:00Z"',
    "DurationField": "timedelta(hours=1)",
    "FloatField": "1.0",
    "GenericIPAddressField": '"192.0.2.1"',
    "JSONField": "{}",
    "TimeField": '"12:00"',
    "UUIDField": "uuid.uuid4()",
}
_APART = ("ManyToMany", "GenericForeign", "GenericRel")
_NUMBERS = ("IntegerField", "DecimalField", "SmallIntegerField")
_TEXTS = ("CharField", "TextField", "SlugField")


@dataclass(frozen=True)
class Row:
    """The source that makes a row, and its imports."""

    source: str
    imports: tuple[str, ...]


def row_of(index: FactIndex, model: Model, views: Views, depth: int = 0) -> Row | None:
    """A row of a model: by its factory, else with what it must be given; None where that cannot be told."""
    factory = views.factory(model)
    if factory is not None:
        return Row(f"{factory.symbol.name}()", (f"from {index.module(factory.path)} import {factory.symbol.name}",))
    if depth > _DEPTH:
        return None
    imports = [
        f"from {index.module(model.definition.path)} import {model.name}",
        "import uuid",
        "from datetime import timedelta",
    ]
    given: list[str] = []
    for owner in inference(index).line(model.definition):
        for item in owner.symbol.fields:
            call = item.value_expr
            if call is None or call.kind != "call" or any(g.startswith(f"{item.name}=") for g in given):
                continue
            kind = name_of(call)
            if _SKIPPED.search(item.value) or not kind.endswith(("Field", "Key")) or kind.startswith(_APART):
                continue
            if re.search(r"\bblank\s*=\s*True", item.value) and kind.endswith(_TEXTS):
                continue
            made = _value(index, model, item, call, views, depth)
            if made is None:
                return None
            if made.source:
                given.append(f"{item.name}={made.source}")
                imports += made.imports
    return Row(f"{model.name}.objects.create({', '.join(given)})", tuple(imports))


def _value(index: FactIndex, model: Model, item: Field, call: Expr, views: Views, depth: int) -> Row | None:
    kind = name_of(call)
    if kind.endswith(("ForeignKey", "OneToOneField")):
        if "AUTH_USER_MODEL" in item.value or "get_user_model" in item.value:
            return Row("make_user(uuid.uuid4().hex[:12])", ())
        relation = model.relations.get(item.name)
        target = models(index).get(relation.target) if relation is not None else None
        return row_of(index, target, views, depth + 1) if target is not None else None
    if "AutoField" in kind:
        return Row("", ())
    if kind in _VALUES:
        return Row(_VALUES[kind], ())
    longest = call.keyword("max_length")
    if call.keyword("choices") is not None:
        return None
    if kind == "EmailField":
        return Row('f"{uuid.uuid4().hex}@example.com"', ())
    if kind == "URLField":
        return Row('f"https://example.com/{uuid.uuid4().hex}"', ())
    if kind.endswith(_TEXTS):
        cut = f"[:{longest.text}]" if longest is not None and longest.text.isdigit() and int(longest.text) < 32 else ""
        return Row(f"uuid.uuid4().hex{cut}", ())
    if kind.endswith(_NUMBERS):
        unique = re.search(r"\bunique\s*=\s*True", item.value)
        return Row("uuid.uuid4().int % 30_000" if unique else "1", ())
    return None
