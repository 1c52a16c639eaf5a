"""Runs rules over the facts of one state of a project, and says which of their findings another state did not have."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from backwright.core.archmap import ArchMap
from backwright.core.facts import Ignore
from backwright.core.findings import Finding, Severity
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

UNUSED_IGNORE = Voice("BW001", "unused-ignore", "warning")
IGNORE_WITHOUT_REASON = Voice("BW002", "ignore-without-reason", "warning")

_OWN = "backwright"


@dataclass(frozen=True)
class Crash:
    """A rule that failed: a bug of ours. `note` tells where, without paths of this machine, for the report of it."""

    rule: str
    name: str
    message: str
    note: str


@dataclass(frozen=True)
class Place:
    """Paths for which rules are worth more or less: id, prefix, name or `ALL` to a severity, or to `off`."""

    matches: Callable[[str], bool]
    words: Mapping[str, str]

    def word(self, finding: Finding) -> str:
        """What is said of the finding's rule here, by its nearest name; `""` for nothing."""
        names = sorted((n for n in self.words if _names(n, finding)), key=lambda n: (n != finding.name, -len(n)))
        return self.words[names[0]] if names and self.matches(finding.span.path) else ""


@dataclass(frozen=True)
class Checked:
    """What rules said. `findings` are sorted by place; `silenced` are those that an ignore with a reason hides.

    `rules` are the ids of the rules that ran to their end, `files` the number of files that they saw.
    """

    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...] = ()
    crashes: tuple[Crash, ...] = ()
    rules: tuple[str, ...] = ()
    files: int = 0


def check(
    rules: Sequence[Rule],
    index: FactIndex,
    archmap: ArchMap,
    *,
    severity: Mapping[str, Severity] | None = None,
    places: Sequence[Place] = (),
    before: FactIndex | None = None,
) -> Checked:
    """The findings of these rules. A rule that raises is reported as a crash and the others go on.

    `severity` overrides that of a rule, by its id or name, and `places` override it for their paths, the last one that
    speaks of the rule first. Ignores without a reason hide nothing, and are findings
    themselves, as are those that hide nothing though all the rules that they name ran. With `before`, an earlier state,
    rules also say what they have to say of the step from there.
    """
    found: list[Finding] = []
    crashes: list[Crash] = []
    ran: list[str] = []
    for rule in rules:
        try:
            spoken = index.only(rule.languages)
            of_rule = list(rule.check(spoken, archmap))
            if before is not None and rule.step is not None:
                of_rule += rule.step(before.only(rule.languages), spoken, archmap)
        except Exception as error:  # noqa: BLE001  # a bug in one rule must not hide what the others find
            crashes.append(_crash(rule, error))
            continue
        ran.append(rule.id)
        found += of_rule
    kept, silenced, used = _sorted_out(index, found)
    kept += _idle(index, used, frozenset(ran))
    judged = [made for finding in kept if (made := _judged(finding, severity or {}, places)) is not None]
    return Checked(tuple(by_place(judged)), tuple(by_place(silenced)), tuple(crashes), tuple(ran), len(index.files))


def new_findings(now: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of `now` that `before` did not have, by fingerprint and counted: of equal ones the last are new.

    A project's style may tip: what one advice covered before is not new when it is said one by one, and the other way round.
    Nor is one more of what the project mostly does, in a folder where it was done before.
    """
    had = list(before)
    known = Counter(f.fingerprint for f in had)
    alike = {(f.rule, folder_of(f)) for f in had}
    covered = {print_ for f in had for print_ in f.covers}
    out = []
    for finding in by_place(now):
        if known[finding.fingerprint] > 0:
            known[finding.fingerprint] -= 1
        elif finding.habit and (finding.rule, folder_of(finding)) in alike:
            continue
        elif finding.fingerprint not in covered and not (finding.covers and known.keys() >= set(finding.covers)):
            out.append(finding)
    return tuple(out)


def folder_of(finding: Finding) -> str:
    return finding.span.path.rpartition("/")[0]


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.span.path, f.span.line, f.span.col, f.rule, f.fingerprint))


def _judged(finding: Finding, severity: Mapping[str, Severity], places: Sequence[Place]) -> Finding | None:
    """With the severity that the configuration gives its rule there; what a rule itself says as advice stays advice."""
    wanted = next((word for place in reversed(places) if (word := place.word(finding))), "")
    wanted = wanted or severity.get(finding.rule) or severity.get(finding.name) or ""
    if wanted == "off":
        return None
    if not wanted or finding.severity == "advice":
        return finding
    return msgspec.structs.replace(finding, severity=cast("Severity", wanted))


def _names(name: str, finding: Finding) -> bool:
    return name in ("ALL", finding.name) or (name.startswith("BW") and finding.rule.startswith(name))


Used = set[tuple[str, int]]  # path, start byte of the ignore


def _sorted_out(index: FactIndex, found: Iterable[Finding]) -> tuple[list[Finding], list[Finding], Used]:
    kept: list[Finding] = []
    silenced: list[Finding] = []
    used: Used = set()
    for finding in found:
        file = index.files.get(finding.span.path)
        hiding = [i for i in (file.ignores if file is not None else ()) if _hides(i, finding)]
        used |= {(finding.span.path, i.loc.start) for i in hiding}
        (silenced if hiding else kept).append(finding)
    return kept, silenced, used


def _hides(ignore: Ignore, finding: Finding) -> bool:
    lines = (finding.span.line, finding.span.end_line or finding.span.line)
    return bool(ignore.reason) and finding.rule in ignore.rules and ignore.line in lines


def _idle(index: FactIndex, used: Used, ran: frozenset[str]) -> Iterator[Finding]:
    """Ignores that count for nothing, and those that are needed no more."""
    for path in sorted(index.files):
        for ignore in index.files[path].ignores:
            named = ", ".join(ignore.rules) or "no rule"
            if not ignore.reason or not ignore.rules:
                lacks = "gives no reason" if ignore.rules else "names no rule"
                yield IGNORE_WITHOUT_REASON.finding(
                    path,
                    ignore.loc,
                    f"this ignore {lacks}, so it hides nothing",
                    text=named,
                    help="write `# bw: ignore[BW101] because …`",
                )
            elif (path, ignore.loc.start) not in used and ran.issuperset(ignore.rules):
                yield UNUSED_IGNORE.finding(
                    path,
                    ignore.loc,
                    f"nothing is left to ignore here for {named}",
                    text=named,
                    help="remove the comment",
                )


def _crash(rule: Rule, error: Exception) -> Crash:
    """The note names functions and lines of ours only."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f"  {_module(f.filename)}:{f.lineno} in {f.name}"
        for f in frames
        if f"/{_OWN}/" in f.filename.replace("\\", "/")
    ]
    what = f"{type(error).__name__}: {error}"
    return Crash(rule.id, rule.name, f"the rule {rule.id} {rule.name} failed ({what})", "\n".join([what, *own]))


def _module(path: str) -> str:
    return _OWN + "/" + path.replace("\\", "/").rpartition(f"/{_OWN}/")[2]
