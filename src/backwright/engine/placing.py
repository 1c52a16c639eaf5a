"""Which role each file plays, by what its code does first, by what it is called last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from msgspec.structs import replace

from backwright.core.archmap import Component
from backwright.core.facts import Call, Symbol
from backwright.engine.placing_layers import Read, layers
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

QUERY_METHODS = frozenset(
    {
        "execute",
        "scalars",
        "scalar",
        "exec",
        "query",
        "get",
        "get_one",
        "add",
        "add_all",
        "delete",
        "merge",
        "flush",
        "stream",
        "stream_scalars",
        "refresh",
    }
)
_SESSION_NAME = re.compile(r"(^|\.|_)(session|db|db_session|async_session|conn|connection)(\(\))?$")
_NAMED = (
    (
        "repository",
        re.compile(
            r"(^|[/_.])(crud|cruds|repos?|repositor(y|ies)|dao|daos|dal|storage|stores?|queries|gateways?)([/_.]|$)"
        ),
    ),
    (
        "service",
        re.compile(
            r"(^|[/_.])(services?|use_?cases?|controllers?|interactors?|managers?|logic|domain_services?|operations)([/_.]|$)"
        ),
    ),
    ("dependency", re.compile(r"(^|[/_.])(deps|dependenc(y|ies)|depends|providers?|containers?)([/_.]|$)")),
    ("schema", re.compile(r"(^|[/_.])(schemas?|dtos?|serializers?|contracts?|payloads?)([/_.]|$)")),
    ("error", re.compile(r"(^|[/_.])(errors?|exceptions?)([/_.]|$)")),
    ("config", re.compile(r"(^|[/_.])(config|settings|configuration)([/_.]|$)")),
)


def is_session(name: str) -> bool:
    """Whether a receiver is called as database sessions are: `session`, `self.db`, `uow.session`."""
    return bool(_SESSION_NAME.search(name))


def session_calls(index: FactIndex, path: str) -> Iterator[Call]:
    """Calls on a session: `session.execute(...)`, `self.db.add(...)`, the outermost of each chain."""
    for call in index.calls(path):
        receiver, _, method = call.expr.parts[0].dotted().rpartition(".")
        while receiver and "()" in receiver:
            receiver, _, method = receiver.rpartition(".")
            method = method.removesuffix("()")
        if method in QUERY_METHODS and is_session(receiver):
            yield call


def components(index: FactIndex, read: Read | None = None) -> tuple[Component, ...]:
    """Every file with its roles; role `""` where nothing says. `read` gives the text of files that are no source code.

    What FastAPI backends are made of is told apart in more detail, since plans are made from it.
    """
    if not any(True for _ in index.imports_package("fastapi")):
        return layers(index, read)
    routed = {path for path, _ in index.routes()}
    tabled = {path for path, _ in index.tables()}
    return tuple(
        known if known.path not in index.files else _with_role(known, *_role(index, known.path, routed, tabled), tabled)
        for known in layers(index, read)
    )


def _with_role(known: Component, role: str, because: str, tabled: set[str]) -> Component:
    """A file with its role in a FastAPI backend, unless what is `known` of its code says more than that."""
    if not role or role == known.role or (role == "schema" and _says_more(known, tabled)):
        return known
    return replace(known, role=role, because=because, also=tuple(r for r in known.also if r != role))


def _says_more(known: Component, tabled: set[str]) -> bool:
    return known.role == "router" or (known.role == "model" and not tabled)


def is_test(path: str) -> bool:
    if not path.endswith(".py"):
        return is_test_file(path)
    name = basename(path)
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name in {"conftest.py", "tests.py"}
        or bool(re.search(r"(^|/)tests?/", path))
    )


def _role(index: FactIndex, path: str, routed: set[str], tabled: set[str]) -> tuple[str, str]:
    if is_test(path):
        return "test", "it stands among the tests"
    symbols = index.symbols(path)
    if {"revision", "down_revision"} <= set(symbols) and "upgrade" in symbols:
        return "migration", "it has a revision and an upgrade"
    if basename(path) == "env.py" and any(i.module == "alembic" for i in index.imports(path)):
        return "migration", "it is Alembic's environment"
    if path in routed:
        app = any(
            index.origin(path, a.value.parts[0].dotted()).endswith("fastapi.FastAPI")
            for a in index.assigns(path)
            if a.value.kind == "call"
        )
        own = sum(1 for p, _ in index.routes() if p == path)
        return (
            ("app", "it makes the application")
            if app and own < 3
            else ("router", f"{own} functions are mounted as routes")
        )
    if path in tabled:
        return "model", "it declares tables"
    queries = sum(1 for _ in session_calls(index, path))
    named = named_role(path)
    if queries and named in {"repository", "service", "dependency"}:
        return named, f"{queries} queries, and its name"
    return _by_content(index, path, named)


def _by_content(index: FactIndex, path: str, named: str) -> tuple[str, str]:
    classes = [s for s in index.symbols(path).values() if s.kind == "class" and not s.scope]
    kinds = [_class_kind(index, path, c) for c in classes]
    functions = [s for s in index.symbols(path).values() if s.kind == "function" and not s.scope]
    if any(
        index.origin(path, a.value.parts[0].dotted()) == "fastapi.FastAPI"
        for a in index.assigns(path)
        if a.value.kind == "call"
    ):
        return "app", "it makes the application"
    if kinds.count("settings"):
        return "config", "it declares settings"
    if kinds and kinds.count("error") * 2 > len(kinds):
        return "error", "it declares exceptions"
    if kinds and kinds.count("schema") * 2 > len(kinds) and len(functions) <= len(kinds):
        return "schema", "it declares pydantic models"
    if named:
        return named, "its name"
    for kind in classes:
        role = named_role(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.name).lower() + ".")
        if role in {"repository", "service"}:
            return role, f"its class {kind.name}"
    return "", ""


def named_role(path: str) -> str:
    """The role that a path's names suggest, `""` for none. The file's own name counts before its folders."""
    parts = path.split("/")
    for start in range(len(parts) - 1, -1, -1):
        for role, pattern in _NAMED:
            if pattern.search("/" + parts[start] + ("" if start == len(parts) - 1 else "/")):
                return role
    return ""


def _class_kind(index: FactIndex, path: str, symbol: Symbol) -> str:
    found = index.resolve(path, symbol.qualname)
    bases = {b.split(".")[-1] for b in index.root_bases(found)} if found is not None else set(symbol.bases)
    if "BaseSettings" in bases:
        return "settings"
    if any(b.endswith(("Exception", "Error")) for b in bases):
        return "error"
    if bases & {"BaseModel", "SQLModel", "GenericModel", "RootModel"}:
        return "schema"
    return ""
