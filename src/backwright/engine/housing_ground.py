"""Where the first resource is tied to a project: the application, Alembic's environment, the package of models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import basename

from backwright.core.facts import Assign, Import
from backwright.frameworks.fastapi.routes import Router, full_prefixes, mounts, routers
from backwright.kit.foundation import Statement
from backwright.kit.house import Application, Ref
from backwright.kit.index import FactIndex

Read = Callable[[str], str]


@dataclass(frozen=True)
class Ground:
    """Where routers are mounted and under which prefix, where handlers are registered."""

    mount: Statement
    mount_on: str
    prefix: str
    handlers_after: Statement


def ground_of(index: FactIndex, app: Application, tests: frozenset[str], read: Read) -> Ground:
    """Routers join the others where there are some, else they come right below the application."""
    made = next(
        a for a in index.assigns(app.path) if a.target.dotted() == app.variable and _makes_app(index, app.path, a)
    )
    own = _last(index, app.path, app.variable, made, read)
    known = routers(index)
    placed = [m for m in mounts(index, known) if m.path not in tests and m.parent in known]
    gathering = [m for m in placed if not known[m.parent].is_app]
    if not gathering:
        return Ground(own, app.variable, "", own)
    parent = max({m.parent for m in gathering}, key=lambda key: sum(m.parent == key for m in gathering))
    last = max((m for m in gathering if m.parent == parent), key=lambda m: m.call.loc.line)
    statement = Statement(
        last.path, _source(read(last.path), last.call.loc.start, last.call.loc.end), last.call.loc.line
    )
    return Ground(statement, last.call.expr.parts[0].parts[0].dotted(), _prefix(known[parent], known, index), own)


def _prefix(router: Router, known: Mapping[tuple[str, str], Router], index: FactIndex) -> str:
    return next((prefix for prefix, _, _ in full_prefixes(router, known, mounts(index, known))), router.prefix)


def _makes_app(index: FactIndex, path: str, assign: Assign) -> bool:
    return assign.value.kind == "call" and index.origin(path, assign.value.parts[0].dotted()).endswith("FastAPI")


def _last(index: FactIndex, path: str, variable: str, made: Assign, read: Read) -> Statement:
    """The last statement that furnishes the application, else the one that makes it."""
    names = {f"{variable}.{m}" for m in ("include_router", "add_middleware", "add_exception_handler")}
    calls = [
        c for c in index.calls(path, made.scope) if c.expr.parts[0].dotted() in names and c.loc.line > made.loc.line
    ]
    loc = max((c.loc for c in calls), key=lambda place: place.line, default=made.loc)
    return Statement(path, _source(read(path), loc.start, loc.end), loc.line)


def application_object(index: FactIndex, app: Application) -> Ref | None:
    """The application as tests import it: the object itself, or the one that a factory made for a module."""
    if app.module_level:
        return Ref(app.variable, index.module(app.path))
    made = next(
        a for a in index.assigns(app.path) if a.target.dotted() == app.variable and _makes_app(index, app.path, a)
    )
    for path in index.files:
        for assign in index.assigns(path, ""):
            found = (
                index.resolve(path, assign.value.dotted().removesuffix("()")) if assign.value.kind == "call" else None
            )
            if found is not None and found.path == app.path and found.symbol.qualname == made.scope:
                return Ref(assign.target.dotted(), index.module(path))
    return None


@dataclass(frozen=True)
class Environment:
    """What Alembic's `env.py` lacks. None: it has it."""

    after: Statement | None = None
    metadata: Statement | None = None
    address: bool = False


def environment_of(index: FactIndex, models: frozenset[str], app: str, read: Read) -> Environment:
    """Whether `env.py` reaches the entities through its imports; it may reach them through the application as well."""
    path = next(
        (p for p in index.files if basename(p) == "env.py" and any(i.module == "alembic" for i in index.imports(p))), ""
    )
    if not path:
        return Environment()
    imports = [i for i in index.imports(path) if not i.scope and not i.typing_only]
    text = read(path)
    unset = re.search(r"^target_metadata\s*(?::[^=\n]+)?=\s*None[ \t]*$", text, re.MULTILINE)
    placeholder = any(
        basename(p) == "alembic.ini" and re.search(r"^sqlalchemy\.url\s*=\s*driver://", t, re.MULTILINE)
        for p, t in index.texts.items()
    )
    reached = _reached(index, path) & {*models, app}
    return Environment(
        after=None if reached or not imports else _import_statement(path, text, max(imports, key=lambda i: i.loc.line)),
        metadata=Statement(path, unset.group(0), text[: unset.start()].count("\n") + 1) if unset else None,
        address=placeholder and unset is not None,
    )


def _reached(index: FactIndex, start: str) -> set[str]:
    """Every file that is loaded when this one is."""
    seen, queue = {start}, [start]
    while queue:
        path = queue.pop()
        for item in index.imports(path):
            found = index.imported_file(path, item)
            if found and found not in seen and not item.typing_only:
                seen.add(found)
                queue.append(found)
    return seen


def last_import(index: FactIndex, path: str, read: Read) -> Statement | None:
    """The last import of a package's `__init__.py`; None when it has none, or is not there."""
    imports = [i for i in index.imports(path) if not i.scope and not i.typing_only and i.module != "__future__"]
    return _import_statement(path, read(path), max(imports, key=lambda i: i.loc.line)) if imports else None


def _import_statement(path: str, text: str, item: Import) -> Statement:
    return Statement(path, _source(text, item.loc.start, item.loc.end), item.loc.line)


def _source(text: str, start: int, end: int) -> str:
    return text.encode()[start:end].decode()
