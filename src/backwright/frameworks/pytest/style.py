"""How tests are written: client, session and credentials as fixtures."""

from __future__ import annotations

import re
from collections import Counter
from posixpath import basename, dirname
from typing import Literal

from backwright.core.archmap import Convention
from backwright.core.facts import Expr, Span, Symbol
from backwright.kit.house import Place, Ref, TestStyle
from backwright.kit.imitation import pattern_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import refs_in
from backwright.kit.rendering import source_of

_CLIENTS = re.compile(r"TestClient|AsyncClient|AsyncTestClient|httpx\.Client")
_HEADERS = re.compile(r"header|auth|token", re.IGNORECASE)
_ADMIN = re.compile(r"admin|superuser|super_user", re.IGNORECASE)


def fixtures(index: FactIndex, tests: frozenset[str]) -> list[tuple[str, Symbol]]:
    """Every fixture: its file and function."""
    return [
        (path, symbol)
        for path in sorted(tests)
        for symbol in index.symbols(path).values()
        if symbol.kind == "function"
        and not symbol.scope  # those of a class are its tests' alone
        and any(d.dotted().removesuffix("()").endswith("fixture") for d in symbol.decorators)
    ]


def shown(fixture: Symbol) -> str:
    """The name that tests ask a fixture by: `@pytest.fixture(name="client")` wins over the function's own."""
    for decorator in fixture.decorators:
        given = decorator.keyword("name") if decorator.kind == "call" else None
        if given is not None and given.kind == "string":
            return given.text
    return fixture.name


def _declared(fixture: Symbol) -> str:
    """The decorator of an asynchronous fixture: which plugin, and on which loop it runs."""
    for decorator in fixture.decorators:
        name = decorator.dotted().removesuffix("()")
        if name.endswith("fixture"):
            scope = decorator.keyword("loop_scope") if decorator.kind == "call" else None
            return f"{name}(loop_scope={source_of(scope)})" if scope is not None else name
    return "pytest.fixture"


def test_style(
    index: FactIndex, tests: frozenset[str], name: NameForms, own: tuple[str, ...], router_pattern: str
) -> tuple[TestStyle | None, Convention | None]:
    """None when there are no tests at all."""
    if not tests:
        return None, None
    known = fixtures(index, tests)
    client = _client(index, known)
    session = _session(index, known)
    is_async = (client is not None and "Async" in client[1].returns) or (
        client is not None and _makes_async(index, client)
    )
    place = _place(own, name, tests, router_pattern)
    admin = _credentials(known, admin=True)
    user = _credentials(known, admin=False)
    admin_client, user_client = _clients(known, client, admin=True), _clients(known, client, admin=False)
    prefix, imports = url_prefix(index, own, name)
    style = TestStyle(
        kind="async" if is_async else "sync",
        place=place,
        client=shown(client[1]) if client is not None else "",
        client_type=_client_type(index, client, is_async),
        session=shown(session[1]) if session is not None else "",
        session_async=session is not None and ("Async" in session[1].returns or session[1].is_async),
        user_headers=shown(user[1]) if user is not None else "",
        admin_headers=shown(admin[1]) if admin is not None else "",
        user_client=shown(user_client[1]) if user_client is not None else "",
        admin_client=shown(admin_client[1]) if admin_client is not None else "",
        marker=async_marker(index, tests) if is_async else "",
        app=_app(index),
        fixture=_declared(session[1]) if session is not None and is_async else "pytest.fixture",
        url_prefix=prefix,
        url_imports=imports,
        unit_place=_unit_place(own, name),
        statuses=_statuses(index, tests, shown(client[1]) if client is not None else "client"),
        packages=any(basename(p) == "__init__.py" and p in tests for p in index.files),
    )
    value = f"tests use {'httpx.AsyncClient' if is_async else 'TestClient'} from the fixture `{style.client}`"
    where = Span(client[0], client[1].loc.line) if client is not None else None
    return style, Convention(
        "tests",
        value,
        sum(any(p.name == style.client for p in s.params) for t in tests for s in index.symbols(t).values()),
        0,
        where,
    )


def _statuses(index: FactIndex, tests: frozenset[str], client: str) -> Literal["number", "status", "HTTPStatus"]:
    """How most files that test endpoints write the status of an answer."""
    votes: Counter[Literal["number", "status", "HTTPStatus"]] = Counter()
    for path in tests:
        if any(p.name == client for s in index.symbols(path).values() if s.name.startswith("test") for p in s.params):
            names = {i.name for i in index.imports(path)}
            votes["status" if "status" in names else "HTTPStatus" if "HTTPStatus" in names else "number"] += 1
    return votes.most_common(1)[0][0] if votes else "number"


