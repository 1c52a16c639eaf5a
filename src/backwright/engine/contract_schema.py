"""Validates a marked value against a JSON Schema and says on which line it is wrong.

Of JSON Schema only what `stack.schema.json` uses: type, required, properties, patternProperties, additionalProperties,
items, minItems, enum, pattern, minLength, maximum, exclusiveMinimum, anyOf (told apart by type) and local `$ref`; and
`x-key-hint`, what to say of a key that is not allowed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from backwright.engine.contract_yaml import Marked

Schema = dict[str, Any]

_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "empty",
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, on which line, and what may be meant."""

    line: int
    message: str
    hint: str = ""


def validate(node: Marked, schema: Schema) -> list[Wrong]:
    """Everything in `node` that `schema` does not allow, in the order of the lines."""
    return sorted(_Validator(schema).check(node, schema, ""), key=lambda w: w.line)


class _Validator:
    def __init__(self, root: Schema) -> None:
        self._root = root

    def check(self, node: Marked, schema: Schema, path: str) -> list[Wrong]:
        schema = self._resolve(schema)
        if "anyOf" in schema:
            return self._any(node, schema["anyOf"], path)
        expected = schema.get("type")
        if expected and not _is(node.value, expected):
            return [Wrong(node.line, f"{_at(path)} must be {_NAMES[expected]}, not {_NAMES[_type(node.value)]}")]
        if isinstance(node.value, dict):
            return self._mapping(node, node.value, schema, path)
        if isinstance(node.value, list):
            return self._sequence(node, node.value, schema, path)
        return _scalar(node, schema, path)

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            target: Any = self._root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def _any(self, node: Marked, options: list[Schema], path: str) -> list[Wrong]:
        resolved = [self._resolve(option) for option in options]
        fitting = [option for option in resolved if "type" not in option or _is(node.value, option["type"])]
        if not fitting:
            names = " or ".join(dict.fromkeys(_NAMES[option["type"]] for option in resolved))
            return [Wrong(node.line, f"{_at(path)} must be {names}, not {_NAMES[_type(node.value)]}")]
        results = [self.check(node, option, path) for option in fitting]
        return next((r for r in results if not r), results[0])

    def _mapping(self, node: Marked, mapping: dict[str, Marked], schema: Schema, path: str) -> list[Wrong]:
        known: Schema = schema.get("properties", {})
        patterns: Schema = schema.get("patternProperties", {})
        wrong: list[Wrong] = []
        for key in schema.get("required", ()):
            if key not in mapping:
                wrong.append(Wrong(node.line, f"{_at(path)} needs the key `{key}`"))
        for key, value in mapping.items():
            below = f"{path}.{key}" if path else key
            options = [known[key]] if key in known else [s for p, s in patterns.items() if re.search(p, key)]
            for option in options:
                wrong += self.check(value, option, below)
            if options:
                continue
            extra = schema.get("additionalProperties", True)
            if isinstance(extra, dict):
                wrong += self.check(value, extra, below)
            elif extra is False:
                wrong.append(_unknown(node.keys[key], key, list(known), path, schema.get("x-key-hint", "")))
        return wrong

    def _sequence(self, node: Marked, items: list[Marked], schema: Schema, path: str) -> list[Wrong]:
        if len(items) < schema.get("minItems", 0):
            return [Wrong(node.line, f"{_at(path)} must not be empty")]
        item_schema = schema.get("items", {})
        return [w for i, item in enumerate(items, 1) for w in self.check(item, item_schema, f"{path}[{i}]")]


def _scalar(node: Marked, schema: Schema, path: str) -> list[Wrong]:
    value = node.value
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(f"`{c}`" for c in schema["enum"])
        return [Wrong(node.line, f"{_at(path)} is `{value}`; it can be {choices}", _near(str(value), schema["enum"]))]
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            return [Wrong(node.line, f"{_at(path)} must not be empty")]
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return [Wrong(node.line, f"{_at(path)} is `{value}`, which does not fit {schema['pattern']}")]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            return [Wrong(node.line, f"{_at(path)} must be more than {schema['exclusiveMinimum']}")]
        if "maximum" in schema and value > schema["maximum"]:
            return [Wrong(node.line, f"{_at(path)} must be at most {schema['maximum']}")]
    return []


def _unknown(line: int, key: str, known: list[str], path: str, hint: str) -> Wrong:
    place = f" in `{path}`" if path else ""
    return Wrong(line, f"unknown key `{key}`{place}", _near(key, known) or hint or "known keys: " + ", ".join(known))


def _near(word: str, choices: list[str]) -> str:
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def _at(path: str) -> str:
    return f"`{path}`" if path else "the file"


def _type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _is(value: object, expected: str) -> bool:
    actual = _type(value)
    return actual == expected or (expected == "number" and actual == "integer")
