"""A house that imports its own modules by dots gets new code that does so too."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sample_scene import REPOS, plan_at
from test_planning import request

from backwright.app.config import Config
from backwright.app.project import Project, open_project

_OWN = re.compile(r"^from app\.(\S+) import", re.MULTILINE)


def by_dots(path: Path, package: Path) -> None:
    """The file with its imports from the package rewritten."""
    up = "." * len(path.relative_to(package).parts)
    path.write_text(_OWN.sub(lambda found: f"from {up}{found.group(1)} import", path.read_text()))


@pytest.fixture(scope="module")
def dotted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = tmp_path_factory.mktemp("dotted") / "shop"
    shutil.copytree(REPOS / "shop_layered", root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.db"))
    for path in (root / "app").rglob("*.py"):
        by_dots(path, root / "app")
    with ExitStack() as stack:
        yield stack.enter_context(open_project(root, Config()))


def test_new_modules_import_by_dots(dotted: Project) -> None:
    assert dotted.house.relative
    edits = plan_at(dotted, request("shop_layered")).change.edits
    own = [e for e in edits if e.path.startswith("app/")]
    absolute = {e.path: found for e in own if (found := _OWN.findall(e.after or "")) != _OWN.findall(e.before or "")}
    assert absolute == {}
    routes = next(e.after or "" for e in own if e.path == "app/api/routes/products.py")
    assert "from ...schemas.product import ProductCreate" in routes


def test_tests_are_outside_of_the_package(dotted: Project) -> None:
    edits = plan_at(dotted, request("shop_layered")).change.edits
    tests = next(e.after or "" for e in edits if e.path == "tests/api/test_products.py")
    assert "from app.models.product import Product" in tests


def test_a_router_gathered_in_a_package_file(dotted: Project, tmp_path: Path) -> None:
    """One dot in `__init__.py` is the package itself."""
    root = tmp_path / "shop"
    shutil.copytree(dotted.folder, root)
    gathered = (root / "app/api/router.py").read_text().replace("from ..api.routes import", "from .routes import")
    (root / "app/api/__init__.py").write_text(gathered)
    (root / "app/api/router.py").unlink()
    main = root / "app/main.py"
    main.write_text(main.read_text().replace("api.router import", "api import"))
    with ExitStack() as stack:
        edits = plan_at(stack.enter_context(open_project(root, Config())), request("shop_layered")).change.edits
    mounted = next(e.after or "" for e in edits if e.path == "app/api/__init__.py")
    assert re.search(r"^from \.routes import .*\bproducts\b", mounted, re.MULTILINE)
