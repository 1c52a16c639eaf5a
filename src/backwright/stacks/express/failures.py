"""How a project says that something went wrong: the errors that its handlers throw, by status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.express.reading import Sources
from backwright.stacks.express.style import Failure

STATUSES = {400: "BAD_REQUEST", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 422: "UNPROCESSABLE_ENTITY"}
_THROWN = re.compile(r"(?:throw|next\()\s*(new\s+)?(\w+)\(\s*([^;\n]*?|[^;]*?)\s*\)\)?;?\s*$", re.MULTILINE)
_TEXT = r"""(['"`])(?:(?!\1).)*\1"""
_CONSTANT = re.compile(r"\b(\w+)\.(" + "|".join(STATUSES.values()) + r")\b")


def failures_of(index: FactIndex, sources: Sources) -> dict[int, Failure]:
    """How each status is answered: by a class of its own where there is one, else by the one that is given a status."""
    found: dict[int, Failure] = {}
    general: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
    for path in index.files:
        if is_test_file(path):
            continue
        for new, name, arguments in _thrown(sources.read(path)):
            definition = index.resolve(path, name)
            if definition is None or not arguments:
                continue
            imports: tuple[tuple[str, str], ...] = ((name, definition.path),)
            constant = _CONSTANT.search(arguments)
            number = re.search(r"\b(4\d\d)\b", arguments)
            pattern = re.sub(_TEXT, "{message}", arguments, count=1)
            if "{message}" not in pattern:
                continue
            if constant is not None:
                module = _imported(index, path, constant[1])
                pattern = pattern.replace(constant[0], f"{constant[1]}.{{constant}}")
                general.append((f"{new}{name}({pattern})", constant[1], (*imports, (constant[1], module))))
            elif number is not None:
                general.append((f"{new}{name}({pattern.replace(number[1], '{status}')})", "", imports))
    found.update(_by_class(index, sources))
    if general:
        call, _, imports = max(general, key=lambda g: sum(g[0] == other[0] for other in general))
        for status, constant_name in STATUSES.items():
            text = call.replace("{constant}", constant_name).replace("{status}", str(status))
            found.setdefault(status, Failure(text, imports))
    return found


def _thrown(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _THROWN.finditer(text):
        if match[1]:
            yield "new ", match[2], match[3].rstrip(",")


def _imported(index: FactIndex, path: str, name: str) -> str:
    """The file or the package that a name comes from."""
    item = next((i for i in index.imports(path) if i.alias == name), None)
    if item is None:
        return ""
    return index.imported_file(path, item) or item.module


def _by_class(index: FactIndex, sources: Sources) -> Iterator[tuple[int, Failure]]:
    """Classes of errors whose status is fixed, and that are told a message."""
    for definition in index.classes():
        symbol = definition.symbol
        if not symbol.bases or is_test_file(definition.path) or "Error" not in f"{symbol.name}{symbol.bases}":
            continue
        text = sources.at(definition.path, symbol.loc)
        fixed = re.findall(r"\b(4\d\d)\b", text)
        constants = {status for status, name in STATUSES.items() if re.search(rf"\.{name}\b", text)}
        statuses = {int(s) for s in fixed if int(s) in STATUSES} | constants
        built = re.search(
            r"constructor\(\s*(?:public |readonly |private )*(\w+)\??(?:\s*:\s*string)?\s*(=[^,)]*)?[,)]", text
        )
        if len(statuses) == 1 and built is not None and re.search(r"message|msg|text|detail", built[1], re.IGNORECASE):
            status = statuses.pop()
            yield status, Failure(f"new {symbol.name}({{message}})", ((symbol.name, definition.path),))
