"""How tests of this project start the application, and how they sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import dirname

from backwright.core.facts import Assign, Symbol
from backwright.kit.index import Definition
from backwright.stacks.gin.decide import GinPlan

_ENGINE = re.compile(r"\*gin\.Engine|http\.Handler\b")
_TOKEN = re.compile(r"token|auth|login|sign|jwt|header", re.IGNORECASE)
_HEADER = re.compile(r'\.Header\.(?:Set|Add)\(\s*("\w[\w-]*")\s*,\s*((?:"[^"]*"\s*\+\s*)?)(\w+)\s*\)')


@dataclass(frozen=True)
class Manner:
    """The test file to imitate: how it starts the application, and what signs somebody in, by level."""

    path: str
    setup: str  # `engine, db := setup(t)`
    engine: str
    database: str  # the variable of the database, `""` for none
    tokens: dict[str, str]
    header: str  # `"Authorization"`
    scheme: str  # `"Bearer "+`


def manner_of(plan: GinPlan) -> Manner | None:
    """How tests are written here; None where none starts the application."""
    tests = [p for p in plan.index.files if p.endswith("_test.go")]
    about = sorted(tests, key=lambda p: (plan.sibling.base not in plan.sources.read(p), p))
    for path in about:
        for assign in plan.index.assigns(path):
            maker = _maker(plan, path, assign)
            if maker is not None and maker.symbol.returns:
                found = _manner(plan, path, assign, maker.symbol)
                if found is not None:
                    return found
    return None


def _near(plan: GinPlan, path: str) -> list[str]:
    """The test files of one package."""
    folder, package = dirname(path), plan.sources.package(path)
    return [
        p
        for p in plan.index.files
        if dirname(p) == folder and p.endswith("_test.go") and plan.sources.package(p) == package
    ]


def _maker(plan: GinPlan, path: str, assign: Assign) -> Definition | None:
    """The function of the same package's tests whose result is held, where that is the application."""
    if assign.value.kind != "call" or assign.value.parts[0].kind != "name" or not assign.scope.startswith("Test"):
        return None
    name = assign.value.parts[0].text
    for file in _near(plan, path):
        symbol = plan.index.symbols(file).get(name)
        if symbol is not None and symbol.kind == "function" and _ENGINE.search(symbol.returns):
            return Definition(file, symbol)
    return None


def _manner(plan: GinPlan, path: str, assign: Assign, maker: Symbol) -> Manner | None:
    lines = plan.sources.read(path).splitlines()[assign.loc.line - 1 : assign.loc.end_line]
    statement = "\n".join(line.strip() for line in lines)
    kinds = [k.strip().rpartition(" ")[2] for k in maker.returns.strip("()").split(",")]
    held = [n.strip() for n in statement.partition(":=")[0].split(",")]
    if len(held) != len(kinds) or ":=" not in statement:
        return None
    engine = next((h for h, k in zip(held, kinds, strict=True) if _ENGINE.search(k)), "")
    at = next((n for n, k in enumerate(kinds) if k == "*gorm.DB"), -1)
    database = held[at] if at >= 0 else ""
    if engine in {"", "_"}:
        return None
    if database == "_":
        held[at] = database = "db"
        statement = f"{', '.join(held)} := {statement.partition(':=')[2].strip()}"
    texts = "\n".join(plan.sources.read(p) for p in _near(plan, path))
    header = next(iter(_HEADER.finditer(texts)), None)
    return Manner(
        path,
        statement,
        engine,
        database,
        _tokens(plan, path, held),
        header[1] if header is not None else '"Authorization"',
        re.sub(r"\s+$", "", header[2]).replace(" +", "+") if header is not None else '"Bearer "+',
    )


def _tokens(plan: GinPlan, path: str, known: list[str]) -> dict[str, str]:
    """Level to the call that signs somebody of it in, as tests here make it with what the setup gives."""
    found: dict[str, str] = {}
    makers = {
        s.name
        for p in _near(plan, path)
        for s in plan.index.symbols(p).values()
        if s.kind == "function" and _TOKEN.search(s.name) and re.match(r"\(?string\b", s.returns)
    }
    for file in _near(plan, path):
        for call in plan.index.calls(file):
            if call.expr.parts[0].text not in makers or not call.scope.startswith("Test"):
                continue
            text = plan.sources.at(file, call.loc)
            inner = re.sub(r'"[^"]*"', "", text.partition("(")[2])
            names = set(re.findall(r"(?<![\w.])([a-z]\w*)(?![\w.(])", inner))
            if names <= {"t", *known}:
                found.setdefault("admin" if re.search("admin", text, re.IGNORECASE) else "user", text)
    return found
