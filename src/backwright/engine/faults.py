"""What a failing step shows: each failing test or complaint with its message and its innermost place in the project.

The forms that tools write are data, `knowledge/failures.toml`; what pytest reports as JUnit is read from there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from backwright.core.verdict import Fault

MAX_FAULTS = 50
MAX_LINES = 12  # of a message
MAX_CHARACTERS = 240  # of a line

_NOT_OURS = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.venv|venv|vendor|rustc|\.cargo|_pytest)(?:/|$)|^[/<]|^node:|^~"
)


class _Runner(NamedTuple):
    begin: re.Pattern[str]
    end: re.Pattern[str]
    frame: re.Pattern[str]
    message: re.Pattern[str] | None
    noise: re.Pattern[str] | None
    group: re.Pattern[str] | None
    head: re.Pattern[str] | None
    foreign: re.Pattern[str] | None
    first: bool


class _Complaint(NamedTuple):
    line: re.Pattern[str]
    head: re.Pattern[str] | None


def faults_of(output: str) -> tuple[Fault, ...]:
    """The faults that a tool printed, in its order; empty where nothing in it has a known form."""
    lines = [line.rstrip() for line in output.splitlines()]
    known = _known()
    for runner in known[0]:
        found = _unique(_blocks(runner, lines))
        if found:
            return found
    for complaint in known[1]:
        found = _unique(_complaints(complaint, lines))
        if found:
            return found
    return ()


def faults_of_tests(details: Mapping[str, tuple[str, str]]) -> tuple[Fault, ...]:
    """The faults of a JUnit report of pytest: test to message and text."""
    runner = _known()[0][0]
    found = []
    for name, (message, text) in sorted(details.items()):
        lines = [line.rstrip() for line in text.splitlines()]
        said = tuple(_message(runner, lines)) or tuple(message.splitlines())
        found.append(Fault(name, _cut(said), _place(runner, lines), problem=name))
    return tuple(found[:MAX_FAULTS])


def _blocks(runner: _Runner, lines: Sequence[str]) -> Iterator[Fault]:
    group = ""
    name: str | None = None
    block: list[str] = []
    for line in (*lines, None):
        begins = runner.begin.match(line) if line is not None else None
        grouped = runner.group.match(line) if runner.group and line is not None else None
        if name is not None and (line is None or begins or grouped or runner.end.match(line)):
            yield from _fault(runner, f"{group} › {name}" if group and name else name, block)
            name = None
        if grouped:
            group = grouped["group"]
        if begins:
            name, block = begins.groupdict().get("name") or "", []
        elif name is not None and line is not None:
            block.append(line)


def _fault(runner: _Runner, name: str, block: Sequence[str]) -> Iterator[Fault]:
    message = tuple(_message(runner, block))
    if message or any(runner.frame.match(line) for line in block):
        yield Fault(name, _cut(message), _place(runner, block))


def _message(runner: _Runner, block: Sequence[str]) -> Iterator[str]:
    if runner.message:
        for line in block:
            if match := runner.message.match(line):
                yield next((text for text in match.groups() if text is not None), "")
        return
    began = False
    for line in block:
        if runner.head and runner.head.match(line):
            continue
        if runner.frame.match(line) or (runner.noise and runner.noise.match(line)):
            if began:
                return
            continue
        if line.strip():
            began = True
            yield line


def _place(runner: _Runner, block: Sequence[str]) -> str:
    """The innermost frame that is the project's own."""
    found = []
    for line in block:
        match = runner.frame.match(line)
        if match and _is_ours(match["path"]) and not (runner.foreign and runner.foreign.search(match["path"])):
            path = re.sub(r"^.*\((?=\w)", "", match["path"]).removeprefix("./")
            found.append(f"{path}:{match['line']}")
    return (found[0] if runner.first else found[-1]) if found else ""


def _is_ours(path: str) -> bool:
    return not _NOT_OURS.search(path)


def _complaints(complaint: _Complaint, lines: Sequence[str]) -> Iterator[Fault]:
    head: Mapping[str, str] = {}
    for line in lines:
        match = complaint.line.match(line)
        if match and (head or complaint.head is None):
            said = {**head, **match.groupdict()}
            place = f"{said['path']}:{said['line']}" if "line" in said else said["path"]
            text = said.get("text") or "is not formatted"
            yield Fault(said["path"], _cut((text.strip(),)), place, problem=f"{said['path']}: {text.strip()}")
        elif complaint.head and (opening := complaint.head.match(line)):
            head = opening.groupdict()


def _unique(faults: Iterator[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(faults))[:MAX_FAULTS]


def _cut(message: Sequence[str]) -> tuple[str, ...]:
    """The lines from the first to the last that say something, without what they are all indented by."""
    lines = [line for line in message if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return tuple(line[margin:][:MAX_CHARACTERS].rstrip() for line in lines[:MAX_LINES])


@cache
def _known() -> tuple[tuple[_Runner, ...], tuple[_Complaint, ...]]:
    read = tomllib.loads((files("backwright.knowledge") / "failures.toml").read_text(encoding="utf-8"))
    runners = tuple(
        _Runner(
            **{key: _compiled(item.get(key)) for key in _Runner._fields if key != "first"},
            first=item["innermost"] == "first",
        )
        for item in read["runner"].values()
    )
    complaints = tuple(
        _Complaint(re.compile(item["line"]), _compiled(item.get("head"))) for item in read["complaint"].values()
    )
    return runners, complaints


def _compiled(pattern: str | None) -> re.Pattern[str]:
    return re.compile(pattern) if pattern else None  # type: ignore[return-value]
