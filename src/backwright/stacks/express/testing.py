"""How tests of this project sign in: which header goes with which level, and what has to run before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.stacks.express.decide import ExpressPlan

_CASE = re.compile(r"^([ \t]*)(?:it|test)(?:\.\w+)?\(\s*(['\"`])", re.MULTILINE)
_CALL = re.compile(r"\.(get|post|put|patch|delete)\(\s*([^\n]*?)\)\s*(?=\.|;|\n|$)")
_SET = re.compile(r"\.set\(\s*(['\"]Authorization['\"]\s*,\s*(?:`[^`]*`|[^)\n]+)|[^)\n]*[Hh]eader[^)\n]*)\)")
_STATUS = re.compile(r"(?:toBe|toEqual|expect|equal|toHaveBeenCalledWith|strictEqual)\([^)\n]*?\b([1-5]\d\d)\b")
_HOOK = re.compile(r"^[ \t]*(beforeEach|beforeAll|afterEach|afterAll|before|after)\(", re.MULTILINE)


@dataclass(frozen=True)
class Manner:
    """The test file to imitate: its imports, what stands before its first case, and the header of each level."""

    path: str
    setup: str
    headers: dict[str, str]
    app: str  # what `request(…)` is given
    caller: str  # `request`
    case: str  # `it` | `test`


def manner_of(plan: ExpressPlan) -> Manner | None:
    """How tests are written here; None where there is no test that calls the application."""
    files = [p for p in plan.index.files if _application(plan.sources.read(p)) and _CASE.search(plan.sources.read(p))]
    wanted = {level for op, level in plan.access.items() if op in plan.operations and level != "public"}
    found = [_manner(plan, p) for p in files]
    best = sorted(found, key=lambda m: (-len(wanted & set(m.headers)), m.path != plan.house.tests, len(m.setup)))
    return best[0] if best else None


def _application(text: str) -> re.Match[str] | None:
    return re.search(r"\b(request|supertest|agent)\(([\w.]+)\)", text)


def _manner(plan: ExpressPlan, path: str) -> Manner:
    text = plan.sources.read(path)
    given = _application(text)
    assert given is not None
    first = _CASE.search(text)
    assert first is not None
    headers: dict[str, str] = {}
    for level, header in _headers(plan, text):
        headers.setdefault(level, header)
    word = "it" if re.search(r"^\s*it\(", text, re.MULTILINE) else "test"
    setup = _needed("\n".join(_setup(text[: first.start()])), headers)
    return Manner(path, setup, headers, given[2], given[1], word)


def _needed(setup: str, headers: dict[str, str]) -> str:
    """The setup without variables that no header needs, and without what only they were made of."""
    asked = " ".join(headers.values())
    for name in re.findall(r"^let (\w+)", setup, re.MULTILINE):
        if not re.search(rf"\b{name}\b", asked):
            rest = re.sub(rf"^let {name}\b[^\n]*\n|^[ \t]*{name} = [^;\n]*;?\n", "", setup, flags=re.MULTILINE)
            setup = rest if not re.search(rf"\b{name}\b", rest) else setup
    for name in re.findall(r"^[ \t]+const (\w+) = await", setup, re.MULTILINE):
        if len(re.findall(rf"\b{name}\b(?!:)", setup.replace(f".{name}.", "."))) == 1:
            setup = re.sub(
                rf"^([ \t]+)const {name} = await [^\n]*(\n\1[ \t]+[^\n]*|\n\1\}}[^\n]*)*\n",
                "",
                setup,
                count=1,
                flags=re.MULTILINE,
            )
    return setup


def _headers(plan: ExpressPlan, text: str) -> Iterator[tuple[str, str]]:
    """Level to header, from requests to routes whose level is known and from what they were answered."""
    starts = [m.start() for m in _CASE.finditer(text)]
    ends = [*starts[1:], len(text)]
    outside = {
        m[1] for m in re.finditer(r"^\s*(?:let|const|var)\s+(\w+)", text[: starts[0]] if starts else "", re.MULTILINE)
    }
    for start, end in zip(starts, ends, strict=True):
        block = text[start:end]
        sets = set(_SET.findall(block))
        statuses, verbs = set(_STATUS.findall(block)), set(re.findall(r"\)\s*\.(get|post|put|patch|delete)\(", block))
        if len(sets) != 1 or len(statuses) != 1 or len(verbs) != 1:
            continue
        header, status, verb = sets.pop(), statuses.pop(), verbs.pop()
        used = set(re.findall(r"\b[a-zA-Z_]\w*\b", re.sub(r"(['\"])Authorization\1|Bearer", "", header)))
        if not used & outside:
            continue
        if status == "403":
            yield "user", header
        level = _level(plan, text, verb)
        if status.startswith("2") and level in {"user", "admin"}:
            yield level, header


def _level(plan: ExpressPlan, text: str, verb: str) -> str:
    """Who may send this verb to the resource that a test file is about."""
    operation = {"get": "get", "post": "create", "put": "update", "patch": "update", "delete": "delete"}[verb]
    for resource in plan.house.resources:
        if resource.base in text:
            return plan.house.access[resource.name.snake].get(operation, "")
    return ""


def _setup(head: str) -> Iterator[str]:
    """The variables and hooks before the first case."""
    depth = 1 if re.search(r"^describe\(", head, re.MULTILINE) else 0
    lines = head.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if not re.match(r"[ \t]*(let|var|beforeEach|beforeAll|afterEach|afterAll|before|after)\b", line) or (
            depth and not line[:1].isspace() and line.startswith(("let", "var")) and "=" in line
        ):
            number += 1
            continue
        indent = re.match(r"[ \t]*", line)
        assert indent is not None
        end = number
        if line.rstrip().endswith(("{", "(")):
            closing = re.compile(rf"{re.escape(indent[0])}[\}})]")
            end = next((n for n in range(number + 1, len(lines)) if closing.match(lines[n])), number)
        yield from (part.removeprefix(indent[0]) for part in lines[number : end + 1])
        number = end + 1
