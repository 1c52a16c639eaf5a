"""Django projects, opened and planned on as the product does it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backwright.app.config import Config
from backwright.app.plan import plan_request
from backwright.core.change import ChangeSet

REPOS = Path(__file__).parents[1] / "repos"
HOUSES: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "houses.yaml").read_text())


def sample(folder: Path) -> Path:
    """A copy of the sample service with Django REST framework."""
    root = folder / "bookings"
    shutil.copytree(REPOS / "bookings_drf", root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.sqlite3"))
    return root


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """A project of these files."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def planned(root: Path, *tokens: str, **options: Any) -> ChangeSet:
    """What `plan resource …` gives."""
    return plan_request(root, Config(), save=False, tokens=("resource", *tokens), options=options).change


def texts(change: ChangeSet) -> dict[str, str]:
    """The files as they would be."""
    return {edit.path: edit.after or "" for edit in change.edits}
