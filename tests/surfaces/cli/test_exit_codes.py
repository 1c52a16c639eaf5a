"""Every result and every failure ends with the exit code that is promised for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import surface_results as results

from backwright.core.errors import MachineError, NeedsPerson, NothingToDo, StalePlan, ToolMissing, UsageError

if TYPE_CHECKING:
    from conftest import Stage

CASES: list[tuple[str, str, Any, list[str], int]] = [
    ("check", "check_repository", results.checked(), ["check"], 0),
    ("check", "check_repository", results.checked("error"), ["check"], 1),
    ("check", "check_repository", results.checked("warning"), ["check"], 0),
    ("check", "check_repository", results.checked("warning"), ["check", "--fail-on", "warning"], 1),
    ("check", "check_repository", results.checked("error"), ["check", "--fail-on", "never"], 0),
    ("check", "check_repository", results.checked("advice"), ["check", "--config", "rules.fail-on=advice"], 1),
    ("check", "check_repository", results.checked(problem=3), ["check"], 3),
    ("check", "check_repository", results.checked(problem=0), ["check"], 0),
    ("check", "check_repository", results.checked("error", problem=3), ["check"], 1),
    ("plan", "plan_request", results.planned(), ["plan", "resource", "Order", "total:money"], 0),
    ("plan", "plan_request", results.planned(saved=False), ["plan", "--check", "add orders"], 1),
    ("plan", "plan_request", results.planned(saved=False, edits=False), ["plan", "--check", "add orders"], 0),
    ("plan", "plan_request", results.planned(asks=True, saved=False), ["plan", "add orders"], 4),
    ("plan", "plan_request", results.planned(asks=True), ["plan", "add orders"], 0),
    ("apply", "apply_plan", results.applied("landed", "passed"), ["apply", "7c1e"], 0),
    ("apply", "apply_plan", results.applied("not_landed", "failed"), ["apply", "7c1e"], 1),
    ("apply", "apply_plan", results.applied("not_landed", "passed", "unavailable"), ["apply", "7c1e"], 3),
    ("apply", "apply_plan", results.applied("not_landed", "passed"), ["apply", "7c1e"], 1),
    ("apply", "apply_plan", results.applied("conflict", "passed"), ["apply", "7c1e"], 4),
    ("apply", "undo", results.UNDONE, ["apply", "--undo", "7c1e"], 0),
    ("verify", "verify_repository", results.verified("passed"), ["verify"], 0),
    ("verify", "verify_repository", results.verified("passed", "failed"), ["verify"], 1),
    ("verify", "verify_repository", results.verified("passed", "unavailable"), ["verify"], 3),
    ("verify", "verify_repository", results.verified("failed", "unavailable"), ["verify"], 1),
    ("verify", "verify_repository", results.verified(), ["verify"], 3),
    ("run", "run_task", results.ran("done", "passed"), ["run", "add orders"], 0),
    ("run", "run_task", results.ran("dry_run", "passed"), ["run", "add orders", "--dry-run"], 0),
    ("run", "run_task", results.ran("failed", "failed"), ["run", "add orders"], 1),
    ("run", "run_task", results.ran("failed"), ["run", "add orders"], 1),
    ("run", "run_task", results.ran("failed", "unavailable"), ["run", "add orders"], 3),
    ("run", "run_task", results.ran("blocked"), ["run", "add orders"], 4),
    ("run", "run_task", results.ran("conflict", "passed"), ["run", "add orders"], 4),
    ("map", "map_repository", results.MAPPED, ["map"], 0),
    ("explain", "explain", results.EXPLAINED, ["explain", "BW101"], 0),
    ("init", "init_config", results.INITIAL, ["init"], 0),
    ("status", "status", results.STATUS, [], 0),
]


@pytest.mark.parametrize(("module", "function", "result", "arguments", "code"), CASES)
def test_a_result_ends_with_its_code(
    stage: Stage, module: str, function: str, result: Any, arguments: list[str], code: int
) -> None:
    stage.answers(module, function, result)
    for extra in ([], ["--json"]):
        ended = stage.run(*arguments, *extra)
        assert ended.exit_code == code, ended.output
    said = json.loads(ended.stdout)
    assert (said["exit_code"], said["ok"]) == (code, code == 0)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (NothingToDo("x"), 2),
        (ToolMissing("x"), 3),
        (MachineError("x"), 3),
        (NeedsPerson("x"), 4),
        (StalePlan("x"), 4),
        (KeyboardInterrupt(), 130),
        (EOFError(), 3),
        (BrokenPipeError(), 3),
        (RuntimeError("x"), 3),
        (RecursionError(), 3),
    ],
)
def test_a_failure_ends_with_its_code(stage: Stage, error: BaseException, code: int) -> None:
    stage.fails("map", "map_repository", error)
    ended = stage.run("map")
    assert ended.exit_code == code
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: ")
    ended = stage.run("map", "--json")
    assert ended.exit_code == code
    assert json.loads(ended.stdout)["exit_code"] == code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chek"], "a command with a similar name exists: `check`"),
        (["frobnicate"], "there is no command `frobnicate`"),
        (["check", "--sinc", "main"], "did you mean `--since`?"),
        (["check", "nowhere"], "error: nowhere: does not exist"),
        (["-C", "nowhere", "map"], "error: nowhere: does not exist"),
        (["check", "--format", "srif"], "did you mean `sarif`?"),
        (["check", "--format", "full", "--format", "concise"], "only one format can go to standard output"),
        (["check", "--json", "--format", "full"], "only one format can go to standard output"),
        (["check", "-o", "x", "--format", "sarif=y"], "-o wants exactly one format"),
        (["check", "--config", "rules.selct=BW1"], "did you mean `rules.select`?"),
        (["check", "--isolated", "--config", "a.toml"], "--isolated reads no file"),
        (["plan"], "nothing was asked for"),
        (["plan", "resource"], "wants a name and its fields"),
        (["plan", "resouce", "Order", "total:money"], "did you mean `resource`?"),
        (["plan", "-f", "nothing.yaml"], "nothing.yaml: does not exist"),
        (["plan", "--set", "x", "add orders"], "`x` is not KEY=VALUE"),
        (["apply"], "backwright apply ID"),
        (["apply", "7c1e", "--undo", "7c1e"], "backwright apply --undo ID"),
        (["explain"], "see: backwright explain --help"),
        (["map", "--color", "blue"], "--color"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(stage: Stage, arguments: list[str], says: str) -> None:
    ended = stage.run(*arguments)
    assert ended.exit_code == 2, ended.output
    assert (ended.stdout == "") is ("--json" not in arguments)
    assert says in ended.stderr
    assert ended.stderr.startswith("error: ")
    assert not stage.calls
