"""What a model would be shown, of a sample service."""

from __future__ import annotations

import json
from pathlib import Path

from app_scene import config_of, content, shop

from backwright.app.context import show_context
from backwright.report.context_text import render_context
from backwright.report.terminal import Screen
from backwright.report.views import view


def test_a_task_in_words(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    result = show_context(root, config_of(root), words="customers can review a category", budget=3000)
    assert content(root) == before
    assert (result.kind, result.difficulty) == ("unknown", "medium")
    assert result.pack.tokens <= result.pack.budget == 3000
    text = render_context(result, Screen(width=120))
    assert "app/models/category.py" in text
    assert f"About {result.pack.tokens} tokens of 3000" in text
    assert "class Category" not in text
    assert "class Category" in render_context(result, Screen(width=120), verbose=True)
    summary, data = view(result)
    assert summary["tokens"] == result.pack.tokens
    assert json.loads(json.dumps(data["task"])) == "customers can review a category"


def test_a_request_of_the_grammar_and_one_that_cannot_be(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    field = show_context(root, config_of(root), tokens=("field", "rename", "Category", "name", "title"))
    assert (field.kind, field.difficulty) == ("field", "medium")
    assert any(part.title.startswith("app/models/category.py") for part in field.pack.parts)
    refused = show_context(root, config_of(root), words="add a class API with name")  # reading refuses nothing
    assert refused.pack.parts
