"""BW601: nothing on the event loop makes it wait."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.core.findings import Finding, Fix, Patch, Related, Severity
from backwright.kit.annotations import take_apart
from backwright.kit.aside import Serving
from backwright.kit.blocking import LOCAL, Blocking, Waits, blocking, waits_of
from backwright.kit.bodies import Body, bodies, names_in
from backwright.kit.callgraph import Hop, shown
from backwright.kit.chains import mark_of
from backwright.kit.database import database
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.patches import imported, inserted, is_in_comprehension, parent_of, replaced
from backwright.kit.shapes import Rule
from backwright.rules.asynchrony._awaited_forms import awaited_form
from backwright.rules.asynchrony._event_loop import on_the_way
from backwright.rules.asynchrony._forms import passed_over

_VOICE = Voice("BW601", "blocking-call-in-async", "error")
_SEVERITY: dict[str, Severity] = {"file": "warning", "computation": "warning", "metadata": "advice"}
_OFFLOADING = ("to_thread", "run_in_threadpool", "run_in_executor", "run_sync", "sync_to_async")
# … and what does the work of files without waiting.
_OF_FILES = re.compile(r"^(aiofiles|anyio|aiopath|aioshutil|trio)\.")
_HELP = {
    "sleep": "`await asyncio.sleep(…)` lets others run meanwhile",
    "http": "use an asynchronous client (`httpx.AsyncClient`), or `await asyncio.to_thread(…)`",
    "process": "use `asyncio.create_subprocess_exec`, or `await asyncio.to_thread(…)`",
    "database": "use an asynchronous session, or `await asyncio.to_thread(…)`",
    "file": "use `await asyncio.to_thread(…)`, `aiofiles` or `anyio.Path`",
    "metadata": "a network disk may take its time: use `await asyncio.to_thread(…)`, `aiofiles.os` or `anyio.Path`",
    "computation": "use `await asyncio.to_thread(…)`: the other requests stand still while this one is computed",
    "thread": "use `asyncio.wrap_future(…)`, what asyncio has of the same name, or `await asyncio.to_thread(…)`",
    "service": "use the library's asynchronous client, or `await asyncio.to_thread(…)`",
}
_FILES = frozenset({"file", "metadata"})
_STARTING = re.compile(r"(^|_)(lifespan|startup|shutdown)$|^(on_)?(startup|shutdown)(_|$)")
_TOOLS = re.compile(r"(^|/)(cli|bin|commands?|tools)(/|\.py$)|(^|/)__main__\.py$")
# Fewer functions than this are no style, and so many places of files are where hardly any is handed over.
_STYLE = 4
_STYLE_OF_FILES = 12
_CONSISTENT = 8  # times as many
_SHARED = re.compile(r"session|^db$|^conn|cursor|transaction|^request$|^self$|^cls$|repo", re.IGNORECASE)
_MANY = 3  # more coroutines than these that lead to the same place are told together


@dataclass(frozen=True)
class Blocked:
    """A coroutine function with a call that waits."""

    body: Body
    link: Expr
    what: Waits
    way: tuple[Hop, ...]
    shared: bool  # with the other statements of the function: they go to one session


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each call that blocks a coroutine; one for the project where synchronous sessions, or files, are its style."""
    others = index.only(index.spoken - {"python"})
    for place in on_the_way(others, archmap) if others.files else ():
        yield _of_others(others, *place)
    index = index.only(("python",))
    sites = blocking(index)
    serving = Serving(index, archmap)
    coroutines = [b for b in serving.functions() if b.symbol is not None and b.symbol.is_async and not _starts(b)]
    found = [one for body in coroutines for one in _blocked(sites, body)]
    offloaded = _offloaded(index, serving)
    exemplar = f"; {offloaded[0][0]}:{offloaded[0][1]} does that" if offloaded else ""
    handled = {h.body.key for h in handlers(index, archmap)}
    each = [(one, _one(index, one, exemplar, one.body.key in handled)) for one in found]
    shared = [finding for one, finding in each if one.shared]
    stuck = index.counts.of("BW601 synchronous", len({b.body.key for b in found if b.shared}))
    free = index.counts.of("BW601 asynchronous", _uses_coroutines(index, coroutines))
    if stuck >= _STYLE and not free and shared:
        yield _VOICE.style(
            shared,
            f"{stuck} `async def` functions use a synchronous database session, which stops the event loop",
            help="handlers with `def` run in threads; or use `AsyncSession`",
        )
        each = [(one, finding) for one, finding in each if not one.shared]
    elif stuck >= _STYLE and stuck > free:
        each = [(one, replace(finding, severity="warning") if one.shared else finding) for one, finding in each]
    each = list(_gathered(each))
    files = [finding for one, finding in each if one.what in _FILES]
    usual = index.counts.of("BW601 files", len(files))
    if usual >= _STYLE_OF_FILES and usual > index.counts.of("BW601 aside", len(offloaded)) * _CONSISTENT and files:
        yield _VOICE.style(
            files,
            f"{usual} places of `async def` functions read, write or look up files, which stops the event loop",
            help="use `await asyncio.to_thread(…)`, `aiofiles` or `anyio.Path`",
            of="files",
        )
        each = [(one, finding) for one, finding in each if one.what not in _FILES]
    yield from (finding for _, finding in each)
    places = {(one.body.path, one.link.loc) for one in found}
    for body in coroutines:
        for link, form in passed_over(index, body):
            if (body.path, link.loc) not in places:
                yield _passed_over(body, link, form)


