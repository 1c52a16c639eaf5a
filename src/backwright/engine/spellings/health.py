"""How health checks are spelled: the endpoints that are missing, where they are mounted, their tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backwright.blueprints.health.decide import Decision, HealthPlan
from backwright.core.errors import Unsupported
from backwright.engine.spelling import Decide, Spelled, Task
from backwright.engine.spellings.tested_urls import url_in_tests
from backwright.frameworks.fastapi.health import decorator_like, home, probe_code, probe_imports, router_piece
from backwright.frameworks.pytest.health import emit_health_tests, untested
from backwright.kit.artifacts import Emission, Splice
from backwright.languages.python.places import line_starts


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, NothingToDo for what is there."""
    change = task.understood.health
    assert change is not None, "the blueprint accepts health checks only"
    decision: Decision = decide(change, task.house, task.index, task.settings)
    plan = decision.plan
    return Spelled(
        title=f"add {' and '.join('liveness' if p.kind == 'live' else 'readiness' for p in plan.probes)} checks",
        emissions=lambda: tuple(_emissions(task, plan)),
        house=task.house,
        assumptions=decision.assumptions,
        notes=lambda: _notes(plan),
        decision=decision,
    )


def _notes(plan: HealthPlan) -> Iterator[str]:
    if why := untested(plan.resource):
        yield f"not all is tested: {why}"
    if plan.beside is not None and plan.beside.route.auth:
        yield f"GET {plan.beside.route.path} asks who is there; what is added beside it does not"


def _emissions(task: Task, plan: HealthPlan) -> Iterator[Emission]:
    resource = plan.resource
    if plan.beside is not None:
        yield from _beside(task, plan)
        urls = [(p.kind, url_in_tests(task.house, p.url)) for p in plan.probes]
    else:
        path, variable, is_new = home(resource)
        body = [probe_code(resource, p.kind, p.function, decorator_like(None, variable, p.path)) for p in plan.probes]
        yield from router_piece(resource, body, is_new=is_new, path=path, variable=variable)
        urls = [(p.kind, url_in_tests(task.house, p.url if is_new else p.url.removeprefix(task.house.router.path_prefix)))
                for p in plan.probes]  # fmt: skip
    yield from emit_health_tests(resource, urls)


def _beside(task: Task, plan: HealthPlan) -> Iterator[Emission]:
    """Right below the handler that is there."""
    info = plan.beside
    assert info is not None, "there is one to stand beside"
    text = task.read(info.path) or ""
    name = info.route.handler.rpartition(".")[2]
    nodes = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    node = next((n for n in nodes if n.name == name), None)
    if node is None:
        raise Unsupported("the handler is not a function", where=f"{info.path}:{info.route.loc.line}")
    like = next((d for d in node.decorator_list if ast.unparse(d).startswith(f"{info.route.router}.get(")), None)
    starts = line_starts(text)
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
    for probe in plan.probes:
        code = probe_code(
            plan.resource, probe.kind, probe.function, decorator_like(like, info.route.router, probe.path)
        )
        yield Splice(info.path, start, end, code, "the health checks", "define", probe_imports(plan.resource))
