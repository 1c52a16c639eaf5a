"""The command line beside its exit codes: streams, options, formats, consent, crashes, help."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import surface_results as results

from backwright.core.errors import NeedsPerson, UsageError
from backwright.core.events import Event
from backwright.core.verdict import Contract, Step
from backwright.surfaces.cli import consent as consent_module
from backwright.surfaces.cli.catalog import VERBS

if TYPE_CHECKING:
    from conftest import Stage

HEAVY = ("msgspec", "tree_sitter", "jinja2", "yaml", "rich", "sqlite3", "asyncio")


def command(*arguments: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "backwright.surfaces.cli", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **kwargs)


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["plan", "-h"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from backwright.surfaces.cli.root import cli\n"
        f"cli.main({arguments!r}, standalone_mode=False)\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "Usage: " in ended.stdout
    assert ended.stdout.splitlines()[-1] == "LOADED []"


def test_help_is_fast() -> None:
    def took() -> float:
        """CPU seconds: a busy machine stretches the others."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(took() for _ in range(10)) < 0.150


def test_every_verb_has_help_with_examples(stage: Stage) -> None:
    for verb, sentence in VERBS.items():
        ended = stage.run(verb, "--help")
        assert ended.exit_code == 0
        assert sentence in ended.stdout
        assert f"Examples:\n  backwright {verb}" in ended.stdout
    listed = stage.run("--help").stdout
    assert all(re.search(rf"^  {verb} +\S", listed, re.M) for verb in VERBS)


