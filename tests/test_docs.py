"""What the documents point at exists: files, headings' files, verbs, rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backwright.engine.registry import Registry
from backwright.surfaces.cli.catalog import VERBS

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)[^)]*\)")
_VERB = re.compile(r"(?:^\$ |`)backwright ([a-z]+)", re.MULTILINE)
_RULE = re.compile(r"\bBW\d{3}\b")
_OWN_RULES = {"BW001", "BW002"}
_EXAMPLES = {"BW304"}  # the rule that CONTRIBUTING.md makes


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [link for link in _LINK.findall(text) if not (document.parent / link).exists()] == []
    assert {verb for verb in _VERB.findall(text) if verb not in VERBS} == set()
    rules = {rule.id for rule in Registry().rules} | _OWN_RULES | _EXAMPLES
    assert set(_RULE.findall(text)) <= rules


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()
