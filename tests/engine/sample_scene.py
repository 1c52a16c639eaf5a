"""The sample services, opened as the product opens a repository."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from backwright.adapters.formatter import RuffFormatter
from backwright.app.config import Config
from backwright.app.project import Project, open_project
from backwright.blueprints.resource import BLUEPRINT
from backwright.engine.planning import Planned, plan_change
from backwright.engine.request_grammar import parse_grammar
from backwright.kit.house import House

REPOS = Path(__file__).parents[1] / "repos"
# What other stacks than FastAPI are planned on is tested in `tests/stacks`.
MANIFESTS = ("manage.py", "package.json", "go.mod", "Cargo.toml", "pom.xml")
OTHERS = tuple(sorted(file.parent.name for name in MANIFESTS for file in REPOS.glob(f"*/{name}")))
NAMES = tuple(sorted(folder.name for folder in REPOS.iterdir() if folder.is_dir() and folder.name not in OTHERS))


@dataclass
class Samples:
    """Copies of the sample services in a folder, each opened once."""

    folder: Path
    open_ones: ExitStack = field(default_factory=ExitStack)
    known: dict[str, Project] = field(default_factory=dict)
    planned: dict[tuple[str, ...], Planned] = field(default_factory=dict)

    def project(self, name: str) -> Project:
        if name not in self.known:
            ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".venv", ".backwright")
            shutil.copytree(REPOS / name, self.folder / name, ignore=ignored)
            self.known[name] = self.open_ones.enter_context(open_project(self.folder / name, Config()))
        return self.known[name]

    def house(self, name: str) -> House:
        return house_of(self.project(name))

    def plan(self, name: str, *tokens: str) -> Planned:
        """What the words after `plan resource` are planned as in a sample."""
        key = (name, *tokens)
        if key not in self.planned:
            self.planned[key] = plan_at(self.project(name), tokens)
        return self.planned[key]


def plan_at(project: Project, tokens: Sequence[str]) -> Planned:
    understood = parse_grammar(["resource", *tokens])
    return plan_change(
        understood,
        house_of(project),
        project.index,
        read=project.read,
        formatter=RuffFormatter(),
        settings={},
        blueprint=BLUEPRINT,
    )


def house_of(project: Project) -> House:
    """The house of a project with FastAPI."""
    assert isinstance(project.house, House)
    return project.house
