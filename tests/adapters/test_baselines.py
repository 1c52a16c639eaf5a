"""Baselines are kept for exactly one tree, one contract and one environment."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from git_scene import git

from backwright.adapters.baselines import baseline_key, keep_baseline, known_baseline
from backwright.adapters.pythonenv import Environment
from backwright.adapters.workcopy import make_copy
from backwright.core.verdict import Contract, Outcome, Step, StepResult, Verdict


def verdict(outcome: Outcome = "passed") -> Verdict:
    return Verdict((StepResult("tests", outcome, seconds=1.5, problems=("x",), proved=("a::b",)),), 2.0)


def test_a_verdict_comes_back_for_its_key_only(tmp_path: Path) -> None:
    keep_baseline(tmp_path, "k1", verdict("failed"))
    assert known_baseline(tmp_path, "k1") == verdict("failed")
    assert known_baseline(tmp_path, "k2") is None
    (tmp_path / ".backwright/baselines/k1.json").write_bytes(b"{")
    assert known_baseline(tmp_path, "k1") is None


def test_what_could_not_run_is_not_kept(tmp_path: Path) -> None:
    keep_baseline(tmp_path, "k1", verdict("unavailable"))
    assert not (tmp_path / ".backwright").exists()


def test_old_ones_go(tmp_path: Path) -> None:
    for number in range(12):
        keep_baseline(tmp_path, f"k{number}", verdict())
        os.utime(tmp_path / f".backwright/baselines/k{number}.json", (number, number))
    assert known_baseline(tmp_path, "k11") == verdict()
    assert known_baseline(tmp_path, "k0") is None


def test_the_key_covers_tree_contract_and_environment(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "tree/a.py").write_text("a = 1\n")
    contract = Contract((Step("tests", ("pytest",)),), "", "digest")
    environment = Environment(Path("python"), Path("bin"), "venv", "", Path("x"), path=(str(tmp_path / "site"),))
    first = make_copy(tmp_path / "tree", ["a.py"], tmp_path / "one")
    keys = [baseline_key(first, contract, environment.state(), "")]
    keys.append(
        baseline_key(make_copy(tmp_path / "tree", ["a.py"], tmp_path / "two"), contract, environment.state(), "")
    )
    assert keys[0] == keys[1]
    keys.append(baseline_key(first, Contract((), "", "other"), environment.state(), ""))
    keys.append(baseline_key(first, contract, replace(environment, python=Path("other")).state(), ""))
    keys.append(baseline_key(first, contract, environment.state(), "backend"))
    (tmp_path / "tree/a.py").write_text("a = 2\n")
    keys.append(
        baseline_key(make_copy(tmp_path / "tree", ["a.py"], tmp_path / "three"), contract, environment.state(), "")
    )
    os.utime(tmp_path / "site", (1, 1))
    keys.append(baseline_key(first, contract, environment.state(), ""))
    assert len(set(keys)) == len(keys) - 1


def test_what_came_with_the_repository_is_no_baseline(tmp_path: Path) -> None:
    """Else it could say that tests failed before, and a change that breaks them would land."""
    keep_baseline(tmp_path, "k1", verdict("failed"))
    git(tmp_path, "init", "-q")
    assert known_baseline(tmp_path, "k1") == verdict("failed")
    git(tmp_path, "add", "-f", ".backwright/baselines/k1.json")
    assert known_baseline(tmp_path, "k1") is None
