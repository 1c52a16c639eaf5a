"""The checklist of a finished change, answered by program: from facts, findings and verdict, each answer with what showed it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Literal

import msgspec

from backwright.core.archmap import ArchMap
from backwright.core.facts import Route, Setting, Table, Test
from backwright.core.findings import Finding
from backwright.core.verdict import StepResult, Verdict
from backwright.engine.handbook import pages
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

Said = Literal["yes", "no", "not applicable", "unproven", "judgement"]

_ITEM = re.compile(r"^- \*\*(?P<key>[a-z-]+)\*\* (?P<text>.+?)(?P<bound>(?: `[^`\s]+`)+)$")
_BOUND = re.compile(r"`(?:(?P<rule>BW\d{3})|(?P<how>step|fact|when):(?P<name>[a-z-]+)|(?P<judged>judgement))`")
_SHOWN = 3  # findings that are named as evidence


class Item(msgspec.Struct, frozen=True):
    """One item of the checklist page and what answers it; `judged` by a person."""

    key: str
    text: str
    section: str
    rules: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()  # kinds: pages of the playbook that name steps
    facts: tuple[str, ...] = ()  # what the change has to hold
    when: tuple[str, ...] = ()  # what it must touch for the item to count
    judged: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What a program says of an item. "unproven": what would answer it did not run. Never "yes" without `evidence`."""

    item: Item
    said: Said
    evidence: tuple[str, ...] = ()


class Touched(msgspec.Struct, frozen=True):
    """What a change touches: its files, their languages, and which of `KINDS` they hold."""

    paths: tuple[str, ...]
    languages: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


_OF_FACTS = {"routes": Route, "entities": Table, "settings": Setting, "tests": Test}
_OF_ROLES = {"routes": "router", "entities": "model", "migrations": "migration", "tests": "test"}
KINDS = frozenset({*_OF_FACTS, *_OF_ROLES})


@cache
def items() -> tuple[Item, ...]:
    """The items of the page, in order. Raises `ValueError` for a line of another form, which is a bug of the page."""
    found, section = [], ""
    for line in pages()["checklist"].text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("- "):
            found.append(_item(line, section))
    return tuple(found)


def touched_by(index: FactIndex, archmap: ArchMap, paths: Collection[str]) -> Touched:
    """What a change of these paths touches; `index` and `archmap` are of the changed tree."""
    present = [path for path in sorted(paths) if path in index.files]
    facts = {type(fact) for path in present for fact in index.facts(path)}
    roles = {role for c in archmap.components if c.path in paths for role in (c.role, *c.also)}
    kinds = {kind for kind, of in _OF_FACTS.items() if of in facts}
    kinds |= {kind for kind, role in _OF_ROLES.items() if role in roles}
    kinds |= {"migrations"} if any(_is_migration(path) for path in paths) else set()
    languages = frozenset(index.files[path].language for path in present)
    return Touched(tuple(sorted(paths)), languages, frozenset(kinds))


def answers(
    verdict: Verdict | None, findings: Sequence[Finding], touched: Touched, rules: Sequence[Rule]
) -> tuple[Answer, ...]:
    """An answer to every item. `findings` are the new ones, `rules` those that were asked; without a verdict nothing ran."""
    results = verdict.results if verdict else ()
    ran = next((r for r in results if r.step == "guardrails"), None)
    spoken = {rule.id: bool(touched.languages & set(rule.languages)) for rule in rules}

    def of_rules(ids: Sequence[str]) -> Iterator[Answered]:
        yield from _of_rules(ids, findings, spoken, ran, touched)

    return tuple(_answer(item, of_rules, results, touched) for item in items())


Answered = tuple[Said, str]


def _answer(
    item: Item,
    of_rules: Callable[[Sequence[str]], Iterator[Answered]],
    results: Sequence[StepResult],
    touched: Touched,
) -> Answer:
    missing = [kind for kind in item.when if kind not in touched.kinds]
    if missing:
        return Answer(item, "not applicable", (f"the change touches no {missing[0]}",))
    if item.judged:
        return Answer(item, "judgement", (f"{len(touched.paths)} files",))
    said = [*of_rules(item.rules), *_of_steps(item.steps, results), *_of_facts(item.facts, touched)]
    order: tuple[Said, ...] = ("no", "unproven", "yes", "not applicable")
    worst: Said = next((level for level in order if any(how == level for how, _ in said)), "unproven")
    shown = [text for how, text in said if how == worst or (worst == "yes" and how == "not applicable")]
    return Answer(item, worst, tuple(shown))


def _of_rules(
    ids: Sequence[str],
    findings: Sequence[Finding],
    spoken: dict[str, bool],
    ran: StepResult | None,
    touched: Touched,
) -> Iterator[Answered]:
    if not ids:
        return
    found = [finding for finding in findings if finding.rule in ids]
    for finding in found[:_SHOWN]:
        yield "no", f"{finding.rule} {finding.span}: {finding.message}"
    if len(found) > _SHOWN:
        yield "no", f"and {len(found) - _SHOWN} more findings"
    clean = [one for one in ids if spoken.get(one) and all(finding.rule != one for finding in found)]
    silent = [one for one in ids if not spoken.get(one)]
    if clean and (ran is None or ran.outcome not in ("passed", "failed")):
        yield "unproven", f"the guardrails did not run{f': {ran.detail}' if ran and ran.detail else ''}"
    elif clean:
        yield "yes", f"{', '.join(clean)}: nothing new in {len(touched.paths)} files"
    elif not found:
        languages = ", ".join(sorted(touched.languages)) or "these files"
        yield "unproven", f"{', '.join(silent)}: not asked, or not of {languages}"


def _of_steps(kinds: Sequence[str], results: Sequence[StepResult]) -> Iterator[Answered]:
    for kind in kinds:
        named = pages()[f"playbook/{kind}"].front["steps"]
        mine = [result for result in results if result.step.lower() in named]
        if not mine:
            yield "unproven", f"the contract has no step for {kind}"
        for result in mine:
            yield _of_step(result)


def _of_step(result: StepResult) -> Answered:
    detail = f": {result.detail}" if result.detail else ""
    if result.outcome == "passed":
        return "yes", f"{result.step} passed{detail}"
    if result.outcome == "failed":
        return "no", f"{result.step} failed{' as before the change' if result.new == () else ''}{detail}"
    return "unproven", f"{result.step} did not run{detail}"


def _of_facts(kinds: Sequence[str], touched: Touched) -> Iterator[Answered]:
    for kind in kinds:
        if kind in touched.kinds:
            yield "yes", f"the change has {kind}"
        else:
            yield "no", f"the change has no {kind}"


def _is_migration(path: str) -> bool:
    return bool(re.search(r"(?:^|/)(?:migrations?|alembic/versions|db/migrate)/", path))


def _item(line: str, section: str) -> Item:
    match = _ITEM.match(line)
    bound = list(_BOUND.finditer(match["bound"])) if match else []
    if match is None or len(bound) != match["bound"].count(" "):
        raise ValueError(f"not an item of the checklist: {line}")
    named = {how: tuple(b["name"] for b in bound if b["how"] == how) for how in ("step", "fact", "when")}
    return Item(
        key=match["key"],
        text=match["text"],
        section=section,
        rules=tuple(b["rule"] for b in bound if b["rule"]),
        steps=named["step"],
        facts=named["fact"],
        when=named["when"],
        judged=any(b["judged"] for b in bound),
    )
