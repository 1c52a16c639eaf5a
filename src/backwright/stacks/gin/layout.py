"""Go as gofmt lays it out: columns of fields, groups of imports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_STD = re.compile(r"^[a-z][a-z0-9]*(/[a-z0-9]+)*$")
_ROW = re.compile(r"^(\t+)(\S+)\s+(\S.*)$")


def fields(rows: Sequence[tuple[str, str, str]], indent: str = "\t") -> list[str]:
    """The lines of a struct: names, types and tags below each other. A row of one name is an embedded type."""
    named = [r for r in rows if r[1]]
    names = max((len(r[0]) for r in named), default=0)
    kinds = max((len(r[1]) for r in named if r[2]), default=0)
    out = []
    for name, kind, tag in rows:
        if not kind:
            out.append(f"{indent}{name}")
        elif tag:
            out.append(f"{indent}{name:<{names}} {kind:<{kinds}} `{tag}`")
        else:
            out.append(f"{indent}{name:<{names}} {kind}")
    return out


def pairs(rows: Sequence[tuple[str, str]], indent: str = "\t\t") -> list[str]:
    """The lines of a literal: keys, and values below each other."""
    longest = max((len(key) for key, _ in rows), default=0) + 1
    return [f"{indent}{key + ':':<{longest}} {value}," for key, value in rows]


def import_block(body: str, known: Mapping[str, str], own: str, like: str) -> str:
    """The imports that a text needs, grouped as in the file that it is like. `known` are names to paths, `own` the module."""
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|//[^\n]*', "", body)
    used = {a: p for a, p in known.items() if re.search(rf"(?<![\w.]){re.escape(a)}\.[A-Za-z]", bare)}
    if not used:
        return ""
    lines = {p: _line(a, p) for a, p in used.items()}
    groups = [sorted(p for p in lines if _STD.match(p) and "." not in p.partition("/")[0] and not p.startswith(own))]
    rest = sorted(set(lines) - set(groups[0]))
    block = re.search(r"^import \((.*?)^\)", like, re.MULTILINE | re.DOTALL)
    parts = [p for p in re.split(r"\n[ \t]*\n", block[1]) if p.strip()] if block is not None else []
    mine = [p for p in rest if p == own or p.startswith(f"{own}/")]
    if len(parts) == 1:
        groups = [sorted([*groups[0], *rest])]
    elif len(parts) > 1 and not any(
        f'"{own}' in part and re.search(r'"[\w-]+\.[\w.-]+/', part.replace(f'"{own}', "")) for part in parts
    ):
        others = [p for p in rest if p not in mine]
        last = next((part for part in reversed(parts) if f'"{own}' in part), "")
        groups += [others, mine] if last and last == parts[-1] else [mine, others]
    else:
        groups.append(rest)
    shown = "\n\n".join("\n".join(f"\t{lines[p]}" for p in group) for group in groups if group)
    if len(used) == 1:
        return f"import {shown.strip()}"
    return f"import (\n{shown}\n)"


def _line(alias: str, path: str) -> str:
    last = path.rpartition("/")[2]
    if re.fullmatch(r"v\d+", last):
        last = path.split("/")[-2]
    return f'"{path}"' if last == alias else f'{alias} "{path}"'


def aligned(text: str) -> str:
    """A struct with the columns of its fields below each other, as far as lines without comments go."""
    if not re.match(r"type \w+ struct \{\n", text):
        return text
    out: list[str] = []
    block: list[tuple[str, str, str]] = []

    def flush() -> None:
        out.extend(fields(block))
        block.clear()

    for line in text.split("\n"):
        found = re.fullmatch(r"\t(\w+)\s+([^\s`/][^`/]*?)(?:\s+`([^`]*)`)?", line)
        if found is None or found[2].endswith("{"):
            flush()
            out.append(line)
        else:
            block.append((found[1], found[2], found[3] or ""))
    flush()
    return "\n".join(out)


def realigned(lines: list[str], at: int) -> list[str]:
    """The lines with the block of fields or pairs around one of them laid out again."""
    first = last = at
    while first > 0 and _is_row(lines[first - 1], lines[at]):
        first -= 1
    while last + 1 < len(lines) and _is_row(lines[last + 1], lines[at]):
        last += 1
    rows = [_parted(line) for line in lines[first : last + 1]]
    keys = max(len(key) for _, key, _ in rows)
    shown = [f"{indent}{key:<{keys}} {rest}" for indent, key, rest in rows]
    return [*lines[:first], *shown, *lines[last + 1 :]]


def _parted(line: str) -> tuple[str, str, str]:
    found = _ROW.match(line)
    assert found is not None, "only rows are laid out"
    return found[1], found[2], found[3]


def _is_row(line: str, like: str) -> bool:
    a, b = _ROW.match(line), _ROW.match(like)
    return (
        a is not None and b is not None and a[1] == b[1] and a[2].endswith(":") == b[2].endswith(":")
        and not line.strip().startswith(("//", "}"))
    )  # fmt: skip
