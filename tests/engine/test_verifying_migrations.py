"""Judging a trip of the migrations over a scratch database."""

from __future__ import annotations

import pytest

from backwright.core.verdict import Step
from backwright.engine.verifying import judge
from backwright.engine.verifying_migrations import SubStep, Trip, heads_of, judge_trip, trip_of

NAMES = ("up", "down", "up again", "drift")
STEP = Step(name="migrations", builtin="migrations")


def trip(failing: str = "", error: str = "CommandError: no", **more: object) -> Trip:
    steps = []
    for name in NAMES:
        steps.append(SubStep(name, name != failing, error if name == failing else ""))
        if name == failing:
            break
    return Trip(steps=tuple(steps), **{"connected": 4, **more})  # type: ignore[arg-type]


def test_heads() -> None:
    assert heads_of("abc123 (head)\n0f1 (shop) (effective head)\nINFO x\n") == ("abc123", "0f1")
    assert heads_of("") == ()


def test_the_commands_of_a_trip() -> None:
    assert [name for name, _ in trip_of(("a",), 2)] == list(NAMES)
    assert trip_of(("a",), 2)[1] == ("down", ("downgrade", "-2"))
    assert trip_of((), 1) == (("drift", ("check",)),)


def test_all_the_way() -> None:
    ran = judge_trip(trip(), NAMES, ("a",), "", frozenset())
    assert (ran.exit_code, ran.problems, ran.detail) == (0, (), "up, down, up on a scratch database")
    nothing = judge_trip(Trip((SubStep("drift", True),), connected=1), ("drift",), (), "", frozenset())
    assert (nothing.exit_code, nothing.detail) == (0, "no migrations yet, no drift")


def test_a_downgrade_that_fails() -> None:
    ran = judge_trip(trip("down", "OperationalError: near 0x7f00ab"), NAMES, ("a",), "", frozenset())
    assert (ran.exit_code, ran.problems) == (1, ("down: OperationalError: near 0x0",))


def test_drift_is_told_by_operation_and_old_drift_is_not_new() -> None:
    old = "FAILED: New upgrade operations detected: [('add_table', Table('a', MetaData(), Column('x, y', Integer()))), "
    old += "[('modify_nullable', None, 't', 'c', {'existing': <X object at 0x7f11>}, True, False)]]\n"
    before = judge_trip(trip("drift"), NAMES, ("a",), old, frozenset())
    assert before.problems == (
        "drift: ('add_table', Table('a', MetaData(), Column('x, y', Integer())))",
        "drift: [('modify_nullable', None, 't', 'c', {'existing': <X object at 0x0>}, True, False)]",
    )
    was = judge(STEP, before, None)
    same = judge(STEP, judge_trip(trip("drift"), NAMES, ("a",), old.replace("0x7f11", "0x7f22"), frozenset()), was)
    assert (same.outcome, same.new) == ("failed", ())
    more = old.rstrip("]\n") + "], ('remove_index', Index('i'))]\n"
    now = judge(STEP, judge_trip(trip("drift"), NAMES, ("a",), more, frozenset()), was)
    assert now.new == ("drift: ('remove_index', Index('i'))",)


def test_an_env_that_names_no_models_has_nothing_to_drift_from() -> None:
    error = (
        "CommandError: Can't proceed with --autogenerate option; environment script env.py does not provide a MetaData"
    )
    ran = judge_trip(
        trip("drift", f"{error} object or sequence of objects to the context."), NAMES, ("a",), "", frozenset()
    )
    assert (ran.exit_code, ran.problems, ran.unavailable) == (0, (), "")
    assert ran.detail == "up, down, up on a scratch database; env.py names no models to compare with"
    nothing = judge_trip(
        Trip((SubStep("drift", False, f"{error} object"),), connected=1), ("drift",), (), "", frozenset()
    )
    assert nothing.exit_code == 1  # without a revision nothing at all was proved


def test_two_heads_are_a_problem_even_where_all_else_works() -> None:
    ran = judge_trip(trip(), NAMES, ("a", "b"), "", frozenset())
    assert ran.problems == ("2 heads, a, b: merge them",)


def test_another_database_is_never_a_pass_nor_a_failure() -> None:
    ran = judge_trip(trip("up", refused=("postgresql at prod:5432/shop",)), NAMES, ("a",), "", frozenset())
    assert (
        ran.unavailable == "its migrations connect to postgresql at prod:5432/shop, which is not the scratch database"
    )


@pytest.mark.parametrize(
    ("output", "own", "reason"),
    [
        ("ModuleNotFoundError: No module named 'psycopg2'", set(), "the package psycopg2 is not installed"),
        ('could not open extension control file "/usr/share/pg/extension/postgis.control"', set(), "extension postgis"),
        ('extension "vector" is not available', set(), "extension vector"),
        ("ModuleNotFoundError: No module named 'app.gone'", {"app"}, ""),
    ],
)  # fmt: skip
def test_what_is_not_installed_makes_it_unavailable(output: str, own: set[str], reason: str) -> None:
    ran = judge_trip(trip("up"), NAMES, ("a",), output, frozenset(own))
    assert reason in ran.unavailable
    assert bool(ran.unavailable) == bool(reason)


def test_a_sub_step_that_did_not_run_is_not_passed() -> None:
    ran = judge_trip(Trip((SubStep("up", True),), connected=1), NAMES, ("a",), "", frozenset())
    assert ran.unavailable == "down, up again, drift did not run on the scratch database"
    assert judge_trip(trip(connected=0), NAMES, ("a",), "", frozenset()).unavailable
