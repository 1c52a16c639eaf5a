"""The shape in which lists are answered: built from the types that the exemplar gives back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwright.core.errors import Unsupported
from backwright.kit.index import Definition
from backwright.stacks.axum.decide import AxumPlan
from backwright.stacks.axum.imports import module_of
from backwright.stacks.axum.names import answer_type, struct_of
from backwright.stacks.axum.reading import generic, pieces

_TOTALS = ("total", "total_count", "total_items", "count", "total_records", "total_elements")
_PAGES = ("page", "current_page", "page_number", "page_num")
_SIZES = ("per_page", "page_size", "limit", "size", "items_per_page")
_LAST = ("total_pages", "pages", "last_page", "page_count")
_OFFSETS = ("offset", "skip")


def payload_of(returns: str) -> str:
    """What a Result holds when all went well."""
    outer, given = generic(returns)
    return given[0] if outer.endswith("Result") and given else returns


def listed(plan: AxumPlan, payload: str, path: str) -> str:
    """The end of a function that gives back a list: `items` and `total` in the shape of its type. Raises Unsupported."""
    return f"Ok({shaped(plan, payload, path)})"


def shaped(plan: AxumPlan, payload: str, path: str) -> str:
    """The expression of a type, made of `items`, `total` and what the page was."""
    plain = payload.strip()
    outer, given = generic(plain)
    short = outer.rpartition("::")[2]
    if short == "Vec":
        return rows(plan, given[0])
    if short == "Json" and given:
        return f"Json({shaped(plan, given[0], path)})"
    if plain.startswith("("):
        parts = [shaped(plan, p, path) if "<" in p else counted(p) for p in pieces(plain[1:-1])]
        return f"({', '.join(parts)})"
    if short == own_list(plan):
        return f"{short} {{ {list_field(plan)}: items }}"
    found = struct_of(plan, short)
    if found is None:
        raise Unsupported(f"the shape of lists is not understood: {payload}", where=path)
    return literal(plan, found, outer, path, given)


def list_struct(plan: AxumPlan) -> str:
    """The struct around the rows of a list, where the exemplar has one of its own: `ProductList`."""
    name = own_list(plan)
    if not name:
        return ""
    return f"#[derive(Debug, serde::Serialize)]\npub struct {name} {{\n    pub {list_field(plan)}: Vec<{plan.name.pascal}>,\n}}"


def own_list(plan: AxumPlan) -> str:
    """The name of the new resource's struct around its rows, `""` where there is none."""
    found = _around(plan)
    return plan.like(found.symbol.name) if found is not None else ""


def list_field(plan: AxumPlan) -> str:
    """The field of that struct that holds the rows."""
    found = _around(plan)
    return plan.like(found.symbol.fields[0].name) if found is not None else ""


def _around(plan: AxumPlan) -> Definition | None:
    """The exemplar's struct of one field, its rows, that its list is answered as."""
    endpoint = plan.sibling.endpoints.get("list")
    if endpoint is None or "list" not in plan.operations or len(plan.sibling.layers) == 2:
        return None
    for name in re.findall(r"\b([A-Z]\w*)\b", endpoint.handler.symbol.returns):
        found = struct_of(plan, name) if plan.like(name) != name and name != plan.sibling.name.pascal else None
        if found is not None and len(found.symbol.fields) == 1 and "Vec<" in found.symbol.fields[0].annotation:
            return found
    return None


def counted(kind: str) -> str:
    """How many there are, as a type of number."""
    return "total" if kind.strip() == "i64" else f"total as {kind.strip()}"


def rows(plan: AxumPlan, kind: str) -> str:
    """The rows, as what they are answered as."""
    answer = answer_type(plan)
    if answer and kind.rpartition("::")[2] == answer:
        return f"items.into_iter().map({answer}::from).collect()"
    return "items"


def literal(plan: AxumPlan, found: Definition, outer: str, path: str, arguments: Sequence[str] = ()) -> str:
    """A page, with all of its fields. Raises Unsupported for a field whose meaning is not known."""
    given = []
    text = plan.sources.of(found)
    for field in found.symbol.fields:
        public = re.search(rf"\bpub\s+{field.name}\s*:", text)
        kind = field.annotation
        if len(arguments) == 1 and "Vec" not in kind:
            kind = re.sub(r"\bT\b", arguments[0], kind)
        value = _value(plan, field.name, kind, path)
        if not value or (public is None and found.path != path):
            what = "is not public" if value else "is not known"
            raise Unsupported(
                f"lists are answered as {found.symbol.name}, whose field {field.name} {what}",
                where=f"{found.path}:{found.symbol.loc.line}",
            )
        given.append(field.name if value == field.name else f"{field.name}: {value}")
    named = any(i.alias == outer for i in plan.index.imports(path)) or found.path == path
    name = outer if named or "::" in outer else f"{module_of(found.path, plan.index)}::{outer}"
    return f"{name} {{ {', '.join(given)} }}"


def _value(plan: AxumPlan, name: str, kind: str, path: str) -> str:
    outer, given = generic(kind)
    if outer == "Option" and given:
        inner = _value(plan, name, given[0], path)
        return f"Some({inner})" if inner else ""
    if outer.endswith("Vec") and given:
        return rows(plan, given[0] if len(given[0]) > 1 else plan.name.pascal)
    paging = plan.house.paging
    paged = paging.kind == "page"
    number = {
        **dict.fromkeys(_TOTALS, "total"),
        **dict.fromkeys(_PAGES, "page" if paged else "offset / per_page + 1"),
        **dict.fromkeys(_SIZES, "per_page"),
        **dict.fromkeys(_LAST, "(total + per_page - 1) / per_page"),
        **dict.fromkeys(_OFFSETS, "offset"),
    }.get(name, "")
    if number and outer in {"i64", "i32", "u32", "u64", "usize", "u8", "u16", "i16"}:
        return number if outer == "i64" else f"({number}) as {outer}" if " " in number else f"{number} as {outer}"
    if outer == "bool" and name in {"has_next", "has_more"}:
        return "offset + per_page < total"
    if outer == "bool" and name in {"has_prev", "has_previous"}:
        return "offset > 0"
    if outer == "String" and name in {"message", "msg"}:
        return f'"{plan.name.human_plural.capitalize()}".to_string()'
    if outer == "String" and name == "status":
        return '"success".to_string()'
    if outer == own_list(plan):
        return shaped(plan, kind, path)
    nested = struct_of(plan, outer.rpartition("::")[2])
    return literal(plan, nested, outer, path) if nested is not None else ""
