"""What plain words say about the list and the operations: pages, filters, sorting, search, `read-only`, `no delete`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from backwright.core.request import OPERATIONS, FieldSpec, Operation
from backwright.engine.request_access import READS
from backwright.engine.request_checks import ALSO_SORTABLE, resolve
from backwright.engine.request_permissions import operations_in
from backwright.engine.request_vocabulary import pattern, vocabulary
from backwright.kit.naming import snake


class Pages(msgspec.Struct, frozen=True):
    """What was said about pages; 0 is a size that was not said."""

    paginate: bool = True
    default: int = 0
    most: int = 0


_KINDS = ("pages", "filter", "sort", "search")


def list_kind(text: str) -> str:
    """`pages`, `filter`, `sort` or `search`, when that is what the text is about; else `""`."""
    return next((kind for kind in _KINDS if pattern(kind).search(text)), "")


def more_pages(text: str) -> bool:
    """Whether a text only adds sizes: `at most 100`."""
    return pattern("more_pages").fullmatch(text.strip()) is not None


def read_pages(text: str) -> Pages:
    """Sizes in `paginated`, `20 per page, at most 100`, `pages of 50`, `not paginated`."""
    if pattern("no_pages").search(text):
        return Pages(paginate=False)
    most = pattern("most").search(text)
    rest = text.replace(most.group(), " per page ") if most else text
    default = pattern("default_size").search(rest)
    return Pages(default=_first_number(default), most=_first_number(most))


def names_in(kind: str, text: str) -> list[str]:
    """The phrases that name fields: `filter by category and status`, `sorted by name, price`, `title is searchable`."""
    first = pattern("names_first").match(text)
    after = pattern(f"before_{kind}").sub("", text, count=1)
    newest = pattern("newest_first").match(text) if kind == "sort" else None
    after = newest[1] if newest else after
    names = _phrases(after) if after != text or kind == "sort" else []
    first = first or pattern("names_last").match(text)
    if not names and first is not None:
        names = _phrases(first["names"])
    return [name for name in names if not pattern("nobody_in_particular").match(snake(name).split("_")[-1])]


def field_named(phrase: str, fields: Sequence[FieldSpec], nouns: Sequence[str] = ()) -> str:
    """The field that a phrase means: `created date`, `product name`, `due`; `""` when it means none."""
    words = " ".join(phrase.lower().split())
    names = [field.name for field in fields]
    for candidate in (words, *(words.removeprefix(f"{noun} ").removeprefix(f"{noun}'s ") for noun in nouns)):
        known = vocabulary().synonyms.get(candidate, candidate)
        name = resolve(known, fields)
        if name in names or (name in ALSO_SORTABLE and known != candidate):
            return name
        if name in ALSO_SORTABLE:
            return name
        near = [other for other in names if other.startswith(f"{name}_") or other.endswith(f"_{name}")]
        if name and len(near) == 1:
            return near[0]
        stem = re.sub(r"_(?:name|range|value|date|time)$", "", name)
        near = [other for other in names if other == stem or other.startswith(f"{stem}_")]
        if stem != name and len(near) == 1:
            return near[0]
    return ""


def operations_left(text: str, nouns: Sequence[str]) -> tuple[Operation, ...] | None:
    """The operations that remain after `read-only`, `no delete`, `only list and get`; None when it is about more."""
    plain = text.strip().lower()
    names = tuple(nouns)
    if pattern("read_only", names).fullmatch(plain):
        return READS
    denied = pattern("without").match(plain) or pattern("never", names).match(plain)
    if denied is not None:
        removed = [op for op, _ in operations_in(denied["what"])]
        return tuple(op for op in OPERATIONS if op not in removed) if removed else None
    supported = pattern("supports").match(plain)
    kept = pattern("only_these").match(plain)
    if supported is not None or (kept is not None and not re.search(r"\b(?:can|may|by|for|to)\b", plain)):
        what = supported["what"] if supported else kept["what"] or kept["what2"] if kept else ""
        found = [op for op, _ in operations_in(what)]
        return tuple(op for op in OPERATIONS if op in found) or None
    return None


def _phrases(text: str) -> list[str]:
    parts = re.split(r",|/|&|\band\b|\bor\b|\bplus\b", text, flags=re.IGNORECASE)
    return [part for part in (" ".join(pattern("direction").sub(" ", p).split()).strip(" .\"'") for p in parts) if part]


def _first_number(match: re.Match[str] | None) -> int:
    return int(next(group for group in match.groups() if group)) if match else 0
