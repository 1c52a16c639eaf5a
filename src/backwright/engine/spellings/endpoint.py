"""How an action on a row is spelled: the state, the functions it goes through, the migration, the tests."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from backwright.blueprints.endpoint.decide import Decision
from backwright.core.change import ENDPOINT_WITHOUT_TEST
from backwright.core.errors import Unsupported
from backwright.core.facts import Column
from backwright.core.request import EndpointChange
from backwright.engine.siblings import Resource, resource_of
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.spellings.endpoint_action import Action
from backwright.engine.spellings.endpoint_chain import Chain, Chains
from backwright.engine.spellings.endpoint_code import ActionCode
from backwright.engine.spellings.endpoint_state import emit_state, unshown
from backwright.engine.spellings.endpoint_tests import ActionTests
from backwright.frameworks.fastapi.action import Handler, is_route
from backwright.frameworks.fastapi.admission import Admission, admission_of
from backwright.kit.artifacts import Emission
from backwright.kit.existing import find_entity
from backwright.kit.naming import kebab

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for bad requests."""
    change = task.understood.endpoint
    assert change is not None, "the blueprint accepts actions only"
    refuse_foreign(task)
    path, table = find_entity(change.resource, task.index)
    resource = resource_of(path, table.entity, task.index, task.components)
    decision: Decision = decide(change, path, table, task.index)
    work = _Endpoint(task, change, resource, decision)
    return Spelled(
        title=f"add {change.action} to {table.entity}",
        emissions=work.emissions,
        house=task.house,
        assumptions=tuple(decision.assumptions),
        questions=tuple(decision.questions),
        notes=work.notes,
        leaves=work.leaves,
        decision=decision,
    )


class _Endpoint:
    """One action, spelled when nothing is open any more."""

    def __init__(self, task: Task, change: EndpointChange, resource: Resource, decision: Decision) -> None:
        self.task = task
        self.change = change
        self.resource = resource
        self.decision = decision

    def emissions(self) -> Iterator[Emission]:
        yield from emit_state(self.task, self.action)
        yield from ActionCode(self.action, self.chains).emissions()
        yield from self.tests.emissions()

    @cached_property
    def tests(self) -> ActionTests:
        return ActionTests(self.action, self.resource, self.chains.sources)

    def notes(self) -> Iterator[str]:
        if why := self.tests.untested():
            yield f"`{self.change.action}` gets no tests of its own: {why}"
        if self.task.house.migration is None and self.action.transition.fresh_columns:
            yield "there is no migration: this project does not use Alembic"
        yield from unshown(self.task, self.action)

    def leaves(self) -> tuple[str, ...]:
        return (ENDPOINT_WITHOUT_TEST,) if self.tests.untested() else ()

    @cached_property
    def chains(self) -> Chains:
        return Chains(self.task)

    @cached_property
    def action(self) -> Action:
        transition = self.decision.plan
        assert transition is not None, "open questions of level high stop a plan before"
        chain = self.chains.of(self.resource)
        now, imports = _now(self.resource, self.task)
        entity = self.resource.entity
        return Action(
            change=self.change,
            name=self.resource.name,
            path=entity.path,
            table=entity.table,
            transition=transition,
            chain=chain,
            house=self.task.house,
            index=self.task.index,
            now=now,
            now_imports=imports,
            handler=self._handler(chain),
        )

    def _handler(self, chain: Chain) -> Handler:
        first = chain.steps[0]
        local = _local_path(first.node.decorator_list, chain.info.route.router)
        if "{" not in local:
            raise Unsupported(f"`{first.name}` takes no row from its path", where=first.where)
        method, underscored = _convention(self.task)
        spelled = self.change.action if underscored else kebab(self.change.action)
        item = re.sub(r"(\{[^}]*\})[^{}]*$", r"\1", local)
        end = "/" if local.endswith("/") else ""
        response = ""
        if chain.deletes:
            shown = next(
                (o for o in map(self.resource.operation, ("get", "update", "create")) if o and o.route.response), None
            )
            if shown is None:
                raise Unsupported(f"{self.resource.name.pascal} has no endpoint that shows one row", where=first.where)
            response = shown.route.response
        path = f"{item}/{spelled}{end}"
        self._refuse_taken(path)
        return Handler(
            chain.info.route.router, method, path, self.change.action, self.resource.name,
            documents=self.task.house.router.documents, response=response,
            message=f"{self.resource.name.human.capitalize()} is in another state",
            admission=self._admission(chain),
        )  # fmt: skip

    def _admission(self, chain: Chain) -> Admission:
        first = chain.steps[0]
        arguments = first.node.args
        given = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(given) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [*zip(given, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
        parameters = {
            a.arg: f"{ast.unparse(a.annotation) if a.annotation else ''} {ast.unparse(d) if d else ''}"
            for a, d in pairs
        }
        decorators = " ".join(ast.unparse(d) for d in first.node.decorator_list)
        bodies = tuple(b for step in chain.steps for b in (step.cut.body, *self.chains.called(step)))
        return admission_of(
            self.change.access, f"{decorators} {ast.unparse(arguments)}", parameters, bodies, self.resource.entity.table,
            self.task.house, self.task.index, tuple(chain.info.route.auth), first.where,
        )  # fmt: skip

    def _refuse_taken(self, path: str) -> None:
        last = path.rstrip("/").rpartition("/")[2]
        for info in self.resource.routes:
            segments = [s for s in info.route.path.split("/") if s]
            if segments[-1:] == [last] and info.route.method not in _READS:
                raise Unsupported(
                    f"{info.route.method} {info.route.path} is there already",
                    where=f"{info.path}:{info.route.loc.line}",
                )


def _local_path(decorators: list[ast.expr], router: str) -> str:
    for node in decorators:
        if is_route(node, router) and isinstance(node, ast.Call):
            first = node.args[0] if node.args else next((w.value for w in node.keywords if w.arg == "path"), None)
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                return first.value
    return ""


def _convention(task: Task) -> tuple[str, bool]:
    """The method of actions in this project, and whether their words are joined by underscores."""
    methods: Counter[str] = Counter()
    joined: Counter[str] = Counter()
    for _, route in task.index.routes():
        segments = [s for s in route.path.split("/") if s]
        for segment in segments:
            joined["_"] += "_" in segment and "{" not in segment
            joined["-"] += "-" in segment and "{" not in segment
        if (
            len(segments) > 1
            and "{" in segments[-2]
            and "{" not in segments[-1]
            and route.method in {"POST", "PUT", "PATCH"}
        ):
            methods[route.method] += 1
    best = methods.most_common(1)
    return (best[0][0] if best else "POST"), joined["_"] > joined["-"]


def _now(resource: Resource, task: Task) -> tuple[str, tuple[str, ...]]:
    """The moment as this project's models write it: by a function of their own, else by the database."""
    tables = [resource.entity.table, *(t for p, t in task.index.tables() if p == resource.entity.path)]
    for column in (c for t in tables for c in t.columns):
        found = re.fullmatch(r"[a-z_]\w*", column.default) if _is_moment(column) else None
        if found is not None:
            origin = next(
                (d.path for d in task.index.classes() if column.origin and d.symbol.name == column.origin), ""
            )
            path = origin or resource.entity.path
            home = task.index.resolve(path, column.default)
            if home is not None and home.symbol.kind == "function":
                return f"{column.default}()", (f"from {task.index.module(home.path)} import {home.symbol.name}",)
    return "func.now()", ("from sqlalchemy import func",)


def _is_moment(column: Column) -> bool:
    return re.search(r"datetime|timestamp", f"{column.python} {column.type}", re.IGNORECASE) is not None
