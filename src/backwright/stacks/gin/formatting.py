"""Go as gofmt would lay it out: depths, columns of literals, blank lines. Of what templates and exemplars give, no more."""

from __future__ import annotations

import re

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|\'(?:[^\'\\\n]|\\.)*\'|//.*$')
_PAIR = re.compile(r'^(\t*)("(?:[^"\\]|\\.)*"|[\w.]+):\s+(\S.*,)$')


def formatted(text: str) -> str:
    """The text with tabs for each depth, and no blank lines but single ones between statements."""
    out: list[str] = []
    levels: list[int] = []
    for raw in _squeezed(text.split("\n")):
        line = raw.strip()
        bare = _STRING.sub("", line)
        levels = _closed(levels, bare)
        depth = sum(levels) - (1 if re.match(r"(case\b.*|default):$", bare) else 0)
        inner = raw.startswith("\t") and "`" in raw  # the columns of fields are laid out already
        out.append(f"{chr(9) * depth}{raw.strip(chr(9)) if inner else line}".rstrip())
        levels = _opened(levels, bare)
    return "\n".join(_paired(out))


def _closed(levels: list[int], bare: str) -> list[int]:
    """The depths without those that a line ends before it says anything else."""
    leading = re.match(r"[)\]}]*", bare)
    count = len(leading[0]) if leading is not None else 0
    return levels[: len(levels) - count] if count else levels


def _opened(levels: list[int], bare: str) -> list[int]:
    """The depths behind a line: several that it opens are one step to the right."""
    leading = re.match(r"[)\]}]*", bare)
    rest = bare[len(leading[0]) :] if leading is not None else bare
    found: list[int] = []
    outer = list(levels)
    for char in rest:
        if char in "([{":
            found.append(1)
        elif char in ")]}":
            if found:
                found.pop()
            elif outer:
                outer.pop()
    return [*outer, *([0] * (len(found) - 1) + [1] if found else [])]


def _squeezed(lines: list[str]) -> list[str]:
    """Without blank lines in a row, behind an opening or before a closing bracket."""
    out: list[str] = []
    for line in lines:
        if not line.strip():
            if not out or not out[-1].strip() or out[-1].rstrip().endswith(("{", "(")):
                continue
        elif line.strip().startswith(("}", ")")) and out and not out[-1].strip():
            out.pop()
        out.append(line)
    return out


def _paired(lines: list[str]) -> list[str]:
    """The pairs of literals with their values below each other."""
    out: list[str] = []
    block: list[tuple[str, str, str]] = []

    def flush() -> None:
        longest = max((len(key) for _, key, _ in block), default=0) + 1
        out.extend(f"{indent}{key + ':':<{longest}} {value}" for indent, key, value in block)
        block.clear()

    for line in lines:
        found = _PAIR.match(line)
        if found is None or re.match(r"\t*case\b", line):
            flush()
            out.append(line)
            continue
        if block and block[-1][0] != found[1]:
            flush()
        block.append((found[1], found[2], found[3]))
    flush()
    return out