def _gathered(each: list[tuple[Blocked, Finding]]) -> Iterator[tuple[Blocked, Finding]]:
    """What many coroutines lead to is said at the first, with the others, where it is as near as a disk or a computation."""
    callers: dict[tuple[str, Loc], list[Finding]] = defaultdict(list)
    for one, finding in each:
        if one.way and one.what in LOCAL:
            callers[one.way[-1].path, one.way[-1].loc].append(finding)
    for one, finding in each:
        others = callers.get((one.way[-1].path, one.way[-1].loc), []) if one.way else []
        if len(others) <= _MANY or one.what not in LOCAL:
            yield one, finding
        elif finding is others[0]:
            notes = (Related(f"so does a coroutine here: {other.scope}", other.span) for other in others[1:])
            message = f"{finding.message}, as are {len(others) - 1} others that lead to it"
            yield one, replace(finding, message=message, related=(*finding.related, *notes))


def _passed_over(body: Body, link: Expr, form: str) -> Finding:
    """The finding for a method of a class whose asynchronous form could be awaited."""
    finding = _VOICE.finding(
        body.path,
        link.loc,
        f"`{shown(link)}` is not awaited, though `{form}` beside it could be: `{_name(body)}` is a coroutine",
        scope=body.scope,
        text=shown(link),
        help=f"`await` `{form}(…)`",
        fix=_in_form(body, link, form),
    )
    return replace(finding, severity="warning")


def _in_form(body: Body, link: Expr, form: str) -> Fix | None:
    """`await self.request_async(…)` in place of `self.request(…)`."""
    callee = link.parts[0]
    owner = callee.parts[0].dotted() if callee.kind == "attribute" else ""
    if not owner or "()" in owner or is_in_comprehension(body, link):
        return None
    parent = parent_of(body, link)
    opening, closing = ("(", ")") if parent is not None and parent.kind in {"attribute", "subscript"} else ("", "")
    patch = replaced(body.path, callee.loc, f"{owner}.{callee.text}", f"{opening}await {owner}.{form}")
    end = (inserted(body.path, link.loc.end, closing),) if closing else ()
    return Fix("Await its asynchronous form", "review", patches=(patch, *end))


def _name(body: Body) -> str:
    return body.symbol.name if body.symbol is not None else body.scope


def _of_others(index: FactIndex, body: Body, link: Expr, what: str, way: tuple[Hop, ...]) -> Finding:
    """The finding for a call in another language."""
    finding = _VOICE.finding(
        body.path,
        link.loc,
        f"`{shown(link)}` {'leads to a call that makes' if way else 'makes'} all requests wait until it is done",
        scope=body.scope,
        text=shown(link),
        help="use its asynchronous form, or do it once when the service starts",
        related=[hop.related() for hop in way],
        fix=awaited_form(index, body, link) if not way else None,
    )
    return replace(finding, severity=_SEVERITY.get(what, _VOICE.severity))


def _blocked(sites: Blocking, body: Body) -> Iterator[Blocked]:
    """The waiting calls, each function that is called once; of the statements of one session, and of files looked up, the first.

    Where a function does more with files, that it looks one up is not said.
    """
    found = [Blocked(body, link, wait.what, way, wait.shared) for wait, link, way in waits_of(sites, body)]
    if _TOOLS.search(body.path):
        found = [b for b in found if b.what not in LOCAL]
    seen: set[str] = {"metadata"} if any(b.what == "file" for b in found) else set()
    for one in sorted(found, key=lambda b: b.link.loc.start):
        kind = "session" if one.shared else "metadata" if one.what == "metadata" else ""
        name = kind or (shown(one.link) if one.way else str(one.link.loc.end))
        if name not in seen:
            seen.add(name)
            yield one


