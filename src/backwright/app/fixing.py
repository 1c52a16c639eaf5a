"""`check --fix` and `--diff`: the mechanical repairs of findings, made in one step that can be undone."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from backwright.adapters import landing
from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.state import open_state
from backwright.app.backends import read_backends
from backwright.app.bootstrap import formatter, registry
from backwright.app.config import Config
from backwright.app.guardrails import guard
from backwright.app.project import Project
from backwright.app.results import FixResult
from backwright.core.change import ChangeSet, Edit
from backwright.core.findings import Finding
from backwright.engine.mending import Mended, mend, mend_proven
from backwright.engine.neat import neat
from backwright.engine.silencing import MARK, silencing


def fix_findings(path: Path, config: Config, findings: Sequence[Finding], *, unsafe: bool, write: bool) -> FixResult:
    """Make the safe fixes of these findings, with `unsafe` all of them; without `write` only show what would change.

    The files are those of the tree as it is now: a fix that does not fit any more is refused, with the reason, as is one
    whose finding would stay or that would bring another. Raises `StalePlan` when somebody saves meanwhile, and
    `MachineError`; the tree is as it was then.
    """
    with open_tree(path) as tree:
        projects = tuple(read_backends(tree, path, config))
        grade = "unsafe" if unsafe else "safe"
        made = mended(projects, findings, lambda p: plain(tree, p), grade)
        return _result(tree, made, write=write)


def mended(
    projects: Sequence[Project], findings: Sequence[Finding], read: Callable[[str], str | None], grade: str
) -> Mended:
    """The fixes of these findings up to a grade, as far as they are proven to do what they are for."""
    if not projects or not any(finding.fix for finding in findings):
        return Mended({}, ())

    def finish(texts: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return neat(formatter(), projects[0].index, {p: read(p) or "" for p in texts}, texts)

    return mend_proven(findings, read, partial(_look, projects), grade=grade, sound=is_sound, finish=finish)


def _look(projects: Sequence[Project], texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """What the guardrails say of these projects with other texts of some files."""
    found: list[Finding] = []
    for project in projects:
        index = project.with_texts({path: text for path, text in texts.items() if project.owns(path)})
        found += guard(project, index).findings
    return tuple(found)


def ignore_findings(path: Path, findings: Sequence[Finding], reason: str) -> FixResult:
    """Write a comment with a reason beside each finding that silences it, where the language takes one there.

    Raises as `fix_findings`.
    """
    with open_tree(path) as tree:

        def read(name: str) -> str | None:
            return plain(tree, name)

        silenced = [f for f in silencing(findings, read, reason) if mend([f], read, sound=_is_silenced).fixed]
        return _result(tree, mend(silenced, read, sound=_is_silenced), write=True)


def _result(tree: RepositoryTree, made: Mended, *, write: bool) -> FixResult:
    edits = tuple(Edit(p, plain(tree, p), text, because="check --fix") for p, text in sorted(made.texts.items()))
    landed = ""
    if write and edits:
        landed = landing.land(tree.root, open_state(tree.root), _change(edits, made.fixed)).id
    return FixResult(
        fixed=made.fixed,
        refused=tuple((f"{f.span} {f.rule}", reason) for f, reason in made.refused),
        paths=tuple(edit.path for edit in edits),
        diff="".join(_diff(edit) for edit in edits),
        landed_id=landed,
    )


def plain(tree: RepositoryTree, path: str) -> str | None:
    """A file's text, where its bytes are that text and nothing more: offsets count from the first of them."""
    text = tree.read(path).text
    if text is None:
        return None
    try:
        raw = (tree.root / path).read_bytes()
    except OSError:
        return None
    return text if raw == text.encode() else None


def _change(edits: tuple[Edit, ...], fixed: Sequence[Finding]) -> ChangeSet:
    base = {e.path: hashlib.sha256((e.before or "").encode()).hexdigest() for e in edits}
    rules = ", ".join(sorted({f.rule for f in fixed}))
    digest = hashlib.sha256(repr(sorted((e.path, e.after) for e in edits)).encode()).hexdigest()
    return ChangeSet(f"fix-{digest[:8]}", f"fix {rules}", edits, f"fix:{rules}", base)


def is_sound(path: str, before: str, after: str) -> bool:
    """Whether the new text has no more syntax errors than the old one had."""
    for language in registry().languages:
        if path.endswith(language.suffixes):
            old, new = (language.extract(path, text.encode(), "") for text in (before, after))
            return new.errors <= old.errors
    return False


def _is_silenced(path: str, before: str, after: str) -> bool:
    """Whether every comment that was written is read as one, and nothing else changed."""
    for language in registry().languages:
        if path.endswith(language.suffixes):
            old, new = (language.extract(path, text.encode(), "") for text in (before, after))
            wanted = len({number for number, line in enumerate(after.splitlines(), 1) if MARK in line})
            return new.errors <= old.errors and len({i.loc.line for i in new.ignores}) >= wanted
    return False


def _diff(edit: Edit) -> str:
    before, after = ((text or "").splitlines(keepends=True) for text in (edit.before, edit.after))
    lines = difflib.unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
