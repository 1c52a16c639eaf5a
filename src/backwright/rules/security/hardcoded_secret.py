"""BW505: secrets come from the environment, not from the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from posixpath import basename

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, FileFacts, Loc, StringLiteral
from backwright.core.findings import Finding
from backwright.kit.bodies import Body, bodies_in
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice
from backwright.kit.handlers import roles
from backwright.kit.index import FactIndex, of_file
from backwright.kit.secrets import credentials_in, is_secret_name, looks_secret, token_in
from backwright.kit.shapes import Rule
from backwright.kit.testfiles import is_test_file

_VOICE = Voice("BW505", "hardcoded-secret", "error")
_LOOKUPS = frozenset({"getenv", "get", "config", "env", "setdefault", "get_env", "decouple"})
_TAKING = frozenset({"str", "SecretStr", "Secret", "cast", "Field"})
_WRAPPERS = _TAKING | {"Query", "Header"}
_WRAPPING = frozenset({"call", "conditional", "binary"})
_TEMPLATE = re.compile(r"example|sample|template|dist|\.tpl|\.tmpl|test|ci\b|\.github|mkdocs|\.lock$", re.IGNORECASE)
_LINE = re.compile(r"""^\s*(?:export\s+|-\s+)?["']?([A-Za-z_][\w.\-]*)["']?\s*[:=]\s*(.*?)\s*$""")
# Passwords of throw-away containers; a long random value is one that somebody made.
_COMPOSE = re.compile(r"compose[^/]*\.ya?ml$|devcontainer|(^|/)k8s/|helm", re.IGNORECASE)
_LONG = 24
_TESTS = re.compile(r"(^|/)(tests?|testing|fixtures|e2e|spec)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_OF_TESTS = "private key"  # tests make their own pairs of keys
_HELP = "read it from the environment or a secret manager, and replace it: what was committed is known"


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each secret in source or configuration."""
    role = roles(archmap)
    for path in sorted(index.files):
        is_test = role.get(path) == "test" or bool(_TESTS.search(path)) or is_test_file(path)
        seen: set[int] = set()
        for finding, start in of_file(index.files[path], _in_tests if is_test else _in_product):
            if start not in seen:
                seen.add(start)
                yield finding
    for path in sorted(index.texts):
        yield from _in_text(path, index.texts[path])


def _in_tests(file: FileFacts) -> tuple[tuple[Finding, int], ...]:
    return tuple(_in_code(file, is_test=True))


def _in_product(file: FileFacts) -> tuple[tuple[Finding, int], ...]:
    return tuple(_in_code(file, is_test=False))


def _in_code(file: FileFacts, *, is_test: bool) -> Iterator[tuple[Finding, int]]:
    """The secrets of one file, each with where it starts."""
    path = file.path
    for fact in file.facts:
        if not isinstance(fact, StringLiteral):
            continue
        name = fact.context.rpartition(".")[2]
        kind = token_in(fact.value)
        kind = "" if is_test and kind == _OF_TESTS else kind
        if not kind and not is_test:
            named = bool(name) and is_secret_name(name) and looks_secret(fact.value, name)
            kind = f"`{name}`" if named else credentials_in(fact.value)
        if kind:
            yield _finding(path, fact.loc, kind, name, fact.scope), fact.loc.start
    for body in of_file(file, bodies_in).values() if not is_test else ():
        for name, expr in _named(body):
            if is_secret_name(name) and looks_secret(expr.text, name):
                yield _finding(path, expr.loc, f"`{name}`", name, body.scope), expr.loc.start


def _named(body: Body) -> Iterator[tuple[str, Expr]]:
    """The literals that become secrets in other ways than by plain assignment: defaults of look-ups and of parameters,
    keys that are set, comparisons."""
    for assign in body.assigns:
        target, value = assign.target, assign.value
        if target.kind == "subscript" and len(target.parts) > 1 and value.kind == "string":
            yield target.parts[1].text, value
        elif value.kind in _WRAPPING:
            yield from _literals(target.text, value)
    for param in body.symbol.params if body.symbol is not None else ():
        if param.default_expr is not None:
            yield from _literals(param.name, param.default_expr)
    for branch in body.branches:
        yield from _compared(branch.condition)


def _compared(condition: Expr) -> Iterator[tuple[str, Expr]]:
    if condition.kind != "binary" or len(condition.parts) > 2:
        return
    if condition.text in {"==", "!=", "===", "!=="} and len(condition.parts) == 2:
        left, right = condition.parts
        if right.kind == "string":
            yield left.text, right
        elif left.kind == "string":
            yield right.text, left
    elif condition.text in {"and", "or", "not"}:
        for part in condition.parts:
            yield from _compared(part)


def _literals(name: str, value: Expr) -> Iterator[tuple[str, Expr]]:
    """The literals that become the value of a name: itself, the default of a look-up, an alternative."""
    if value.kind == "string":
        yield name, value
    elif value.kind == "conditional" or (value.kind == "binary" and value.text in {"or", "||", "??", "?:"}):
        for part in value.parts:
            yield from _literals(name, part)
    elif value.kind == "call" and name_of(value) in _WRAPPERS:
        positional = value.positional()
        for part in positional if name_of(value) in _TAKING else ():
            yield from _literals(name, part)
        if (given := value.keyword("default")) is not None:
            yield from _literals(name, given)
    elif value.kind == "call" and name_of(value) in _LOOKUPS:
        positional = value.positional()
        asked = positional[0].text if positional and positional[0].kind == "string" else ""
        known = name if is_secret_name(name) else asked
        for default in (*positional[1:2], value.keyword("default")):
            if default is not None and default.kind == "string":
                yield known, default


@lru_cache(maxsize=256)
def _in_text(path: str, text: str) -> tuple[Finding, ...]:
    return tuple(_configuring(path, text))


def _configuring(path: str, text: str) -> Iterator[Finding]:
    """Configuration: tokens and keys anywhere, passwords where the file is no template."""
    template = bool(_TEMPLATE.search(path)) or bool(_TESTS.search(path))
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        bare = line.rstrip("\r\n")
        match = _LINE.match(bare)
        name = match[1] if match else ""
        value = _unquoted(match[2]) if match else ""
        kind = token_in(bare)
        if not kind and not template and value:
            kind = _configured(path, name, value)
        if kind and not bare.lstrip().startswith(("#", ";", "//")):
            col = len(bare) - len(bare.lstrip()) + 1
            loc = Loc(number, col, number, len(bare.rstrip()) + 1, offset, offset + len(bare))
            yield _finding(path, loc, kind, name, "")
        offset += len(line)


def _configured(path: str, name: str, value: str) -> str:
    """What a line of configuration gives away, `""` for nothing."""
    local = bool(_COMPOSE.search(path))
    secret = is_secret_name(name) and _is_plain(path) and looks_secret(value, name)
    if secret and (not local or len(value) >= _LONG):
        return f"`{name}`"
    return "" if local else credentials_in(value)


def _is_plain(path: str) -> bool:
    """Files of `name=value` lines that a program reads as its environment or settings."""
    name = basename(path)
    return name.startswith(".env") or name.endswith(
        (".env", ".ini", ".toml", ".cfg", ".yaml", ".yml", ".json", ".properties")
    )


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] in "'\"":
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return re.split(r"\s+[#;]", value)[0].rstrip(",")


def _finding(path: str, loc: Loc, kind: str, context: str, scope: str) -> Finding:
    article = "an" if kind[0] in "AO" or kind.startswith("addr") else "a"
    subject = f"{article} {kind} in `{context}`" if context else f"{article} {kind}"
    return _VOICE.finding(
        path,
        loc,
        f"{subject} is written into the repository"
        if not kind.startswith("`")
        else f"the value of {kind} is written into the repository",
        scope=scope,
        text=f"{kind} {context}",
        help=_HELP,
    )


RULE = Rule(
    _VOICE.id,
    _VOICE.name,
    _VOICE.severity,
    ("python", "typescript", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "elixir"),
    check,
)
