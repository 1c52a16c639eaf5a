"""`check`: the guardrails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from backwright.surfaces.mcp.maps import place
from backwright.surfaces.mcp.shapes import Arguments, Data, Paths, Tool, Word, options


class Check(Arguments, frozen=True, kw_only=True):
    """What is checked."""

    paths: Annotated[Paths, msgspec.Meta(description="Only findings in these files and folders.")] = ()
    since: Annotated[Word, msgspec.Meta(description="Only what is new since this commit, such as `HEAD`.")] = ""
    select: Annotated[Word, msgspec.Meta(description="Only these rules: `BW301,BW505`, `BW3`.")] = ""


def _argv(arguments: Check) -> list[str]:
    named = arguments.paths or (arguments.path or ".",)
    return ["check", "--json", *options({"since": arguments.since, "select": arguments.select}), "--", *named]


def _view(data: Data, arguments: Check, root: Path) -> Data:
    findings = [
        {
            "rule": f"{f['rule']} {f['name']}",
            "severity": f["severity"],
            "at": place(f["span"]),
            "message": f["message"],
            "help": f["help"],
            "chain": [f"{place(step['span'])}: {step['message']}" for step in f["related"]],
            "fix": f["fix"]["title"] if f["fix"] else "",
        }
        for f in data["findings"]
    ]
    return {**data, "findings": findings}


TOOL = Tool("Check the guardrails", Check, _argv, _view, pages="findings")
