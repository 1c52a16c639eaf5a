"""The state machine of a run: what is next follows from the events alone, and every run ends."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.agent.scenes import ATTEMPTS, SCENES, Ending, Name, Standing, Step, attempts, following, standing
from backwright.core.events import Asked, Event, Evidence, Scene

PREPARED: list[tuple[Name, dict[str, Any]]] = [
    ("read", {}),
    ("decide", {"each": [""]}),
    ("baseline", {}),
    ("survey", {}),
]
BY_ENGINE: list[tuple[Name, dict[str, Any]]] = [
    ("read", {}), ("decide", {"each": [""], "engine": "robot"}), ("baseline", {}), ("survey", {}),
]  # fmt: skip
WRONG: list[tuple[Name, dict[str, Any]]] = [("propose", {"changed": True}), ("try", {"proven": False, "way": "same"})]


def event(number: int, **body: Any) -> Event:
    return Event("ab12", number, "", "PREPARE", "NOTIFY", "CODEBASE", body, Evidence("f" * 64))


def after(*steps: tuple[Name, dict[str, Any]], asked: Asked | None = None) -> Standing:
    events = [event(1, asked=vars_of(asked or Asked(words="x")))]
    events += [event(n, finished=name, **facts) for n, (name, facts) in enumerate(steps, 2)]
    return standing(events)


def vars_of(asked: Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in asked.__struct_fields__}


def names(state: Standing, results: dict[str, dict[str, Any]], most: int = 40) -> list[str]:
    """The steps that are taken when each gives the same result whenever it comes."""
    taken: list[str] = []
    for number in range(most):
        step = following(state)
        if isinstance(step, Ending):
            return [*taken, f"{step.status} {step.reason}".strip()]
        taken.append(step.name)
        state = state.after(event(number, finished=step.name, **results.get(step.name, {})))
    raise AssertionError(f"no ending: {taken}")


GOOD: dict[str, dict[str, Any]] = {
    "decide": {"each": [""]},
    "propose": {"changed": True},
    "red": {"right": True},
    "try": {"proven": True},
}
ENGINE = {**GOOD, "decide": {"each": [""], "engine": "robot"}}


@pytest.mark.parametrize(
    ("asked", "results", "expected"),
    [
        (Asked(), GOOD, "read decide baseline survey propose try land done"),
        (Asked(tdd=True), GOOD, "read decide baseline survey propose red try land done"),
        (Asked(), {**GOOD, "decide": {"stopped": "questions"}}, "read decide blocked questions"),
        (Asked(), {**GOOD, "baseline": {"stopped": "unprovable"}}, "read decide baseline failed unprovable"),
        (Asked(), {**GOOD, "try": {"proven": False}}, "read decide baseline survey propose try failed unproven"),
        (Asked(), {**GOOD, "land": {"stopped": "conflict"}}, "read decide baseline survey propose try land blocked conflict"),
        (
            Asked(), {**ENGINE, "try": {"proven": False, "way": "w"}},
            "read decide baseline survey propose try propose try propose try blocked stuck",
        ),
        (Asked(), {**ENGINE, "propose": {"stopped": "quota"}}, "read decide baseline survey propose blocked quota"),
        (Asked(), {**ENGINE, "propose": {}}, "read decide baseline survey propose propose propose blocked stuck"),
        (
            Asked(), {**GOOD, "decide": {"each": ["a", "b"]}, "land": {"each": ["a", "b"]}},
            "read decide baseline survey propose try land read decide baseline survey propose try land done",
        ),
    ],
)  # fmt: skip
def test_the_way_of_a_run(asked: Asked, results: dict[str, dict[str, Any]], expected: str) -> None:
    assert " ".join(names(standing([event(0, asked=vars_of(asked))]), results)) == expected


def test_what_is_left_of_several_parts_is_partial() -> None:
    first = [*PREPARED[:1], ("decide", {"each": ["a", "b"]}), *PREPARED[2:], *WRONG[:1], ("try", {"proven": True})]
    state = after(*first, ("land", {"each": ["a", "b"]}), ("read", {}), ("decide", {"each": ["a", "b"]}), ("baseline", {}),
                  ("survey", {}), *WRONG)  # fmt: skip
    assert following(state) == Ending("partial", "unproven")
    assert len(state.landed) == 1


def test_other_ways_of_failing_end_otherwise_than_the_same_three_times() -> None:
    tries: list[tuple[Name, dict[str, Any]]] = []
    for way in ("a", "b", "c"):
        tries += [("propose", {"changed": True}), ("try", {"proven": False, "way": way})]
    assert following(after(*BY_ENGINE, *tries)) == Ending("failed", "unproven")


def test_a_stop_is_tried_again_when_it_is_resumed_and_attempts_count_anew() -> None:
    state = after(*BY_ENGINE, *WRONG, *WRONG, *WRONG)
    assert following(state) == Ending("blocked", "stuck")
    resumed = state.after(event(50, status="blocked")).after(event(51, resumed=True, answers={"k": "v"}))
    assert following(resumed) == Step("propose", 4)
    assert resumed.asked.settings == {"k": "v"}
    assert len(attempts(resumed)) == ATTEMPTS
    waiting = after(*BY_ENGINE, ("propose", {"stopped": "quota"})).after(event(51, resumed=True))
    assert following(waiting) == Step("propose", 1)


def test_an_interrupted_run_keeps_its_count() -> None:
    state = after(*BY_ENGINE, *WRONG, *WRONG).after(event(50, resumed=True))
    assert following(state) == Step("propose", 3)
    assert state.before == 0


def test_another_tree_begins_the_part_again() -> None:
    state = after(*PREPARED, *WRONG[:1]).after(event(50, again="changed"))
    assert following(state) == Step("read")


FACTS = st.dictionaries(
    st.sampled_from(["changed", "right", "proven", "stopped", "way"]),
    st.sampled_from([True, False, "a", "b"]),
    max_size=5,
)


@given(st.lists(FACTS, min_size=60, max_size=60), st.booleans(), st.sampled_from(["", "robot"]))
def test_every_run_ends_and_goes_back_at_most_twice(results: list[dict[str, Any]], tdd: bool, engine: str) -> None:
    state = standing([event(0, asked=vars_of(Asked(tdd=tdd)))])
    scenes: list[Scene] = []
    for facts in results:
        step = following(state)
        if isinstance(step, Ending):
            break
        if not scenes or scenes[-1] != step.scene:
            scenes.append(step.scene)
        facts = facts | ({"each": [""], "engine": engine, "stopped": ""} if step.name == "decide" else {})
        state = state.after(event(1, finished=step.name, **facts))
    assert isinstance(following(state), Ending)
    order = list(dict.fromkeys(SCENES.values()))
    back = [(a, b) for a, b in pairwise(scenes) if order.index(b) < order.index(a)]
    assert set(back) <= {("VERIFY", "ACT")}
    assert len(back) < ATTEMPTS
