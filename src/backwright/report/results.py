"""What each verb returns. The verbs in `app` make these values, the renderers beside this file show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from backwright.core.acting import Difficulty, Pack, Usage
from backwright.core.archmap import ArchMap
from backwright.core.change import ChangeSet, Edit
from backwright.core.events import Run
from backwright.core.findings import Finding, Severity
from backwright.core.stack import Stack
from backwright.core.verdict import Contract, Red, Verdict
from backwright.engine.behaviour import Changed

SceneName = Literal["PREPARE", "ACQUIRE", "ACT", "VERIFY", "FINALIZE"]


class Head(msgspec.Struct, frozen=True):
    """The repository a result is about: its name, and where it stood. `commit` is short, `""` without commits."""

    name: str
    branch: str = ""
    commit: str = ""
    files: int = 0


class Problem(msgspec.Struct, frozen=True):
    """Something that could not be done while the rest could. `exit_code` is what the verb ends with because of it."""

    code: str
    message: str
    where: str = ""
    hint: str = ""
    exit_code: int = 0


class Next(msgspec.Struct, frozen=True):
    """A command worth running now, and why."""

    command: str
    why: str = ""


def steps_back(run: Run) -> tuple[Next, ...]:
    """How what a run has landed is taken back: part by part, the last one first."""
    if len(run.landed) < 2:
        return tuple(Next(f"backwright apply --undo {one}", "take it back") for one in run.landed)
    last, *before = run.landed
    back = [Next(f"backwright apply --undo {one}", "then the part before it") for one in before]
    return (Next(f"backwright apply --undo {last}", "take back the last part"), *back)


class MapResult(msgspec.Struct, frozen=True):
    """What `map` found."""

    archmap: ArchMap
    head: Head
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()


class StackResult(msgspec.Struct, frozen=True):
    """The projects of a repository with their stacks, backends first; `asked` is the folder that was asked for.

    `problems` are where `stack/stack.yaml` and the project differ.
    """

    head: Head
    asked: str
    stacks: tuple[Stack, ...]
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()


class StackSetResult(msgspec.Struct, frozen=True):
    """What `stack set` wrote; or, where files would be overwritten, what they are and would be (`kept`), and nothing written.

    `landed_id` undoes it.
    """

    head: Head
    stack: Stack
    written: tuple[str, ...] = ()
    kept: Mapping[str, tuple[str, str]] = {}
    texts: Mapping[str, str] = {}
    landed_id: str = ""


class RulePage(msgspec.Struct, frozen=True):
    """A rule with its page, as reports of findings quote it."""

    rule: str
    name: str
    severity: Severity
    title: str = ""
    markdown: str = ""
    url: str = ""


class FixResult(msgspec.Struct, frozen=True):
    """What `check --fix` changed, or with `--diff` would change. `refused` are places and rules with the reason.

    `landed_id` takes it back (`apply --undo`); `""` where nothing was written.
    """

    fixed: tuple[Finding, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...] = ()
    diff: str = ""
    landed_id: str = ""


class CheckResult(msgspec.Struct, frozen=True):
    """What `check` found. `rules` and `files` count what was really checked.

    `excerpts` maps a path to the lines worth quoting, by number (`report.excerpt.lines_needed` says which).
    """

    findings: tuple[Finding, ...]
    head: Head
    rules: int
    files: int
    root: str = ""  # the project within the repository, `""` for the top
    since: str = ""
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()  # path, why
    silenced: int = 0  # findings hidden by an ignore with a reason
    excerpts: Mapping[str, Mapping[int, str]] = {}
    pages: tuple[RulePage, ...] = ()
    backends: tuple[str, ...] = ()  # the roots of those that were checked, where there are several


class ExplainResult(msgspec.Struct, frozen=True):
    """A page about a rule, a component, a plan or a run."""

    subject: str
    title: str
    markdown: str
    kind: str = ""  # rule | rules | component | plan | run | …
    next: tuple[Next, ...] = ()


class BlueprintInfo(msgspec.Struct, frozen=True):
    """A kind of change that can be planned, with one command that shows how."""

    name: str
    title: str
    usage: str = ""


class BlueprintList(msgspec.Struct, frozen=True):
    """What `plan --list` shows."""

    blueprints: tuple[BlueprintInfo, ...]


class PlanResult(msgspec.Struct, frozen=True):
    """A decided change. `saved` when `apply ID` can make it."""

    change: ChangeSet
    head: Head
    saved: bool = False
    seconds: float = 0.0


class ApplyResult(msgspec.Struct, frozen=True):
    """What became of a planned change. Anything but `landed` means that the tree is as it was.

    `conflicts` are the paths that somebody changed meanwhile; `new_findings` what the guardrails say of the change.
    """

    change: ChangeSet
    verdict: Verdict
    head: Head
    outcome: Literal["landed", "not_landed", "conflict"]
    landed_id: str = ""
    conflicts: tuple[str, ...] = ()
    new_findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


class UndoResult(msgspec.Struct, frozen=True):
    """A landed change taken back; `restored` are the paths that are again as before."""

    id: str
    title: str
    head: Head
    restored: tuple[str, ...]
    seconds: float = 0.0


class VerifyResult(msgspec.Struct, frozen=True):
    """What the repository's own verify contract says."""

    contract: Contract
    verdict: Verdict
    head: Head
    new_findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