def _starts(body: Body) -> bool:
    """What runs before the first request and after the last one may wait."""
    symbol = body.symbol
    if symbol is None:
        return False
    decorators = {mark_of(d) for d in symbol.decorators}
    given = {take_apart(p.annotation).name.rpartition(".")[2] for p in symbol.params}
    return (
        "on_event" in decorators
        or ("asynccontextmanager" in decorators and bool(given & {"FastAPI", "Starlette", "Litestar"}))
        or _STARTING.search(symbol.name) is not None
    )


def _uses_coroutines(index: FactIndex, coroutines: list[Body]) -> int:
    """How many coroutines await an asynchronous session."""
    db = database(index)
    return sum(any(c.call.awaited for c in db.of(body)) for body in coroutines)


def _offloaded(index: FactIndex, serving: Serving) -> list[tuple[str, int]]:
    """Where the project hands waiting over to a thread, or uses what does not wait for files."""
    infer = inference(index)
    places = {
        (link.body.path, link.expr.loc.line)
        for link in bodies(index).called(_OFFLOADING)
        if link.body.path in serving
        and (infer.origin(link.body.path, link.expr.parts[0].dotted()) or "executor" in link.expr.parts[0].text)
    }
    places |= {
        (link.body.path, link.expr.loc.line)
        for link in bodies(index).called(("open", "open_file", "Path", "exists", "remove", "makedirs"))
        if link.body.path in serving and _OF_FILES.match(infer.origin(link.body.path, link.expr.parts[0].dotted()))
    }
    return sorted(places)


def _one(index: FactIndex, found: Blocked, exemplar: str, is_handler: bool) -> Finding:
    verb = "leads to a call that waits" if found.way else "waits"
    hint = _HELP[found.what] + (exemplar if "to_thread" in _HELP[found.what] else "")
    if is_handler and found.what == "database":
        hint += "; a handler that awaits nothing can be a plain `def`, which runs in a thread"
    finding = _VOICE.finding(
        found.body.path,
        found.link.loc,
        f"`{shown(found.link)}` {verb}, and the event loop with it: `{_name(found.body)}` is a coroutine",
        scope=found.body.scope,
        text=shown(found.link),
        help=hint,
        related=[hop.related() for hop in found.way],
        fix=_fix(index, found),
    )
    return replace(finding, severity=_SEVERITY.get(found.what, _VOICE.severity))


def _fix(index: FactIndex, found: Blocked) -> Fix | None:
    """`await asyncio.sleep(…)`; `await asyncio.to_thread(requests.get, …)` where the call stands here itself."""
    body, link = found.body, found.link
    callee = link.parts[0]
    known = imported(index, body.path, "asyncio")
    if known is None or found.what == "database" or callee.text == "open" or is_in_comprehension(body, link):
        return None
    old = callee.dotted()
    if found.way and any(_SHARED.search(e.text) for part in link.parts for e in names_in(part)):
        return None  # a thread must not use what the loop does
    if found.what == "sleep" and callee.text == "sleep" and not found.way:
        patch = replaced(body.path, callee.loc, old, "await asyncio.sleep")
        return Fix("Await `asyncio.sleep`", "safe", patches=(*known, patch))
    if not old or "()" in old:
        return None
    parent = parent_of(body, link)
    opening, closing = ("(", ")") if parent is not None and parent.kind in {"attribute", "subscript"} else ("", "")
    given = link.parts[1:]
    comma = "" if not given else ", " if given[0].loc.line == callee.loc.end_line else ","
    at = Patch(
        body.path,
        callee.loc.start,
        callee.loc.end + 1,
        f"{opening}await asyncio.to_thread({old}{comma}",
        f"{old}(",
    )
    end = (inserted(body.path, link.loc.end, closing),) if closing else ()
    # What else a function of the project touches is not looked at.
    grade: Literal["review", "unsafe"] = "unsafe" if found.way else "review"
    return Fix("Let a thread wait (`asyncio.to_thread`)", grade, patches=(*known, at, *end))


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "rust", "java", "kotlin"), check)
