from __future__ import annotations

import re

import pytest

from backwright.engine.handbook import Page, find, index_of, pages
from backwright.engine.registry import Registry
from backwright.surfaces.cli.catalog import VERBS

_WANTED = {"protocol", "checklist", "orm", "examples", "reasoning", "clarification", "context", "playbook/import"}


def test_pages_are_found_by_their_names() -> None:
    assert set(pages()) >= _WANTED
    for subject in ("playbook import", "playbook/import", " Playbook  Import "):
        assert find(subject) is pages()["playbook/import"]
    assert find("playbook") is None
    assert find("nothing") is None
    assert "`playbook import`" in index_of("playbook")
    assert "checklist" not in index_of("playbook")
    assert "`checklist`" in index_of("handbook")
    assert index_of("nothing") == ""


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.name)
def test_what_a_page_names_exists_and_it_is_short(page: Page) -> None:
    text = page.text
    assert text.startswith("# ")
    assert len(text.splitlines()) <= 75
    assert max(map(len, text.splitlines())) <= 200
    assert set(re.findall(r"\bBW\d{3}\b", text)) <= {rule.id for rule in Registry().rules}
    assert set(re.findall(r"`backwright ([a-z]+)", text)) <= set(VERBS)
    for subject in re.findall(r"`backwright explain ([a-z ]+)`", text):
        assert find(subject), subject
