"""Installed packages in a private copy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backwright.adapters.dependencies import lend_dependencies


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A workspace as pnpm and npm lay one out, with what tools keep among the packages."""
    root = tmp_path / "tree"
    modules = root / "node_modules"
    for path, text in {
        "node_modules/left/index.js": "module.exports = 1\n",
        "node_modules/.bin/left": "#!/usr/bin/env node\n",
        "node_modules/.pnpm/right@1/node_modules/right/index.js": "module.exports = 2\n",
        "node_modules/.prisma/client/index.js": "generated\n",
        "packages/db/index.js": "module.exports = 3\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (modules / ".bin/left").chmod(0o755)
    (modules / "right").symlink_to(".pnpm/right@1/node_modules/right")
    (modules / "db").symlink_to("../packages/db")
    (modules / "absolute").symlink_to(root / "packages/db")
    (modules / "broken").symlink_to("../nowhere")
    return root


def copy_of(root: Path) -> Path:
    copy = root.parent / "copy"
    (copy / "packages/db").mkdir(parents=True)
    (copy / "packages/db/index.js").write_text("changed\n")
    return copy


def test_packages_are_there_and_the_projects_own_are_those_of_the_copy(tree: Path) -> None:
    copy = copy_of(tree)
    assert lend_dependencies(tree, copy, ["", "packages/db"], ["node_modules"]) == ("node_modules",)
    modules = copy / "node_modules"
    assert (modules / "left/index.js").read_text() == "module.exports = 1\n"
    assert (modules / "right/index.js").read_text() == "module.exports = 2\n"
    assert os.access(modules / ".bin/left", os.X_OK)
    assert (modules / "db/index.js").read_text() == "changed\n"
    assert (modules / "absolute").resolve() == copy / "packages/db"
    assert (modules / "broken").is_symlink()


def test_what_tools_generate_is_copied_and_the_rest_takes_no_space(tree: Path) -> None:
    copy = copy_of(tree)
    lend_dependencies(tree, copy, [""], ["node_modules"])
    same = {
        path.relative_to(copy).as_posix(): path.stat().st_ino == (tree / path.relative_to(copy)).stat().st_ino
        for path in (copy / "node_modules").rglob("*")
        if path.is_file() and not any(part.is_symlink() for part in (path, *path.parents))
    }
    assert same == {
        "node_modules/left/index.js": True,
        "node_modules/.bin/left": True,
        "node_modules/.pnpm/right@1/node_modules/right/index.js": True,
        "node_modules/.prisma/client/index.js": False,
    }
    (copy / "node_modules/.prisma/client/index.js").write_text("generated again\n")
    assert (tree / "node_modules/.prisma/client/index.js").read_text() == "generated\n"


def test_where_there_can_be_no_links_there_are_copies(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError(1, "not yours")

    monkeypatch.setattr(os, "link", refused)
    copy = copy_of(tree)
    lend_dependencies(tree, copy, [""], ["node_modules"])
    made = copy / "node_modules/left/index.js"
    assert made.read_text() == "module.exports = 1\n"
    assert made.stat().st_ino != (tree / "node_modules/left/index.js").stat().st_ino


def test_what_the_copy_has_is_left_alone_and_what_is_not_there_is_not_made(tree: Path) -> None:
    copy = copy_of(tree)
    (copy / "node_modules").mkdir()
    assert lend_dependencies(tree, copy, ["", "gone"], ["node_modules", "vendor"]) == ()
    assert list((copy / "node_modules").iterdir()) == []
    (tree / "vendor").symlink_to(tree / "packages")
    assert lend_dependencies(tree, copy, [""], ["vendor"]) == ()
