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


def _lines(text: str) -> list[str]:
    """Lines as Python counts them, endings kept: a form feed ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _line_end(text: str, start: int) -> int:
    """Where the line around `start` ends, before its line ending."""
    end = text.find("\n", start)
    if end < 0:
        return len(text)
    return end - 1 if end > start and text[end - 1] == "\r" else end


def append(text: str, addition: str) -> str:
    """At the end of a module, two blank lines below, but above an `if __name__ == "__main__":` block."""
    guard = re.search(r"^if __name__ == ['\"]__main__['\"]:", text, re.MULTILINE)
    block = addition.strip("\n")
    if guard is None:
        joined = f"{text.rstrip()}\n\n\n{block}\n" if text.strip() else f"{block}\n"
        return with_lines(text, joined) if newline_of(text) == "\r\n" else joined
    before, after = text[: guard.start()], text[guard.start() :]
    return with_lines(text, f"{before.rstrip()}\n\n\n{block}\n\n\n") + after


def insert_after_statement(text: str, statement: str, line: int, addition: str) -> str:
    """On the line after `statement`, that starts at `line`, with its indentation. Raises ValueError when it is gone."""
    offset = sum(len(part) for part in _lines(text)[: line - 1])
    at = text.find(statement, max(0, offset - 1))
    if at < 0:
        raise ValueError(statement)
    end = _line_end(text, at + len(statement))
    start = text.rfind("\n", 0, at) + 1
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
    if lines[own][:1].isspace():  # within `try:` or `if TYPE_CHECKING:`
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
        at = last + len(body[last:].decode()[: _line_end(body[last:].decode(), 0)].encode())
        return (body[:at] + with_lines(text, f"\n{_indented(addition, indent)}").encode() + body[at:]).decode()
    at = symbol.body.end
    return (body[:at] + with_lines(text, f"\n\n{_indented(addition, indent)}").encode() + body[at:]).decode()


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.splitlines())


def add_imports(text: str, wanted: Sequence[str], imports: Sequence[Import]) -> str:
    """Imports at the top level, those that are not there yet. `imports` are the facts of this very text."""
    # Those of an `if` or a `try` bind names too, but are no place to go on.
    top = [i for i in imports if not i.scope and not i.typing_only and i.loc.col <= 1]
    known = _known(imports)
    lines = _lines(text)
    ending = newline_of(text)
    missing = [line for line in dict.fromkeys(wanted) if not set(_singles(line)) <= known]
    placed = sorted(((_import_line(top, lines, line), line) for line in missing), key=lambda p: -p[0])
    for at, line in placed:
        if at and not lines[at - 1].endswith("\n"):
            lines[at - 1] += ending
        lines.insert(at, line + ending)
    return "".join(lines)


def _known(imports: Sequence[Import]) -> set[str]:
    """Every import of the module as a statement of its own."""
    known = set()
    for item in imports:
        if item.scope or item.typing_only:
            continue
        module = "." * item.level + item.module
        bound = item.name or module.split(".")[0]
        renamed = f" as {item.alias}" if item.alias != bound else ""
        known.add(f"from {module} import {item.name}{renamed}" if item.name else f"import {module}{renamed}")
    return known


def _singles(line: str) -> list[str]:
    """The statement for every name that an import statement binds."""
    found = re.match(r"(from\s+\S+\s+import\s|import\s)\s*\(?([^()#]+)", line)
    if not found:
        return [line]
    return [" ".join(f"{found.group(1)} {name}".split()) for name in found.group(2).split(",") if name.strip()]


def _import_line(top: list[Import], lines: list[str], line: str) -> int:
    """After the import that shares the longest module prefix, else the last one, else below docstring and comments."""
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
    found = re.match(r"[rRuU]?(\"\"\"|\'\'\'|\"|\')", lines[at]) if at < len(lines) else None
    if found:
        quote = found.group(1)
        if len(quote) == 3 and lines[at].count(quote) < 2:
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
    lines = _lines(text)
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
    items = list(re.finditer(r"(['\"])([^'\"]+)\1", inner))
    names = [item.group(2) for item in items]
    sorted_in = names == sorted(names)
    before = next((item for item in items if sorted_in and item.group(2) > name), None)
    body = _before_item(inner, before, name) if before is not None else _after_items(inner, items, name, found.group(1))
    return text[: found.start(2)] + body + text[found.end(2) :]


def _before_item(inner: str, item: re.Match[str], name: str) -> str:
    quoted = f"{item.group(1)}{name}{item.group(1)},"
    start = inner.rfind("\n", 0, item.start()) + 1
    indent = inner[start : item.start()]
    if not start or indent.strip():
        return f"{inner[: item.start()]}{quoted} {inner[item.start() :]}"
    return f"{inner[:start]}{indent}{quoted}{newline_of(inner)}{inner[start:]}"


def _after_items(inner: str, items: list[re.Match[str]], name: str, bracket: str) -> str:
    if not items:
        return f'"{name}"' + ("," if bracket == "(" else "")
    last = items[-1]
    quoted = f"{last.group(1)}{name}{last.group(1)}"
    start = inner.rfind("\n", 0, last.start()) + 1
    indent = inner[start : last.start()]
    if not start or indent.strip() or "\n" not in inner[last.end() :]:
        return f"{inner[: last.end()]}, {quoted}{inner[last.end() :]}"
    comma = "" if inner[last.end() :].lstrip().startswith(",") else ","
    end = _line_end(inner, last.end())
    return f"{inner[: last.end()]}{comma}{inner[last.end() : end]}{newline_of(inner)}{indent}{quoted},{inner[end:]}"
