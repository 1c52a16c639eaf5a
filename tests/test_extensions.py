"""Every example on every rule's page: flagged lines are found exactly, allowed ones stay silent."""

from __future__ import annotations

import pytest

from backwright.engine.mending import mend
from backwright.engine.registry import Registry
from backwright.kit.cases import HEADINGS, Build, Example, FixExample, Page, read_page, run_example
from backwright.kit.shapes import Rule

REGISTRY = Registry()
PAGES: dict[str, Page] = {rule.id: read_page(REGISTRY.page(rule)) for rule in REGISTRY.rules}
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id} {example.section}: {example.title}")
    for rule in REGISTRY.rules
    for example in PAGES[rule.id].examples
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: Rule, example: Example, build: Build) -> None:
    assert not run_example(rule, example, build)


FIXES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.title}")
    for rule in REGISTRY.rules
    for example in PAGES[rule.id].fixes
]


@pytest.mark.parametrize(("rule", "example"), FIXES)
def test_fix(rule: Rule, example: FixExample, build: Build) -> None:
    """What is marked is found, the fix makes of it what stands on the page, and then there is nothing more to fix."""
    assert not run_example(rule, example.before, build)
    before = dict(example.before.files)
    made = mend(rule.check(*build(before)), before.get, grade="unsafe")
    after = {**before, **made.texts}
    assert {path: text for path, text in after.items() if text != before[path]} == dict(example.after)
    assert len(made.fixed) == len(example.before.expected)
    again = mend(rule.check(*build(after)), after.get, grade="unsafe")
    assert not again.texts
    still = [f for f in rule.check(*build(after)) if f.fingerprint in {g.fingerprint for g in made.fixed}]
    assert not still


def test_rules_that_fix_say_so_with_an_example() -> None:
    """A rule whose module makes fixes has one on its page, and only such a rule."""
    for rule in REGISTRY.rules:
        prose = " ".join(PAGES[rule.id].sections["Fix"].partition("###")[0].split())
        makes = "--fix" in prose and "ot applied by `check --fix`" not in prose
        assert makes == bool(PAGES[rule.id].fixes), rule.id


@pytest.mark.parametrize("rule", REGISTRY.rules, ids=lambda rule: rule.id)
def test_page(rule: Rule) -> None:
    page = PAGES[rule.id]
    assert page.title == f"{rule.id} {rule.name}"
    assert tuple(page.sections) == HEADINGS
    for section, marked in (("Flagged", True), ("Allowed", False)):
        examples = [e for e in page.examples if e.section == section]
        assert len(examples) >= 4, f"{section} has {len(examples)} examples"
        assert all(bool(e.expected) is marked for e in examples), section


@pytest.mark.parametrize("rule", REGISTRY.rules, ids=lambda rule: rule.id)
def test_what_a_rule_claims_has_examples(rule: Rule) -> None:
    suffixes = {language.name: language.suffixes for language in REGISTRY.languages}
    for section in ("Flagged", "Allowed"):
        paths = [path for e in PAGES[rule.id].examples if e.section == section for path in e.files]
        lacking = [name for name in rule.languages if not any(path.endswith(suffixes[name]) for path in paths)]
        assert not lacking, f"{section} has no example in {lacking}"


def test_ids_and_names_are_well_formed() -> None:
    for rule in REGISTRY.rules:
        assert rule.id.startswith("BW")
        assert rule.id[2:].isdigit()
        assert rule.name == rule.name.lower().replace("_", "-")
        assert rule.check.__module__.rpartition(".")[2] == rule.name.replace("-", "_")
