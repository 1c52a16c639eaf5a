"""The `use` lines of a new file: those of the exemplar that it needs too, and what the new text names besides."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backwright.core.errors import UsageError
from backwright.kit.index import FactIndex
from backwright.stacks.axum.decide import AxumPlan

_KNOWN = (
    ("axum::extract", "Path"), ("axum::extract", "Query"), ("axum::extract", "State"), ("axum::http", "StatusCode"),
    ("axum", "Json"), ("axum", "Router"), ("chrono", "DateTime"), ("chrono", "NaiveDate"), ("chrono", "Utc"),
    ("rust_decimal", "Decimal"), ("serde", "Deserialize"), ("serde", "Serialize"), ("sqlx", "FromRow"), ("sqlx", "PgPool"),
    ("sqlx", "Postgres"), ("sqlx", "QueryBuilder"), ("uuid", "Uuid"), ("validator", "Validate"),
    ("validator", "ValidationError"),
)  # fmt: skip
_PRELUDE = frozenset((
    "Box", "Clone", "Copy", "Default", "Drop", "Err", "From", "Into", "Iterator", "None", "Ok", "Option", "Result", "Send",
    "Some", "String", "Sync", "ToString", "Vec",
))  # fmt: skip
_ROUTING = ("get", "post", "put", "patch", "delete")


def module_of(path: str, index: FactIndex) -> str:
    """How the rest of the crate names the module of a file: `crate::models::depot`."""
    inner = path.rpartition("src/")[2].removesuffix(".rs").removesuffix("/mod")
    return "crate" if inner in {"lib", "main"} else "crate::" + inner.replace("/", "::")


def refuse_meanings(plan: AxumPlan) -> None:
    """Raises UsageError for a resource whose type is called as something else that its files need."""
    sibling = plan.sibling
    near = {sibling.handlers, sibling.model, *sibling.layers}
    taken = {item.alias for path in near for item in plan.index.imports(path)} | {name for _, name in _KNOWN}
    if plan.name.pascal in taken | _PRELUDE:
        raise UsageError(
            f"a resource cannot be called '{plan.name.pascal}': the new code needs something else of that name",
            hints=("choose another name",),
        )


def used(name: str, body: str) -> bool:
    """Whether a text names it by itself, not behind a path or a dot."""
    if name in _ROUTING:
        return re.search(rf"(?<![\w:.]){name}\(", re.sub(r"\bfn \w+\(", "", body)) is not None
    return re.search(rf"(?<![\w:.]){re.escape(name)}\b", re.sub(r'"(?:[^"\\]|\\.)*"|//[^\n]*', '""', body)) is not None


def imports_of(plan: AxumPlan, like: str, body: str, own: Iterable[tuple[str, str]]) -> str:
    """The lines. `like` is the exemplar's file, `own` are modules and names that the new text may use."""
    bound: dict[str, tuple[str, str]] = {}
    declared = set(re.findall(r"\b(?:struct|enum|trait|type|fn)\s+(\w+)", body))
    for module, name in own:
        bound.setdefault(name, (module, name))
    for item in plan.index.imports(like):
        name = plan.like(item.name)
        if item.name and item.name != "*" and item.alias and not item.scope:
            shown = name if item.alias == item.name else f"{name} as {plan.like(item.alias)}"
            bound.setdefault(plan.like(item.alias), (plan.like(item.module), shown))
    for module, name in _KNOWN:
        bound.setdefault(name, (module, name))
    for name in _ROUTING:
        bound.setdefault(name, ("axum::routing", name))
    wanted: dict[str, list[str]] = {}
    for name, (module, shown) in bound.items():
        needed = used(name, body) or (name == "Validate" and ".validate()" in body)
        if needed and name not in declared and module:
            wanted.setdefault(module, []).append(shown)
    lines = [(module, _line(module, names)) for module, names in sorted(wanted.items())]
    outer = [line for module, line in lines if not _inner(module)]
    inner = [line for module, line in lines if _inner(module)]
    return "\n\n".join("\n".join(block) for block in (outer, inner) if block)


def _inner(module: str) -> bool:
    return module.split("::")[0] in {"crate", "super", "self"}


def _line(module: str, names: list[str]) -> str:
    listed = sorted(set(names))
    return f"use {module}::{listed[0]};" if len(listed) == 1 else f"use {module}::{{{', '.join(listed)}}};"
