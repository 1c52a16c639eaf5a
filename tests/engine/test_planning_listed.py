"""Routers that a loop mounts from a list: the new one joins the list."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from sample_scene import REPOS, plan_at
from test_planning import request

from backwright.app.config import Config
from backwright.app.project import open_project

HEAD = "from fastapi import APIRouter\n\nfrom app.api.routes import auth, categories, suppliers, users\n\n"
LONG = "ROUTERS = [\n    auth.router,\n    categories.router,\n    suppliers.router,\n    users.router,\n]\n"
SHORT = "ROUTERS = (auth.router, categories.router, suppliers.router, users.router)\n"
LOOP = "\napi_router = APIRouter(prefix='/api/v1')\nfor router in ROUTERS:\n    api_router.include_router(router)\n"
INLINE = (
    "api_router = APIRouter(prefix='/api/v1')\n"
    "for router in (auth.router, categories.router, suppliers.router, users.router):\n"
    "    api_router.include_router(router)\n"
)


def mounted(root: Path, source: str) -> str:
    """The file of the list after a plan."""
    shutil.copytree(REPOS / "shop_layered", root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.db"))
    (root / "app/api/router.py").write_text(source)
    with ExitStack() as stack:
        edits = plan_at(stack.enter_context(open_project(root, Config())), request("shop_layered")).change.edits
    return next(e.after or "" for e in edits if e.path == "app/api/router.py")


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        (HEAD + LONG + LOOP, "    categories.router,\n    products.router,\n    suppliers.router,\n"),
        (HEAD + SHORT + LOOP, "(auth.router, categories.router, products.router, suppliers.router, users.router)"),
        (HEAD + INLINE, "in (auth.router, categories.router, products.router, suppliers.router, users.router):"),
    ],
)
def test_the_new_router_joins_the_list(source: str, joined: str, tmp_path: Path) -> None:
    text = mounted(tmp_path / "shop", source)
    assert joined in text
    assert "import auth, categories, products, suppliers, users" in text
    assert text.count("include_router") == 1
