"""Lessons of a repository between runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from backwright.app.explain import explain
from backwright.app.lessons import learn, lessons_for, lessons_of
from backwright.core.acting import Failure
from backwright.core.change import ChangeSet, Edit
from backwright.core.lessons import Try

FAILURE = Failure("import", "tests", "app/order.py: No module named 'b'", "", "f1")


def _tries() -> tuple[Try, ...]:
    def change(text: str) -> ChangeSet:
        return ChangeSet("c", "a change", (Edit("app/order.py", None, text),), "model:x", {})

    return Try(1, change("import b\n"), (FAILURE,)), Try(2, change("import a\n"))


def test_kept_told_and_explained(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("here")
    assert lessons_of(tmp_path) == ()
    assert not (tmp_path / ".backwright").exists()  # looking writes nothing
    assert "None yet" in explain("lessons", tmp_path).markdown
    (lesson,) = learn(tmp_path, _tries(), run="9b02", kind="field")
    assert lessons_of(tmp_path) == ()  # its file never landed
    (tmp_path / "app").mkdir()
    (tmp_path / "app/order.py").write_text("import a\n")
    assert lessons_of(tmp_path) == (lesson,)
    (part,) = lessons_for(tmp_path, kind="field", words="orders")
    assert part.kind == "lesson"
    assert "+import a" in part.text
    page = explain("lessons", tmp_path)
    assert (page.kind, page.title) == ("lessons", "Lessons")
    assert "9b02" in page.markdown
    assert learn(tmp_path, _tries()[:1], run="x", kind="field") == ()
    assert lessons_of(tmp_path) == (lesson,)


def test_what_cannot_be_read_is_no_lesson(tmp_path: Path) -> None:
    learn(tmp_path, _tries(), run="9b02", kind="field")
    (tmp_path / ".backwright/lessons.json").write_text("{")
    assert lessons_of(tmp_path) == ()


def test_what_came_with_a_repository_is_no_lesson(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/order.py").write_text("import a\n")
    learn(tmp_path, _tries(), run="9b02", kind="field")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert lessons_of(tmp_path)
    subprocess.run(["git", "-C", tmp_path, "add", "-f", ".backwright/lessons.json"], check=True)
    assert lessons_of(tmp_path) == ()
