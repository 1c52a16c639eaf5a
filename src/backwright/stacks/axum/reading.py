"""What stands at a place of a Rust project, and what a text about one resource says about another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from backwright.core.facts import Loc, Symbol
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms

_ADDRESS = re.compile(r'("/[^"\n]*")')
_ONE, _MANY = "\ue000", "\ue001"  # stand for the new names while the others are replaced
_OPENING, _CLOSING = "([{", ")]}"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'')
SQL = re.compile(r"\bsqlx::query|\bquery(?:_as|_scalar|_file_as|_file)?(?:_with)?\s*(?:!|::<|\()|\bQueryBuilder\b")


class Sources:
    """The texts of a project beside its facts. `read` gives a file's text, `""` where there is none."""

    def __init__(self, index: FactIndex, read: Callable[[str], str]) -> None:
        self.index = index
        self.read = read

    def at(self, path: str, loc: Loc) -> str:
        """The text of a place."""
        return self.read(path).encode()[loc.start : loc.end].decode()

    def of(self, definition: Definition) -> str:
        """The text of a definition."""
        return self.at(definition.path, definition.symbol.loc)

    def body(self, definition: Definition) -> str:
        """The text between the braces of a function."""
        body = definition.symbol.body
        return self.at(definition.path, body)[1:-1] if body is not None else ""

    def above(self, path: str, symbol: Symbol) -> str:
        """The attributes and the comments right above a definition, with their indentation taken away."""
        before = self.read(path).encode()[: symbol.loc.start].decode()
        lines = before[: before.rfind("\n") + 1].splitlines()
        found: list[str] = []
        while lines and re.match(r"\s*(#\[|///|\)\]|[^{};]*\)\]\s*$)", lines[-1]):
            found.insert(0, lines.pop().strip())
        return "\n".join(found)

    def functions(self, path: str) -> Iterator[Definition]:
        """The functions and methods of a file, tests aside."""
        for symbol in self.index.symbols(path).values():
            if symbol.kind in {"function", "method"} and symbol.body is not None and "tests" not in symbol.scope:
                yield Definition(path, symbol)


def shown(text: str, old: NameForms, new: NameForms) -> str:
    """A text about one resource, about another. In addresses words are joined by hyphens, else as names of Rust are."""
    parts = _ADDRESS.split(text)
    return "".join(_filled(part, old, new, address=bool(n % 2)) for n, part in enumerate(parts))


def _filled(text: str, old: NameForms, new: NameForms, *, address: bool) -> str:
    """Also inside of names, as `ListVenuesQuery`."""
    inner = re.compile(rf"(?<=[a-z0-9])({re.escape(old.pascal_plural)}|{re.escape(old.pascal)})(?![a-z0-9])")
    marked = inner.sub(lambda m: _MANY if m[1] == old.pascal_plural else _ONE, text)
    named = (
        msgspec.structs.replace(new, snake=new.kebab, snake_plural=new.kebab_plural)
        if address and "_" not in old.snake
        else new
    )
    # A path's own parameter is a name of Rust: `{depot_id}`.
    keys = re.split(r"(\{\w+\}|:\w+)", marked) if address else [marked]
    filled = "".join(fill(pattern_of(k, old), new if n % 2 else named) for n, k in enumerate(keys))
    return filled.replace(_MANY, new.pascal_plural).replace(_ONE, new.pascal)


def balance(line: str) -> int:
    """How many brackets a line leaves open; below zero for those that it closes."""
    plain = _STRING.sub('""', line).partition("//")[0]
    return sum(plain.count(c) for c in _OPENING) - sum(plain.count(c) for c in _CLOSING)


def closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed; -1 where it is not."""
    depth, at = 0, start
    while at < len(text):
        quoted = _STRING.match(text, at)
        if quoted is not None:
            at = quoted.end()
            continue
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        if depth == 0:
            return at
        at += 1
    return -1


def pieces(text: str) -> list[str]:
    """What commas outside of brackets part: arguments, parameters, type arguments."""
    found, depth, last = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "([{<") - (char in ")]}" or (char == ">" and text[at - 1 : at] not in {"-", "="}))
        if char == "," and depth == 0:
            found.append(text[last:at].strip())
            last = at + 1
    found.append(text[last:].strip())
    return [piece for piece in found if piece]


def generic(kind: str) -> tuple[str, list[str]]:
    """A type and its arguments: `Result<Json<Depot>, AppError>` is `Result` with two."""
    found = re.fullmatch(r"([\w:]+)\s*<(.*)>", kind.strip(), re.DOTALL)
    return (found[1], pieces(found[2])) if found is not None else (kind.strip(), [])
