"""What is written for a coding agent so that it knows us, and how all of it is taken out again."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from backwright.core.change import Edit
from backwright.kit.jsontext import inserted, removed

_FOLDER = "agents"
_NAME = "backwright"
_HOOK = "backwright hook"
_MARKED = {
    "md": ("<!-- backwright: begin -->", "<!-- backwright: end -->"),
    "toml": ("# backwright: begin", "# backwright: end"),
}
_OWN_SKILL = re.compile(r"\A---\s*\nname: backwright\s*\n")

Read = Callable[[str], str | None]


class Entry(msgspec.Struct, frozen=True):
    """One thing that is put into a file of a vendor; see `knowledge/agents/README.md`."""

    file: str
    path: tuple[str, ...] = ()
    name: str = ""
    value: Any = None
    append: Any = None
    toml: str = ""


class Vendor(msgspec.Struct, frozen=True):
    """A coding agent: where it looks for skills, standing instructions, servers and hooks."""

    title: str
    skills: str
    instructions: str
    entry: tuple[Entry, ...] = ()


class Prepared(msgspec.Struct, frozen=True):
    """The files that change, and sentences about what was left as it is."""

    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()


@cache
def vendors() -> Mapping[str, Vendor]:
    """Every coding agent we know, by the name of its file."""
    folder = files("backwright.knowledge") / _FOLDER
    found = {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}
    return {name: msgspec.convert(tomllib.loads(found[name].read_text("utf-8")), Vendor) for name in sorted(found)}


def prepared(names: tuple[str, ...], read: Read, *, remove: bool) -> Prepared:
    """What has to change for these agents to know us, or with `remove` to have nothing of us.

    What others wrote is never overwritten: it is left, and noted.
    """
    texts: dict[str, str | None] = {}
    because: dict[str, str] = {}
    notes: list[str] = []

    def now(path: str) -> str | None:
        return texts[path] if path in texts else read(path)

    shared: set[str] = set()
    if remove:
        staying = [v for name, v in vendors().items() if name not in names and _is_set_up(v, read)]
        shared = {file for v in staying for file in (_skill_of(v), v.instructions)}
    for name in names:
        vendor = vendors()[name]
        for path, after, note in _changes(vendor, now, remove=remove):
            if path in shared:
                continue
            if note:
                notes.append(note)
            else:
                texts[path] = after
                because.setdefault(path, f"{vendor.title} reads it")
    edits = tuple(
        Edit(path, read(path), after, because[path]) for path, after in sorted(texts.items()) if after != read(path)
    )
    return Prepared(edits, tuple(dict.fromkeys(notes)))


def _changes(vendor: Vendor, now: Read, *, remove: bool) -> Iterator[tuple[str, str | None, str]]:
    """Path, text after and "", or path, None and what was left as it is."""
    skill = _skill_of(vendor)
    there = now(skill)
    if there is not None and not _OWN_SKILL.match(there):
        yield skill, None, f"{skill} is somebody else's: left as it is"
    else:
        yield skill, None if remove else _text("skill.md"), ""
    section = None if remove else _text("section.md")
    yield vendor.instructions, _marked(now(vendor.instructions), section, "md"), ""
    for entry in vendor.entry:
        text = now(entry.file)
        try:
            yield entry.file, _entered(entry, text, remove=remove), ""
        except ValueError as why:
            shown = entry.toml.strip() or json.dumps(entry.append if entry.append is not None else entry.value)
            where = ".".join(entry.path)
            yield (
                entry.file,
                None,
                f"{entry.file} was left as it is ({why}); by hand{f', at {where}' if where else ''}: {shown}",
            )


def _skill_of(vendor: Vendor) -> str:
    return f"{vendor.skills}/{_NAME}/SKILL.md"


def _is_set_up(vendor: Vendor, read: Read) -> bool:
    """Whether something of ours is in a file that this vendor alone reads."""
    for entry in vendor.entry:
        text = read(entry.file)
        try:
            if text and _entered(entry, text, remove=True) != text:
                return True
        except ValueError:
            continue
    return False


def _entered(entry: Entry, text: str | None, *, remove: bool) -> str | None:
    """The file with the entry, or without it; None for no file. Raises `ValueError` where it is in nobody's hands but theirs."""
    if entry.toml:
        parsed = tomllib.loads(_marked(text, None, "toml") or "")
        if not remove and _NAME in parsed.get("mcp_servers", {}):
            raise ValueError("it has a server of that name")
        return _marked(text, None if remove else entry.toml, "toml")
    before = text or ""
    bare = before
    path = (*entry.path, *((entry.name,) if entry.name else ()))
    if before.strip():
        json.loads(before)
        bare = removed(before, path, _is_ours)
    if remove:
        return bare if bare.strip() else None
    value = entry.append if entry.append is not None else entry.value
    after = inserted(bare, path, value, append=entry.append is not None)
    # What is there already keeps its place and its layout.
    return text if before.strip() and json.loads(after) == json.loads(before) else after


def _is_ours(value: Any) -> bool:
    """Whether a member starts us: a server by our name, or a hook."""
    said = json.dumps(value)
    return _HOOK in said or re.search(r'"serve",\s*"mcp"', said) is not None


def _marked(text: str | None, section: str | None, kind: str) -> str | None:
    """The text with our marked part at its end, or where it was; None for no file."""
    begin, end = _MARKED[kind]
    own = re.compile(rf"\n?{re.escape(begin)}\n.*?{re.escape(end)}\n", re.DOTALL)
    text = text or ""
    found = own.search(text)
    if section is None:
        bare = own.sub("", text)
        return bare if bare.strip() else None
    block = f"{begin}\n{section.strip()}\n{end}\n"
    if found:
        lead = "\n" if found.group().startswith("\n") else ""
        return text[: found.start()] + lead + block + text[found.end() :]
    return f"{text.rstrip()}\n\n{block}" if text.strip() else block


def _text(name: str) -> str:
    return (files("backwright.knowledge") / _FOLDER / name).read_text("utf-8")
