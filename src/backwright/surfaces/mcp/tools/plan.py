"""`plan`: a change worked out by a blueprint, in the style of the house."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.surfaces.mcp.shapes import Arguments, Data, Text, Tool, Word

Answers = Annotated[dict[Word, Word], msgspec.Meta(max_length=50)]


class Plan(Arguments, frozen=True, kw_only=True):
    """The request."""

    request: Annotated[
        Text,
        msgspec.Meta(
            min_length=1,
            description="Plain words, or the grammar: `resource Product name:str(200) price:decimal(10,2)`,"
            " `field add Product weight:int?`, `fix BW303 in orders`.",
        ),
    ]
    answers: Annotated[Answers, msgspec.Meta(description="Answers to the questions of an earlier call, by key.")] = (
        msgspec.field(default_factory=dict)
    )


def _argv(arguments: Plan) -> list[str]:
    answers = (f"--set={key}={value}" for key, value in arguments.answers.items())
    return ["plan", "--json", *answers, "--", arguments.request]


def _view(data: Data, arguments: Plan, root: Path) -> Data:
    change = data.get("change")
    if not change:
        return data
    kept = {key: change[key] for key in ("id", "title", "assumptions", "questions", "notes", "tests")}
    return {**kept, "saved": data["saved"], "files": [_file(edit) for edit in change["edits"]]}


def _file(edit: dict[str, Any]) -> dict[str, Any]:
    before, after = (edit[side] or "" for side in ("before", "after"))
    what = "new" if edit["before"] is None else "removed" if edit["after"] is None else "changed"
    diff = unified_diff(before.splitlines(), after.splitlines(), edit["path"], edit["path"], lineterm="", n=2)
    text = after if what == "new" else "\n".join(diff)
    return {"path": edit["path"], "what": what, "like": edit["like"], "because": edit["because"], "text": text}


TOOL = Tool("Plan a change", Plan, _argv, _view, pages="files")
