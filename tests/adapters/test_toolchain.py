"""The programs of projects in other languages than Python."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from backwright.adapters.toolchain import Toolchain, find_toolchain
from backwright.core.errors import ToolMissing


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def found(root: Path, project: str = "", places: tuple[str, ...] = ("",), install: str = "npm ci") -> Toolchain:
    return find_toolchain(
        root, project, places, folders=["node_modules"], programs=["node_modules/.bin"], variables={}, passed=(),
        install=install,
    )  # fmt: skip


def test_the_programs_of_the_project_come_before_those_above_and_those_on_path(tmp_path: Path) -> None:
    near = program(tmp_path / "packages/api/node_modules/.bin/eslint")
    program(tmp_path / "node_modules/.bin/eslint")
    above = program(tmp_path / "node_modules/.bin/jest")
    tools = Toolchain("packages/api", programs=("node_modules/.bin",), copy=tmp_path)
    assert tools.command(("npx", "eslint", ".")) == (str(near), ".")
    assert tools.command(("jest",)) == (str(above),)
    shell = tools.command(("sh", "-c", "true"))
    assert shell is not None
    assert shell[0].endswith("/sh")
    path = tools.variables()["PATH"].split(":")
    assert path[:2] == [str(near.parent), str(above.parent)]


def test_nothing_is_downloaded_to_be_run(tmp_path: Path) -> None:
    tools = Toolchain(programs=("node_modules/.bin",), copy=tmp_path)
    assert tools.command(("npx", "sh")) is None  # on PATH, but no part of the project
    assert tools.command(("no-such-program",)) is None


def test_dependencies_that_are_not_installed_are_said_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "packages/api").mkdir(parents=True)
    with pytest.raises(ToolMissing, match="node_modules") as caught:
        found(tmp_path, "packages/api", ("", "packages/api"))
    assert caught.value.hints == ("install them: npm ci",)
    (tmp_path / "packages/web/node_modules").mkdir(parents=True)  # of a project beside it
    with pytest.raises(ToolMissing):
        found(tmp_path, "packages/api", ("", "packages/api", "packages/web"))
    (tmp_path / "node_modules").mkdir()
    assert found(tmp_path, "packages/api", ("", "packages/api")).installed
    assert found(tmp_path, "packages/api", ("packages/api",), install="").installed == ()


def test_the_state_changes_with_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    before = found(tmp_path).state()
    assert found(tmp_path).state() == before
    (tmp_path / "node_modules/new").mkdir()
    assert found(tmp_path).state() != before


def test_variables_are_passed_on_only_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    monkeypatch.setenv("API_TOKEN", "secret")
    tools = find_toolchain(
        tmp_path, "", [""], folders=(), programs=(), install="", passed=["JAVA_HOME", "GOPATH"],
        variables={"CARGO_TARGET_DIR": "{caches}/target"},
    )  # fmt: skip
    copy, caches = tmp_path / "copy", tmp_path / "caches"
    copy.mkdir()
    values = tools.lent_to(tmp_path, copy, caches).variables()
    assert values["JAVA_HOME"] == "/opt/java"
    assert values["CARGO_TARGET_DIR"] == f"{caches}/target"
    assert set(values) == {"PATH", "JAVA_HOME", "CARGO_TARGET_DIR"}


def test_what_tools_build_is_kept_for_each_repository_and_their_homes_are_shown_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for name in ("registry/index", "credentials"):
        (home / ".cargo" / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CARGO_HOME", raising=False)

    def of(name: str) -> Toolchain:
        (tmp_path / name).mkdir()
        return find_toolchain(
            tmp_path / name, "", [""], folders=(), programs=(), install="", passed=(),
            variables={"GOCACHE": "{kept}/go-build", "X": "{CARGO_HOME}/x", "Y": "{NOT_THERE}/y"},
            homes={"CARGO_HOME": [".cargo", "registry", "git"], "NOT_THERE": [".not"]},
        )  # fmt: skip

    one, other = of("one"), of("other")
    assert one.writes() != other.writes()
    (kept,) = one.writes()
    assert one.variables()["GOCACHE"] == f"{kept}/go-build"
    assert one.variables()["X"] == f"{home}/.cargo/x"
    assert "Y" not in one.variables()
    assert home / ".cargo/registry" in one.places()
    assert not any((home / ".cargo/credentials").is_relative_to(place) for place in one.places())


def test_what_was_built_for_repositories_that_nobody_verifies_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    builds = tmp_path / "cache" / "backwright" / "builds"
    for name, days in (("old", 31), ("young", 29)):
        (builds / name / "target").mkdir(parents=True)
        then = time.time() - days * 24 * 3600
        os.utime(builds / name, (then, then))

    def own() -> Path:
        found = find_toolchain(
            tmp_path, "", [""], folders=(), programs=(), install="", passed=(), variables={"X": "{kept}/x"}, homes={}
        )
        return found.writes()[0]

    kept = own()
    assert sorted(place.name for place in builds.iterdir()) == sorted(["young", kept.name])
    os.utime(kept, (0, 0))
    assert own() == kept  # it is in use again
    assert kept.is_dir()
