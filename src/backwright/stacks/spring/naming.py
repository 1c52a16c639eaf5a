"""Texts and paths about one resource, made to be about another."""

from __future__ import annotations

import re
from posixpath import basename, dirname

import msgspec

from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import NameForms

_ONE, _MANY = "\ue000", "\ue001"  # stand for the new names while the others are replaced
_ADDRESS = re.compile(r"(\"[^\"\n]*/[^\"\n]*\")")
_SUFFIX = re.compile(r"(?<=[a-z0-9])(?:Entity|Model|Jpa)$")


def resource_of(entity: str) -> str:
    """What an entity is called without what its class says of its role: `OwnerEntity`."""
    return _SUFFIX.sub("", entity)


def renamed(text: str, old: NameForms, new: NameForms) -> str:
    """Java about one resource, about another. In addresses words are joined with hyphens, elsewhere as in camelCase."""
    parts = _ADDRESS.split(text)
    return "".join(
        _filled(p, old, new, new.kebab, new.kebab_plural)
        if n % 2
        else _filled(p, old, new, new.camel, new.camel_plural)
        for n, p in enumerate(parts)
    )


def renamed_address(text: str, old: NameForms, new: NameForms) -> str:
    """An address about one resource, about another."""
    return _filled(text, old, new, new.kebab, new.kebab_plural)


def renamed_sql(text: str, old: NameForms, new: NameForms) -> str:
    """Names of tables, of constraints and of migrations."""
    return _filled(text, old, new, new.snake, new.snake_plural)


def _filled(text: str, old: NameForms, new: NameForms, one: str, many: str) -> str:
    inner = re.compile(rf"(?<=[a-z0-9])({re.escape(old.pascal_plural)}|{re.escape(old.pascal)})(?![a-z0-9])")
    marked = inner.sub(lambda m: _MANY if m[1] == old.pascal_plural else _ONE, text)
    shown = msgspec.structs.replace(new, snake=one, snake_plural=many) if "_" not in old.snake else new
    filled = fill(pattern_of(marked, old), shown)
    return filled.replace(_MANY, new.pascal_plural).replace(_ONE, new.pascal)


def renamed_path(path: str, old: NameForms, new: NameForms) -> str:
    """The file of a class: folders are packages, in lower case without a sign between words."""
    flat, flats = old.snake.replace("_", ""), old.snake_plural.replace("_", "")
    table = {
        flat: new.snake.replace("_", ""),
        flats: new.snake_plural.replace("_", ""),
        old.snake: new.snake,
        old.snake_plural: new.snake_plural,
    }
    folders = [table.get(part, part) for part in dirname(path).split("/")]
    return "/".join([*(f for f in folders if f), renamed(basename(path), old, new)])
