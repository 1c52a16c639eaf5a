"""BW803: what requests bring is kept where every process of the service sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, walk
from backwright.kit.callgraph import CallGraph, Hop, callgraph, shown
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.rules.state import _files_of_others as others
from backwright.rules.state._run_by import run_by

_VOICE = Voice("BW803", "local-file-as-store", "warning")
_DEPTH = 3
_STYLE = 4
_WRITE_MODE = re.compile(r"^(?=.*[wax+])[rwaxbt+]{1,4}$")
_OPENING = frozenset({"open", "builtins.open", "io.open", "aiofiles.open", "anyio.open_file", "codecs.open"})
_WRITING = frozenset({"write_bytes", "write_text"})
_MOVING = frozenset({"shutil.move", "shutil.copy", "shutil.copyfile", "shutil.copy2"})
_NAMES = ("open", "open_file", "move", "copy", "copyfile", "copy2", "save", *_WRITING, *others.WRITING)
_REMOVING = frozenset({"unlink", "remove", "rmtree", "aremove", "cleanup", *others.REMOVING})
# Files that are of this process, of this request, or can be made again.
_PASSING = re.compile(
    r"te?mp|cache|log(?!o)|lock|\bpid|debug|scratch|null|devnull|buffer|bytesio|stringio|trace|dump|profil|metrics",
    re.IGNORECASE,
)
# Where keeping files is the job, or another store can take the place: by folders, by the names of files and functions.
_FOLDERS = re.compile(r"storage|backup|migrat|export|install|certificat|secret|generat", re.IGNORECASE)
_STORES = re.compile(
    rf"{_FOLDERS.pattern}|backend|file_?system|disk|settings?\b|config|_local(_|$)",
    re.IGNORECASE,
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each function that writes what a request brought into a file that stays; one where that is the style."""
    serving = Serving(index, archmap)
    graph = callgraph(index)
    written = _written(graph, serving)
    leading = _leading(graph, written)
    found: dict[tuple[str, str], Finding] = {}
    for handler in handlers(index, archmap) if written else ():
        if handler.path not in serving:
            continue
        for body, way in run_by(graph, graph.bodies.with_inner(handler.body), _DEPTH, leading):
            if body.key in written and body.key not in found:
                route = f"{handler.route.method} {handler.route.path}"
                found[body.key] = _one(body, *written[body.key], route, way)
    for body, link, folder in others.kept(index, serving):
        if not (_is_store(body) or _passes(body, folder)):
            found.setdefault(body.key, _one(body, link, folder, shown(link), ()))
    if len(found) >= _STYLE:
        yield _VOICE.style(
            list(found.values()),
            f"{len(found)} functions that requests run keep files on the disk of one process",
            help="a volume that all processes share, or an object store, is what a second process needs",
        )
    else:
        yield from found.values()


def _is_store(body: Body) -> bool:
    """Whether a function, its class, its file or a folder of that is named as a store."""
    folder, _, file = body.path.rpartition("/")
    return any(_STORES.search(name) for name in (body.scope, file)) or _FOLDERS.search(folder) is not None


def _written(graph: CallGraph, serving: Serving) -> dict[tuple[str, str], tuple[Expr, Expr]]:
    """The first file that each function writes, by the function."""
    out: dict[tuple[str, str], tuple[Expr, Expr]] = {}
    for link in graph.bodies.called(_NAMES):
        body = link.body
        if body.key not in out and body.path in serving and not _is_store(body):
            first = next(_writes(graph, body), None)
            if first is not None:
                out[body.key] = first
    return out


def _leading(graph: CallGraph, written: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Names of functions that may lead to one that writes: only calls to these are worth following."""
    names = {scope.removesuffix(".__init__").rpartition(".")[2] for _, scope in written}
    for _ in range(_DEPTH):
        names |= {caller for name in names for caller in graph.calling().get(name, ())}
    return frozenset(names)


def _writes(graph: CallGraph, body: Body) -> Iterator[tuple[Expr, Expr]]:
    """The calls of a body that write a file which stays, each with its path."""
    if any(name_of(link) in _REMOVING for call in body.calls for link in links(call.expr)):
        return
    for call in sorted(body.calls, key=lambda c: c.loc.start):
        for link in links(call.expr):
            path = _path(graph, body, link)
            if path is not None and not _passes(body, path):
                yield link, path


def _path(graph: CallGraph, body: Body, link: Expr) -> Expr | None:
    """The path that a call writes to, None where it writes none."""
    if graph.index.files[body.path].language == "typescript":
        return others.path(graph.index, body, link)
    name, receiver, given = name_of(link), receiver_of(link), link.positional()
    dotted = link.parts[0].dotted()
    origin = dotted if dotted == "open" else graph.inference.origin(body.path, dotted) if "()" not in dotted else ""
    if origin in _OPENING:
        mode = link.keyword("mode") or (given[1] if len(given) > 1 else None)
        writes = mode is not None and mode.kind == "string" and _WRITE_MODE.match(mode.text)
        return given[0] if given and writes else None
    if origin in _MOVING:
        return given[1] if len(given) > 1 else None
    if receiver is None:
        return None
    if name in _WRITING:
        empty = bool(given) and given[0].kind == "string" and not given[0].text
        return receiver if not empty else None
    if name == "open" and given and given[0].kind == "string" and _WRITE_MODE.match(given[0].text):
        return receiver
    if name == "save" and len(given) == 1 and _is_upload(body, receiver):
        return given[0]
    return None


def _is_upload(body: Body, receiver: Expr) -> bool:
    """`request.files["photo"]`, or a variable that holds one."""
    values = [receiver, *(a.value for a in body.targets().get(receiver.dotted(), ()))]
    return any(e.kind == "attribute" and e.dotted() == "request.files" for value in values for e in walk(value))


def _passes(body: Body, path: Expr, depth: int = 0) -> bool:
    """Whether a path is of a file that does not stay, as far as its names and their values say."""
    for node in walk(path):
        if node.kind in {"name", "attribute", "string", "call"} and _PASSING.search(node.text or node.dotted()):
            return True
        if (
            node.kind == "name"
            and depth < 3
            and any(_passes(body, a.value, depth + 1) for a in body.targets().get(node.text, ()))
        ):
            return True
    return False


def _one(body: Body, link: Expr, path: Expr, route: str, way: tuple[Hop, ...]) -> Finding:
    named = path.dotted() or (path.text if path.kind == "string" else "a file")
    return _VOICE.finding(
        body.path,
        link.loc,
        f"`{route}` keeps `{named}` on the disk of one process: another process, or the next release, does not have it",
        scope=body.scope,
        text=f"{shown(link)} {named}",
        help="put it into the database or an object store; a file that only this request needs belongs into `tempfile`",
        related=[hop.related() for hop in way],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
