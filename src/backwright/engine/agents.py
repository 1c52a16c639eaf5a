"""What is written for a coding agent so that it knows us, and how all of it is taken out again."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

import msgspec

from backwright.core.change import Edit
from backwright.kit.jsontext import inserted, parsed, removed, value_at

_FOLDER = "agents"
_NAME = "backwright"
_HOOK = "backwright hook"
_MARKED = {
    "md": ("<!-- backwright: begin -->", "<!-- backwright: end -->"),
    "toml": ("# backwright: begin", "# backwright: end"),
}
_SEALED = re.compile(r"(.*)<!-- backwright: ([0-9a-f]{16}) -->\s*", re.DOTALL)
_SERVES = re.compile(r'"serve",\s*"mcp"')

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
    if there is not None and not _is_own_skill(there):
        yield skill, None, f"{skill} is somebody else's, or was edited: left as it is"
    else:
        yield skill, None if remove else _with_their_ends(there, lambda _: _sealed(_text("skill.md"))), ""
    section = None if remove else _text("section.md")
    told = now(vendor.instructions)
    yield vendor.instructions, _with_their_ends(told, lambda text: _marked(text, section, "md")), ""
    for entry in vendor.entry:
        text = now(entry.file)
        try:
            yield entry.file, _with_their_ends(text, partial(_entered, entry, remove=remove)), ""
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
        except ValueError:  # what we cannot read we have not written
            continue
    return False


def _entered(entry: Entry, text: str | None, *, remove: bool) -> str | None:
    """The file with the entry, or without it; None for no file. Raises `ValueError` where it is in nobody's hands but theirs."""
    if entry.toml:
        return _tabled(entry, text, remove=remove)
    before = text or ""
    path = (*entry.path, *((entry.name,) if entry.name else ()))
    bare = removed(before, path, _is_ours) if before.strip() else before
    if entry.append is not None and bare.strip() and _HOOK in json.dumps(value_at(bare, path)):
        raise ValueError("a hook of somebody else's calls us too")
    if remove:
        return text if bare == before else bare or None
    if entry.name and bare != before:
        return text  # it starts us: in which way (`--read-only`, an environment) is theirs to say
    value = entry.append if entry.append is not None else entry.value
    after = inserted(bare, path, value, append=entry.append is not None)
    # What is there already keeps its place and its layout.
    return text if before.strip() and parsed(after) == parsed(before) else after


def _tabled(entry: Entry, text: str | None, *, remove: bool) -> str | None:
    servers = tomllib.loads(_marked(text, None, "toml") or "").get("mcp_servers")
    if remove:
        return _marked(text, None, "toml")
    if isinstance(servers, dict) and _NAME in servers:
        raise ValueError("it has a server of that name")
    after = _marked(text, entry.toml, "toml")
    tomllib.loads(after or "")  # not every way to write a table can be gone on with
    return after


def _is_ours(value: Any) -> bool:
    """Whether a member is nothing but ours: a server that starts us, or a group of hooks that all call us."""
    if not isinstance(value, dict):
        return False
    hooks = value.get("hooks")
    if isinstance(hooks, list):
        commands = [hook.get("command") if isinstance(hook, dict) else None for hook in hooks]
        return bool(commands) and all(isinstance(c, str) and c.startswith(_HOOK) for c in commands)
    said = json.dumps(value)
    return _NAME in said and _SERVES.search(said) is not None


def _sealed(skill: str) -> str:
    """With a line by which we know that nobody has edited it since."""
    body = f"{skill}\n"
    return f"{body}<!-- backwright: {_digest(body)} -->\n"


def _is_own_skill(text: str) -> bool:
    found = _SEALED.fullmatch(text.replace("\r\n", "\n"))
    return found is not None and found.group(2) == _digest(found.group(1))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_their_ends(text: str | None, change: Callable[[str | None], str | None]) -> str | None:
    """Changed, with the ends of lines that the whole file has."""
    if text is None or "\r\n" not in text or text.count("\n") != text.count("\r\n"):
        return change(text)
    after = change(text.replace("\r\n", "\n"))
    return after.replace("\n", "\r\n") if after is not None else None


def _marked(text: str | None, section: str | None, kind: str) -> str | None:
    """The text with our marked part at its end, or where it was; None for no file."""
    begin, end = _MARKED[kind]
    # No second begin in it: where somebody took out an end, what follows is theirs.
    own = re.compile(rf"\n?{re.escape(begin)}\n(?:(?!{re.escape(begin)}).)*?{re.escape(end)}(?:\n|\Z)", re.DOTALL)
    found = own.search(text or "")
    if section is None:
        bare = own.sub("", text or "") if found else text
        return bare if not found or (bare or "").strip() else None
    block = f"{begin}\n{section.strip()}\n{end}\n"
    text = text or ""
    if found:
        lead = "\n" if found.group().startswith("\n") else ""
        return text[: found.start()] + lead + block + text[found.end() :]
    if not text.strip():
        return block
    gap = "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}{block}"


def _text(name: str) -> str:
    return (files("backwright.knowledge") / _FOLDER / name).read_text("utf-8")
