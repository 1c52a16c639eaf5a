"""Code that names the fields of a resource one by one names the new one too: mappings, constructors, payloads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.engine.spellings.field_code import Code
from backwright.frameworks.pytest.samples import constructed, valid
from backwright.kit.artifacts import Emission, FieldPlan, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.index import Definition
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.field_uses import Made
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Key, dotted

_FEW = 2  # fields that are handed on one by one


def emit_named_too(edit: FieldEdit, code: Code) -> Iterator[Emission]:
    """Raises Unsupported where a value would have to be made up in the project's own code."""
    field = edit.field
    assert field is not None
    needed = _needing(edit, code) if field.spec.required and not field.spec.has_default else frozenset()
    for made in code.found.made:
        if field.attr in made.names:
            continue
        body = code.text(made.path).encode()
        source = _handed_on(edit, made)
        if source:
            yield _with(made, body, field, f"{source}.{field.attr}", ())
        elif made.of in needed and made.sent and _is_whole(edit, code, made):
            if not is_test_file(made.path):
                raise Unsupported(
                    f"this makes a {made.of[1]}, and what `{field.attr}` should be there is not known",
                    where=f"{made.path}:{made.node.lineno}",
                    hints=(f"let it be left out: --set {edit.new}='{field.type}?'",),
                )
            if field.target is not None:
                raise Unsupported(
                    f"this makes a {made.of[1]}, which would need a row of {field.target.entity}",
                    where=f"{made.path}:{made.node.lineno}",
                    hints=(f"let it be left out: {field.spec.name}:ref({field.target.entity})?",),
                )
            value, imports = constructed(field) if isinstance(made.node, ast.Call) else (valid(field), ("import uuid",))
            if field.enum and isinstance(made.node, ast.Call):
                imports = (f"from {edit.resource.module('model')} import {field.enum}",)
            yield _with(made, body, field, value, imports)
        elif not made.sent and isinstance(made.node, ast.Dict) and _shows_all(edit, code, made):
            shown = "None" if field.spec.nullable and not field.spec.has_default else ""
            if field.spec.has_default:
                shown = (
                    repr(field.spec.default) if not isinstance(field.spec.default, str) else f'"{field.spec.default}"'
                )
            if not shown and "uuid" in valid(field):
                raise Unsupported(
                    "this compares an answer with all of its fields, and the new one differs every time",
                    where=f"{made.path}:{made.node.lineno}",
                )
            yield _with(made, body, field, shown or valid(field), ())


def _needing(edit: FieldEdit, code: Code) -> frozenset[Key]:
    """The classes that cannot be made without the field: those that requests create with, and what inherits from them."""
    index = edit.index
    asking = {
        (p.path, p.name) for p in edit.places if p.role == "create" and not (p.stored and p.name == edit.table.entity)
    }
    loose = {(p.path, p.name) for p in edit.places if p.role != "create"}
    needed = set()
    for definition in index.classes():
        for one in (definition, *index.bases(definition)):
            key = (one.path, one.symbol.qualname)
            if key in loose:
                break
            if key in asking:
                needed.add((definition.path, definition.symbol.qualname))
                break
    needed.discard((edit.path, edit.table.entity))
    if edit.per_row or edit.house.model.dataclass:
        needed.add((edit.path, edit.table.entity))
    return frozenset(needed)


def _is_whole(edit: FieldEdit, code: Code, made: Made) -> bool:
    """Whether all is there that such a thing needs (now): else it is meant to be wrong, or goes on elsewhere."""
    if isinstance(made.node, ast.Call):
        return not made.spread and bool(made.names)
    return bool(made.names) and _required(edit, made.of) <= made.names


def _required(edit: FieldEdit, key: Key) -> set[str]:
    """The fields that have no default, in a class or above it."""
    index = edit.index
    symbol = index.symbols(key[0]).get(key[1])
    out: dict[str, bool] = {}
    for one in (Definition(key[0], symbol), *index.bases(Definition(key[0], symbol))) if symbol is not None else ():
        for item in one.symbol.fields:
            if item.annotation and not item.name.startswith(("_", "model_config")):
                out.setdefault(item.name, _has_default(item.value))
    return {name for name, optional in out.items() if not optional}


