"""Who may do what: the rules of the security filter chain, and the annotations of handlers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Symbol
from backwright.kit.house import AuthStyle, Guard, Ref
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.spring.reading import Sources, generic, marks
from backwright.stacks.spring.siblings import Resource
from backwright.stacks.spring.style import CurrentUser, Rule, Security

_MATCHERS = ("requestMatchers", "antMatchers", "mvcMatchers", "pathMatchers")
_RULE = re.compile(rf"\.({'|'.join(_MATCHERS)}|anyRequest)\s*\(")
_GRANT = re.compile(
    r"\s*(\.(permitAll|authenticated|denyAll|fullyAuthenticated|hasRole|hasAuthority|hasAnyRole|hasAnyAuthority|access)\s*\()"
)
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_UNKNOWN = ("?",)  # the addresses of a rule that cannot be told
_GUARDS = ("PreAuthorize", "Secured", "RolesAllowed", "IsAdmin", "IsAuthenticated", "PermitAll")
_USERS = re.compile(r"(?:App|Application)?(?:User|Account|Member|Person)s?(?:Entity|Model)?")
_CURRENT = re.compile(r"current|logged|signedin|authenticated|principal|^me$", re.IGNORECASE)
_RANK = {"public": 0, "user": 1, "admin": 2}


def closing(text: str, at: int) -> int:
    """The place behind the bracket that closes the one at `at`; strings are jumped over."""
    depth, quoted = 0, False
    for n in range(at, len(text)):
        sign = text[n]
        if sign == '"' and text[n - 1] != "\\":
            quoted = not quoted
        elif not quoted and sign in "([{":
            depth += 1
        elif not quoted and sign in ")]}":
            depth -= 1
            if depth == 0:
                return n + 1
    return len(text)


def security_of(index: FactIndex, resources: tuple[Resource, ...], sources: Sources) -> Security:
    """The rules of the chain that is for all requests, and how handlers say who may call them."""
    annotations, imports = _annotations(resources, sources)
    found = max(_chains(index, sources), key=lambda c: len(_RULE.findall(c[1])), default=None)
    if found is None:
        return Security(annotations=annotations, imports=imports)
    path, text, start = found
    first = _RULE.search(text)
    if first is None:
        return Security(path=path, annotations=annotations, imports=imports)
    rules, grants = _rules(text, sources.read(path))
    line = text.rfind("\n", 0, first.start()) + 1
    alone = not text[line : first.start()].strip()
    matcher = next((m[1] for m in _RULE.finditer(text) if m[1] != "anyRequest"), "requestMatchers")
    return Security(
        path,
        rules,
        start + len(sources.read(path).encode()[start:].decode()[: first.start()].encode()),
        f"\n{text[line : first.start()]}" if alone else "",
        matcher,
        grants,
        annotations,
        imports,
    )


def _blank(match: re.Match[str]) -> str:
    """A comment as blanks, so that all else stays where it is; a text as it is."""
    return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])


def _chains(index: FactIndex, sources: Sources) -> Iterator[tuple[str, str, int]]:
    """The methods that make a filter chain, with where they start. One for some addresses only is not asked."""
    for definition in index.functions():
        symbol = definition.symbol
        old = symbol.name == "configure" and any("HttpSecurity" in p.annotation for p in symbol.params)
        made = generic(symbol.returns)[0] in {"SecurityFilterChain", "SecurityWebFilterChain"}
        if (made or old) and definition.path.endswith(".java") and not is_test_file(definition.path):
            text = _COMMENT.sub(_blank, sources.text_of(definition))
            if not re.search(r"\.securityMatchers?\s*\(|\.requestMatchers\s*\(\)\s*\.", text):
                yield definition.path, text, symbol.loc.start


def _rules(text: str, source: str) -> tuple[tuple[Rule, ...], dict[str, str]]:
    rules, grants = [], {"public": ".permitAll()", "user": ".authenticated()"}
    waiting: list[tuple[str, tuple[str, ...]]] = []
    for match in _RULE.finditer(text):
        end = closing(text, match.end() - 1)
        given = text[match.end() : end - 1]
        verb = re.search(r"HttpMethod\.(\w+)", given)
        patterns = tuple(_patterns(given, source)) if match[1] != "anyRequest" else ()
        if match[1] != "anyRequest" and not patterns and re.sub(r"\s*HttpMethod\.\w+\s*", "", given).strip():
            patterns = _UNKNOWN
        said = _GRANT.match(text, end)
        if said is None:
            continue
        level = _level(said[2], text[said.end() : closing(text, said.end() - 1) - 1])
        if level not in grants and level:
            grants[level] = text[said.start(1) : closing(text, said.end() - 1)]
        waiting.append((verb[1] if verb is not None else "", patterns))
        rules += [Rule(v, p or (("/**",) if v else ()), level) for v, p in waiting]
        waiting = []
    return tuple(rules), grants


def _patterns(given: str, source: str) -> Iterator[str]:
    yield from re.findall(r"\"([^\"]*)\"", given)
    for name in re.findall(r"\b([A-Z][A-Z0-9_]+)\b", re.sub(r"HttpMethod\.\w+|\"[^\"]*\"", "", given)):
        held = re.search(rf"\b{name}\s*=\s*([^;]*);", source)
        yield from re.findall(r"\"([^\"]*)\"", held[1]) if held is not None else ()


def _level(grant: str, given: str) -> str:
    """What the end of a rule amounts to: public, user, admin, another role's name, or `""` where it cannot be told."""
    if grant == "permitAll":
        return "public"
    if grant in {"authenticated", "fullyAuthenticated"}:
        return "user"
    names: list[str] = re.findall(r"\"(?:ROLE_)?(\w+)\"", given) or re.findall(r"\b(?:ROLE_)?([A-Z][A-Z_]+)\b", given)
    if len(names) == 1:
        return names[0].lower()
    return "user" if {"admin", "user"} <= {n.lower() for n in names} else ""


