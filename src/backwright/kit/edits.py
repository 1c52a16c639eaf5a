"""Surgical edits of source text: everything that is not touched stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwright.core.facts import Import, Symbol


def newline_of(text: str) -> str:
    """The line ending of a file, that of its first line."""
    return "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"


def with_lines(text: str, addition: str) -> str:
    """The addition in the file's own line endings."""
    return addition.replace("\r\n", "\n").replace("\n", newline_of(text))


def append(text: str, addition: str) -> str:
    """At the end of a module, two blank lines below, but above an `if __name__ == "__main__":` block."""
    guard = re.search(r"^if __name__ == ['\"]__main__['\"]:", text, re.MULTILINE)
    block = addition.strip("\n")
    if guard is None:
        joined = f"{text.rstrip()}\n\n\n{block}\n" if text.strip() else f"{block}\n"
        return with_lines(text, joined) if newline_of(text) == "\r\n" else joined
    before, after = text[: guard.start()], text[guard.start() :]
    return f"{before.rstrip()}\n\n\n{block}\n\n\n{after}"


def insert_after_statement(text: str, statement: str, line: int, addition: str) -> str:
    """On the next line after `statement`, that starts at `line`, with its indentation. Raises ValueError when it is gone."""
    offset = sum(len(part) for part in text.splitlines(keepends=True)[: line - 1])
    at = text.find(statement, max(0, offset - 1))
    if at < 0:
        raise ValueError(statement)
    end = text.find("\n", at + len(statement))
    end = len(text) if end < 0 else end
    start = text.rfind("\n", 0, at) + 1
    indent = text[start : len(text) - len(text[start:].lstrip())]
    indent = re.match(r"[ \t]*", text[start:]).group(0) if text[start:] else ""  # type: ignore[union-attr]  # matches always
    shown = "\n".join(indent + part if part.strip() else part for part in addition.splitlines())
    return text[:end] + with_lines(text, "\n" + shown) + text[end:]


def insert_import_beside(text: str, statement: str, line: int, addition: str) -> str:
    """An import beside the one it imitates: in order where its block is in order, else right below it.

    Raises ValueError when the statement is gone.
    """
    lines = text.splitlines(keepends=True)
    own = line - 1
    if statement not in text or own >= len(lines) or "\n" in statement or statement not in lines[own]:
        return insert_after_statement(text, statement, line, addition)
    first = last = own
    while first > 0 and re.match(r"(from|import)\s", lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and re.match(r"(from|import)\s", lines[last + 1]):
        last += 1
    block = [part.lower() for part in lines[first : last + 1]]
    if block != sorted(block) or "(" in "".join(block):
        return insert_after_statement(text, statement, line, addition)
    at = first + sum(part < addition.lower() for part in block)
    return "".join([*lines[:at], addition + newline_of(text), *lines[at:]])


def insert_in_class(text: str, symbol: Symbol, addition: str) -> str:
    """As the last of the attributes of a class, above its methods."""
    body = text.encode()
    assert symbol.body is not None
    last = max((f.loc.end for f in symbol.fields), default=0)
    indent = " " * 4
    if symbol.fields:
        line_start = body.rfind(b"\n", 0, symbol.fields[-1].loc.start) + 1
        indent = body[line_start : symbol.fields[-1].loc.start].decode()
        end = body.find(b"\n", last)
        at = len(body) if end < 0 else end
        return (body[:at] + with_lines(text, f"\n{_indented(addition, indent)}").encode() + body[at:]).decode()
    at = symbol.body.end
    return (body[:at] + with_lines(text, f"\n\n{_indented(addition, indent)}").encode() + body[at:]).decode()


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.splitlines())


def add_imports(text: str, wanted: Sequence[str], imports: Sequence[Import]) -> str:
    """Imports at the top level, those that are not there yet. `imports` are the facts of this very text."""
    top = [i for i in imports if not i.scope and not i.typing_only]
    lines = text.splitlines(keepends=True)
    ending = newline_of(text)
    missing = [line for line in dict.fromkeys(wanted) if not _names_in_text(text, line)]
    placed = sorted(((_import_line(top, lines, line), line) for line in missing), key=lambda p: -p[0])
    for at, line in placed:
        if at and not lines[at - 1].endswith("\n"):
            lines[at - 1] += ending
        lines.insert(at, line + ending)
    return "".join(lines)


