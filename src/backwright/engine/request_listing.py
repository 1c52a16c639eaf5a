"""More that the list of a resource can be asked for: `filter orders by status and sort them by date`.

Grammar (`list Order --filter status --sort created_at --paginate`), plain words and feature files become one `ListChange`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from backwright.core.change import Question
from backwright.core.errors import UsageError
from backwright.core.request import ListChange, Listing, Understood
from backwright.engine.request_grammar import read_paginate
from backwright.engine.request_lists import list_kind, names_in, read_pages
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import pascal, snake

EXAMPLE = "plan list Order --filter status,customer --sort created_at --search note --paginate"
OPTIONS = ("filter", "sort", "search", "paginate")
KEYS = ("paginate",)
_FIELD_OF = {"filter": "filters", "sort": "sorts", "search": "search"}
_NO_NAME = re.compile(r"\W|^$")


def parse_list(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan list` is understood as: an entity, and what its list is asked for. Raises UsageError."""
    entity, *rest = tokens or [""]
    if not entity or entity.startswith("-"):
        raise UsageError("a list is of an entity", hints=(f"for example: {EXAMPLE}",))
    said: dict[str, list[str]] = {}
    while rest:
        option, equals, value = rest.pop(0).removeprefix("--").partition("=")
        if option not in OPTIONS:
            raise UsageError(f"unknown option '{option}'", hints=did_you_mean(option, list(OPTIONS), "options"))
        if not equals and rest and not rest[0].startswith("--"):
            value = rest.pop(0)
        said.setdefault(option, []).extend(part.strip() for part in value.split(",") if part.strip())
        said[option] = said[option] or [""] * (option == "paginate")
    return _asked(entity, said, " ".join(("list", *tokens)))


def list_of_file(said: Mapping[str, Any], words: str) -> Understood:
    """What `change_list` of a feature file says of `resource`: `{filter: [status], sort: [created_at], paginate: cursor}`."""
    given = {key: [str(v) for v in (value if isinstance(value, list) else [value])] for key, value in said.items()}
    return _asked(given.pop("resource")[0], given, words)


def answered_list(understood: Understood, settings: Mapping[str, str]) -> tuple[Understood, dict[str, str]]:
    """The request with `--set paginate=50..200`, and the settings that nobody here knows."""
    change, sizes = understood.listing, settings.get("paginate")
    if change is None or sizes is None:
        return understood, dict(settings)
    changed = msgspec.structs.replace(change, **_pages([sizes]))
    rest = {key: value for key, value in settings.items() if key != "paginate"}
    return msgspec.structs.replace(understood, listing=changed), rest


def list_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about a list that exists is understood as; None where it is about something else."""
    plain = pattern("list_lead").sub("", sentence.strip(" .")).strip()
    match = next((m for name in ("list_by", "list_gets", "list_made") if (m := pattern(name).match(plain))), None)
    entity = find_entity(match["entity"], known) if match is not None else ""
    if match is None or not entity:
        return None
    said: dict[str, list[str]] = {}
    left = []
    rest = pattern("list_entity").sub(" ", _without(plain, match, "entity"))
    rest = pattern("list_in").sub(" by ", pattern("list_add").sub("", rest)).strip()
    for clause in pattern("list_clauses").split(rest):
        kind = list_kind(clause)
        if kind == "pages":
            pages = read_pages(clause)
            sizes = (
                f"{pages.default}..{pages.most}"
                if pages.default and pages.most
                else str(pages.most or pages.default or "")
            )
            said["paginate"] = ["cursor"] if pattern("list_cursor").search(clause) else [sizes]
        elif kind and (names := names_in(kind, clause)):
            said.setdefault(kind, []).extend(snake(name) for name in names)
        elif clause.strip(" ,"):
            left.append(clause.strip(" ,"))
    if not said:
        return _without_fields(entity, left, words)
    found = _asked(entity, said, words)
    if left:
        text = f"not understood and left out: '{', '.join(left)}'"
        return msgspec.structs.replace(found, questions=(Question("left_out", text, "medium", ("leave it out",)),))
    return found


def _without_fields(entity: str, left: Sequence[str], words: str) -> Understood | None:
    """What a list is asked for that names no field: a question, where it is about nothing but the list."""
    if not left or not all(pattern("list_bare").match(clause) for clause in left):
        return None
    text = f"by which fields is the list of {entity} to be filtered, sorted or searched? For example: {EXAMPLE}"
    return Understood("unknown", questions=(Question("request", text, "high"),), words=words)


def _without(text: str, match: re.Match[str], group: str) -> str:
    """The text with a word for the entity in place of its name, so that no name of a field is taken for it."""
    return f"{text[: match.start(group)]}@entity{text[match.end(group) :]}"


def _asked(entity: str, said: Mapping[str, Sequence[str]], words: str) -> Understood:
    for name in (entity, *(n for key in _FIELD_OF for n in said.get(key, ()))):
        if _NO_NAME.search(name.lstrip("-")):
            raise UsageError(f"'{name}' is no name", hints=(f"for example: {EXAMPLE}",))
    change = ListChange(
        pascal(entity),
        filters=tuple(snake(n) for n in said.get("filter", ())),
        sorts=tuple(snake(n.lstrip("-")) for n in said.get("sort", ())),
        search=tuple(snake(n) for n in said.get("search", ())),
    )
    if "paginate" in said:
        change = msgspec.structs.replace(change, **_pages(said["paginate"]))
    if change == ListChange(change.resource):
        raise UsageError("nothing was asked of the list", hints=(f"for example: {EXAMPLE}",))
    return Understood("list", words=words, listing=change)


def _pages(said: Sequence[str]) -> dict[str, Any]:
    """`cursor`, `20..100`, `offset` or nothing as what a `ListChange` says of pages. Raises UsageError."""
    kinds = [text for text in said if text in ("cursor", "offset")]
    sizes = [text for text in said if text not in ("cursor", "offset", "")]
    listing = read_paginate(sizes[0]) if sizes else Listing()
    if not listing.paginate:
        raise UsageError("a list cannot be asked to lose its pages", hints=(f"for example: {EXAMPLE}",))
    found: dict[str, Any] = {"pages": kinds[0] if kinds else "offset"}
    return found | ({"page_default": listing.page_default, "page_max": listing.page_max} if sizes else {})
