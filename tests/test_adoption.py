"""What other programs call us with: the pre-commit hook and the GitHub Action name options that exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
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
        assert set(re.findall(r"\$\{?(?:options|more)?([A-Z_]+)", step["run"])) <= {
            *step.get("env", {}),
            "GITHUB_STEP_SUMMARY",
        }


_STUB = """#!/bin/sh
printf '%s|' "$@"
exit 4
"""


@pytest.mark.parametrize(
    ("verb", "said", "code"),
    [
        ("verify", "-C|back end|--no-input|verify|--yes|--format|github|--allow|x|", 4),
        ("plan", "-C|back end|--no-input|--color|never|plan|--allow|x|--|add $(id) `id`|", 4),
        ("run", "-C|back end|--no-input|run|--yes|--format|github|--allow|x|--|add $(id) `id`|", 4),
        ("rm -rf", "there is no verb", 2),
    ],
)
def test_the_action_ends_as_its_verb_does(tmp_path: Path, verb: str, said: str, code: int) -> None:
    (script,) = [s["run"] for s in _read("action.yml")["runs"]["steps"] if s.get("name", "").startswith("Verify, plan")]
    (tmp_path / "backwright").write_text(_STUB)
    (tmp_path / "backwright").chmod(0o755)
    given = {"VERB": verb, "WHERE": "back end", "REQUEST": "add $(id) `id`", "ARGS": "--allow x"}
    env = given | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    argv = ["bash", "-e", "-o", "pipefail", "-c", script]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stdout) == (code, True), done
    if verb == "plan":
        assert said in (tmp_path / "summary").read_text()
