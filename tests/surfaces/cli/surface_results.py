"""Small results for the verbs to return."""

from __future__ import annotations

from backwright.core.archmap import ArchMap
from backwright.core.change import ChangeSet, Edit, Question
from backwright.core.events import Run
from backwright.core.facts import Span
from backwright.core.findings import Finding, Severity
from backwright.core.stack import Stack
from backwright.core.verdict import Contract, Outcome, Step, StepResult, Verdict
from backwright.report.results import (
    ApplyResult,
    CheckResult,
    ExplainResult,
    Head,
    InitResult,
    MapResult,
    PlanResult,
    Problem,
    RunResult,
    SceneResult,
    StatusResult,
    UndoResult,
    VerifyResult,
)

HEAD = Head("shop", "main", "4f2c1ab", 3)
CONTRACT = Contract((Step("tests", ("pytest", "-q"), env={"A": "b c"}, cwd="api"),), "stack/stack.yaml")
CHANGE = ChangeSet("7c1e", "add Order", (Edit("app/a.py", None, "x\n"),), "blueprint:resource", {})
MAPPED = MapResult(ArchMap("", Stack("")), HEAD)
STATUS = StatusResult(HEAD, "Python 3.12")
EXPLAINED = ExplainResult("BW101", "BW101", "# BW101\n\nWhy.\n")
INITIAL = InitResult("backwright.toml", "[backwright]\n", HEAD)
UNDONE = UndoResult("7c1e", "add Order", HEAD, ("app/a.py",))


def finding(severity: Severity = "error") -> Finding:
    return Finding("BW101", "query-in-router", severity, "a query", Span("app/a.py", 1))


def checked(*severities: Severity, problem: int | None = None) -> CheckResult:
    problems = () if problem is None else (Problem("BW-E003", "a problem", exit_code=problem),)
    return CheckResult(tuple(finding(s) for s in severities), HEAD, 10, 3, problems=problems)


def planned(*, asks: bool = False, saved: bool = True, edits: bool = True) -> PlanResult:
    questions = (Question("owner", "Who?", "high"),) if asks else ()
    change = ChangeSet(
        "7c1e", "add Order", CHANGE.edits if edits else (), "blueprint:resource", {}, questions=questions
    )
    return PlanResult(change, HEAD, saved)


def verdict(*outcomes: Outcome) -> Verdict:
    return Verdict(tuple(StepResult(f"step{i}", outcome) for i, outcome in enumerate(outcomes)))


def verified(*outcomes: Outcome) -> VerifyResult:
    return VerifyResult(CONTRACT, verdict(*outcomes), HEAD)


def applied(outcome: str, *outcomes: Outcome) -> ApplyResult:
    return ApplyResult(CHANGE, verdict(*outcomes), HEAD, outcome, "7c1e")  # type: ignore[arg-type]


def ran(outcome: str, *outcomes: Outcome) -> RunResult:
    scenes = (SceneResult("PREPARE", True, 0.1),)
    found = verdict(*outcomes) if outcomes else None
    return RunResult(Run("9b02", "add Order", "done"), HEAD, scenes, outcome, CHANGE, found)  # type: ignore[arg-type]
