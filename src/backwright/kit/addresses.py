"""Addresses of backing services that stand in the source: which texts are some, and which clients are built with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import argument, name_of
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Place, libraries

_SCHEMES = (
    r"(postgres(ql)?|mysql|mariadb|mssql|oracle|cockroachdb|clickhouse|rediss?|amqps?|pyamqp|mongodb(\+srv)?|kafka|nats|mqtts?|"
    r"memcached?|ldaps?|smtps?|elasticsearch|cassandra|neo4j|bolt|etcd|consul)(\+\w+)?"
)
_URL = re.compile(rf"^{_SCHEMES}://(?:[^@/\s]*@)?(?P<host>\[[^\]]+\]|[\w.\-]+)(:\d+)?(/[^\s]*)?$", re.IGNORECASE)
_HTTP = re.compile(
    r"^(https?|grpcs?|wss?|tcp)://(?:[^@/\s]*@)?(?P<host>\[[^\]]+\]|[\w.\-]+)(?P<port>:\d+)?(/[^\s]*)?$", re.IGNORECASE
)
_PAIR = re.compile(r"^(?P<host>[\w.\-]+):\d{2,5}$")
_PRIVATE = re.compile(
    r"^(localhost|127\.\d+\.\d+\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|host\.docker\.internal|"
    r"[\w\-]+|[\w.\-]+\.(local|internal|svc|lan|corp|consul|intra|cluster\.local))$",
    re.IGNORECASE,
)
_STANDING_IN = re.compile(
    r"^(host|hostname|server|example|domain|your\w*|my\w*|foo|bar|test\w*|mock\w*|fake\w*|dummy|placeholder|unused|invalid|none|user|"
    r"x+|a|b|0\.0\.0\.0)$|example|testserver|xxx|^metadata\.",
    re.IGNORECASE,
)
_CHOOSING = re.compile(r"(^|\.)(env|environ|settings|config)(\.|$)|NODE_ENV|production|getenv", re.IGNORECASE)


class Built(NamedTuple):
    """A client that is built with an address: the call, the literal, and where that stands (a constant may be elsewhere)."""

    body: Body
    link: Expr
    address: str
    path: str
    literal: Expr


def private_address(text: str) -> str:
    """The host, where a text is the address of a service in a network of one's own; `""` otherwise."""
    found = _URL.match(text) or _HTTP.match(text)
    if found is None:
        return ""
    host = found["host"]
    if _STANDING_IN.search(host) or _PRIVATE.match(host) is None:
        return ""
    return host


def clients(index: FactIndex) -> Iterator[Built]:
    """The clients that are built with a literal address, itself or by a constant of the project."""
    infer = callgraph(index).inference
    for link in bodies(index).called(_names(index)):
        body, dotted = link.body, link.expr.parts[0].dotted()
        language = index.files[body.path].language
        origin = infer.origin(body.path, dotted) if dotted and "()" not in dotted else ""
        places = libraries(language).clients.get(origin.replace(".default", ""), ())
        if not places or (language != "python" and _is_chosen(body, link.expr)):
            continue
        at = argument if language == "python" else _given
        for given in (at(link.expr, place) for place in places):
            literal = _literal(index, body, given) if given is not None else None
            if literal is not None and _is_address(literal[1].text):
                yield Built(body, link.expr, literal[1].text, *literal)
                break


def _names(index: FactIndex) -> frozenset[str]:
    """The last names of calls that may make a client: a default of TypeScript is named by who imports it."""
    names = {known.rpartition(".")[2] for language in index.spoken for known in libraries(language).clients}
    own = {i.alias for path, file in index.files.items() if file.language == "typescript" for i in index.imports(path)}
    return frozenset(names | own)


def _is_chosen(body: Body, link: Expr) -> bool:
    """Whether the environment decides that this client is built."""
    return any(_CHOOSING.search(e.dotted()) for b in body.branches_around(link.loc) for e in walk(b.condition))


def _given(link: Expr, place: Place) -> Expr | None:
    """The argument at a place, also in a mapping in a mapping: `socket.host`. By number only what is an address for sure."""
    if isinstance(place, int):
        found = argument(link, place)
        return found if found is not None and (found.kind == "name" or "://" in found.text) else None
    first, *further = place.split(".")
    found = argument(link, first)
    for key in further:
        found = found.keyword(key) if found is not None and found.kind == "mapping" else None
    return found


def _literal(index: FactIndex, body: Body, expr: Expr) -> tuple[str, Expr] | None:
    """The text that an argument is: itself, in a list, or a constant that is assigned once."""
    if expr.kind == "string":
        return body.path, expr
    if expr.kind == "sequence" and expr.parts:
        return _literal(index, body, expr.parts[0])
    if expr.kind != "name":
        return None
    own = body.targets().get(expr.text, ())
    if own:
        return (body.path, own[0].value) if len(own) == 1 and own[0].value.kind == "string" else None
    if body.symbol is not None and any(p.name == expr.text for p in body.symbol.params):
        return None
    found = callgraph(index).inference.resolve(body.path, expr.text)
    if (
        found is None
        or found.symbol.kind != "variable"
        or found.symbol.value is None
        or found.symbol.value.kind != "string"
    ):
        return None
    module = bodies(index).get(found.path, "")
    times = len(module.targets().get(found.symbol.name, ())) if module is not None else 0
    return (found.path, found.symbol.value) if times == 1 else None


def _is_address(text: str) -> bool:
    """Whether the text that a client is given says where a service of one's own runs, or mail is sent by.

    The address of somebody's public API is no setting; a file, a name of a variable and the like are no address.
    """
    if (found := _HTTP.match(text)) is not None:
        return bool(private_address(text))
    found = _URL.match(text) or _PAIR.match(text)
    host = found["host"] if found is not None else text
    if _STANDING_IN.search(host) or ":memory:" in text or text.startswith("sqlite"):
        return False
    return found is not None or re.fullmatch(r"[A-Za-z0-9][\w\-]*(\.[\w\-]+)*", text) is not None


def without_credentials(address: str) -> str:
    """How a message names an address: a password is no part of it."""
    return re.sub(r"//[^@/\s]*@", "//", address)


def made_by(built: Built) -> str:
    """How a message names the client."""
    return built.link.parts[0].dotted() or name_of(built.link)
