"""What is worth doing next, from a result: the same for people and for programs."""

from __future__ import annotations

from functools import singledispatch

from backwright.report.check_text import worst_first
from backwright.report.results import (
    AgentsResult,
    ApplyResult,
    CheckResult,
    ExplainResult,
    InitResult,
    MapResult,
    Next,
    PlanResult,
    RunResult,
    StackResult,
    StackSetResult,
    StatusResult,
    steps_back,
)
from backwright.report.terminal import count

Steps = tuple[Next, ...]


@singledispatch
def next_steps(result: object) -> Steps:
    """The commands worth running after this result, the best first; none where there is nothing to say."""
    return ()


@next_steps.register
def _(result: MapResult) -> Steps:
    return (Next("backwright check", "see where the code leaves its architecture"),)


@next_steps.register
def _(result: StackResult) -> Steps:
    if result.problems:
        return (Next("backwright stack set", "see what would be written; -y writes it"),)
    return (Next("backwright map", "the architecture and the house style"),)


@next_steps.register
def _(result: StackSetResult) -> Steps:
    if result.kept:
        return (Next("backwright stack set -y", "overwrite them"),)
    return (Next("backwright verify", "run the steps that stack.yaml names"),)


@next_steps.register
def _(result: CheckResult) -> Steps:
    if not result.findings:
        return ()
    rule = worst_first(result.findings)[0].rule
    explained = Next(f"backwright explain {rule}", "why it matters and how to mend it")
    safe = sum(f.fix is not None and f.fix.safety == "safe" for f in result.findings)
    if not safe:
        return (explained,)
    return (Next("backwright check --fix", f"{count(safe, 'finding')} can be mended safely"), explained)


@next_steps.register
def _(result: ExplainResult) -> Steps:
    return result.next


@next_steps.register
def _(result: PlanResult) -> Steps:
    if not result.saved:
        return ()
    return (Next(f"backwright apply {result.change.id}", "make exactly this change, then verify"),)


@next_steps.register
def _(result: ApplyResult) -> Steps:
    if result.outcome == "landed":
        return (Next(f"backwright apply --undo {result.landed_id or result.change.id}", "take it back"),)
    if result.outcome == "conflict":
        return (Next("backwright plan", "plan again on the files as they are now"),)
    return (Next("backwright verify", "see whether the repository passes without the change"),)


@next_steps.register
def _(result: RunResult) -> Steps:
    if result.outcome == "done" and result.branch:
        base = result.base or "HEAD"
        return (Next(f"git diff {base}...{result.branch}", "look at the change"),)
    if result.outcome == "done":
        return steps_back(result.run)
    explained = Next(f"backwright explain {result.run.id}", "what happened, step by step")
    if result.outcome in ("failed", "dry_run"):
        return (explained,)
    answers = " --set KEY=VALUE" if result.reason == "questions" else ""
    return (Next(f"backwright run --resume {result.run.id}{answers}", "go on where it stopped"), explained)


@next_steps.register
def _(result: InitResult) -> Steps:
    return (Next("backwright map", "see what was found"),)


@next_steps.register
def _(result: AgentsResult) -> Steps:
    return (Next(f"backwright apply --undo {result.landed_id}", "take it back"),) if result.landed_id else ()


@next_steps.register
def _(result: StatusResult) -> Steps:
    return (result.next,) if result.next else ()
