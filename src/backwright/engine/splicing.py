"""Changes of single bytes inside existing files, and the order that the file around them is kept in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.ports import Formatter
from backwright.kit.artifacts import Splice
from backwright.kit.edits import with_lines
from backwright.kit.house import Manner


def spliced(text: str, splices: Sequence[Splice], formatted: Mapping[int, str]) -> str:
    """The text with every splice made; `formatted` has what is "below" and "define" by identity."""
    body = text.encode()
    # From the end to the start; what comes to one place stays in the order in which it was said.
    for _, splice in sorted(enumerate(splices), key=lambda pair: (-pair[1].end, -pair[0])):
        match splice.anchor:
            case "below":
                body = _below(text, body, splice, formatted[id(splice)])
            case "define":
                body = _defined(text, body, splice, formatted[id(splice)])
            case "above":
                at = _above(body, splice.start)
                body = body[:at] + with_lines(text, splice.text).encode() + body[at:]
            case _:
                body = body[: splice.start] + with_lines(text, splice.text).encode() + body[splice.end :]
    return body.decode()


def _below(text: str, body: bytes, splice: Splice, statement: str) -> bytes:
    start = body.rfind(b"\n", 0, splice.start) + 1
    indent = re.match(rb"[ \t]*", body[start:])
    assert indent is not None
    end = body.find(b"\n", splice.end)
    end = len(body) if end < 0 else end
    if body[end - 1 : end] == b"\r":
        end -= 1
    lines = "\n".join(f"{indent.group().decode()}{line}" if line else line for line in statement.splitlines())
    return body[:end] + with_lines(text, f"\n{lines}").encode() + body[end:]


def _defined(text: str, body: bytes, splice: Splice, function: str) -> bytes:
    """A function after the one at `splice.start:splice.end`, which may be decorated, as far away as its neighbours."""
    start = body.rfind(b"\n", 0, splice.start) + 1
    indent = re.match(rb"[ \t]*", body[start:])
    assert indent is not None
    lead = indent.group().decode()
    lines = "\n".join(f"{lead}{line}" if line else line for line in function.splitlines())
    gap = "\n\n" if lead else "\n\n\n"
    return body[: splice.end] + with_lines(text, f"{gap}{lines}").encode() + body[splice.end :]


def _above(body: bytes, start: int) -> int:
    """The start of the line, or of the comments and decorators right above it."""
    at = body.rfind(b"\n", 0, start) + 1
    while at:
        before = body.rfind(b"\n", 0, at - 1) + 1
        if not re.match(rb"[ \t]*[#@]", body[before : at - 1]):
            break
        at = before
    return at


def kept_in_order(
    formatter: Formatter, house: Manner, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, str]:
    """Layout and imports as tidy as they were before in every file: nobody else's disorder is touched."""
    changed = {p: t for p, t in before.items() if after[p] != t and p.endswith(".py")}
    if not changed:
        return dict(after)
    out = dict(after)
    states = {f"before/{p}": t for p, t in changed.items()} | {f"after/{p}": out[p] for p in changed}
    done = formatter.without_unused_imports(states, target=house.target)
    out |= {p: done[f"after/{p}"] for p, t in changed.items() if done[f"before/{p}"] == t}
    states |= {f"after/{p}": out[p] for p in changed}
    laid = formatter.layout(states, line_length=house.line_length, target=house.target)
    return out | {p: laid[f"after/{p}"] for p, t in changed.items() if laid[f"before/{p}"] == t}


def indented(text: str) -> str:
    """A statement or a function as a member of a class."""
    return "\n".join(f"    {line}" if line.strip() else line for line in text.splitlines())


def is_deep(text: str, splice: Splice) -> bool:
    """Whether what is laid out for a splice stands inside of something: a statement always, a function below a method."""
    body = text.encode()
    line = body.rfind(b"\n", 0, splice.start) + 1
    return splice.anchor == "below" or body[line : line + 1] in {b" ", b"\t"}


def member_of(draft: str) -> str:
    """The attribute out of a formatted class of its own, without indentation."""
    return "\n".join(line[4:] if line.startswith("    ") else line for line in draft.splitlines()[1:]).strip()