def _has_default(value: str) -> bool:
    if not value:
        return False
    tree = ast.parse(value, mode="eval").body
    if not isinstance(tree, ast.Call) or not dotted(tree.func).endswith("Field"):
        return True
    first = tree.args[0] if tree.args else None
    given = any(w.arg in {"default", "default_factory"} for w in tree.keywords)
    return given or (first is not None and not (isinstance(first, ast.Constant) and first.value is ...))


def _shows_all(edit: FieldEdit, code: Code, made: Made) -> bool:
    index = edit.index
    symbol = index.symbols(made.of[0]).get(made.of[1])
    if symbol is None:
        return False
    line = (Definition(made.of[0], symbol), *index.bases(Definition(made.of[0], symbol)))
    fields = {
        f.name for d in line for f in d.symbol.fields if f.annotation and not f.name.startswith(("_", "model_config"))
    }
    if made.spread:  # `{**sent, "note": None}`: what was sent is written out above, the key comes from nowhere
        key = {c.name for c in edit.table.columns if c.primary_key}
        spread = _spread(code, made)
        return spread is not None and edit.new not in spread and fields - key <= made.names | spread
    return fields <= made.names


def _spread(code: Code, made: Made) -> frozenset[str] | None:
    """The keys of what a mapping takes over whole; None where one of them is not known."""
    assert isinstance(made.node, ast.Dict)
    function = code.types.sources.node((made.path, made.scope))
    if function is None:
        return None
    bound = {
        t.id: s.value for s in ast.walk(function) if isinstance(s, ast.Assign)
        for t in s.targets if isinstance(t, ast.Name)
    }  # fmt: skip
    out: set[str] = set()
    for value in (v for k, v in zip(made.node.keys, made.node.values, strict=True) if k is None):
        known = bound.get(value.id) if isinstance(value, ast.Name) else value
        if not isinstance(known, ast.Dict) or not all(isinstance(k, ast.Constant) for k in known.keys):
            return None
        out |= {str(k.value) for k in known.keys if isinstance(k, ast.Constant)}
    return frozenset(out)


def _handed_on(edit: FieldEdit, made: Made) -> str:
    """What the fields are taken from one by one: `data` in `Product(name=data.name, price=data.price)`; `""` for nothing."""
    columns = {c.name for c in edit.table.columns}
    pairs = (
        [(w.arg, w.value) for w in made.node.keywords]
        if isinstance(made.node, ast.Call)
        else [
            (k.value if isinstance(k, ast.Constant) else None, v)
            for k, v in zip(made.node.keys, made.node.values, strict=True)
        ]
    )
    bases = [ast.unparse(v.value) for k, v in pairs if k in columns and isinstance(v, ast.Attribute) and v.attr == k]
    most = max(set(bases), key=bases.count, default="")
    return most if bases.count(most) >= _FEW and not is_test_file(made.path) else ""


def _with(made: Made, body: bytes, field: FieldPlan, value: str, imports: tuple[str, ...]) -> Splice:
    """The same with one more."""
    node = made.node
    starts = line_starts(body.decode())
    parts: list[ast.expr] = [w.value for w in node.keywords if w.arg] if isinstance(node, ast.Call) else [
        v for k, v in zip(node.keys, node.values, strict=True) if k is not None
    ]  # fmt: skip
    last = max(parts, key=lambda p: (p.end_lineno or 0, p.end_col_offset or 0))
    at = starts[(last.end_lineno or 1) - 1] + (last.end_col_offset or 0)
    while body[at : at + 1] == b")" and _closes(body, node, starts, at):
        at += 1
    text = f"{field.attr}={value}" if isinstance(node, ast.Call) else f'"{field.attr}": {value}'
    return Splice(made.path, at, at, f", {text}", f"{field.attr} is named with the others", "in", imports)


def _closes(body: bytes, node: ast.expr, starts: list[int], at: int) -> bool:
    """Whether a bracket at this place still belongs to the last value: `(a + b)`."""
    end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
    inner = body[at : end - 1] if isinstance(node, ast.Call) else body[at:end]
    return inner.count(b")") > inner.count(b"(")
