"""How a rate limit is spelled: the table of counts, the dependency that counts, the endpoint that asks for it, a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from posixpath import dirname

from msgspec.structs import replace

from backwright.blueprints.rate_limit.decide import Decision
from backwright.blueprints.resource.decide import decide as decide_resource
from backwright.core.errors import Unsupported
from backwright.core.request import Feature, FieldSpec, Listing
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.kept_headers import emit_kept_headers
from backwright.engine.spellings.resource import collected
from backwright.engine.spellings.tested_urls import url_in_tests
from backwright.frameworks.alembic.migration import emit_migration
from backwright.frameworks.fastapi.rate_limit import FUNCTIONS, emit_limiter, limited
from backwright.frameworks.pytest.rate_limit import emit_limit_test, untested
from backwright.frameworks.sqlalchemy.model import emit_model
from backwright.frameworks.sqlmodel.models import emit_table
from backwright.kit.artifacts import Emission, Insertion, ResourcePlan, Splice
from backwright.kit.existing import existing_plan
from backwright.kit.imitation import fill
from backwright.kit.modules import module_of
from backwright.kit.naming import snake
from backwright.languages.python.signatures import Text

_COUNTS = Feature(
    "RateLimit",
    fields=(
        FieldSpec("key", max_length=255, unique=True),
        FieldSpec("hits", "integer"),
        FieldSpec("expires_minute", "integer"),
    ),
    operations=(),
    listing=Listing(paginate=False),
)


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for an endpoint that is not there."""
    change = task.understood.rate_limit
    assert change is not None, "the blueprint accepts rate limits only"
    refuse_foreign(task)
    decision: Decision = decide(change, task.house, task.index, task.settings)
    work = _Limit(task, decision)
    return Spelled(
        title=f"limit {decision.name} to {change.limit} in {change.seconds} s",
        emissions=lambda: tuple(work.emissions()),
        house=task.house,
        assumptions=decision.assumptions,
        notes=lambda: tuple(work.notes()),
        decision=decision,
    )


class _Limit:
    """One limit on one endpoint."""

    def __init__(self, task: Task, decision: Decision) -> None:
        self.task, self.decision, self.house = task, decision, task.house
        self.path = self._module()
        self.there = self.path in task.index.paths
        self.plan = self._counts()

    def _module(self) -> str:
        """Beside the module that sessions are asked for by."""
        asked = self.house.session.alias or self.house.session.dependency
        module, first = asked.module, asked.name.partition(".")[0]
        found = self.task.index.path_of(f"{module}.{first}") or self.task.index.path_of(module)
        if not found:
            raise Unsupported("the file that gives sessions could not be found", where=self.decision.info.path)
        return f"{dirname(found)}/rate_limit.py".lstrip("/")

    def _counts(self) -> ResourcePlan:
        """The table of counts: as it is, or as this house would make one."""
        task, house, guard = self.task, self.house, self.house.auth.guard("user")
        if self.there:
            found = next(((p, t) for p, t in task.index.tables() if t.entity == _COUNTS.resource), None)
            if found is None or not {c.name for c in found[1].columns} >= {f.name for f in _COUNTS.fields}:
                raise Unsupported("a file of that name is there, and counts otherwise", where=self.path)
            plan = existing_plan(*found, house, task.index)
            tested = house.tests.place if house.tests is not None else None
            more = {"test": fill(tested.path, plan.name)} if tested is not None else {}
            plan = replace(plan, paths={**plan.paths, **more})
        else:
            plan = decide_resource(_COUNTS, house, task.index, task.settings).plan
        return replace(plan, access={"create": guard} if self.decision.by == "user" else {})

    def emissions(self) -> Iterator[Emission]:
        if not self.there:
            yield from self._table()
        function = FUNCTIONS[self.decision.by]
        known = self.task.index.symbols(self.path) if self.path in self.task.index.files else {}
        if function not in known:
            yield from emit_limiter(self.plan, self.path, self.decision.by, is_new=not self.there)
        yield self._endpoint(function)
        yield from emit_kept_headers(self.task)
        yield from emit_limit_test(self.plan, self._asked())

    def _table(self) -> Iterator[Emission]:
        if self.house.model.orm == "sqlmodel":
            yield emit_table(self.plan)
        else:
            yield from emit_model(self.plan)
        model, module = self.plan.paths["model"], self.plan.module("model")
        for emission in collected(self.plan):
            if isinstance(emission, Insertion) and emission.path != model:
                beside = emission.text.startswith("from .") and dirname(emission.path) == dirname(model)
                if beside or re.search(rf"(?<![\w.]){re.escape(module)}(?![\w.])", emission.text):
                    yield emission
        yield from emit_migration(self.plan)

    def _endpoint(self, function: str) -> Emission:
        info, limit = self.decision.info, self.decision.limit
        where = f"{info.path}:{info.route.loc.line}"
        source = self.task.read(info.path) or ""
        name = info.route.handler.rpartition(".")[2]
        nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
        node = next((n for n in nodes if n.name == name), None)
        if node is None:
            raise Unsupported("the handler is not a function of this file", where=where)
        said = f'Depends({function}("{self.decision.name}", {limit.limit}, {limit.seconds}))'
        target, written, inside = limited(node, info.route.router, said, where)
        text = Text(source)
        if inside:
            at = text.end(target)
        else:
            assert isinstance(target, ast.Call), "a route is a call"
            at, written = text.arguments(target, [written])
        imports = ("from fastapi import Depends", f"from {module_of(self.path, self.task.index)} import {function}")
        return Splice(info.path, at, at, written, "requests are limited", "in", imports)

    def _asked(self) -> dict[str, object]:
        info, limit = self.decision.info, self.decision.limit
        path = re.sub(r"\{[^}]*\}", "1", info.route.path)
        return {
            "name": snake(info.route.handler.rpartition(".")[2]),
            "method": info.route.method.lower(),
            "url": url_in_tests(self.house, path),
            "limit": limit.limit,
            "seconds": limit.seconds,
            "by": self.decision.by,
            "module": module_of(self.path, self.task.index),
        }

    def notes(self) -> Iterator[str]:
        if why := untested(self.plan, self.decision.by, self.decision.limit.limit):
            yield f"there is no test of it: {why}"
        yield "each request to the endpoint costs two more statements and a commit, on a connection of its own"
        if self.decision.by == "user" and self.house.session.commits == "dependency":
            yield (
                "who is signed in is read on a connection that the request keeps while it is counted on another: the pool "
                "has to have two for each request at one time"
            )
        if self.decision.by == "ip":
            yield (
                "callers are told apart by the address that the server names: which proxies it believes is the server's "
                "setting (uvicorn --forwarded-allow-ips; by default those of this machine)"
            )
