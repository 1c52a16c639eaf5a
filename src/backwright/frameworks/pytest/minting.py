"""How a user is signed in by the house's own code: the call that makes a token, as its tests or its login write it."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterator

from backwright.core.facts import Call, Expr, Param, Table
from backwright.kit.house import AuthStyle, Minting
from backwright.kit.index import Definition, FactIndex
from backwright.kit.references import names_in, refs_in
from backwright.kit.rendering import source_of

USER = "{user}"  # stands in a call for the row of whoever is signed in
_MAKES = re.compile(
    r"^_?(create|encode|generate|make|issue|sign|build|mint|get|new)_?(\w*_)?(jwt|token)s?(_\w+)?$", re.IGNORECASE
)
_OTHER_TOKENS = re.compile(
    r"refresh|reset|verif|confirm|invite|csrf|email|password|activation|decode|payload|from|current|magic|header|hash|blacklist",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"\b(OAuth2PasswordBearer|HTTPBearer|OAuth2AuthorizationCodeBearer|OAuth2PasswordBearerWithCookie)\b"
)


def minting(index: FactIndex, tests: frozenset[str], auth: AuthStyle) -> Minting | None:
    """The call most tests sign a user in with, else the one that the service itself does; None where neither is simple."""
    found = next((t for _, t in index.tables() if t.table == auth.user_table), None)
    if found is None:
        return None
    for paths, tested in ((sorted(tests), True), (sorted(set(index.files) - tests), False)):
        counts: Counter[Minting] = Counter()
        for path in paths:
            for call in index.calls(path):
                made = _minted(index, path, call, found, tested=tested, scheme=index.derived(_scheme))
                if made is not None:
                    counts[made] += 1
        if counts:
            return counts.most_common(1)[0][0]
    return None


def _scheme(index: FactIndex) -> str:
    """What stands before the token in its header."""
    bearer = any(_BEARER.search(i.name) for p in index.files for i in index.imports(p))
    return "Bearer " if bearer else ""


def _minted(index: FactIndex, path: str, call: Call, table: Table, *, tested: bool, scheme: str) -> Minting | None:
    callee = call.expr.parts[0].dotted()
    last = callee.rpartition(".")[2]
    if not _MAKES.match(last) or _OTHER_TOKENS.search(last):
        return None
    target = index.resolve(path, callee)
    if target is None or target.symbol.kind not in {"function", "method"}:
        return None
    if target.symbol.returns.strip("'\"") not in {"", "str"} or not _importable(index, target):
        return None
    expr = _trimmed(index, path, call, target)
    text = _with_user(index, path, call, expr, target, table)
    if text is None:
        return None
    imports = tuple(r for r in refs_in(index, path, expr) if r.module)
    return Minting(text, imports, scheme, target.symbol.is_async, tested)


def _importable(index: FactIndex, target: Definition) -> bool:
    name = target.path.rpartition("/")[2]
    return not name.startswith(("test_", "conftest"))


def _local(index: FactIndex, path: str, name: str) -> bool:
    """Whether a name means something only inside its function."""
    known = index.symbols(path).get(name) is not None or any(
        i.alias == name and not i.scope for i in index.imports(path)
    )
    return not known and name not in vars(builtins)


def _trimmed(index: FactIndex, path: str, call: Call, target: Definition) -> Expr:
    """The call with local names replaced by what they were assigned, and without what has a default of its own."""
    expr = _substituted(index, path, call, call.expr)
    defaults = {p.name for p in target.symbol.params if p.default}
    keys, parts = [expr.keys[0]], [expr.parts[0]]
    for key, part in zip(expr.keys[1:], expr.parts[1:], strict=True):
        if key in defaults and any(_local(index, path, n) for n in names_in(part)) and not _speaks_of_a_row(part):
            continue
        keys.append(key)
        parts.append(part)
    return Expr(expr.kind, expr.text, expr.loc, tuple(parts), tuple(keys))


def _speaks_of_a_row(expr: Expr) -> bool:
    return expr.kind in {"name", "attribute", "mapping", "call"} and "expire" not in source_of(expr)


def _substituted(index: FactIndex, path: str, call: Call, expr: Expr) -> Expr:
    """`data` or `expires` by what the same function gave them, where that is a plain value."""
    if expr.kind == "name" and _local(index, path, expr.text):
        given = [a.value for a in index.assigns(path, call.scope) if a.target.dotted() == expr.text and a.op == "="]
        if len(given) == 1 and given[0].kind in {"mapping", "constant", "string"}:
            return given[0]
        return expr
    if not expr.parts:
        return expr
    parts = tuple(_substituted(index, path, call, p) for p in expr.parts)
    return Expr(expr.kind, expr.text, expr.loc, parts, expr.keys)


def _with_user(index: FactIndex, path: str, call: Call, expr: Expr, target: Definition, table: Table) -> str | None:
    """The source with `{user}` for the row; None where anything else in it is known inside its function only."""
    text = source_of(expr)
    columns = {c.name for c in table.columns}
    rows = set(_rows(expr, columns))
    for param, argument in zip(_named_params(target), expr.parts[1:], strict=False):
        if table.entity in re.split(r"\W+", param.annotation) and argument.kind == "name":
            rows.add(argument.text)
        elif table.entity in re.split(r"\W+", param.annotation) and _builds(argument, table):
            return f"{source_of(expr.parts[0])}({USER})"
    rows = {r for r in rows if _local(index, path, r)}
    free = {n for part in expr.parts[1:] for n in names_in(part) if _local(index, path, n)}
    if len(rows) != 1 or free - rows or _local(index, path, source_of(expr.parts[0]).split(".")[0]):
        return None
    return re.sub(rf"(?<![\w.\"']){next(iter(rows))}\b(?!=)", USER, text)


def _named_params(target: Definition) -> list[Param]:
    return [p for p in target.symbol.params if p.name not in {"self", "cls"}]


def _builds(argument: Expr, table: Table) -> bool:
    return argument.kind == "call" and argument.parts[0].dotted() == table.entity


def _rows(expr: Expr, columns: set[str]) -> Iterator[str]:
    """Variables of which columns of the user's table are asked."""
    if expr.kind == "attribute" and expr.text in columns and expr.parts[0].kind == "name":
        yield expr.parts[0].text
    for part in expr.parts:
        yield from _rows(part, columns)
