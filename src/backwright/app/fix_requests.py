"""`fix` as a change that is planned: the mechanical repairs of findings, each proven to do what it is for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from backwright.app.bootstrap import registry
from backwright.app.fixing import mended, plain
from backwright.app.guardrails import guard
from backwright.app.project import Project
from backwright.app.results import BlueprintInfo
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import NeedsPerson, NothingToDo, UsageError
from backwright.core.findings import Finding
from backwright.core.request import FixRequest
from backwright.engine.explaining import rules_named
from backwright.engine.mending import Mended
from backwright.engine.projects import is_under
from backwright.kit.cases import read_page
from backwright.kit.naming import singular, snake

_HINTS = ("what there is: backwright check",)
_SHOWN = 20  # of the findings that are left
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
FIXES = BlueprintInfo("fix", "Mend what the guardrails find", "backwright plan fix BW303 in orders")
GRADES = ("safe", "review", "unsafe")


def decide_fixes(project: Project, asked: FixRequest, settings: Mapping[str, str], words: str) -> ChangeSet:
    """The change that mends what was asked for; what is left is noted, with the reason.

    Raises `UsageError` for a rule or a place that nobody knows, `NothingToDo` where nothing is found, `NeedsPerson` where
    nothing of it can be mended by machine.
    """
    grade = settings.get("grade", "review")
    if grade not in GRADES:
        raise UsageError(
            f"'{grade}' is no grade of fixes", where="--set grade", hints=(f"there is: {', '.join(GRADES)}",)
        )
    rules = rules_named(asked.rules, registry().rules)
    _refuse_unknown(project, asked.places)
    found = [f for f in guard(project).findings if (not rules or f.rule in rules) and _is_at(project, f, asked.places)]
    what = _title(asked)
    if not found:
        of = what.removeprefix("fix ").removeprefix("all findings")
        raise NothingToDo(f"there is no finding {f'of {of}' if asked.rules else of.strip()}".rstrip(), hints=_HINTS)
    made = mended((project,), found, lambda p: plain(project.tree, p), grade)
    left = _left(found, made)
    if not made.fixed:
        raise NeedsPerson(f"nothing of this can be fixed by machine: {what}", hints=tuple(left))
    edits = tuple(_edit(project, made, path) for path in sorted(made.texts))
    rules_mended = ",".join(sorted({f.rule for f in made.fixed}))
    base = {e.path: hashlib.sha256((e.before or "").encode()).hexdigest() for e in edits}
    done = tuple(f"{f.span} {f.rule} {f.name}: {f.fix.title}" for f in made.fixed if f.fix is not None)
    return ChangeSet("", what, edits, f"fix:{rules_mended}", base, notes=(*done, *left), request=words)


def _title(asked: FixRequest) -> str:
    places = f" in {', '.join(asked.places)}" if asked.places else ""
    return f"fix {', '.join(asked.rules) or 'all findings'}{places}"


def _edit(project: Project, made: Mended, path: str) -> Edit:
    own = [f for f in made.fixed if f.fix is not None and any(p.path == path for p in f.fix.patches)]
    rules = ", ".join(sorted({f"{f.rule} {f.name}" for f in own}))
    count = f"{len(own)} finding{'s' if len(own) > 1 else ''}"
    return Edit(path, plain(project.tree, path), made.texts[path], because=rules, summary=count)


def _left(found: Sequence[Finding], made: Mended) -> list[str]:
    """Every finding that stays, with why and what a person can do."""
    fixed = {id(f) for f in made.fixed}
    refused = {id(f): reason for f, reason in made.refused}
    left = [f for f in found if id(f) not in fixed]
    lines = [f"{f.span} {f.rule} is left: {_why(f, refused.get(id(f), ''))}; {f.help}" for f in left[:_SHOWN]]
    return lines + ([f"and {len(left) - _SHOWN} more are left"] if len(left) > _SHOWN else [])


def _why(finding: Finding, refused: str) -> str:
    if refused:
        return refused
    if finding.fix is not None and finding.fix.patches:
        return f"its fix ({finding.fix.title}) is {finding.fix.safety}: --set grade={finding.fix.safety}"
    rule = next((rule for rule in registry().rules if rule.id == finding.rule), None)
    some = rule is not None and read_page(registry().page(rule)).fixes
    return "not in a shape that a machine can mend" if some else "it takes a decision that is not in the code"


def _refuse_unknown(project: Project, places: Sequence[str]) -> None:
    entities = [table.entity for _, table in project.index.tables()]
    parts = {word for path in project.index.files for word in _words_of(path)}
    for place in places:
        if _files(project, place) or set(_words_of(place)) <= parts or any(_same(place, e) for e in entities):
            continue
        close = get_close_matches(place, [*entities, *project.index.files], 1)
        hints = (f"did you mean {close[0]}?",) if close else ("a place is a file, a folder or a resource",)
        raise UsageError(f"nothing here is called `{place}`", hints=hints)


def _files(project: Project, place: str) -> str:
    """The path that a place is, relative to the root of the tree; `""` for none."""
    bare = place.removeprefix("./").rstrip("/")
    named = (bare, f"{project.root}/{bare}" if project.root else bare)
    return next((one for one in named if any(is_under(path, one) for path in project.index.files)), "")


def _is_at(project: Project, finding: Finding, places: Sequence[str]) -> bool:
    """Whether a finding stands in one of these files and folders, or in code that is called as a resource is."""
    if not places:
        return True
    for place in places:
        path = _files(project, place)
        if path and is_under(finding.span.path, path):
            return True
        if not path and _speaks_of(finding, place):
            return True
    return False


def _speaks_of(finding: Finding, place: str) -> bool:
    spoken = (f"{finding.span.path} {finding.scope}", *re.findall(r"`([^`]*)`", finding.message))
    return any(set(_words_of(place)) <= set(_words_of(text)) for text in spoken)


def _words_of(text: str) -> list[str]:
    return [singular(word.lower()) for word in _WORDS.findall(text)]


def _same(place: str, entity: str) -> bool:
    return snake(singular(place)) == snake(singular(entity))
