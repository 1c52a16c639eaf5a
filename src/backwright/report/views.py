"""Results as programs read them: the `summary` and the `data` of the envelope."""

from __future__ import annotations

from collections import Counter
from functools import singledispatch
from typing import Any

import msgspec

from backwright.core.archmap import ArchMap, Component, Convention, Edge
from backwright.core.change import ChangeSet
from backwright.core.facts import Column, Loc, Span
from backwright.core.findings import Finding, Fix, Related
from backwright.core.stack import Stack
from backwright.core.verdict import Outcome, StepResult, Verdict
from backwright.report.plan_text import counts_of
from backwright.report.results import (
    AgentsResult,
    ApplyResult,
    BlueprintList,
    CheckResult,
    ContextResult,
    ExplainResult,
    Head,
    InitResult,
    MapResult,
    PlanResult,
    RulePage,
    RunResult,
    StackResult,
    StackSetResult,
    StatusResult,
    UndoResult,
    VerifyResult,
)
from backwright.report.run_report import risks
from backwright.report.stack_view import StackListView, project_view

Summary = dict[str, Any]


class RouteView(msgspec.Struct, frozen=True):
    """A route; `complete` when `path` is the whole path that a client uses."""

    method: str
    path: str
    handler: str
    span: Span
    response: str
    status: str
    auth: tuple[str, ...]
    complete: bool


class ColumnView(msgspec.Struct, frozen=True):
    name: str
    type: str
    nullable: bool
    primary_key: bool
    unique: bool
    index: bool
    foreign_key: str


class RelationView(msgspec.Struct, frozen=True):
    name: str
    target: str
    many: bool


class EntityView(msgspec.Struct, frozen=True):
    """An entity with its table."""

    name: str
    table: str
    orm: str
    span: Span
    columns: tuple[ColumnView, ...]
    relations: tuple[RelationView, ...]


class MapView(msgspec.Struct, frozen=True):
    """`data` of `backwright.map/1`."""

    head: Head
    root: str
    stack: Stack
    components: tuple[Component, ...]
    edges: tuple[Edge, ...]
    routes: tuple[RouteView, ...]
    entities: tuple[EntityView, ...]
    conventions: tuple[Convention, ...]
    unplaced: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    projects: tuple[str, ...]


class FindingView(msgspec.Struct, frozen=True):
    """A finding with the address of its page."""

    rule: str
    name: str
    severity: str
    message: str
    span: Span
    help: str
    related: tuple[Related, ...]
    fix: Fix | None
    fingerprint: str
    scope: str
    url: str


class CheckView(msgspec.Struct, frozen=True):
    """`data` of `backwright.check/1`."""

    findings: tuple[FindingView, ...]
    since: str
    skipped: tuple[tuple[str, str], ...]


class PlanView(msgspec.Struct, frozen=True):
    """`data` of `backwright.plan/1`."""

    change: ChangeSet
    saved: bool


class ApplyView(msgspec.Struct, frozen=True):
    """`data` of `backwright.apply/1`."""

    plan: str
    title: str
    outcome: str
    landed: str
    paths: tuple[str, ...]
    conflicts: tuple[str, ...]
    steps: tuple[StepResult, ...]
    new_findings: tuple[FindingView, ...]


class VerifyView(msgspec.Struct, frozen=True):
    """`data` of `backwright.verify/1`."""

    contract: str
    steps: tuple[StepResult, ...]
    new_findings: tuple[FindingView, ...]
    sandbox: str = ""  # what held the commands, and what they were granted


@singledispatch
def view(result: object) -> tuple[Summary, Any]:
    """`(summary, data)` of a result. Raises `TypeError` for what no verb returns."""
    raise TypeError(f"no view of {type(result).__name__}")


@view.register
def _(result: MapResult) -> tuple[Summary, Any]:
    archmap = result.archmap
    summary = {
        "files": result.head.files,
        "components": len(archmap.components),
        "routes": len(archmap.routes),
        "entities": len(archmap.entities),
        "conventions": len(archmap.conventions),
        "unplaced": len(archmap.unplaced),
    }
    data = MapView(
        result.head, archmap.root, archmap.stack, archmap.components, archmap.edges, _routes(archmap),
        _entities(archmap), archmap.conventions, archmap.unplaced, archmap.skipped, archmap.projects,
    )  # fmt: skip
    return summary, data


@view.register
def _(result: CheckResult) -> tuple[Summary, Any]:
    counts = Counter(f.severity for f in result.findings)
    summary = {
        "errors": counts["error"],
        "warnings": counts["warning"],
        "advice": counts["advice"],
        "fixable": sum(f.fix is not None for f in result.findings),
        "silenced": result.silenced,
        "rules": result.rules,
        "files": result.files,
        "by_rule": dict(sorted(Counter(f.rule for f in result.findings).items())),
    }
    return summary, CheckView(_findings(result.findings, result.pages), result.since, result.skipped)


@view.register
def _(result: ExplainResult) -> tuple[Summary, Any]:
    data = {"subject": result.subject, "kind": result.kind, "title": result.title, "markdown": result.markdown}
    return {"kind": result.kind}, data


@view.register
def _(result: BlueprintList) -> tuple[Summary, Any]:
    return {"blueprints": len(result.blueprints)}, {"blueprints": result.blueprints}


@view.register
def _(result: PlanResult) -> tuple[Summary, Any]:
    summary = {**counts_of(result.change), "questions": len(result.change.questions)}
    return summary, PlanView(result.change, result.saved)


