"""BW702: an exception of any kind is not dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Catch
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, inside
from backwright.kit.chains import name_of
from backwright.kit.findings import Voice, place
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.shapes import Rule
from backwright.rules.errors._dropped_results import Dropped, dropped

_VOICE = Voice("BW702", "swallowed-exception", "warning")
_BROAD = frozenset({"Exception", "BaseException", "builtins.Exception", "Throwable", "StandardError", "Error"})
_OF_DATABASES = frozenset(
    {"SQLAlchemyError", "IntegrityError", "DBAPIError", "OperationalError", "DatabaseError", "DataError"}
)
# What is done to leave things tidy may fail.
_TIDYING = re.compile(
    r"(^|_)(a?close|close_all|cleanup|clean_up|rollback|disconnect|terminate|kill|unlink|remove|rmtree|shutdown|cancel|"
    r"stop|release|quit|expire|flush|dispose|reset|__exit__|__aexit__|__del__|teardown)(_|$)"
)
# A value that cannot be read is left as it is.
_READING = re.compile(
    r"^(loads|int|float|str|parse\w*|fromisoformat|strptime|decode|b64decode|literal_eval|split|format)$"
)
_IGNORED = frozenset({"ignored", "ignore", "_", "expected", "unused"})
_LOGGING = re.compile(
    r"^(debug|info|warning|warn|error|exception|critical|log|print|print_exc|capture_exception|record_exception)$"
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each handler that catches everything, or an error of the database, and does nothing."""
    serving = Serving(index, archmap)
    handling = _exemplar(index, serving)
    for body in bodies(index).by_key.values():
        if body.path not in serving:
            continue
        for catch in body.catches:
            caught = _caught(catch)
            if catch.empty and caught and not _says_why(catch) and not _is_tidying(body, catch):
                yield _VOICE.finding(
                    body.path,
                    catch.loc,
                    f"{caught} is caught here and dropped",
                    scope=body.scope,
                    text=f"except {','.join(catch.types)} {_tried(body, catch)}",
                    help="catch what is expected, and log the rest (`logger.exception(…)`) or let it through"
                    + handling,
                )
    yield from (_of_result(found) for found in dropped(index, serving))
    for link in bodies(index).called(("suppress",)):
        given = {p.dotted() for p in link.expr.positional()}
        if link.body.path in serving and given & _BROAD and _is_suppress(index, link.body, link.expr.parts[0].dotted()):
            yield _VOICE.finding(
                link.body.path,
                link.expr.loc,
                "every exception is dropped here",
                scope=link.body.scope,
                text="suppress",
                help="name the exceptions that are expected" + handling,
            )


def _of_result(found: Dropped) -> Finding:
    what = f"the error of `{found.what}` is thrown away" if found.what else "this error is looked at and dropped"
    return _VOICE.finding(
        found.body.path,
        found.loc,
        what + (": nobody learns that the write failed" if found.what else ""),
        scope=found.body.scope,
        text=f"error of {found.what}",
        help="return it, or log it with what was tried; say in a comment why it may be dropped",
        related=[hop.related() for hop in found.way],
    )


def _is_suppress(index: FactIndex, body: Body, dotted: str) -> bool:
    tidy = _TIDYING.search(body.scope.rpartition(".")[2].lower())
    return inference(index).origin(body.path, dotted) == "contextlib.suppress" and not tidy


def _caught(catch: Catch) -> str:
    """What a handler catches, in words, where that is too much to drop; `""` for what may be expected."""
    last = {t.rpartition(".")[2] for t in catch.types}
    if not catch.types:
        return "every exception"
    if last & _BROAD:
        return "every exception"
    known = sorted(last & _OF_DATABASES - {"IntegrityError"})
    return f"`{known[0]}`" if known else ""


def _says_why(catch: Catch) -> bool:
    """A comment beside the `pass`, since an empty body of several lines holds nothing else; or a name that says it."""
    return catch.body.end_line - catch.loc.line > 1 or catch.name in _IGNORED


def _tried(body: Body, catch: Catch) -> str:
    """The last call before a handler: what was tried."""
    before = [c for c in body.calls if c.loc.end <= catch.loc.start]
    return name_of(max(before, key=lambda c: c.loc.end).expr) if before else ""


def _is_tidying(body: Body, catch: Catch) -> bool:
    name = body.scope.rpartition(".")[2].lower()
    if _TIDYING.search(name) or any(inside(catch.loc, outer.body) for outer in body.catches if outer is not catch):
        return True
    tried = _tried(body, catch)
    return bool(_TIDYING.search(tried.lower()) or _LOGGING.match(tried) or _READING.match(tried))


def _exemplar(index: FactIndex, serving: Serving) -> str:
    """Where the project catches everything and says so."""
    for path in sorted(index.files):
        if path not in serving:
            continue
        for body in bodies(index).by_path.get(path, {}).values():
            for catch in body.catches:
                if not (_caught(catch) and not catch.empty):
                    continue
                logged = [
                    c for c in body.calls if inside(c.loc, catch.body) and name_of(c.expr) in {"exception", "error"}
                ]
                if logged:
                    return f"; {place(path, catch.loc)} does"
    return ""


RULE = Rule(
    _VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin", "csharp"), check
)
