"""Every example on every rule's page: flagged lines are found exactly, allowed ones stay silent."""

from __future__ import annotations

import pytest

from backwright.engine.registry import Registry
from backwright.kit.cases import HEADINGS, Build, Example, Page, read_page, run_example
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