@view.register
def _(result: ApplyResult) -> tuple[Summary, Any]:
    paths = tuple(edit.path for edit in result.change.edits)
    findings = _findings(result.new_findings)
    data = ApplyView(
        result.change.id, result.change.title, result.outcome, result.landed_id, paths, result.conflicts,
        result.verdict.results, findings,
    )  # fmt: skip
    return {"outcome": result.outcome, "files": len(paths), **_steps(result.verdict)}, data


@view.register
def _(result: UndoResult) -> tuple[Summary, Any]:
    return {"files": len(result.restored)}, {"undone": result.id, "title": result.title, "restored": result.restored}


@view.register
def _(result: VerifyResult) -> tuple[Summary, Any]:
    data = VerifyView(
        result.contract.source, result.verdict.results, _findings(result.new_findings), result.verdict.sandbox
    )
    return {**_steps(result.verdict), "new_findings": len(result.new_findings)}, data


@view.register
def _(result: RunResult) -> tuple[Summary, Any]:
    summary: Summary = {"outcome": result.outcome, "status": result.run.status, "scenes": len(result.scenes)}
    data = {
        "id": result.run.id,
        "task": result.run.task,
        "outcome": result.outcome,
        "message": result.message,
        "reason": result.reason,
        "failures": result.failures,
        "missing": result.missing,
        "scenes": result.scenes,
        "change": result.change,
        "steps": result.verdict.results if result.verdict else (),
        "new_findings": _findings(result.new_findings),
        "landed": result.landed_id,
        "branch": result.branch,
        "behaviour": result.behaviour,
        "checklist": result.checklist,
        "tests_first": result.reds,
        "risks": risks(result),
        "usage": result.usage,
        "review": result.review,
    }
    return summary, data


@view.register
def _(result: StackResult) -> tuple[Summary, Any]:
    backends = tuple(s.root for s in result.stacks if s.kind == "backend")
    summary: Summary = {"projects": len(result.stacks), "backends": len(backends), "conflicts": len(result.problems)}
    data = StackListView(result.asked, backends, tuple(map(project_view, result.stacks)))
    return summary, data


@view.register
def _(result: StackSetResult) -> tuple[Summary, Any]:
    summary: Summary = {"written": len(result.written), "kept": len(result.kept)}
    root = result.stack.root
    kept = tuple(sorted(result.kept))
    return summary, StackListView(
        root, (root,), (project_view(result.stack),), result.written, kept, result.texts, result.landed_id
    )


@view.register
def _(result: ContextResult) -> tuple[Summary, Any]:
    pack = result.pack
    summary: Summary = {"tokens": pack.tokens, "budget": pack.budget, "parts": len(pack.parts)}
    data = {
        "task": result.task,
        "kind": result.kind,
        "difficulty": result.difficulty,
        "parts": pack.parts,
        "left_out": pack.left_out,
    }
    return summary, data


@view.register
def _(result: InitResult) -> tuple[Summary, Any]:
    return {}, {"path": result.path, "text": result.text}


@view.register
def _(result: AgentsResult) -> tuple[Summary, Any]:
    files = [{"path": e.path, "before": e.before, "after": e.after} for e in result.edits]
    data = {"agents": result.titles, "files": files, "notes": result.notes, "landed": result.landed_id}
    return {"files": len(result.edits), "written": bool(result.landed_id)}, data


@view.register
def _(result: StatusResult) -> tuple[Summary, Any]:
    data = {
        "stack": result.stack,
        "findings": result.findings,
        "checked": result.checked,
        "last_run": result.last_run,
        "undo": result.undo,
    }
    return {}, data


def _findings(findings: tuple[Finding, ...], pages: tuple[RulePage, ...] = ()) -> tuple[FindingView, ...]:
    urls = {page.rule: page.url for page in pages}
    return tuple(
        FindingView(
            f.rule, f.name, f.severity, f.message, f.span, f.help, f.related, f.fix, f.fingerprint, f.scope,
            urls.get(f.rule, ""),
        )
        for f in findings
    )  # fmt: skip


def _steps(verdict: Verdict) -> Summary:
    outcomes = Counter(r.outcome for r in verdict.results)
    names: tuple[Outcome, ...] = ("passed", "failed", "skipped", "unavailable")
    return {"verified": verdict.ok, **{name: outcomes[name] for name in names}}


def _routes(archmap: ArchMap) -> tuple[RouteView, ...]:
    return tuple(
        RouteView(
            r.method, r.path, r.handler, _span(info.path, r.loc),
            r.response, r.status, r.auth, r.complete,
        )
        for info in archmap.routes
        for r in (info.route,)
    )  # fmt: skip


def _span(path: str, loc: Loc) -> Span:
    return Span(path, loc.line, loc.col, loc.end_line, loc.end_col)


def _column(c: Column) -> ColumnView:
    return ColumnView(c.name, c.type, c.nullable, c.primary_key, c.unique, c.index, c.foreign_key)


def _entities(archmap: ArchMap) -> tuple[EntityView, ...]:
    return tuple(
        EntityView(
            t.entity, t.table, t.orm, _span(info.path, t.loc),
            tuple(_column(c) for c in t.columns),
            tuple(RelationView(r.name, r.target, r.many) for r in t.relations),
        )
        for info in archmap.entities
        for t in (info.table,)
    )  # fmt: skip