class SceneResult(msgspec.Struct, frozen=True):
    """One scene of a run."""

    scene: SceneName
    ok: bool
    seconds: float
    detail: str = ""


class CheckedItem(msgspec.Struct, frozen=True):
    """An item of the checklist and its answer: yes | no | not applicable | unproven | judgement."""

    key: str
    text: str
    section: str
    said: str
    evidence: tuple[str, ...] = ()


class RunResult(msgspec.Struct, frozen=True):
    """How a task ended. `done` landed or is on `branch`; `dry_run` wrote nothing; else the tree is as it was, but for
    what of `partial` is there already: `missing` names the rest.

    `message` is the one sentence about the result, `failures` what is wrong in detail, `reason` why it stopped: questions,
    unprovable, unproven, stuck, conflict, or how an engine ended (quota, limit, unreachable, refused).
    """

    run: Run
    head: Head
    scenes: tuple[SceneResult, ...]
    outcome: Literal["done", "dry_run", "partial", "failed", "blocked", "conflict"]
    change: ChangeSet | None = None
    verdict: Verdict | None = None
    landed_id: str = ""
    branch: str = ""
    base: str = ""  # the branch it started from
    message: str = ""
    failures: tuple[str, ...] = ()
    new_findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    missing: tuple[str, ...] = ()
    reason: str = ""
    behaviour: tuple[Changed, ...] = ()
    checklist: tuple[CheckedItem, ...] = ()
    reds: tuple[Red, ...] = ()
    usage: Usage = Usage()
    review: str = ""  # "REF..REF" of a change that somebody else made: nothing is written


class ContextResult(msgspec.Struct, frozen=True):
    """What a model or an agent would be shown for a task; `kind` and `difficulty` as it was understood."""

    head: Head
    task: str
    kind: str
    difficulty: Difficulty
    pack: Pack
    seconds: float = 0.0


class InitResult(msgspec.Struct, frozen=True):
    """The configuration that was written."""

    path: str
    text: str
    head: Head


class AgentsResult(msgspec.Struct, frozen=True):
    """What was written for coding agents (`titles`), or taken out; nothing was where `landed_id`, which undoes it, is empty."""

    head: Head
    titles: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()
    landed_id: str = ""
    removed: bool = False


class StatusResult(msgspec.Struct, frozen=True):
    """Where things stand: the four lines of `backwright` alone. `findings` is None until a check ran."""

    head: Head
    stack: str  # "Python 3.12, FastAPI 0.115, SQLAlchemy 2.0"
    findings: Mapping[str, int] | None = None  # by severity
    checked: str = ""  # "at 4f2c1ab, 2 hours ago"
    last_run: str = ""  # "9b02 done, add resource Order, today 10:12"
    undo: str = ""  # "7c1e add resource Order, 2 hours ago; 84 kB kept: backwright apply --undo 7c1e"
    next: Next | None = None
