"""A run is the replay of its events."""

from __future__ import annotations

import pytest

from backwright.agent.recording import Recorder
from backwright.agent.replay import message_of, replay, scenes_of
from backwright.core.errors import UsageError
from backwright.core.events import Asked, Event


def recorded() -> tuple[Recorder, list[Event]]:
    kept: list[Event] = []
    recorder = Recorder("ab12", kept.append)
    recorder.begin(Asked(words="add a thing"))
    return recorder, kept


def test_a_finished_run_is_told_from_what_was_kept() -> None:
    recorder, kept = recorded()
    with recorder.scene("PREPARE") as scene:
        recorder.note("READ", "CODEBASE", files=3)
        scene.detail = "tree clean"
    with recorder.scene("VERIFY") as scene:
        scene.fail("1 failed")
    recorder.end("failed", "not done")
    run = replay("ab12", kept)
    assert (run.task, run.status, message_of(run)) == ("add a thing", "failed", "not done")
    assert [(p.scene, p.ok, p.detail) for p in scenes_of(run)] == [
        ("PREPARE", True, "tree clean"),
        ("VERIFY", False, "1 failed"),
    ]
    assert [event.seq for event in kept] == list(range(1, len(kept) + 1))
    assert {event.scene for event in kept[1:4]} == {"PREPARE"}


def test_without_an_ending_it_runs_or_was_interrupted() -> None:
    _, kept = recorded()
    assert replay("ab12", kept, alive=True).status == "running"
    assert replay("ab12", kept).status == "interrupted"


@pytest.mark.parametrize(
    ("error", "detail"), [(UsageError("no such field"), "no such field"), (KeyboardInterrupt(), "KeyboardInterrupt")]
)
def test_an_error_ends_its_scene_and_goes_on(error: BaseException, detail: str) -> None:
    recorder, kept = recorded()
    with pytest.raises(type(error)), recorder.scene("ACT"):
        raise error
    assert [(p.ok, p.detail) for p in scenes_of(replay("ab12", kept))] == [(False, detail)]


def test_an_event_that_cannot_be_kept_stops_the_run() -> None:
    def refuse(event: Event) -> None:
        raise UsageError("disk full")

    with pytest.raises(UsageError):
        Recorder("ab12", refuse).begin(Asked(words="x"))
