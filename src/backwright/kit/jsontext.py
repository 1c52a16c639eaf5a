"""Changes to JSON text that leave every other character as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+)')
_INDENT = "  "

Path = tuple[str | int, ...]


@dataclass
class _Container:
    """An object or a list in the text; `members` are key, start and end of each, key included."""

    start: int
    end: int
    members: list[tuple[str | int, int, int]]


def inserted(text: str, path: Sequence[str], value: Any, *, append: bool = False) -> str:
    """With `value` at `path`, in objects that are made where they are missing; with `append` as a last element of a list there.

    Raises `ValueError` as `parsed`, and where the text is not an object or something else stands in the way.
    """
    text = text if text.strip() else "{}\n"
    found = parsed(text)
    _object(found)
    containers = _read(text)
    depth = max(n for n in range(len(path) + 1) if tuple(path[:n]) in containers)
    for key in path[:depth]:
        found = found[key]
    here = containers[tuple(path[:depth])]
    if depth == len(path):
        if not (append and isinstance(found, list)):
            raise ValueError("something else stands there already")
        return _with_member(text, here, value, key=None)
    _object(found)
    if path[depth] in found:
        raise ValueError("something else stands there already")
    made = [value] if append else value
    for key in reversed(path[depth + 1 :]):
        made = {key: made}
    return _with_member(text, here, made, key=path[depth])


def removed(text: str, path: Sequence[str], is_ours: Callable[[Any], bool]) -> str:
    """Without what is ours at `path` (the member, or elements of the list), and without the objects that this leaves empty.

    `""` where nothing is left; where nothing is ours, the very text. Raises `ValueError` as `parsed`.
    """
    before = text
    while (taken := _one_removed(text, path, is_ours)) is not None:
        text = taken
    if text == before:
        return before
    containers = _read(text)
    for depth in range(len(path), 0, -1):
        prefix = tuple(path[:depth])
        if prefix in containers and not containers[prefix].members:
            text = _without_member(text, containers[prefix[:-1]], prefix[-1])
            containers = _read(text)
    return text if containers[()].members else ""


def value_at(text: str, path: Sequence[str]) -> tuple[bool, Any]:
    """Whether something is at `path`, and what. Raises `ValueError` as `parsed`."""
    found = parsed(text)
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return False, None
        found = found[key]
    return True, found


def parsed(text: str) -> Any:
    """What the JSON says. Raises `ValueError` where it is none, or says two things under one name: which one counts is a guess."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _one_removed(text: str, path: Sequence[str], is_ours: Callable[[Any], bool]) -> str | None:
    """With one thing of ours less, None where there is none."""
    there, found = value_at(text, path)
    if not there:
        return None
    containers = _read(text)
    if isinstance(found, list):
        number = next((n for n, element in enumerate(found) if is_ours(element)), None)
        return None if number is None else _without_member(text, containers[tuple(path)], number)
    return _without_member(text, containers[tuple(path[:-1])], path[-1]) if is_ours(found) else None


def _object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValueError("this is no object")


def _with_member(text: str, container: _Container, value: Any, key: str | None) -> str:
    outer = _indent_of(text, container.start)
    unit = _unit(text)
    inner = outer + unit
    dumped = json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", f"\n{inner}")
    member = f"{json.dumps(key, ensure_ascii=False)}: {dumped}" if key is not None else dumped
    if not container.members:
        return f"{text[: container.start + 1]}\n{inner}{member}\n{outer}{text[container.end - 1 :]}"
    last = container.members[-1]
    between = text[container.start + 1 : container.members[0][1]]
    glue = between if "\n" in between else f"\n{inner}"
    tail = text[last[2] :]
    if "\n" not in text[last[2] : container.end]:
        tail = f"\n{outer}{text[container.end - 1 :]}"
    return f"{text[: last[2]]},{glue}{member}{tail}"


def _without_member(text: str, container: _Container, key: str | int) -> str:
    number = next(n for n, member in enumerate(container.members) if member[0] == key)
    _, start, end = container.members[number]
    if len(container.members) == 1:
        return text[: container.start + 1] + text[container.end - 1 :]
    if number:
        return text[: container.members[number - 1][2]] + text[end:]
    return text[:start] + text[container.members[1][1] :]


def _indent_of(text: str, position: int) -> str:
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip())]


def _unit(text: str) -> str:
    """One step of indentation, as the text has it."""
    found = re.search(r"\n([ \t]+)\S", text)
    return found.group(1) if found else _INDENT


def _read(text: str) -> dict[Path, _Container]:
    """Every object and list of valid JSON by its path."""
    out: dict[Path, _Container] = {}
    around: list[tuple[Path, _Container, bool]] = []  # the open ones, and whether each is an object
    key: str | int = 0
    expects_key = False
    position = 0
    while found := _TOKEN.match(text, position):
        part, start = found.group(1), found.start(1)
        position = found.end()
        if part in "}]":
            around.pop()[1].end = position
            _grown(around, position)
        elif part == ",":
            expects_key = around[-1][2]
        elif part == ":":
            expects_key = False
        elif expects_key:
            key, expects_key = json.loads(part), False
            around[-1][1].members.append((key, start, position))
        else:
            if around and not around[-1][2]:
                key = len(around[-1][1].members)
                around[-1][1].members.append((key, start, position))
            _grown(around, position)
            if part in "{[":
                path = (*around[-1][0], key) if around else ()
                out[path] = _Container(start, position, [])
                around.append((path, out[path], part == "{"))
                expects_key = part == "{"
    return out


def _grown(around: list[tuple[Path, _Container, bool]], position: int) -> None:
    """The last member of the innermost open container reaches to here."""
    if around:
        members = around[-1][1].members
        members[-1] = (members[-1][0], members[-1][1], position)