def _annotations(resources: tuple[Resource, ...], sources: Sources) -> tuple[dict[str, str], dict[str, str]]:
    """The annotation of a handler for each level, and where its class comes from."""
    found: dict[str, str] = {}
    imports: dict[str, str] = {}
    for resource in resources:
        path = resource.controller.path
        for symbol in [resource.controller.symbol, *(e.handler for e in resource.endpoints.values())]:
            for name, mark in marks(symbol.decorators).items():
                text = sources.at(path, mark.loc)
                level = level_of_annotation(f"@{text.lstrip('@')}") if name in _GUARDS else ""
                if level and level not in found:
                    found[level] = f"@{text.lstrip('@')}"
                    item = next((i for i in sources.index.imports(path) if i.name == name), None)
                    imports[name] = f"{item.module}.{name}" if item is not None else ""
    return found, imports


def level_of_annotation(text: str) -> str:
    """`@PreAuthorize("hasRole('ADMIN')")` → admin; `""` for what looks at more than roles."""
    if re.search(r"#|@\w+\.|principal|returnObject", text[1:]):
        return ""
    if "permitAll" in text or text.startswith("@PermitAll"):
        return "public"
    names: set[str] = {n.lower() for n in re.findall(r"['\"](?:ROLE_)?([A-Za-z_]+)['\"]", text)}
    names |= {"admin"} if text.startswith("@IsAdmin") else set()
    if not names:
        return "user" if re.search(r"isAuthenticated|@IsAuthenticated", text) else ""
    if len(names) == 1:
        return names.pop()
    return "user" if {"admin", "user"} <= names else ""


def level_at(security: Security, verb: str, address: str, *, surely: bool = False) -> str:
    """What the chain asks of a request; public without a chain. `surely`: `""` where a rule before may be about it too."""
    for rule in security.rules:
        if rule.verb and rule.verb != verb:
            continue
        if rule.patterns == _UNKNOWN:
            if surely:
                return ""
            continue
        if not rule.patterns or any(_matches(p, address) for p in rule.patterns):
            return rule.level
    return "public" if not security.rules else "user"


def _matches(pattern: str, address: str) -> bool:
    """As Spring matches: `*` within a segment, `**` any number of segments."""
    parts = re.split(r"(/\*\*|\*\*|\*|\{[^}]*\})", pattern if pattern.startswith("/") else f"/{pattern}")
    table = {"/**": "(/.*)?", "**": ".*", "*": "[^/]*"}
    shown = "".join(table.get(p) or ("[^/]+" if p.startswith("{") else re.escape(p)) for p in parts)
    return re.fullmatch(shown, address) is not None


def level_of_handler(security: Security, resource: Resource, operation: str, sources: Sources) -> str:
    """Who may call an endpoint: what the chain asks, and what its own annotation or its class's asks."""
    endpoint = resource.endpoints[operation]
    chain = level_at(security, endpoint.verb, re.sub(r"\{[^}]*\}", "1", endpoint.address))
    own = next(iter(_guards(endpoint.handler, resource, sources)), "") or next(
        iter(_guards(resource.controller.symbol, resource, sources)), ""
    )
    return max((chain, own), key=lambda level: _RANK.get(level, 3 if level else -1))


def _guards(symbol: Symbol, resource: Resource, sources: Sources) -> Iterator[str]:
    for name, mark in marks(symbol.decorators).items():
        if name in _GUARDS:
            yield level_of_annotation(f"@{sources.at(resource.controller.path, mark.loc).lstrip('@')}")


def access_of(
    index: FactIndex, resources: tuple[Resource, ...], security: Security, sources: Sources
) -> tuple[AuthStyle, CurrentUser | None, dict[str, dict[str, str]]]:
    """What the guards of the house amount to, the way to who is signed in, and who may do what with each resource."""
    levels = {r.name.snake: {op: level_of_handler(security, r, op, sources) for op in r.endpoints} for r in resources}
    known = {**security.grants, **security.annotations}
    table = next((t for p, t in index.tables() if p.endswith(".java") and _USERS.fullmatch(t.entity)), None)
    current = _current_user(index, table.entity, sources) if table is not None else None
    style = AuthStyle(
        guards=tuple(Guard(level, text, ()) for level, text in known.items() if level != "public"),
        user=Ref(table.entity, "") if table is not None else None,
        user_table=table.table if table is not None and current is not None else "",
    )
    return style, current, levels


def _current_user(index: FactIndex, entity: str, sources: Sources) -> CurrentUser | None:
    """A method without parameters that gives the row of who is signed in."""
    for found in index.functions():
        symbol = found.symbol
        if symbol.returns != entity or symbol.params or not _CURRENT.search(symbol.name) or "." in symbol.scope:
            continue
        owner = index.symbols(found.path).get(symbol.scope)
        if owner is None or is_test_file(found.path) or "private" in symbol.modifiers:
            continue
        static = "static" in symbol.modifiers
        bean = {"Service", "Component", "Repository"} & set(marks(owner.decorators))
        if static or bean:
            by = re.search(r"\bfindBy([A-Z]\w*?)\(", sources.text_of(found))
            name = by[1][:1].lower() + by[1][1:] if by is not None else ""
            return CurrentUser(Definition(found.path, owner), symbol.name, static, name)
    return None
