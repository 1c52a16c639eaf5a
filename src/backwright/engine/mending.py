"""Findings with fixes into new texts of files. A fix is made whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backwright.core.findings import Finding, Patch

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
        for patch in sorted(self.patches[path], key=lambda p: (p.start, p.end), reverse=True):
            out = out[: patch.start] + patch.new.encode() + out[patch.end :]
        return out.decode()


def _clash(one: Patch, other: Patch) -> bool:
    """Whether two patches cannot both be made: they overlap, or insert different text at one place."""
    if one == other:
        return one.start != one.end
    if one.start == one.end == other.start == other.end:
        return not (one.new.endswith("\n") and other.new.endswith("\n"))
    return one.start < other.end and other.start < one.end


def mend(
    findings: Iterable[Finding],
    read: Callable[[str], str | None],
    *,
    grade: str = "safe",
    sound: Callable[[str, str, str], bool] = lambda path, before, after: True,
) -> Mended:
    """Make the fixes of these findings up to a grade.

    `sound(path, before, after)` says whether a new text is at least as well formed as the old one; fixes in a file
    whose new text is not are taken back.
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
    broken = {path for path in draft.patches if not sound(path, (draft.source(path) or b"").decode(), draft.text(path))}
    lost = [f for f in fixed if f.fix is not None and broken & {p.path for p in f.fix.patches}]
    refused += [(f, "the file would not be well formed any more") for f in lost]
    if lost:
        kept = [f for f in fixed if f not in lost]
        again = mend(kept, read, grade=grade, sound=sound)
        return Mended(again.texts, again.fixed, (*refused, *again.refused))
    return Mended({path: draft.text(path) for path in draft.patches}, tuple(fixed), tuple(refused))
