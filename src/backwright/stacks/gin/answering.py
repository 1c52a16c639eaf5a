"""The statements with which the handlers of a new resource answer."""

from __future__ import annotations

import re

from backwright.stacks.gin.columns import go_name
from backwright.stacks.gin.decide import GinPlan

_VALUE = re.compile(r"(?<![\w.\"\]*&])(&?[a-z]\w*(?:\.\w+)*(?:\([\w.&, ]*\))?(?:\.\w+\(\))?)(?![\w\[\].{(:\"])(?!\s*:)")
_PAGES = re.compile(r"(total|last|num|count).?pages?|pages?.?(total|count)|last_?page|^pages$", re.IGNORECASE)
_TOTAL = re.compile(r"total|count", re.IGNORECASE)
_SIZE = re.compile(r"limit|size|per_?page|take", re.IGNORECASE)
_AT = re.compile(r"page|current", re.IGNORECASE)
_OFFSET = re.compile(r"offset|skip", re.IGNORECASE)


def answer_of(plan: GinPlan, op: str) -> str:
    """The statement that answers with one row, or that one is gone: the exemplar's, else made of its neighbours'."""
    own = plan.answers.success.get(op, "")
    c = plan.answers.context
    if op == "delete":
        return plan.like(own).replace("{c}", c) if own else f"{c}.Status(http.StatusNoContent)"
    if not own:
        other = next((plan.answers.success[o] for o in ("get", "update", "create") if plan.answers.success.get(o)), "")
        status = "StatusCreated" if op == "create" else "StatusOK"
        own = re.sub(r"\bhttp\.Status(OK|Created)\b", f"http.{status}", other)
        own = own or f"{c}.JSON(http.{status}, {{payload}})"
    return plan.like(own).replace("{payload}", plan.row)


def list_answer(plan: GinPlan) -> tuple[str, str]:
    """The statement that answers with rows, and what of it had to be chosen: `""` where all of it is the exemplar's."""
    text = plan.answers.success.get("list", "")
    rows = _rows(plan)
    mapped = _mapped(plan, text, rows) if text else ""
    if mapped and (not plan.listing.paginate or re.search(r"\btotal\b", mapped)):
        return mapped, ""
    if not plan.listing.paginate:
        return f"{plan.answers.context}.JSON(http.StatusOK, {rows})", "how a list is answered"
    at, size = plan.answers.page
    usual = f'"data": {rows}, "total": total, "{at}": query.{go_name(at)}, "{size}": query.{go_name(size)}'
    said = "lists here are not cut, or it was not seen how: the rows stand in `data`, their number in `total`"
    return f"{plan.answers.context}.JSON(http.StatusOK, gin.H{{{usual}}})", said


def _rows(plan: GinPlan) -> str:
    many = plan.name.camel_plural
    return many if many != plan.row else f"{many}List"


def _mapped(plan: GinPlan, text: str, rows: str) -> str:
    """The exemplar's statement with the new list's values in the places of its own; `""` where one is not known."""
    at, size = plan.answers.page
    strings: list[str] = []

    def kept(match: re.Match[str]) -> str:
        strings.append(match[0])
        return f'"{len(strings) - 1}"'

    bare = re.sub(r'"(?:[^"\\]|\\.)*"', kept, text)
    seen: list[str] = []

    def value(match: re.Match[str]) -> str:
        name = match[1]
        last = name.partition("(")[0].rpartition(".")[2] if "(" not in name else name
        if name in {plan.answers.context, "nil", "true", "false"} or name.startswith(("http.Status", "gin.H")):
            return name
        if _PAGES.search(last):
            return f"(total+int64(query.{go_name(size)})-1)/int64(query.{go_name(size)})"
        if _TOTAL.search(last):
            return "total"
        if _OFFSET.search(last) and at == "offset":
            return "query.Offset"
        if _SIZE.search(last):
            return f"query.{go_name(size)}"
        if _AT.search(last) and at != "offset" and plan.like(last) == last:
            return f"query.{go_name(at)}"
        seen.append(name)
        return "\ue010"

    out = _VALUE.sub(value, bare)
    if len(set(seen)) != 1 or len(seen) != 1 or not _is_list(plan, seen[0]):
        return ""
    out = re.sub(r'"(\d+)"', lambda m: strings[int(m[1])], out)
    return plan.like(out).replace("\ue010", rows)


def _is_list(plan: GinPlan, name: str) -> bool:
    """Whether a variable holds rows, and no answer that was made of them elsewhere."""
    return re.search(r"\(|\.", name) is None and (
        plan.like(name) != name or re.search(r"items|rows|list|records|data", name, re.IGNORECASE) is not None
    )
