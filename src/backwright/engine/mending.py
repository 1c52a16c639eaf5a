"""Findings with fixes into new texts of files. A fix is made whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backwright.core.findings import Finding, Patch
from backwright.engine.checking import new_findings

_GRADES = {"safe": 0, "review": 1, "unsafe": 2}


@dataclass(frozen=True)
class Mended:
    """New texts by path, the findings that they mend, and those whose fix could not be made, with the reason."""

    texts: Mapping[str, str]
    fixed: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...] = ()


@dataclass
class _Draft:
    """The patches accepted so far, by file."""

    read: Callable[[str], str | None]
    sources: dict[str, bytes | None] = field(default_factory=dict)
    patches: dict[str, list[Patch]] = field(default_factory=dict)

    def source(self, path: str) -> bytes | None:
        if path not in self.sources:
            text = self.read(path)
            self.sources[path] = text.encode() if text is not None else None
        return self.sources[path]

    def refuses(self, patches: Sequence[Patch]) -> str:
        """Why these patches cannot be made; `""` where they can."""
        for patch in patches:
            source = self.source(patch.path)
            if source is None or source[patch.start : patch.end] != patch.old.encode():
                return "the file does not read as the fix expects"
            if any(_clash(patch, other) for other in self.patches.get(patch.path, ())):
                return "another fix changes the same lines; run it again"
        return ""

    def accept(self, patches: Sequence[Patch]) -> None:
        for patch in patches:
            known = self.patches.setdefault(patch.path, [])
            if patch not in known or patch.start != patch.end:
                known.append(patch)

    def text(self, path: str) -> str:
        out = self.source(path) or b""
        ordered = sorted(enumerate(self.patches[path]), key=lambda p: (p[1].start, p[1].end, p[0]), reverse=True)
        for _, patch in ordered:
            out = out[: patch.start] + patch.new.encode() + out[patch.end :]
        return out.decode()

    def texts(self) -> dict[str, str]:
        return {path: self.text(path) for path in self.patches}

    def broken(self, sound: Callable[[str, str, str], bool]) -> set[str]:
        """The files whose new text is not sound."""
        return {p for p in self.patches if not sound(p, (self.source(p) or b"").decode(), self.text(p))}


def _alone(finding: Finding, read: Callable[[str], str | None]) -> _Draft:
    draft = _Draft(read)
    draft.accept(finding.fix.patches if finding.fix is not None else ())
    return draft


def _clash(one: Patch, other: Patch) -> bool:
    """Whether two patches cannot both be made: they overlap, or insert at one place what cannot stand beside each other.

    Lines can, and links of a chain (`.options(…)`).
    """
    if one == other:
        return one.start != one.end
    if one.start == one.end == other.start == other.end:
        lines = one.new.endswith("\n") and other.new.endswith("\n")
        return not lines and not (one.new.startswith(".") and other.new.startswith("."))
    return one.start < other.end and other.start < one.end


def mend(
    findings: Iterable[Finding],
    read: Callable[[str], str | None],
    *,
    grade: str = "safe",
    sound: Callable[[str, str, str], bool] = lambda path, before, after: True,
) -> Mended:
    """Make the fixes of these findings up to a grade.

    `sound(path, before, after)` says whether a new text is at least as well formed as the old one; fixes that make a
    file's text less are taken back: those that do so alone, or else all of that file.
    """
    draft = _Draft(read)
    fixed: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or not fix.patches or _GRADES[fix.safety] > _GRADES[grade]:
            continue
        reason = draft.refuses(fix.patches)
        if reason:
            refused.append((finding, reason))
        else:
            draft.accept(fix.patches)
            fixed.append(finding)
    broken = draft.broken(sound)
    lost = [f for f in fixed if broken & _paths(f)]
    lost = [f for f in lost if _alone(f, read).broken(sound)] or lost
    refused += [(f, "the file would not be well formed any more") for f in lost]
    if lost:
        kept = [f for f in fixed if f not in lost]
        again = mend(kept, read, grade=grade, sound=sound)
        return Mended(again.texts, again.fixed, (*refused, *again.refused))
    return Mended(draft.texts(), tuple(fixed), tuple(refused))


def mend_proven(
    findings: Sequence[Finding],
    read: Callable[[str], str | None],
    look: Callable[[Mapping[str, str]], Sequence[Finding]],
    *,
    grade: str = "safe",
    sound: Callable[[str, str, str], bool] = lambda path, before, after: True,
    finish: Callable[[Mapping[str, str]], tuple[Mapping[str, str], Mapping[str, str]]] = lambda texts: (texts, {}),
) -> Mended:
    """As `mend`, of fixes that do what they are for: their findings are gone then, and none is there that was not before.

    `look(texts)` gives all findings of the project with these texts in place of those of its files; `finish(texts)` gives
    the texts as tidy as the files were, and by path what is wrong with others.
    """
    wanted, refused = list(findings), list[tuple[Finding, str]]()
    before: Sequence[Finding] | None = None
    while True:
        made = mend(wanted, read, grade=grade, sound=sound)
        if not made.fixed:
            break
        texts, wrong = finish(made.texts)
        unproven = [(f, wrong[path]) for f in made.fixed for path in _paths(f) & wrong.keys()]
        unproven = [one for one in unproven if finish(_alone(one[0], read).texts())[1]] or unproven
        if not unproven:
            before = look({}) if before is None else before
            unproven = _unproven(made.fixed, before, look(texts))
        if not unproven:
            return Mended(texts, made.fixed, (*made.refused, *refused))
        refused += unproven
        lost = [id(finding) for finding, _ in unproven]
        wanted = [finding for finding in wanted if id(finding) not in lost]
    return Mended({}, (), (*made.refused, *refused))


def _unproven(
    fixed: Sequence[Finding], before: Sequence[Finding], after: Sequence[Finding]
) -> list[tuple[Finding, str]]:
    """The fixes that have to be taken back: they did not help, or something is found that was not there before."""
    had, has = (Counter(f.fingerprint for f in found) for found in (before, after))
    gone = Counter(f.fingerprint for f in fixed)
    out: list[tuple[Finding, str]] = []
    for print_, times in gone.items():
        still = max(0, has[print_] - (had[print_] - times))
        out += [(f, "it would still be found") for f in fixed if f.fingerprint == print_][: min(still, times)]
    if out:
        return out
    kinds, then = (Counter(map(_kind, found)) for found in (before, after))
    # Of as many as before some only read otherwise now.
    new = [one for one in new_findings(after, before) if then[_kind(one)] > kinds[_kind(one)]]
    for one in new[:1]:
        for near in (_of_function, _of_file, _any):
            blamed = [f for f in fixed if near(f, one)]
            if blamed:
                return [(f, f"{one.rule} {one.name} would be found at {one.span} then") for f in blamed]
    return out


def _kind(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.span.path, finding.scope


def _of_function(fixed: Finding, new: Finding) -> bool:
    return _of_file(fixed, new) and fixed.scope == new.scope


def _of_file(fixed: Finding, new: Finding) -> bool:
    return new.span.path in _paths(fixed)


def _paths(finding: Finding) -> set[str]:
    return {patch.path for patch in finding.fix.patches} if finding.fix is not None else set()


def _any(fixed: Finding, new: Finding) -> bool:
    return True