def _client(index: FactIndex, known: list[tuple[str, Symbol]]) -> tuple[str, Symbol] | None:
    candidates = [
        (p, s)
        for p, s in known
        if _CLIENTS.search(s.returns)
        or re.fullmatch(r"(test_|async_|api_|http_)?client|ac|c", shown(s))
        or (_makes_client(index, p, s) and "client" in shown(s))
    ]
    plain = [
        (p, s) for p, s in candidates if not _ADMIN.search(shown(s)) and not re.search(r"auth|logged|user", shown(s))
    ]
    pool = plain or candidates
    return min(pool, key=lambda c: (c[0].count("/"), shown(c[1]) != "client", len(shown(c[1])))) if pool else None


def _makes_client(index: FactIndex, path: str, symbol: Symbol) -> bool:
    return any(_CLIENTS.search(c.expr.parts[0].dotted()) for c in index.calls(path, symbol.qualname))


def _makes_async(index: FactIndex, client: tuple[str, Symbol]) -> bool:
    return (
        any("AsyncClient" in c.expr.parts[0].dotted() for c in index.calls(client[0], client[1].qualname))
        and client[1].is_async
    )


def _session(index: FactIndex, known: list[tuple[str, Symbol]]) -> tuple[str, Symbol] | None:
    typed = [(p, s) for p, s in known if re.search(r"\b(Async)?Session\b", s.returns)]
    named = [
        (p, s)
        for p, s in known
        if re.fullmatch(
            r"(db|session|db_session|async_session|test_session|test_db|fixture_session|session_fixture)", shown(s)
        )
    ]
    pool = typed or [(p, s) for p, s in named if not re.search(r"engine|maker|factory", s.returns, re.IGNORECASE)]
    return min(pool, key=lambda c: (c[0].count("/"), len(shown(c[1])))) if pool else None


def _credentials(known: list[tuple[str, Symbol]], *, admin: bool) -> tuple[str, Symbol] | None:
    """A fixture that gives headers of an administrator, or of a plain user."""
    pool = [
        (p, s)
        for p, s in known
        if _HEADERS.search(shown(s)) and "header" in shown(s).lower() and bool(_ADMIN.search(shown(s))) == admin
    ]
    pool = [(p, s) for p, s in pool if not re.search(r"other|second|invalid|expired|inactive|doctor", shown(s))] or pool
    return min(pool, key=lambda c: (c[0].count("/"), len(shown(c[1])))) if pool else None


def _clients(
    known: list[tuple[str, Symbol]], client: tuple[str, Symbol] | None, *, admin: bool
) -> tuple[str, Symbol] | None:
    pool = [
        (p, s)
        for p, s in known
        if shown(s).endswith("client")
        and shown(s) != (shown(client[1]) if client else "")
        and (
            bool(_ADMIN.search(shown(s)))
            if admin
            else not re.search(
                r"admin|superuser|super_user|anon|unauth|public|other|second|http_client|no_auth", shown(s)
            )
        )
    ]
    return min(pool, key=lambda c: len(shown(c[1]))) if pool else None


def _client_type(index: FactIndex, client: tuple[str, Symbol] | None, is_async: bool) -> Ref:
    return Ref("AsyncClient", "httpx") if is_async else Ref("TestClient", "fastapi.testclient")


def async_marker(index: FactIndex, tests: frozenset[str]) -> str:
    """The decorator that async tests carry, `""` where the mode is automatic."""
    marks: Counter[str] = Counter()
    for path in tests:
        of_module = _module_marker(index, path)
        for symbol in index.symbols(path).values():
            if symbol.is_async and symbol.name.startswith("test_"):
                around = index.symbols(path).get(symbol.scope)
                decorators = (*symbol.decorators, *(around.decorators if around is not None else ()))
                marks[next((m for d in decorators if (m := _loop_marker(d))), of_module)] += 1
    return marks.most_common(1)[0][0] if marks else ("" if _auto(index) else _plugin_marker(index, tests))


def _loop_marker(decorator: Expr) -> str:
    """`pytest.mark.asyncio`, with its arguments if it has some."""
    name = decorator.dotted().removesuffix("()")
    return source_of(decorator) if name.endswith((".asyncio", ".anyio")) else ""


def _plugin_marker(index: FactIndex, tests: frozenset[str]) -> str:
    """That of the plugin which the tests import, else of the one that comes with FastAPI."""
    plugin = any(i.module.startswith("pytest_asyncio") for p in tests for i in index.imports(p))
    return "pytest.mark.asyncio" if plugin else "pytest.mark.anyio"


