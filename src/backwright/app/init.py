"""`init`: a configuration that says what was found, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from backwright.adapters.configfile import write_config
from backwright.app.config import Config
from backwright.app.contracts import contract_of
from backwright.app.project import Project, open_project
from backwright.app.results import InitResult
from backwright.core.errors import UsageError

NAME = "backwright.toml"


def init_config(path: Path) -> InitResult:
    """Write `backwright.toml` into the project's folder.

    Raises `UsageError` where there is a configuration already, `MachineError` where it cannot be written, and as
    `open_project`.
    """
    with open_project(path, Config()) as project:
        prefix = f"{project.root}/" if project.root else ""
        for name in (NAME, "pyproject.toml"):
            if "[tool.backwright" in project.index.texts.get(prefix + name, "") or (project.folder / NAME).exists():
                raise UsageError("there is a configuration already", where=prefix + name, hints=("change it there",))
        text = "\n".join(_lines(project)) + "\n"
        write_config(project.folder / NAME, text)
        return InitResult(prefix + NAME, text, project.head)


def _lines(project: Project) -> Iterator[str]:
    yield "[backwright]"
    yield f"include = {json.dumps(_include(project))}"
    yield ""
    yield "[backwright.rules]"
    yield 'select = ["ALL"]'
    yield 'fail-on = "error"'
    steps = [step.name for step in contract_of(project).steps]
    if steps:
        yield ""
        yield "[backwright.verify]"
        yield f"steps = {json.dumps(steps)}"


def _include(project: Project) -> list[str]:
    """The folders (or files, where they lie at the top) that hold the project's source, relative to the repository."""
    prefix = f"{project.root}/" if project.root else ""
    return sorted({prefix + path.removeprefix(prefix).split("/")[0] for path in project.index.files})
