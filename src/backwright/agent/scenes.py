"""The scenes of a run as a state machine: what its events have finished, and which step is next.

Pure: the same events always give the same step, so a run that was killed goes on where its journal ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from backwright.core.events import Asked, Event, Scene

Name = Literal["read", "decide", "baseline", "survey", "propose", "red", "try", "land"]
SCENES: dict[Name, Scene] = {
    "read": "PREPARE",
    "decide": "PREPARE",
    "baseline": "PREPARE",
    "survey": "ACQUIRE",
    "propose": "ACT",
    "red": "VERIFY",
    "try": "VERIFY",
    "land": "FINALIZE",
}
ATTEMPTS = 3  # of ACT, before a person is asked or it is given up
STUCK = 5  # steps of ACT and VERIFY without progress


class Step(msgspec.Struct, frozen=True):
    """What is to be done next. `attempt` counts ACT within the increment, from 1."""

    name: Name
    attempt: int = 1

    @property
    def scene(self) -> Scene:
        return SCENES[self.name]


class Ending(msgspec.Struct, frozen=True):
    """Nothing is left to be done, or not without a person. `reason` says why."""

    status: Literal["done", "partial", "failed", "blocked"]
    reason: str = ""


class Finished(msgspec.Struct, frozen=True):
    """A step that was done: what it found out, and under which digest the journal keeps its value."""

    step: Name
    facts: dict[str, Any]
    sha256: str = ""


class Standing(msgspec.Struct, frozen=True):
    """How far a run is: `done` are the steps of the increment that it is at, `landed` those that ended the ones before.

    `proven` are the verifications of those before.
    """

    asked: Asked = Asked()
    done: tuple[Finished, ...] = ()
    landed: tuple[Finished, ...] = ()
    proven: tuple[Finished, ...] = ()
    before: int = 0  # attempts of this increment that an ended run had made when it was resumed
    ended: str = ""

    def last(self, name: Name) -> Finished | None:
        """The latest of the steps of this name."""
        return next((one for one in reversed(self.done) if one.step == name), None)

    def facts(self, name: Name) -> dict[str, Any]:
        """What the latest step of this name found out; empty where there is none."""
        found = self.last(name)
        return found.facts if found else {}

    @property
    def each(self) -> tuple[str, ...]:
        """The increments that the request was taken apart into; none before it was decided."""
        known = self.facts("decide") or (self.landed[-1].facts if self.landed else {})
        return tuple(known.get("each", ()))

    def after(self, event: Event) -> Standing:
        """How far it is after one more event."""
        body, change = event.body, msgspec.structs.replace
        if "asked" in body:
            return change(self, asked=msgspec.convert(body["asked"], Asked))
        if "status" in body:
            return change(self, ended=str(body["status"]))
        if body.get("resumed"):
            return _resumed(self, body)
        if body.get("again"):  # what was read is not what is there now: all that was built on it goes
            return change(self, done=(), before=0)
        if "finished" not in body:
            return self
        name: Name = body["finished"]
        one = Finished(name, {k: v for k, v in body.items() if k != "finished"}, event.evidence.sha256)
        if name == "land" and not one.facts.get("stopped") and len(self.landed) + 1 < len(self.each):
            proven = (*self.proven, *(known for known in (self.last("try"),) if known and known.sha256))
            return change(self, done=(), before=0, landed=(*self.landed, one), proven=proven)
        return change(self, done=(*self.done, one))


def standing(events: Iterable[Event]) -> Standing:
    """How far the run with these events is."""
    state = Standing()
    for event in events:
        state = state.after(event)
    return state


def following(state: Standing) -> Step | Ending:
    """The next unfinished step, or how the run ends."""
    found = _following(state)
    if isinstance(found, Ending) and state.landed and found.status != "done":
        return Ending("partial", found.reason)
    return found


def attempts(state: Standing) -> tuple[tuple[Finished, ...], ...]:
    """The attempts at this increment, each with its steps."""
    tried: list[list[Finished]] = []
    for one in state.done:
        if one.step == "propose":
            tried.append([])
        if tried:
            tried[-1].append(one)
    return tuple(map(tuple, tried))


def is_differently(state: Standing) -> bool:
    """Whether the attempt that comes must go another way: it is the last one, or two went wrong in the same way."""
    ways = [_way(one) for one in attempts(state)[state.before :]]
    return len(ways) + 1 >= ATTEMPTS or (len(ways) > 1 and ways[-1] == ways[-2])


def _following(state: Standing) -> Step | Ending:
    for name in ("read", "decide", "baseline", "survey"):
        done = state.last(name)
        if done is None:
            return Step(name)
        if stopped := done.facts.get("stopped"):
            return Ending("failed" if stopped == "unprovable" else "blocked", str(stopped))
    last = state.done[-1]
    number = len(attempts(state))
    if stopped := last.facts.get("stopped"):
        return Ending("blocked", str(stopped))
    match last.step:
        case "propose" if last.facts.get("changed"):
            return Step("red" if state.asked.tdd else "try", number)
        case "red" if last.facts.get("right"):
            return Step("try", number)
        case "try" if state.asked.review:
            return Ending("done") if last.facts.get("proven") else Ending("failed", "unproven")
        case "try" if last.facts.get("proven"):
            return Step("land", number)
        case "land":
            return Ending("done")
        case "propose" | "red" | "try":
            return _again(state, number)
    return Step("propose", 1)


def _again(state: Standing, number: int) -> Step | Ending:
    """Back to ACT after an attempt that was not proven, unless nothing speaks for it."""
    if not state.facts("decide").get("engine"):
        return Ending("failed", "unproven")  # a blueprint decides the same every time
    fresh = attempts(state)[state.before :]
    is_stuck = _idle(attempts(state)) >= STUCK
    if len(fresh) < ATTEMPTS and not (fresh and is_stuck):
        return Step("propose", number + 1)
    if is_stuck or len({_way(one) for one in fresh}) == 1:
        return Ending("blocked", "stuck")
    return Ending("failed", "unproven")


def _idle(tried: Sequence[Sequence[Finished]]) -> int:
    """How many steps have passed since an attempt went wrong in a way that was not seen before."""
    seen: set[str] = set()
    idle = 0
    for one in tried:
        idle = idle + len(one) if _way(one) in seen else 0
        seen.add(_way(one))
    return idle


def _way(attempt: Sequence[Finished]) -> str:
    """In which way an attempt went wrong: equal where the next one made no progress."""
    last = attempt[-1]
    return str(last.facts.get("way") or f"{last.step}: nothing changed")


def _resumed(state: Standing, body: dict[str, Any]) -> Standing:
    """The run taken up again: with answers, what asked is asked again; what stopped for want of something is tried again."""
    answers: dict[str, str] = body.get("answers") or {}
    asked = msgspec.structs.replace(state.asked, settings={**state.asked.settings, **answers})
    done = state.done
    if done and done[-1].facts.get("stopped"):
        done = done[:-1]
    spent = sum(one.step == "propose" for one in done) if state.ended else state.before
    return msgspec.structs.replace(state, asked=asked, done=done, before=spent, ended="")