def test_the_version(stage: Stage) -> None:
    assert re.fullmatch(r"backwright \d+\.\d+\.\d+\n", stage.run("--version").stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_both_names(stage: Stage, shell: str) -> None:
    script = stage.run("--completion", shell).stdout
    assert "_BACKWRIGHT_COMPLETE" in script
    assert "_BW_COMPLETE" in script


def test_completion_completes_verbs_and_options() -> None:
    environ = {**os.environ, "_BACKWRIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "backwright ch", "COMP_CWORD": "1"}
    assert command(env=environ).stdout.split() == ["plain,check"]
    environ |= {"COMP_WORDS": "backwright check --fail-on ", "COMP_CWORD": "3"}
    assert "plain,warning" in command(env=environ).stdout.split()


def test_alone_it_shows_the_status_in_a_repository_and_the_help_elsewhere(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.answers("status", "status", results.STATUS)
    assert len(stage.run().stdout.splitlines()) == 4
    assert json.loads(stage.run("--json").stdout)["schema"] == "backwright.status/1"
    monkeypatch.chdir(tmp_path)
    assert stage.run().stdout.startswith("Usage: ")


def test_common_options_count_before_and_after_the_verb(stage: Stage) -> None:
    stage.answers("map", "map_repository", results.MAPPED)
    before, after = stage.run("--json", "map").stdout, stage.run("map", "--json").stdout
    assert before == after
    (stage.folder / "api").mkdir()
    stage.run("-C", "api", "map")
    assert stage.calls[-1].args[0] == Path("api")
    stage.run("--config", "include=a", "map", "--config", "exclude=b")
    config = stage.calls[-1].args[1]
    assert (config.include, config.exclude) == (("a",), ("b",))


def test_results_and_words_have_their_own_streams(stage: Stage) -> None:
    stage.answers("map", "map_repository", results.MAPPED)
    ended = stage.run("map")
    assert "Next: backwright check" in ended.stderr
    assert "Next:" not in ended.stdout
    assert stage.run("map", "-q").stderr == ""
    assert stage.run("map", "--json").stderr == ""


def test_color_only_where_it_is_wanted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers("map", "map_repository", results.MAPPED)
    assert "\x1b[" not in stage.run("map").stdout
    assert "\x1b[" in stage.run("map", "--color", "always").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in stage.run("map").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in stage.run("map").stdout
    assert "\x1b[" in stage.run("--color=always", "chek").stderr


def test_an_error_has_one_form(stage: Stage) -> None:
    error = UsageError(
        "names BW999\n  BW999\n  ^", where="a.toml:7", hints=("did you mean BW199?", "all: explain rules")
    )
    stage.fails("map", "map_repository", error)
    assert stage.run("map").stderr == (
        "error: a.toml:7: names BW999\n    BW999\n    ^\n  did you mean BW199?\n  all: explain rules\n"
    )
    problem = json.loads(stage.run("map", "--json").stdout)["problems"][0]
    assert (problem["code"], problem["where"]) == ("BW-E001", "a.toml:7")
    assert problem["hint"] == "did you mean BW199?\nall: explain rules"


def test_a_bug_writes_its_report(stage: Stage) -> None:
    stage.fails("map", "map_repository", RuntimeError("boom \x1b[31m"))
    ended = stage.run("map")
    (report,) = (stage.folder / ".backwright").glob("crash-*.log")
    name = f".backwright/{report.name}"
    assert f"This is a bug in Backwright. Details are in {name}; please attach it." in ended.stderr
    text = report.read_text()
    assert "RuntimeError: boom \\x1b[31m" in text
    assert "arguments: ['map']" in text
    assert report.stat().st_mode & 0o777 == 0o600
    stage.run("map")
    assert report.read_text().count("Traceback") == 2
    assert (stage.folder / ".backwright" / ".gitignore").read_text() == "*\n"


def test_a_bug_does_not_report_through_a_link(stage: Stage, tmp_path: Path) -> None:
    (stage.folder / ".backwright").mkdir()
    for day in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)):
        (stage.folder / ".backwright" / f"crash-{day:%Y%m%d}.log").symlink_to(tmp_path / "victim")
    stage.fails("map", "map_repository", RuntimeError("boom"))
    ended = stage.run("map")
    assert not (tmp_path / "victim").exists()
    Path(re.search(r"Details are in (\S+);", ended.stderr)[1]).unlink()  # type: ignore[index]


def test_a_bug_reports_elsewhere_where_the_repository_takes_nothing(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (stage.folder / ".backwright").symlink_to(tmp_path / "elsewhere")
    stage.fails("map", "map_repository", RuntimeError("boom"))
    ended = stage.run("map")
    report = Path(re.search(r"Details are in (\S+);", ended.stderr)[1])  # type: ignore[index]
    assert "boom" in report.read_text()
    report.unlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_plan_hands_on(stage: Stage) -> None:
    stage.answers("plan", "plan_request", results.planned())
    stage.run(
        "plan", "resource", "Product", "category:ref(Category)?", "price:decimal(10,2):min=0", "--paginate", "name:str",
        "--owner", "sku:str:unique", "--auth", "write=admin,list=public", "--filter", "a,b", "--sort", "-a", "--unique",
        "a+b", "--set", "money=cents", "--set", "x=a=b",
    )  # fmt: skip
    given = stage.calls[-1].kwargs
    assert given["tokens"] == (
        "resource", "Product", "category:ref(Category)?", "price:decimal(10,2):min=0", "name:str", "sku:str:unique",
    )  # fmt: skip
    assert given["settings"] == {"money": "cents", "x": "a=b"}
    assert given["save"] is True
    assert given["options"] == {
        "auth": ("write=admin,list=public",),
        "paginate": "",
        "filters": ("a", "b"),
        "sorts": ("-a",),
        "search": (),
        "owner": "",
        "unique": ("a+b",),
        "operations": "",
        "plural": "",
    }


@pytest.mark.parametrize(
    ("arguments", "paginate", "tokens"),
    [
        (["--paginate", "20..100", "a:str"], "20..100", 3),
        (["--paginate", "no", "a:str"], "no", 3),
        (["--paginate=50", "a:str"], "50", 3),
        (["a:str", "--paginate"], "", 3),
        (["--paginate", "notes:text"], "", 3),
        (["a:str"], None, 3),
    ],
)
def test_paginate_never_swallows_a_field(stage: Stage, arguments: list[str], paginate: str | None, tokens: int) -> None:
    stage.answers("plan", "plan_request", results.planned())
    assert stage.run("plan", "resource", "Product", *arguments).exit_code == 0
    assert stage.calls[-1].kwargs["options"]["paginate"] == paginate
    assert len(stage.calls[-1].kwargs["tokens"]) == tokens


def test_the_options_are_those_that_the_engine_knows() -> None:
    grammar = pytest.importorskip("backwright.engine.request_grammar")
    from backwright.surfaces.cli.requesting import _options

    given: dict[str, Any] = dict.fromkeys(("auth", "filter", "sort", "search", "unique"), ())
    grammar.ResourceOptions(**_options({**given, "paginate": None, "owner": None, "operations": "", "plural": ""}))


def test_words_and_files(stage: Stage) -> None:
    stage.answers("plan", "plan_request", results.planned())
    stage.run("plan", "add a products API:", "name and price")
    assert stage.calls[-1].kwargs["words"] == "add a products API: name and price"
    (stage.folder / "feature.yaml").write_text("resource: Order\n")
    stage.run("plan", "-f", "feature.yaml", "--check")
    assert stage.calls[-1].kwargs["file"] == "feature.yaml"
    assert stage.calls[-1].kwargs["save"] is False


def test_run_streams_events_and_ends_with_the_envelope(stage: Stage) -> None:
    def act(*args: Any, progress: Any, **kwargs: Any) -> Any:
        for number in range(2):
            progress.event(Event("9b02", number, "2025-03-02T10:00:00Z", "ACT", "WRITE", "CODEBASE", {"n": number}))
        return results.ran("done", "passed")

    stage.play("run", "run_task", act)
    lines = [json.loads(line) for line in stage.run("run", "add orders", "--json", "--branch").stdout.splitlines()]
    assert [line.get("seq") for line in lines] == [0, 1, None]
    assert lines[-1]["schema"] == "backwright.run/1"
    assert stage.calls[-1].kwargs["branch"] is True
    assert stage.run("run", "add orders").stdout.startswith("Run 9b02")


def test_progress_is_quiet_when_quick_and_one_line_a_step_when_not(stage: Stage) -> None:
    def act(*args: Any, progress: Any, **kwargs: Any) -> Any:
        for name, took in (("lint", slow), ("tests", 0.0)):
            progress.started(name)
            time.sleep(took)
            progress.finished(name, "passed", took, "fine \x1b[1m")
        return results.verified("passed")

    stage.play("verify", "verify_repository", act)
    slow = 0.0
    assert stage.run("verify").stderr == ""
    slow = 0.55
    assert stage.run("verify").stderr == (
        "✓ lint  passed, 0.6 s  fine \\x1b[1m\n✓ tests  passed, 0.0 s  fine \\x1b[1m\n"
    )  # fmt: skip
    assert stage.run("verify", "-q").stderr == ""


def test_formats_go_to_their_places(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers("check", "check_repository", results.checked("error", "warning"))
    ended = stage.run("check", "--format", "concise", "--format", "sarif=bw.sarif", "--format", "json=bw.json")
    assert ended.stdout.startswith("app/a.py:1:1: BW101 error: a query\n")
    assert json.loads((stage.folder / "bw.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((stage.folder / "bw.json").read_text())["summary"]["errors"] == 1
    assert "Wrote bw.sarif (sarif)." in ended.stderr

    assert stage.run("check", "--format", "markdown", "-o", "bw.md").stdout == ""
    assert (stage.folder / "bw.md").read_text().startswith("## Backwright: 1 error, 1 warning")

    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert stage.run("check", "--format", "github").stdout.startswith("::error file=app/a.py")
    assert "| error | BW101 |" in (tmp_path / "summary.md").read_text()

    assert stage.run("check", "--statistics").stdout.startswith("1  BW101  error")
    assert json.loads(stage.run("check", "--json", "--format", "sarif=x.sarif").stdout)["exit_code"] == 1
    failed = stage.run("check", "-o", "no/such/folder.txt")
    assert failed.exit_code == 3
    assert "cannot be written" in failed.stderr


def test_check_hands_on_what_it_was_told(stage: Stage) -> None:
    stage.answers("check", "check_repository", results.checked())
    stage.run("check", ".", "--since", "main", "--select", "BW1,BW2", "--select", "BW3", "--ignore", "BW101")
    call = stage.calls[-1]
    assert call.kwargs["since"] == "main"
    assert (call.args[1].select, call.args[1].ignore) == (("BW1", "BW2", "BW3"), ("BW101",))


def test_show_config(stage: Stage) -> None:
    (stage.folder / "backwright.toml").write_text("[backwright]\ninclude = ['app']\n")
    shown = stage.run("check", "--show-config", "--fail-on", "never")
    assert re.search(r'include +\["app"\] +backwright.toml:2', shown.stdout)
    assert re.search(r'rules.fail-on +"never" +--fail-on', shown.stdout)
    settings = json.loads(stage.run("check", "--show-config", "--json").stdout)["data"]["settings"]
    assert {"key": "include", "value": ["app"], "origin": "backwright.toml:2"} in settings


def asks_consent(*args: Any, consent: Any, **kwargs: Any) -> Any:
    consent(results.CONTRACT)
    return results.verified("passed")


@pytest.mark.parametrize("extra", [[], ["--no-input"]])
def test_commands_of_a_repository_do_not_run_unasked(stage: Stage, extra: list[str]) -> None:
    stage.play("verify", "verify_repository", asks_consent)
    ended = stage.run("verify", *extra)
    assert ended.exit_code == NeedsPerson.exit_code
    assert "tests   A='b c' pytest -q   (in api)" in ended.stderr
    assert "--yes" in ended.stderr
    assert stage.run("verify", "--yes", *extra).exit_code == 0
    assert stage.run("verify", *extra).exit_code == 4  # --yes is for once


@pytest.mark.parametrize(("builtin", "code"), [("guardrails", 0), ("raw_sql", 0), ("migrations", 4)])
def test_only_what_runs_code_of_the_repository_is_asked_about(stage: Stage, builtin: str, code: int) -> None:
    def act(*args: Any, consent: Any, **kwargs: Any) -> Any:
        consent(Contract((Step(builtin, builtin=builtin),), "stack/stack.yaml"))
        return results.verified("passed")

    stage.play("verify", "verify_repository", act)
    assert stage.run("verify").exit_code == code


@pytest.mark.parametrize(("answer", "first", "second"), [("y\n", 0, 0), ("n\n", 4, 4), ("\n", 4, 4), ("", 4, 4)])
def test_a_person_is_asked_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, answer: str, first: int, second: int
) -> None:
    stage.play("verify", "verify_repository", asks_consent)
    monkeypatch.setattr(consent_module, "_can_ask", lambda: True)
    ended = stage.run("verify", input=answer)
    assert ended.exit_code == first
    assert "[y/N]" in ended.stderr
    assert ended.stdout == "" or first == 0
    ended = stage.run("verify", input="")
    assert ended.exit_code == second
    assert ("[y/N]" in ended.stderr) is (second != 0)


@pytest.mark.parametrize(
    "other", ["--fix", "--diff", "--json", "--format=sarif", "--output=x", "--add-ignores=because"]
)
def test_watching_does_not_go_with_what_is_done_once(stage: Stage, other: str) -> None:
    stage.answers("check", "check_repository", results.checked())
    ended = stage.run("check", "--watch", other)
    assert ended.exit_code == 2
    assert stage.calls == []


def test_watching_looks_again_after_every_save_and_ends_with_the_last_look(stage: Stage) -> None:
    def saves(where: Path) -> Any:
        yield ("app/a.py",)
        (stage.folder / "backwright.toml").write_text("[backwright]\nno = 1\n")
        yield ("backwright.toml",)
        (stage.folder / "backwright.toml").unlink()
        yield ("a.py", "b.py", "c.py", "d.py", "e.py")
        raise KeyboardInterrupt

    stage.play("watching", "saved", saves)
    stage.answers("check", "check_repository", results.checked("error"))
    ended = stage.run("check", "--watch", "--format", "concise")
    assert ended.exit_code == 1
    assert [call.name for call in stage.calls].count("check_repository") == 3  # not with the broken configuration
    assert "backwright.toml:2: `no` is not a key" in ended.stderr
    assert "a.py, b.py, c.py and 2 more" in ended.stderr


def test_files_are_told_apart_from_folders(stage: Stage) -> None:
    (stage.folder / "app").mkdir()
    (stage.folder / "app/a.py").write_text("")
    stage.answers("check", "check_repository", results.checked())
    for arguments in (["app"], ["app/a.py"], ["app/a.py", "app"], []):
        stage.run("check", *arguments)
    asked = [(call.args[0].resolve(), [p.resolve() for p in call.kwargs["only"]]) for call in stage.calls]
    folder, app = stage.folder, stage.folder / "app"
    assert asked == [(app, []), (app, [app / "a.py"]), (app, [app / "a.py", app]), (folder, [])]