def _names_in_text(text: str, line: str) -> bool:
    """Whether the very name is imported from the very module already, in one statement or another."""
    found = re.match(r"from\s+(\S+)\s+import\s+([\w ]+)", line)
    if not found:
        return re.search(rf"^{re.escape(line)}\s*$", text, re.MULTILINE) is not None
    module, name = re.escape(found.group(1)), re.escape(found.group(2).strip())
    pattern = rf"^from\s+{module}\s+import\s+(?:\([^)]*\b{name}\b[^)]*\)|[^(\n]*\b{name}\b)"
    return re.search(pattern, text, re.MULTILINE) is not None


def _import_line(top: list[Import], lines: list[str], line: str) -> int:
    """After the import that shares the longest module prefix, else after the last one, else below docstring and comments."""
    module = re.match(r"(?:from|import)\s+([\w.]+)", line)
    wanted = module.group(1).split(".") if module else []
    best, score = 0, -1
    for item in top:
        shared = _shared(wanted, item.module.split("."))
        if shared >= score and item.module != "__future__":
            best, score = item.loc.end_line, shared
    if best:
        return best
    if top:
        return max(i.loc.end_line for i in top)
    return _below_docstring(lines)


def _shared(left: list[str], right: list[str]) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


def _below_docstring(lines: list[str]) -> int:
    at = 0
    while at < len(lines) and (lines[at].startswith("#") or not lines[at].strip()):
        at += 1
    if at < len(lines) and lines[at].lstrip().startswith(('"""', "'''")):
        quote = lines[at].lstrip()[:3]
        if lines[at].count(quote) < 2:
            at += 1
            while at < len(lines) and quote not in lines[at]:
                at += 1
        at += 1
    return min(at, len(lines))


def add_typing_import(text: str, line: str) -> str:
    """An import for annotations only: inside `if TYPE_CHECKING:`, which is made where there is none."""
    if _names_in_text_anywhere(text, line):
        return text
    found = re.search(r"^if (?:typing\.)?TYPE_CHECKING:[^\n]*\n", text, re.MULTILINE)
    ending = newline_of(text)
    if found:
        return f"{text[: found.end()]}    {line}{ending}{text[found.end() :]}"
    lines = text.splitlines(keepends=True)
    last = 0
    depth = 0
    for number, content in enumerate(lines, 1):
        if depth or re.match(r"(from|import)\s", content):
            depth += content.count("(") - content.count(")")
            last = number
        elif last and content.strip() and not content.startswith("#"):
            break
    block = f"{ending}if TYPE_CHECKING:{ending}    {line}{ending}"
    lines.insert(last, block)
    return "".join(lines)


def _names_in_text_anywhere(text: str, line: str) -> bool:
    return re.search(rf"^\s*{re.escape(line)}\b", text, re.MULTILINE) is not None


def add_to_all(text: str, name: str) -> str:
    """The name in `__all__`, sorted in where the list is sorted; the text as it is where there is no such list."""
    found = re.search(r"^__all__\s*(?::[^=]+)?=\s*([\[(])(.*?)([\])])", text, re.MULTILINE | re.DOTALL)
    if not found or re.search(rf"['\"]{re.escape(name)}['\"]", found.group(2)):
        return text
    inner = found.group(2)
    names = re.findall(r"['\"]([^'\"]+)['\"]", inner)
    place = next((i for i, other in enumerate(names) if other > name), len(names)) if names == sorted(names) else len(names)
    if "\n" in inner:
        indent = re.search(r"\n([ \t]*)['\"]", inner)
        pad = indent.group(1) if indent else "    "
        rows = [f'{pad}"{n}",' for n in [*names[:place], name, *names[place:]]]
        body = "\n" + "\n".join(rows) + "\n"
    else:
        body = ", ".join(f'"{n}"' for n in [*names[:place], name, *names[place:]])
    return text[: found.start(2)] + with_lines(text, body) + text[found.end(2) :]