def _module_marker(index: FactIndex, path: str) -> str:
    """`pytestmark = pytest.mark.anyio`, alone or in a list."""
    for assign in index.assigns(path, ""):
        if assign.target.dotted() == "pytestmark":
            return next((m for e in (assign.value, *assign.value.parts) if (m := _loop_marker(e))), "")
    return ""


def _auto(index: FactIndex) -> bool:
    return any(re.search(r"asyncio_mode\s*=\s*[\"']?auto|anyio_mode\s*=\s*[\"']?auto", t) for t in index.texts.values())


def _app(index: FactIndex) -> Ref | None:
    """The application object of the project."""
    for path in sorted(index.files, key=lambda p: (p.count("/"), p)):
        for assign in index.assigns(path, ""):
            if assign.value.kind == "call" and index.origin(path, assign.value.parts[0].dotted()) in {
                "fastapi.FastAPI",
                "fastapi.applications.FastAPI",
            }:
                return Ref(assign.target.dotted(), index.module(path))
    for path in sorted(index.files, key=lambda p: (p.count("/"), p)):
        for assign in index.assigns(path, ""):
            if (
                assign.target.dotted() == "app"
                and assign.value.kind == "call"
                and basename(path) in {"main.py", "app.py", "server.py", "asgi.py", "application.py"}
            ):
                return Ref("app", index.module(path))
    return None


def _place(own: tuple[str, ...], name: NameForms, tests: frozenset[str], router_pattern: str) -> Place | None:
    """Where tests of a resource's endpoints stand."""
    named = [p for p in own if basename(p).startswith("test_") or basename(p).endswith("_test.py")]
    api = [p for p in named if re.search(r"api|route|endpoint|router|view|integration|e2e", p)] or named
    if api:
        chosen = min(api, key=lambda p: (bool(re.search(r"service|crud|repo|unit", p)), len(p)))
        pattern = pattern_of(chosen, name)
        if "{" in pattern:
            return Place("test", pattern, False, Span(chosen, 1))
    files = [p for p in tests if basename(p).startswith("test_")]
    if not files:
        folder = min((dirname(p) for p in tests), key=len, default="tests")
        return Place("test", f"{folder or 'tests'}/test_{{snakes}}.py", False)
    folders = Counter(dirname(p) for p in files)
    api_folders = [f for f in folders if re.search(r"api|route|endpoint|integration", f)]
    folder = max(api_folders or list(folders), key=lambda f: folders[f])
    return Place("test", f"{folder}/test_{{snakes}}.py", False)


def url_prefix(index: FactIndex, own: tuple[str, ...], name: NameForms) -> tuple[str | None, tuple[Ref, ...]]:
    """What the exemplar's tests write before its segment: `/api/v1`, `{settings.API_V1_STR}`, or nothing at all."""
    segments = {f"/{s}" for s in (name.snake_plural, name.kebab_plural, name.snake, name.kebab)}
    for path in own:
        for call in index.calls(path):
            if call.expr.parts[0].dotted().split(".")[-1] not in {"get", "post", "put", "patch", "delete", "request"}:
                continue
            for argument in call.expr.positional():
                url = argument
                if url.kind == "name":
                    found = index.resolve(path, url.text)
                    url = found.symbol.value if found is not None and found.symbol.value is not None else url
                read = _before_segment(url, segments)
                if read is not None:
                    return read[0], tuple(r for e in read[1] for r in refs_in(index, path, e))
    return None, ()


def _before_segment(url: Expr, segments: set[str]) -> tuple[str, list[Expr]] | None:
    """The source before the segment, and the expressions in it."""
    parts = url.parts if url.kind == "interpolation" else (url,)
    source, used = "", []
    for part in parts:
        if part.kind != "string":
            source += "{" + source_of(part) + "}"
            used.append(part)
            continue
        for segment in segments:
            found = re.search(rf"{re.escape(segment)}(?=/|\?|$)", part.text)
            if found:
                return source + part.text[: found.start()], used
        source += part.text
    return None


def _unit_place(own: tuple[str, ...], name: NameForms) -> Place | None:
    """Where the exemplar's service is tested by itself."""
    for path in own:
        if re.search(r"service", path) and basename(path).startswith("test_"):
            pattern = pattern_of(path, name)
            if "{" in pattern:
                return Place("unit", pattern, False, Span(path, 1))
    return None


test_style.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest thinks of its name
__all__ = ["async_marker", "fixtures", "test_style"]
