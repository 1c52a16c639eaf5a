"""BW506: where a backing service runs is said by configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding
from backwright.kit.addresses import clients, made_by, private_address, without_credentials
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import Hop, shown
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.layers import layers_of
from backwright.kit.shapes import Rule

_VOICE = Voice("BW506", "hardcoded-endpoint", "warning")
_CONFIG = re.compile(
    r"(^|/)(docs?(_src)?|dist|settings?|configs?|configuration|conf|env|dev(elopment)?|local|docker)(/|$)|"
    r"(^|/)\w*(settings?|config|conf|constants?|consts?|defaults?|env)\.py$|(^|/)(manage|gunicorn\w*|setup|tasks|fabfile|noxfile)\.py$|"
    r"(^|/)[\w.-]*(settings?|config|conf|constants?|consts?|defaults?|env|environments?|local|dev|setup\w*)\.[cm]?[jt]sx?$",
    re.IGNORECASE,
)
# Names of what is no backing service, and of values that are meant to be replaced.
_OTHERS = re.compile(
    r"origin|cors|allow|trusted|white_?list|redirect|callback|front_?end|public|site|issuer|audience|example|default|local|dev|test|fallback|"
    r"docs|namespace|schema|domain|referer|logo|image|link|prefix|placeholder|title|proxies|prox",
    re.IGNORECASE,
)
_TAKING = re.compile(
    r"^(get|fetch|axios|post|put|patch|delete|head|options|stream|urlopen|urlretrieve|createProxyMiddleware|from_url|connect\w*|"
    r"create_\w*engine|\w*(Client|Connection|Redis|Producer|Consumer|Session|Channel|Parameters|Database|OpenAI|LLM|Transport|Pool)|\w+_channel)$"
)
_SERVING = frozenset({"app", "router", "service", "repository"})
_PLACES = frozenset(
    {"url", "base_url", "host", "hosts", "endpoint", "endpoint_url", "uri", "dsn", "broker", "backend", "bootstrap_servers",
     "api_base", "server", "address", "broker_url", "server_url", "target"}
)  # fmt: skip
_LOOKING_UP = re.compile(
    r"(^|\.)(environ|env|config|settings|conf|options|kwargs|data|params|headers|cache|session)$", re.IGNORECASE
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each address of a backing service outside of the configuration."""
    role = layers_of(index, archmap).role
    serving = Serving(index, archmap)
    read = _exemplar(index, role)
    told: set[tuple[str, str]] = set()
    for built in clients(index):
        path = built.path
        if built.body.path not in serving or role.get(built.body.path) == "config" or _CONFIG.search(built.body.path):
            continue
        if (path, built.address) in told:
            continue
        told |= {(path, built.address), (path, private_address(built.address))}
        if role.get(built.body.path) in {"service", "repository"}:
            continue  # BW802 says that
        if role.get(path) == "config" or _CONFIG.search(path):
            continue
        client = Hop(built.body.path, built.link.loc, f"`{made_by(built)}` is built with it")
        yield _one(path, built.literal.loc, built.address, built.body.scope, read, [client])
    for body, literal, user in _literals(index):
        path = body.path
        if path not in serving or role.get(path) == "config" or _CONFIG.search(path) or _is_beside(index, path, role):
            continue
        if (path, (host := private_address(literal.text))) not in told:
            told.add((path, host))
            yield _one(path, literal.loc, literal.text, body.scope, read, [user] if user is not None else [])


def _is_beside(index: FactIndex, path: str, role: Mapping[str, str]) -> bool:
    """Whether a file is run by hand beside the service, or, where browsers speak the same language, may be a page's."""
    if index.files[path].language == "typescript":
        return role.get(path) not in _SERVING or path.endswith("x")
    module = bodies(index).get(path, "")
    asked = module is not None and any(e.text == "__name__" for b in module.branches for e in walk(b.condition))
    return asked and role.get(path) not in _SERVING


def _literals(index: FactIndex) -> Iterator[tuple[Body, Expr, Hop | None]]:
    """The addresses that are given a name, or to a call that goes there, file by file."""
    found = [*_named(index), *_taken(index)]
    yield from sorted(found, key=lambda item: (item[0].path, item[1].loc.start))


def _named(index: FactIndex) -> Iterator[tuple[Body, Expr, None]]:
    for body in bodies(index).by_key.values():
        if body.symbol is not None and body.symbol.kind == "class":
            continue
        for assign in body.assigns:
            name = assign.target.dotted()
            if assign.op != "=" or assign.branch >= 0 or not _is_private(assign.value) or _OTHERS.search(name):
                continue
            if len(body.targets().get(name, ())) == 1:
                yield body, assign.value, None


def _taken(index: FactIndex) -> Iterator[tuple[Body, Expr, Hop]]:
    for body, _, link, _ in bodies(index).called(n for n in bodies(index).by_name if _TAKING.match(n)):
        if _LOOKING_UP.search(shown(link).rpartition(".")[0]):
            continue
        pairs = [*zip(link.keys[1:], link.parts[1:], strict=False)]
        if index.files[body.path].language == "typescript":
            pairs += [
                pair for p in link.parts[1:] if p.kind == "mapping" for pair in zip(p.keys, p.parts, strict=False)
            ]
        named = [part for key, part in pairs if key in _PLACES]
        for part in (*link.positional()[: 2 if name_of(link) == "request" else 1], *named):
            text = part.parts[0] if part.kind in {"interpolation", "concatenation"} and part.parts else part
            if _is_private(text):
                yield body, text, Hop(body.path, link.loc, f"`{shown(link)}` goes there")


def _is_private(expr: Expr) -> bool:
    return expr.kind == "string" and "://" in expr.text and bool(private_address(expr.text))


def _exemplar(index: FactIndex, role: Mapping[str, str]) -> str:
    """Where the project reads its settings."""
    places = sorted((p, fact.loc.line) for p, fact in index.settings() if role.get(p) == "config")
    return f", as {places[0][0]}:{places[0][1]} does" if places else ""


def _one(path: str, loc: Loc, address: str, scope: str, read: str, users: list[Hop]) -> Finding:
    shown_address = without_credentials(address)
    return _VOICE.finding(
        path,
        loc,
        f"`{shown_address}` is written into the source: another environment has its services elsewhere",
        scope=scope,
        text=shown_address,
        help=f"read it from the settings{read}",
        related=[user.related() for user in users],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
