"""`explain`: a page about a rule, a component, a plan or a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from backwright.adapters.files import open_tree
from backwright.adapters.journal import RunJournal
from backwright.adapters.plans import load_plan, saved_ids
from backwright.agent.learning import page_of
from backwright.agent.replay import message_of, replay, scenes_of
from backwright.agent.scenes import Step, following, standing
from backwright.app.bootstrap import registry
from backwright.app.config import load
from backwright.app.lessons import lessons_of
from backwright.app.map import map_repository
from backwright.app.results import ExplainResult, Next
from backwright.core.archmap import ROLES, ArchMap, Component
from backwright.core.change import ChangeSet
from backwright.core.errors import UsageError
from backwright.core.events import Run
from backwright.engine import explaining, handbook
from backwright.report.results import steps_back

_ID = re.compile(r"[0-9a-f]{4,40}")
_SHOWN = 40


def explain(subject: str, path: Path) -> ExplainResult:
    """The page about `subject`: `rules`, a rule, a page of the handbook, a plan's or run's id, `unplaced`, a role, a file.

    Raises `UsageError` for what nobody knows, and as `open_project` where the repository has to be read.
    """
    if subject == "rules":
        return ExplainResult(subject, "All rules", explaining.matrix(registry().rules), "rules")
    if known := handbook.find(subject):
        return ExplainResult(subject, known.title, known.text, "knowledge")
    if listed := handbook.index_of(subject.lower()):
        return ExplainResult(subject, "Show one: backwright explain NAME", listed, "knowledge")
    if subject == "lessons":
        with open_tree(path) as tree:
            return ExplainResult(subject, "Lessons", page_of(lessons_of(tree.root)), "lessons")
    if _is_rule(subject):
        page = explaining.explain(subject, registry().rules, registry().page)
        return ExplainResult(
            subject, page.title, page.markdown, "rule", (Next(f"backwright check --select {page.id}"),)
        )
    if _ID.fullmatch(subject):
        with open_tree(path) as tree:
            root = tree.root
        found = _run(root, subject) or _plan(root, subject)
        if found is not None:
            return found
    return _component(map_repository(path, load(path)).archmap, subject)


def _is_rule(subject: str) -> bool:
    names = {rule.name for rule in registry().rules} | {"unused-ignore", "ignore-without-reason"}
    return subject.lower() in names or re.fullmatch(r"(?i)bw\d+", subject) is not None


def _plan(root: Path, plan_id: str) -> ExplainResult | None:
    if plan_id not in saved_ids(root):
        return None
    change = load_plan(root, plan_id).change
    text = "\n".join(_of_change(change))
    return ExplainResult(plan_id, f"Plan {plan_id}", text, "plan", (Next(f"backwright apply {plan_id}"),))


def _of_change(change: ChangeSet) -> Iterator[str]:
    yield f"# Plan {change.id}: {change.title}\n"
    yield f"Made {change.created} by {change.author}" + (f" for `{change.request}`.\n" if change.request else ".\n")
    yield "## Files\n"
    for edit in change.edits:
        what = "new" if edit.before is None else "removed" if edit.after is None else "changed"
        like = f", like `{edit.like}`" if edit.like else ""
        yield f"- `{edit.path}`: {what}, {edit.summary or edit.because}{like}"
    if change.assumptions:
        yield "\n## Assumed\n"
        yield from (f"- `{a.key}` is {a.value}: {a.because}" for a in change.assumptions)
    if change.notes:
        yield "\n## Notes\n"
        yield from (f"- {note}" for note in change.notes)


def _run(root: Path, run_id: str) -> ExplainResult | None:
    with RunJournal.read(root) as journal:
        events = journal.events(run_id) if journal is not None else ()
        if journal is None or not events:
            return None
        run = replay(run_id, events, alive=journal.alive(run_id))
    return ExplainResult(run_id, f"Run {run_id}", "\n".join(_of_run(run)), "run", _after(run))


def _after(run: Run) -> tuple[Next, ...]:
    if run.status in ("interrupted", "cancelled", "blocked", "partial"):
        return (Next(f"backwright run --resume {run.id}", "go on where it stopped"),)
    return steps_back(run) if run.status == "done" else ()


def _of_run(run: Run) -> Iterator[str]:
    yield f"# Run {run.id}: {run.status}\n"
    yield f"{run.task}\n"
    if message_of(run):
        yield f"{message_of(run)}\n"
    if run.status in ("interrupted", "running"):
        step = following(standing(run.events))
        if isinstance(step, Step):
            yield f"It {'is' if run.status == 'running' else 'was interrupted'} in {step.scene}, before the end of `{step.name}`.\n"
    yield "## Scenes\n"
    for scene in scenes_of(run):
        yield f"- **{scene.scene}** {'ok' if scene.ok else 'not ok'}, {scene.seconds:.1f} s: {scene.detail}"
    steps = [e.body for e in run.events if "outcome" in e.body and "step" in e.body]
    if steps:
        yield "\n## Steps\n"
    for body in steps:
        yield f"- {body.get('of')}: `{body['step']}` {body['outcome']} {body.get('detail', '')}"
        if body.get("tail"):
            yield f"\n```\n{body['tail']}\n```\n"


def _component(archmap: ArchMap, subject: str) -> ExplainResult:
    if subject == "unplaced":
        return ExplainResult(subject, "Files without a role", "\n".join(_of_unplaced(archmap)), "component")
    if subject in ROLES:
        return ExplainResult(subject, f"The {subject} layer", "\n".join(_of_role(archmap, subject)), "component")
    known = {key: c for c in archmap.components for key in (c.path, c.name)}
    component = known.get(subject.removeprefix("./")) or _ending(archmap, subject)
    if component is None and subject.removeprefix("./") in archmap.unplaced:
        path = subject.removeprefix("./")
        return ExplainResult(subject, path, "\n".join(_of_file(archmap, path)), "component")
    if component is None:
        close = get_close_matches(subject, [*ROLES, "unplaced", *known], 3)
        hints = (
            *(f"did you mean `{name}`?" for name in close),
            "rules: backwright explain rules",
            "what runs here taught: backwright explain lessons",
            "protocol, checklist, ORM reference, playbook: backwright explain handbook",
            "files: backwright map -v",
        )
        raise UsageError(f"there is no rule, plan, run or component `{subject}`", hints=hints)
    return ExplainResult(subject, component.path, "\n".join(_of_component(archmap, component)), "component")


def _ending(archmap: ArchMap, subject: str) -> Component | None:
    hits = [c for c in archmap.components if c.path.endswith(f"/{subject}") or c.name.endswith(f".{subject}")]
    return hits[0] if len(hits) == 1 else None


def _of_unplaced(archmap: ArchMap) -> Iterator[str]:
    yield "# Files without a role\n"
    if not archmap.unplaced:
        yield "Every file with code has a role."
        return
    yield "Nothing in these files says which layer they belong to. Where it matters, name it in `backwright.toml`:\n"
    yield '```toml\n[backwright.roles]\n"app/…" = "service"\n```\n'
    yield from (f"- `{path}`" for path in archmap.unplaced)


def _of_role(archmap: ArchMap, role: str) -> Iterator[str]:
    yield f"# The {role} layer\n"
    components = archmap.by_role(role)
    if not components:
        yield "This project has none."
    yield from (f"- `{c.path}`: {c.because}" for c in components)
    habits = [h for h in archmap.conventions if h.topic.rpartition(".")[2] == role or h.topic == role]
    if habits:
        yield "\n## House style\n"
        yield from (f"- {h.detail or h.value} ({h.support} of {h.support + h.against})" for h in habits)


def _of_component(archmap: ArchMap, component: Component) -> Iterator[str]:
    yield f"# {component.path}\n"
    also = f", and for {' and '.join(component.also)} too" if component.also else ""
    yield f"It is taken for **{component.role}**{also}, because {component.because}. {component.lines} lines.\n"
    yield from _imports(archmap, component.path)
    for info in archmap.routes:
        if info.path == component.path:
            yield f"- {info.route.method} `{info.route.path}` → `{info.route.handler}`"
    for entity in archmap.entities:
        if entity.path == component.path:
            columns = ", ".join(c.name for c in entity.table.columns)
            yield f"- entity `{entity.table.entity}`, table `{entity.table.table}`: {columns}"


def _of_file(archmap: ArchMap, path: str) -> Iterator[str]:
    yield f"# {path}\n"
    yield "It has no role: nothing in it says which layer it belongs to. Where it matters, name it in `backwright.toml`:\n"
    yield f'```toml\n[backwright.roles]\n"{path}" = "service"\n```\n'
    yield from _imports(archmap, path)


def _imports(archmap: ArchMap, path: str) -> Iterator[str]:
    roles = {c.path: c.role for c in archmap.components}
    uses = [e.target for e in archmap.edges if e.source == path]
    used = [e.source for e in archmap.edges if e.target == path]
    for title, paths in (("Imports", uses), ("Imported by", used)):
        if paths:
            yield f"## {title}\n"
            yield from (f"- `{p}`" + (f" ({roles[p]})" if p in roles else "") for p in sorted(paths)[:_SHOWN])
            yield ""
