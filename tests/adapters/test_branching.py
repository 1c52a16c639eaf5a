"""A change on a branch: the branch is there, and nothing else of the repository is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_scene import git, make_repository

from backwright.adapters.branching import commit_on_branch
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import StalePlan, UsageError


def change(*edits: Edit) -> ChangeSet:
    return ChangeSet("ab12", "add a thing", edits, "test", {}, request="resource Thing name:str")
