"""BW505: secrets come from the environment, not from the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc, StringLiteral
from backwright.core.findings import Finding
from backwright.kit.bodies import Bodies, Body, bodies, method_of, walk
from backwright.kit.findings import Voice
from backwright.kit.handlers import roles
from backwright.kit.index import FactIndex
from backwright.kit.secrets import credentials_in, is_secret_name, looks_secret, token_in
from backwright.kit.shapes import Rule

_VOICE = Voice("BW505", "hardcoded-secret", "error")
_ENVIRONMENT = frozenset({"getenv", "get", "config", "env", "str", "SecretStr", "Field", "Secret", "setdefault", "mapped_column", "Column"})
_TEMPLATE = re.compile(r"example|sample|template|dist|\.tpl|\.tmpl|test|ci\b|\.github|mkdocs|\.lock$", re.IGNORECASE)
_LINE = re.compile(r"""^\s*(?:export\s+|-\s+)?["']?([A-Za-z_][\w.\-]*)["']?\s*[:=]\s*(.*?)\s*$""")
# Passwords of throw-away containers; a long random value is one that somebody made.
_COMPOSE = re.compile(r"compose[^/]*\.ya?ml$|devcontainer|(^|/)k8s/|helm", re.IGNORECASE)
_LONG = 24
_TESTS = re.compile(r"(^|/)(tests?|testing|fixtures|e2e|spec)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_HELP = "read it from the environment or a secret manager, and replace it: what was committed is known"


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each secret in source or configuration."""
    role = roles(archmap)
    all_bodies = bodies(index)
    for path in sorted(index.files):
        is_test = role.get(path) == "test" or bool(_TESTS.search(path))
        seen: set[int] = set()
        for finding, start in _in_code(index, all_bodies, path, is_test=is_test):
            if start not in seen:
                seen.add(start)
                yield finding
    for path in sorted(index.texts):
        yield from _in_text(path, index.texts[path])


def _in_code(index: FactIndex, all_bodies: Bodies, path: str, *, is_test: bool) -> Iterator[tuple[Finding, int]]:
    for fact in index.files[path].facts:
        if isinstance(fact, StringLiteral):
            kind = token_in(fact.value) or ("" if is_test else credentials_in(fact.value))
            if kind:
                yield _finding(path, fact.loc, kind, fact.context, fact.scope), fact.loc.start
    if is_test:
        return
    for body in all_bodies.by_path.get(path, {}).values():
        for name, expr in _named(body):
            if looks_secret(expr.text, name):
                yield _finding(path, expr.loc, f"`{name}`", name, body.scope), expr.loc.start


def _named(body: Body) -> Iterator[tuple[str, Expr]]:
    """Every literal that is given to something called like a secret: assigned, passed, compared, or its default."""
    for assign in body.assigns:
        name = assign.target.text if assign.target.kind in {"name", "attribute"} else ""
        if assign.target.kind == "subscript" and len(assign.target.parts) > 1:
            name = assign.target.parts[1].text
        yield from _literals(name, assign.value)
    for call in body.calls:
        for node in walk(call.expr):
            yield from _keywords(node)
    for item in body.returns:
        for node in walk(item.value) if item.value is not None else ():
            yield from _keywords(node)
    for param in body.symbol.params if body.symbol is not None else ():
        if param.default_expr is not None:
            yield from _literals(param.name, param.default_expr)
    for branch in body.branches:
        for node in walk(branch.condition):
            if node.kind == "binary" and node.text in {"==", "!="} and len(node.parts) == 2:
                left, right = node.parts
                yield from _literals(left.text, right) if right.kind == "string" else _literals(right.text, left)


def _literals(name: str, value: Expr) -> Iterator[tuple[str, Expr]]:
    """The literals that become the value of a name: itself, the default of a look-up, an alternative."""
    match value.kind:
        case "string" if is_secret_name(name):
            yield name, value
        case "conditional" | "binary" if value.text in {"", "or"}:
            for part in value.parts:
                yield from _literals(name, part)
        case "call" if method_of(value) in _ENVIRONMENT:
            first = value.positional()[:1]
            asked = first[0].text if first and first[0].kind == "string" else ""
            known = name if is_secret_name(name) else asked
            defaults = value.positional()[1:] if asked and method_of(value) in {"getenv", "get", "config", "env", "setdefault"} else value.positional()
            for part in [*defaults, *(e for k in ("default", "cast_default") if (e := value.keyword(k)) is not None)]:
                if part.kind == "string" and is_secret_name(known) and part.text != asked:
                    yield known, part
        case "mapping" | "sequence" | "comprehension":
            for node in walk(value):
                yield from _keywords(node)
        case _:
            return


def _keywords(node: Expr) -> Iterator[tuple[str, Expr]]:
    if node.kind in {"call", "mapping"}:
        for key, part in zip(node.keys, node.parts, strict=False):
            if part.kind == "string" and is_secret_name(key):
                yield key, part


def _in_text(path: str, text: str) -> Iterator[Finding]:
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
    return name.startswith(".env") or name.endswith((".env", ".ini", ".toml", ".cfg", ".yaml", ".yml", ".json", ".properties"))


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] in "'\"":
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return re.split(r"\s+[#;]", value)[0].rstrip(",")


def _finding(path: str, loc: Loc, kind: str, context: str, scope: str) -> Finding:
    subject = kind if kind.startswith("`") else f"a {kind}" if not context else f"a {kind} in `{context}`"
    return _VOICE.finding(
        path,
        loc,
        f"{subject} is written into the repository" if not kind.startswith("`") else f"the value of {kind} is written into the repository",
        scope=scope,
        text=f"{kind} {context}",
        help=_HELP,
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python",), check)
