"""Whole files of the new resource: their package, their imports, their body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from posixpath import dirname

from backwright.stacks.spring.decide import SpringPlan
from backwright.stacks.spring.imports import KNOWN, file_text

_SOURCES = re.compile(r"^(?:.*?/)?src/(?:main|test)/java/")


def package_of(path: str) -> str:
    """The package of a file by its place."""
    return dirname(_SOURCES.sub("", path)).replace("/", ".")


def whole_file(plan: SpringPlan, role: str, body: str, like: str, *, static: Iterable[str] = (), path: str = "") -> str:
    """The file of a role. `like` is the exemplar's, whose imports say where foreign names come from."""
    own = own_packages(plan, body, like)
    package = package_of(path or plan.paths[role])
    wild = [i.module for i in plan.index.imports(like) if i.name == "*"]
    jakarta = plan.house.build.jakarta
    return file_text(package, body, plan.house.layout, jakarta=jakarta, own=own, static=static, wild=wild)


def own_packages(plan: SpringPlan, body: str, like: str) -> dict[str, str]:
    """The package of each name in a body that is not a library's that we know."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(re.findall(r"\b[A-Z]\w*", body)):
        definition = plan.sources.named(name, like)
        if name not in KNOWN and definition is not None and not definition.symbol.scope:
            found[name] = plan.sources.package(definition.path)
    for item in plan.index.imports(like):
        if item.name and item.name != "*" and item.name not in KNOWN and item.name not in found:
            found[item.name] = item.module
    for role, name in plan.names.items():
        if role in plan.paths:
            found[name] = package_of(plan.paths[role])
    for field in plan.fields:
        if field.enum:
            found[field.enum] = package_of(plan.paths["entity"])
        if field.target is not None:
            found[field.target.entity] = plan.sources.package(field.target.path)
    return found


def wrapped(head: str, parts: list[str], tail: str, indent: str, width: int) -> str:
    """A list in brackets on one line, or a part a line where that would be too wide."""
    line = f"{indent}{head}({', '.join(parts)}){tail}"
    if len(line) <= width or not parts:
        return line
    inner = f",\n{indent}        ".join(parts)
    return f"{indent}{head}(\n{indent}        {inner}){tail}"
