"""From the wish for a limit to the endpoint that it is on, whom it counts and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.archmap import RouteInfo
from backwright.core.change import Assumption
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import StringLiteral
from backwright.core.request import RateLimit
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.naming import snake
from backwright.kit.testfiles import is_test_file

_LIMITERS = frozenset({"slowapi", "fastapi_limiter", "limits", "ratelimit"})
_SIGN_IN = frozenset({"login", "token", "signin", "sign_in", "access_token", "log_in", "sessions"})


@dataclass(frozen=True)
class Decision:
    """The endpoint, and by whom requests to it are counted."""

    info: RouteInfo
    by: str  # user | ip
    limit: RateLimit
    assumptions: tuple[Assumption, ...] = ()

    @property
    def name(self) -> str:
        """What keeps this limit apart from others."""
        return f"{self.info.route.method} {self.info.route.path}"


def decide(change: RateLimit, house: House, index: FactIndex, settings: Mapping[str, str]) -> Decision:
    """Raises UsageError for an endpoint that is not there or not one, Unsupported where nothing can count."""
    info = _endpoint(change, index)
    _refuse(house, index, info)
    asked = settings.get("by", change.by)
    if asked not in {"", "user", "ip"}:
        raise UsageError(f"limits count by `user` or `ip`, not by `{asked}`", where="--set by")
    signed_in = bool(info.route.auth) and house.auth.guard("user") is not None
    if asked == "user" and house.auth.guard("user") is None:
        raise Unsupported("this project has no guard that tells who is signed in", where=info.path, hints=("by:ip",))
    by = asked or ("user" if signed_in else "ip")
    said = Assumption(
        "by",
        by,
        "the endpoint knows who asks" if signed_in else "anybody may ask the endpoint: addresses are counted",
        () if house.auth.guard("user") is None else ("ip" if by == "user" else "user",),
    )
    window = Assumption(
        "window", f"{change.seconds} s", "fixed windows: a burst around the end of one may have twice as many"
    )
    return Decision(info, by, change, (window,) if asked else (said, window))


def _endpoint(change: RateLimit, index: FactIndex) -> RouteInfo:
    known = [RouteInfo(p, r) for p, r in index.routes() if not is_test_file(p)]
    wanted = [i for i in known if not change.method or i.route.method == change.method]
    if change.path == "login":
        found = [
            i
            for i in wanted
            if i.route.method == "POST"
            and snake(_parts(i.route.path)[-1:][0] if _parts(i.route.path) else "") in _SIGN_IN
        ]
    else:
        asked = _parts(change.path)
        found = [i for i in wanted if _parts(i.route.path) == asked]
        found = found or [i for i in wanted if asked and _parts(i.route.path)[-len(asked) :] == asked]
    if len(found) == 1:
        return found[0]
    names = [f"{i.route.method} {i.route.path}" for i in (found or known)]
    if not found:
        raise UsageError(
            f"there is no endpoint {change.method} {change.path}".replace("  ", " "),
            hints=(f"there is: {', '.join(names[:12])}",),
        )
    raise UsageError(f"{change.path} means several endpoints", hints=(f"one of: {', '.join(names)}",))


def _parts(path: str) -> list[str]:
    return [re.sub(r"\{[^}]*\}", "{}", part) for part in path.split("/") if part]


def _refuse(house: House, index: FactIndex, info: RouteInfo) -> None:
    """Raises Unsupported for what is limited otherwise, or has no store that could count."""
    for path, name, line in _limiters(index):
        raise Unsupported(
            f"this project limits with {name}: limits of its kind are not supported yet", where=f"{path}:{line}"
        )
    if house.sibling is None:
        raise Unsupported("there is no entity here to make the table of counts like", where=info.path)
    if not house.session.dependency.module:
        raise Unsupported("how a database session arrives in this project could not be found", where=info.path)
    if house.migration is None:
        raise Unsupported(
            "the table of counts needs a migration, and this project does not use Alembic", where=info.path
        )
    if index.path_of(house.session.dependency.module) == info.path:
        raise Unsupported(
            "the session comes from the file of the endpoint: a limit between them would import in a circle",
            where=info.path,
        )
    if any(re.match(r"(?:mysql|mariadb|oracle|mssql)(?:\+\w+)?://", text) for text in _texts(index)):
        raise Unsupported("counting in one statement is known for PostgreSQL and SQLite only", where=info.path)


def _limiters(index: FactIndex) -> Iterator[tuple[str, str, int]]:
    for path in index.files:
        for item in index.imports(path):
            name = item.module.partition(".")[0]
            if name in _LIMITERS and not item.level and not is_test_file(path):
                yield path, name, item.loc.line


def _texts(index: FactIndex) -> Iterator[str]:
    for path in index.files:
        yield from (f.value for f in index.facts(path) if isinstance(f, StringLiteral))
