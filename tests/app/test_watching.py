"""Waiting for saves."""

from __future__ import annotations

import shutil
from pathlib import Path

from app_scene import shop

from backwright.app.watching import saved


class Typist:
    """Plays the waiting: the next of its deeds is done in each wait, so that no time passes in the test."""

    def __init__(self, *deeds: object) -> None:
        self.deeds = list(deeds)

    def __call__(self, seconds: float) -> None:
        assert self.deeds, "it waits for more than was done"
        deed = self.deeds.pop(0)
        if callable(deed):
            deed()


def test_a_save_is_told_once_and_only_when_nothing_follows(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    main, new = root / "app/main.py", root / "app/new.py"
    typist = Typist(
        None,
        lambda: main.write_text("x = 1\n"),  # seen, and then a second file follows
        lambda: new.write_text("y = 1\n"),
        None,  # nothing followed: told
        None,
        lambda: new.unlink(),
        None,
    )
    told = saved(root, wait=typist)
    assert next(told) == ("app/main.py", "app/new.py")
    assert next(told) == ("app/new.py",)
    assert typist.deeds == []


def test_what_git_ignores_and_what_is_taken_back_is_not_told(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / ".gitignore").write_text("*.log\n")
    new = root / "app/new.py"
    typist = Typist(
        lambda: (root / "a.log").write_text("noise"),
        lambda: new.write_text("y = 1\n"),
        lambda: new.unlink(),
        None,
        lambda: (root / "app/other.py").write_text("z = 1\n"),
        None,
    )
    assert next(saved(root, wait=typist)) == ("app/other.py",)


def test_a_tree_that_is_gone_for_a_moment_ends_nothing(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    away = tmp_path / "away"

    def back() -> None:
        shutil.move(away, root)
        (root / "app/new.py").write_text("y = 1\n")

    told = saved(root, wait=Typist(lambda: shutil.move(root, away), back, None))
    assert "app/new.py" in next(told)
