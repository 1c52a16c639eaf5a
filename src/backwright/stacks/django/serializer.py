"""Spells the serializer."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Piece
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.inherited import import_of
from backwright.stacks.django.model import gathered


def emit_serializer(plan: DjangoPlan) -> Iterator[Emission]:
    """A `ModelSerializer`: bounds and uniqueness come from the model, what the model cannot say stands here."""
    like = plan.sibling.serializer
    assert like is not None
    base = _base(plan)
    shown = ", ".join(f'"{name}"' for name in shown_fields(plan))
    lines = [f"class {plan.serializer}({base}):", "    class Meta:", f"        model = {plan.class_name}"]
    lines.append(f"        fields = [{shown}]")
    if plan.owner_field is not None:
        lines.append(f'        read_only_fields = ["{plan.owner_field.attr}"]')
    extra = dict(_extra(plan))
    if extra:
        inner = ", ".join(f'"{name}": {{{value}}}' for name, value in extra.items())
        lines.append(f"        extra_kwargs = {{{inner}}}")
    fixed = [f.attr for f in plan.fields if not f.spec.update]
    if fixed and "update" in plan.operations:
        names = ", ".join(f'"{name}"' for name in fixed)
        lines += [
            "",
            "    def get_extra_kwargs(self):",
            "        kwargs = super().get_extra_kwargs()",
            "        if self.instance is not None:  # may be given on creation only",
            f'            kwargs |= {{name: {{"read_only": True}} for name in ({names},)}}',
            "        return kwargs",
        ]
    for field in plan.fields:
        if field.type == "float" and field.spec.exclusive_min:
            lines += [
                "",
                f"    def validate_{field.attr}(self, value):",
                f"        if value is not None and value <= {float(field.spec.min or 0)}:",
                f'            raise serializers.ValidationError("Ensure this value is greater than {field.spec.min}.")',
                "        return value",
            ]
    if "update" in plan.operations:
        lines += _update(plan)
    imports = (
        "from rest_framework import serializers",
        f"from {plan.module('model')} import {plan.class_name}",
        import_of(plan.index, like.path, base),
    )
    because = f"serializers are declared here, as {like.symbol.name} is"
    yield Piece("serializer", plan.paths["serializer"], imports, "\n".join(lines), because, like.path)
    yield from gathered(plan, "serializer", like.path, like.symbol.name, plan.serializer)


def _base(plan: DjangoPlan) -> str:
    """The exemplar's base where it is one class that serializes models."""
    like = plan.sibling.serializer
    assert like is not None
    bases = like.symbol.bases
    return bases[0] if len(bases) == 1 and bases[0].endswith("ModelSerializer") else "serializers.ModelSerializer"


def shown_fields(plan: DjangoPlan) -> list[str]:
    """The key, the fields, and those times that the exemplar shows."""
    like = plan.sibling.serializer
    meta = plan.index.symbols(like.path).get(f"{like.symbol.qualname}.Meta") if like is not None else None
    old = next((f.value for f in (meta.fields if meta is not None else ()) if f.name == "fields"), "")
    times = [
        name
        for name, source in plan.inherited.columns
        if "auto_now" in source and (f'"{name}"' in old or f"'{name}'" in old or "__all__" in old)
    ]
    return [plan.inherited.key, *(f.attr for f in plan.columns), *times]


def _extra(plan: DjangoPlan) -> Iterator[tuple[str, str]]:
    """What the model does not say: a value that must be given though it may be null, a text that may not be empty."""
    for field in plan.fields:
        spec = field.spec
        said = []
        if spec.nullable and spec.required and not spec.has_default:
            said.append('"required": True')
        if spec.min_length and spec.nullable:
            said.append('"allow_blank": False')
        if said:
            yield field.attr, ", ".join(said)


def _update(plan: DjangoPlan) -> list[str]:
    touched = ", ".join(f'"{name}"' for name in plan.inherited.touched)
    return [
        "",
        "    def update(self, instance, validated_data):",
        "        for name, value in validated_data.items():",
        "            setattr(instance, name, value)",
        "        # Only what was given, so that two changes at once do not undo each other.",
        f"        instance.save(update_fields=[*validated_data{', ' + touched if touched else ''}])",
        "        return instance",
    ]
