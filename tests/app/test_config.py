"""The configuration: which file counts, what it may say, and where each value came from."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.app.config import KEYS, Config, find_root, load
from backwright.app.config_file import find_line, parse_table
from backwright.core.errors import UsageError

FULL = (Path(__file__).parent / "data" / "full.toml").read_text(encoding="utf-8")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "services" / "shop").mkdir(parents=True)
    return tmp_path


def write(folder: Path, text: str, name: str = "backwright.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path, *arguments: str, isolated: bool = False) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load(path, arguments=arguments, isolated=isolated, environ={})
    return caught.value


def test_every_key_of_the_reference_is_read_with_its_line(repo: Path) -> None:
    write(repo, FULL)
    config = load(repo / "services" / "shop", environ={})
    assert config.include == ("app", "alembic")
    assert config.roles == {"app/api/**": "router"}
    assert config.severity == {"BW304": "warning"}
    assert config.fail_on == "warning"
    assert config.steps == ("format", "tests")
    assert config.commands == {"tests": ("pytest", "-q")}
    assert (config.model, config.limits.seconds, config.limits.steps, config.limits.dollars) == (
        "acme/coder-2",
        60,
        4,
        0.5,
    )
    assert config.file == "backwright.toml"
    assert config.origin("roles") == "backwright.toml:5"
    assert config.origin("rules.fail-on") == "backwright.toml:12"
    assert config.origin("agent.limits.steps") == "backwright.toml:21"
    assert config.severity_by_path == {"legacy/**": {"BW3": "advice", "ALL": "off"}}
    assert {key for key, _, _ in config.show()} == set(KEYS)
    assert [key for key, _, origin in config.show() if origin == "default"] == ["agent.base-url", *PERMISSIONS]


PERMISSIONS = [f"permissions.{name}" for name in ("network", "read", "environment", "memory")]


def test_a_repository_takes_away_permissions_and_grants_none(
    repo: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write(repo, '[backwright.permissions]\nnetwork = "none"\nmemory = 1024\n')
    home = tmp_path_factory.mktemp("home")
    own_folder = home / ".config/backwright"
    own_folder.mkdir(parents=True)
    taken = load(repo, environ={}).permissions
    assert (taken.network, taken.memory) == ("none", 1024)
    assert load(repo, environ={}, arguments=("permissions.network=host",)).permissions.network == "host"
    for line in ('network = "host"', 'read = ["/srv"]', 'environment = ["TOKEN"]', "memory = 99999"):
        write(repo, f"[backwright.permissions]\n{line}\n")
        with pytest.raises(UsageError, match="takes away permissions, and grants none") as refused:
            load(repo, environ={})
        assert refused.value.where == "backwright.toml:2"
        write(own_folder, f"[backwright.permissions]\n{line}\n", "config.toml")
        with pytest.raises(UsageError, match="grants none"):  # the user's own words do not make the repository's good
            load(repo, environ={"HOME": str(home)})
    write(repo, "[backwright.permissions]\nexternal = true\n")
    with pytest.raises(UsageError, match="is not a key"):
        load(repo, environ={})
    write(repo, "")
    own = load(repo, environ={"HOME": str(home)}).permissions
    assert own.memory == 99999


def test_there_are_at_most_twenty_keys() -> None:
    assert len(KEYS) + 1 <= 20


def test_without_a_file_all_is_default(repo: Path) -> None:
    config = load(repo, environ={})
    assert config == Config()
    assert {origin for _, _, origin in config.show()} == {"default"}


def test_the_nearest_file_counts_alone(repo: Path) -> None:
    write(repo, '[backwright]\ninclude = ["far"]\nexclude = ["far"]\n')
    write(repo / "services", '[tool.backwright]\ninclude = ["near"]\n', "pyproject.toml")
    config = load(repo / "services" / "shop", environ={})
    assert (config.include, config.exclude, config.file) == (("near",), (), "services/pyproject.toml")
    assert config.origin("include") == "services/pyproject.toml:2"


def test_a_pyproject_of_others_does_not_count(repo: Path) -> None:
    write(repo, '[backwright]\ninclude = ["far"]\n')
    write(repo / "services", "[tool.ruff]\nline-length = 3 3\n", "pyproject.toml")
    assert load(repo / "services" / "shop", environ={}).include == ("far",)


def test_nothing_above_the_repository_counts(repo: Path) -> None:
    inner = repo / "services" / "shop"
    (inner / ".git").mkdir()
    write(repo, '[backwright]\ninclude = ["far"]\n')
    assert load(inner, environ={}).include == ()
    assert find_root(inner) == inner


def test_outside_of_a_repository_only_the_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path, '[backwright]\ninclude = ["far"]\n')
    assert load(tmp_path / "a", environ={}).include == ()
    assert load(tmp_path, environ={}).include == ("far",)


@pytest.mark.parametrize(
    ("text", "where", "says", "hint"),
    [
        ("[backwright]\n\n[backwright.rules]\nselct = []\n", "backwright.toml:4", "`rules.selct`", "`rules.select`"),
        ("[backwright]\nselect = []\n", "backwright.toml:2", "`select`", "`rules.select`"),
        ("[backwright]\ninclude = 'app'\n", "backwright.toml:2", "list of strings", ""),
        ("[backwright]\nrules.fail-on = 'fatal'\n", "backwright.toml:2", "error, warning, advice, never", ""),
        ("[backwright.rules]\nseverity = {BW1 = 'x'}\n", "backwright.toml:2", "`BW1`", ""),
        ("[backwright.rules.paths]\n'a/**' = 'off'\n", "backwright.toml:1", "for `a/**` must be a table", ""),
        ("[backwright.rules.paths]\n'a/**' = {BW3 = 'x'}\n", "backwright.toml:1", "`BW3`", ""),
        ("[backwright.verify.commands]\ntests = 'pytest -q'\n", "backwright.toml:1", "no shell", ""),
        ("[backwright.agent.limits]\nsteps = 1.5\n", "backwright.toml:2", "whole number", ""),
        ("[backwright.agent.limits]\nseconds = true\n", "backwright.toml:2", "number above 0", ""),
        ("[backwright.roles]\n'a/**' = 'controller'\n", "backwright.toml:1", "router", ""),
        ("include = []\n", "backwright.toml:1", "not a table of ours", "under [backwright]"),
        ("[backwright]\na = 1 1\n", "backwright.toml:2", "not TOML", ""),
        ("[backwright]\nagent = 3\n", "backwright.toml:2", "`agent` is not a key", ""),
    ],
)
def test_a_mistake_is_shown_where_it_is(repo: Path, text: str, where: str, says: str, hint: str) -> None:
    write(repo, text)
    error = complaint(repo)
    assert error.where == where
    assert says in error.message
    assert hint in "\n".join(error.hints)
    assert error.exit_code == 2


def test_extend_is_explicit_and_stays_inside(repo: Path) -> None:
    write(repo, "[backwright]\ninclude = ['base']\nexclude = ['base']\n", "base.toml")
    write(repo / "services", "[backwright]\nextend = '../base.toml'\ninclude = ['near']\n")
    config = load(repo / "services", environ={})
    assert (config.include, config.exclude) == (("near",), ("base",))
    assert config.origin("exclude") == "base.toml:3"

    write(repo / "services", "[backwright]\nextend = '../../elsewhere.toml'\n")
    write(repo.parent, "[backwright]\n", "elsewhere.toml")
    assert "out of the repository" in complaint(repo / "services").message

    write(repo / "services", "[backwright]\nextend = 'backwright.toml'\n")
    assert "circle" in complaint(repo / "services").message


def test_a_link_out_of_the_repository_is_refused(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = write(tmp_path_factory.mktemp("elsewhere"), "[backwright]\n")
    (repo / "backwright.toml").symlink_to(target)
    assert "out of the repository" in complaint(repo).message


def test_a_pipe_is_not_waited_for(repo: Path) -> None:
    os.mkfifo(repo / "pipe")
    assert "not a regular file" in complaint(repo, str(repo / "pipe")).message
    assert "not a regular file" in complaint(repo, str(repo / "services")).message


def test_the_command_line_beats_the_file(repo: Path) -> None:
    write(repo, FULL)
    config = load(
        repo,
        arguments=("rules.fail-on=never", "rules.select=BW101, BW2", "agent.limits.steps=7", "include=['x']"),
        overrides={"rules.ignore": ("BW3,BW4", "--ignore")},
        environ={},
    )
    assert (config.fail_on, config.select, config.limits.steps) == ("never", ("BW101", "BW2"), 7)
    assert (config.include, config.ignore) == (("x",), ("BW3", "BW4"))
    assert config.origin("rules.fail-on") == "--config rules.fail-on"
    assert config.origin("rules.ignore") == "--ignore"
    assert config.origin("exclude") == "backwright.toml:3"


def test_isolated_reads_no_file(repo: Path) -> None:
    file = write(repo, FULL)
    assert load(repo, isolated=True, environ={"BACKWRIGHT_CONFIG": str(file)}) == Config()
    assert load(repo, isolated=True, arguments=("rules.fail-on=never",), environ={}).fail_on == "never"
    assert "--isolated" in complaint(repo, str(file), isolated=True).message


def test_a_named_file_beats_the_nearest(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = write(tmp_path_factory.mktemp("elsewhere"), "[backwright]\ninclude = ['other']\n")
    write(repo, FULL)
    assert load(repo, environ={"BACKWRIGHT_CONFIG": str(other)}).include == ("other",)
    assert load(repo, arguments=(str(other),), environ={}).include == ("other",)
    assert "two files" in complaint(repo, str(other), str(other)).message
    assert "No such file" in complaint(repo, str(repo / "nothing.toml")).message


@pytest.mark.parametrize(
    "text",
    [
        "[backwright]\n" + "a." * 20_000 + "b = 1\n",
        "[backwright]\n" + '"\\"".' * 12_000 + "b = 1\n",
        "[backwright]\n" + '"\\"".' + "a." * 20_000 + "b = 1\n",
        "[backwright]\nx = {" + "a . " * 10_000 + "b = 1}\n",
        "[" + "'a'." * 10_000 + "b]\n",
        '[backwright]\nx = [{ok = 1}, {"a"' + '."a"' * 10_000 + " = 1}]\n",
        "[backwright]\nx = " + "[" * 30_000 + "\n",
        "[backwright]\n" + "k" * 300 + " = 1\n",
        "[backwright]\n" + "-" * 60_000,
        "[backwright]\nx = '" + "a" * 60_000,
        "[backwright]\n" + '"' * 60_000,
    ],
)
def test_a_hostile_file_is_refused_at_once(repo: Path, text: str) -> None:
    write(repo, text)
    begun = time.monotonic()
    assert complaint(repo).where.startswith("backwright.toml")
    assert time.monotonic() - begun < 2


def test_a_large_file_is_refused_and_a_large_pyproject_of_others_is_not(repo: Path) -> None:
    write(repo, "[tool.x]\n" + "# x\n" * 50_000, "pyproject.toml")
    assert load(repo, environ={}) == Config()
    write(repo, "[tool.backwright]\n" + "# x\n" * 50_000, "pyproject.toml")
    assert "64 KiB" in complaint(repo).message


def test_bytes_that_are_not_text_are_refused(repo: Path) -> None:
    (repo / "backwright.toml").write_bytes(b"[backwright]\n\xff")
    assert "UTF-8" in complaint(repo).message


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_table(text, "backwright.toml").prefix == "backwright"


@pytest.mark.parametrize(
    ("key", "line"),
    [("a", 1), ("a.b", 2), ("a.c.d", 3), ("a.t.e", 5), ("a.i.x", 6), ("z", 0), ("a.q", 1)],
)
def test_lines_are_found(key: str, line: int) -> None:
    assert find_line("[a]\nb = 1\nc.d = 2\n[ a . t ]\ne = 1\n[a.i]\n", key) == line


def test_whom_code_is_sent_to_is_the_users_word(repo: Path, tmp_path: Path) -> None:
    write(repo, '[backwright.agent]\nmodel = "cheap:one"\n')
    suggested = load(repo, environ={})
    assert (suggested.model, suggested.is_suggested("agent.model")) == ("cheap:one", True)
    said = load(repo, arguments=("agent.model=cheap:one",), environ={})
    assert not said.is_suggested("agent.model")
    named = load(repo, arguments=(str(repo / "backwright.toml"),), environ={})
    assert not named.is_suggested("agent.model")
    write(repo, '[backwright.agent]\nbase-url = "http://evil.example"\n')
    refused = complaint(repo)
    assert (refused.message, refused.where) == (
        "a repository does not say which server is talked to",
        "backwright.toml:2",
    )


def test_the_users_own_file_says_which_model_and_nothing_else(
    repo: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = tmp_path_factory.mktemp("home") / "backwright"
    own.mkdir()
    environ = {"XDG_CONFIG_HOME": str(own.parent)}
    write(repo, '[backwright.agent]\nmodel = "cheap:one"\n')
    write(own, '[backwright.agent]\nmodel = "mine:two"\nbase-url = "http://127.0.0.1:1/v1"\n', "config.toml")
    config = load(repo, environ=environ)
    assert (config.model, config.base_url, config.is_suggested("agent.model")) == (
        "mine:two",
        "http://127.0.0.1:1/v1",
        False,
    )
    assert config.origin("agent.model") == f"{own / 'config.toml'}:2"
    assert load(repo, arguments=("agent.model=third:x",), environ=environ).model == "third:x"
    assert load(repo, isolated=True, environ=environ).model == ""
    write(own, "[backwright]\nexclude = ['x']\n", "config.toml")
    with pytest.raises(UsageError, match="`exclude` is a matter of a repository"):
        load(repo, environ=environ)


def test_an_own_file_inside_of_the_repository_is_not_the_users(repo: Path) -> None:
    (repo / "backwright").mkdir()
    write(repo / "backwright", '[backwright.agent]\nbase-url = "http://evil.example"\n', "config.toml")
    assert load(repo, environ={"XDG_CONFIG_HOME": str(repo)}).base_url == ""
