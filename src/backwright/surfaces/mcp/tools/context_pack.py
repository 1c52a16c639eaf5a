"""`context_pack`: what one needs to have read before writing a change by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Data, Text, Tool

_SHARE = 0.85  # of the tokens; the envelope needs some too


class ContextPack(Arguments, frozen=True, kw_only=True):
    """For which task. The default is as many tokens as the task seems worth."""

    request: Annotated[Text, msgspec.Meta(min_length=1, description="The task, in words.")]


def _argv(arguments: ContextPack) -> list[str]:
    room = max(500, int(arguments.max_tokens * _SHARE))
    place = ["-C", arguments.path] if arguments.path else []
    return [*place, "run", "--show-context", "--json", f"--context-tokens={room}", "--", arguments.request]


def _view(data: Data, arguments: ContextPack, root: Path) -> Data:
    """The parts by kind and title; why they are there needs no tokens."""
    parts = [{"kind": p["kind"], "title": p["title"], "text": p["text"]} for p in data["parts"]]
    return {"difficulty": data["difficulty"], "parts": parts, "left_out": data["left_out"]}


TOOL = Tool("Context for a task", ContextPack, _argv, _view, pages="parts")
