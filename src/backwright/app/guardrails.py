"""The rules that count here, and what they find in one state of a project or only in the newer of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache as cached
from typing import cast

from backwright.app.answering import kept
from backwright.app.bootstrap import registry
from backwright.app.config import Config
from backwright.app.counting import keep_counts
from backwright.app.project import Project
from backwright.app.results import CheckResult, Problem, RulePage
from backwright.core.archmap import ArchMap
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.findings import Finding, Severity
from backwright.core.stack import Stack
from backwright.engine.backends import matcher
from backwright.engine.checking import Checked, Place, check, new_findings
from backwright.engine.explaining import explain
from backwright.engine.projects import is_under
from backwright.engine.states import digest_with
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from backwright.report.excerpt import lines_needed

_MACHINE = 3  # exit code of what is our fault


def chosen_rules(config: Config) -> tuple[Rule, ...]:
    """The rules that the configuration selects. Raises `UsageError` for an id, prefix or name that no rule has."""
    selected = _named(config, config.select, "rules.select")
    ignored = _named(config, config.ignore, "rules.ignore")
    _named(config, tuple(config.severity), "rules.severity")
    for rules in config.severity_by_path.values():
        _named(config, tuple(rules), "rules.paths")
    languages = {language.name for language in registry().languages}
    return tuple(
        r for r in registry().rules if r.id in selected and r.id not in ignored and languages & set(r.languages)
    )


def error_rules(config: Config) -> tuple[Rule, ...]:
    """The chosen rules whose findings are errors, if only in some paths. Raises as `chosen_rules`."""
    said = config.severity
    words = (pair for rules in config.severity_by_path.values() for pair in rules.items())
    raised = _named(config, tuple(name for name, word in words if word == "error"), "rules.paths")
    return tuple(
        r
        for r in chosen_rules(config)
        if r.id in raised or (said.get(r.id) or said.get(r.name) or r.severity) == "error"
    )


def check_project(project: Project, rules: Sequence[Rule], since: str | None) -> CheckResult:
    """What these rules find in the part of the project that was asked for; with `since` only what is new.

    Raises `NothingToDo` without a rule or a file to check, `UsageError` as `findings_since`.
    """
    if not rules:
        raise NothingToDo("no rule is left to check", where=project.config.origin("rules.ignore"))
    if not project.index.files:
        raise NothingToDo("there are no files to check", where=project.config.origin("include"))
    rules = tuple(rule for rule in rules if not project.index.spoken.isdisjoint(rule.languages))
    if not rules:
        spoken = ", ".join(sorted(project.index.spoken))
        hints = ("which rule speaks of which language: backwright explain rules",)
        raise NothingToDo(f"no rule speaks of {spoken} yet", where=project.root, hints=hints)
    guarded, found = _since(project, rules, since) if since else _now(project)
    keep_counts(project)
    asked = project.tree.project
    if is_under(asked, project.root):
        found = tuple(f for f in found if is_under(f.span.path, asked))
    return CheckResult(
        findings=found,
        head=project.head,
        rules=len(guarded.rules),
        files=guarded.files,
        root=project.root,
        since=since or "",
        problems=(*project.problems(), *crashes(guarded)),
        skipped=project.facts_skipped,
        silenced=len(guarded.silenced),
        excerpts=_excerpts(project, found),
        pages=tuple(_page(rule) for rule in rules),
    )


def guard(project: Project, index: FactIndex | None = None, *, before: FactIndex | None = None) -> Checked:
    """What the chosen rules find in the project, or in another state of it; with `before` also in the step from there."""
    state = project if index is None else replace(project, index=index)
    archmap = ArchMap(root=project.root, stack=Stack(project.root), components=state.components)
    config = project.config
    severity = cast("Mapping[str, Severity]", config.severity)  # the configuration allows no other words
    places = tuple(Place(matcher((pattern,)), words) for pattern, words in config.severity_by_path.items())
    spoken = state.index.spoken
    rules = [rule for rule in chosen_rules(config) if not spoken.isdisjoint(rule.languages)]
    return check(rules, state.index, archmap, severity=severity, places=places, before=before)


def findings_since(project: Project, ref: str) -> tuple[Finding, ...]:
    """What the tree has and its state at `ref` had not. Raises `UsageError` for an unknown ref or without git."""
    return _since(project, chosen_rules(project.config), ref)[1]


def _now(project: Project) -> tuple[Checked, tuple[Finding, ...]]:
    guarded = guard(project)
    return guarded, guarded.findings


def _since(project: Project, rules: Sequence[Rule], ref: str) -> tuple[Checked, tuple[Finding, ...]]:
    """What is found, and what of it the state at `ref` had not; that state is read only where it was not asked for before."""
    git = project.tree.git
    if git is None:
        raise UsageError(f"there is no commit `{ref}`: this is not a git repository", where=str(project.tree.root))
    texts = git.changed_since(ref)
    earlier = cached(lambda: project.with_texts(texts))
    guarded = guard(project, before=earlier() if any(rule.step for rule in rules) else None)
    crashed: list[bool] = []

    def had() -> tuple[Finding, ...]:
        checked = guard(project, earlier())
        crashed.append(bool(checked.crashes))
        return checked.findings

    before = kept(
        project.tree,
        ("findings", project.config, project.root, digest_with(project.index, texts)),
        tuple[Finding, ...],
        had,
        settled=lambda: project.facts_settled and not any(crashed),
    )
    return guarded, new_findings(guarded.findings, before)


def crashes(checked: Checked) -> tuple[Problem, ...]:
    """Rules that failed, which is a bug of ours and no pass."""
    return tuple(
        Problem("BW-E999", crash.message, hint=f"please report it: {crash.note}", exit_code=_MACHINE)
        for crash in checked.crashes
    )


def _excerpts(project: Project, found: Sequence[Finding]) -> Mapping[str, Mapping[int, str]]:
    """The lines that a report of these findings quotes."""
    out: dict[str, dict[int, str]] = {}
    for path, numbers in lines_needed(found).items():
        lines = (project.read(path) or "").splitlines()
        out[path] = {n: lines[n - 1] for n in sorted(numbers) if n <= len(lines)}
    return out


def _page(rule: Rule) -> RulePage:
    found = explain(rule.id, registry().rules, registry().page)
    return RulePage(found.id, found.name, found.severity, found.title, found.markdown)


def _named(config: Config, names: Sequence[str], key: str) -> set[str]:
    out: set[str] = set()
    for name in names:
        prefix = name.startswith("BW")
        hits = {r.id for r in registry().rules if name in ("ALL", r.name) or (prefix and r.id.startswith(name))}
        if not hits:
            raise _unknown(name, config.origin(key), key)
        out |= hits
    return out


def _unknown(name: str, where: str, key: str) -> UsageError:
    rules = {r.id: r.name for r in registry().rules}
    close = get_close_matches(name, [*rules, *rules.values()], 1, 0.5)
    meant = next(((i, n) for i, n in rules.items() if close and close[0] in (i, n)), None)
    hints = (f"did you mean {meant[0]} ({meant[1]})?",) if meant else ()
    message = f"`{key}` names {name}, which does not exist"
    return UsageError(message, where=where, hints=(*hints, "all rules: backwright explain rules"))
