"""`context_pack`: what one needs to have read before writing a change by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.kit.naming import forms
from backwright.surfaces.mcp.maps import best_of, convention_view, entity_view, map_argv, place, text_of
from backwright.surfaces.mcp.paging import tokens_of
from backwright.surfaces.mcp.shapes import Arguments, Data, Text, Tool

_ROLES = ("router", "service", "repository", "model", "schema", "migration", "test")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
_SHARE = 0.85  # of the tokens; the envelope needs some too


class ContextPack(Arguments, frozen=True, kw_only=True):
    """For which task."""

    request: Annotated[Text, msgspec.Meta(min_length=1, description="The task, in words.")]


def _view(data: Data, arguments: ContextPack, root: Path) -> Data:
    """The entities and endpoints that the request names, the house style, and the files to imitate until the tokens end."""
    words = {form for word in _WORD.findall(arguments.request) for form in _spelled(word)}
    entities = [e for e in data["entities"] if {e["name"].lower(), e["table"].lower()} & words]
    routes = [r for r in data["routes"] if words & set(re.split(r"[/_{}.-]+", r["path"].lower()))]
    pack: Data = {
        "stack": [f"{part['name']} {part['version']}".strip() for part in data["stack"]["parts"]],
        "house_style": [convention_view(c) for c in data["conventions"]],
        "entities": [entity_view(e) for e in entities],
        "routes": [f"{r['method']} {r['path']} -> {r['handler']} ({place(r['span'])})" for r in routes],
        "left_out": [],
        "files": [],
    }
    near = entities[0]["name"] if entities else ""
    room = int(arguments.max_tokens * _SHARE) - tokens_of(pack)
    for role in _ROLES:
        found = best_of(data, role, near)
        if found is None:
            continue
        file: dict[str, Any] = {**found, "text": text_of(root, found["path"])}
        cost = tokens_of(file)
        if cost > room:
            pack["left_out"].append({**found, "tokens": cost})
            continue
        room -= cost
        pack["files"].append({**file, "tokens": cost})
    return pack


def _spelled(word: str) -> set[str]:
    """A word as names of classes, tables and paths have it, lower case."""
    return {text.lower() for text in (word, *msgspec.structs.astuple(forms(word)))}


TOOL = Tool("Context for a task", ContextPack, map_argv, _view)
