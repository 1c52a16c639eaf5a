"""What other programs call us with: the pre-commit hook and the GitHub Action name options that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from backwright.surfaces.cli.outputs import FORMATS
from backwright.surfaces.cli.verbs.check import command

ROOT = Path(__file__).parent.parent
OPTIONS = {name for parameter in command.params for name in parameter.opts}


def _read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_hook_calls_what_there_is() -> None:
    (hook,) = _read(".pre-commit-hooks.yaml")
    program, verb, *rest = shlex.split(hook["entry"])
    assert (program, verb, hook["language"]) == ("backwright", "check", "python")
    assert {word for word in rest if word.startswith("--")} <= OPTIONS
    assert rest[rest.index("--format") + 1] in FORMATS
    assert hook["pass_filenames"] is False


def test_the_action_calls_what_there_is() -> None:
    action = _read("action.yml")
    assert action["runs"]["using"] == "composite"
    scripts = [step for step in action["runs"]["steps"] if "run" in step]
    check = next(step["run"] for step in scripts if "backwright check" in step["run"])
    assert set(re.findall(r"(?<![\w-])--(?:format|since)\b", check)) <= OPTIONS
    for step in scripts:
        assert "${{" not in step["run"], "what a workflow gives is no part of a script"
        assert set(re.findall(r"\$\{?(?:options|more)?([A-Z_]+)", step["run"])) <= set(step.get("env", {}))
