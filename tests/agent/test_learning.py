from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from backwright.agent.learning import DAYS, KEPT, TOLD, expired, kept, learned, page_of, part_of_lesson, relevant
from backwright.core.acting import Failure
from backwright.core.change import ChangeSet, Edit
from backwright.core.lessons import Lesson, Try

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = NOW.isoformat(timespec="seconds")


def _change(**files: str) -> ChangeSet:
    edits = tuple(Edit(f"app/{name}.py", "old\n", text) for name, text in files.items())
    return ChangeSet("c", "a change", edits, "model:x", {})


IMPORT = Failure("import", "tests", "tests/test_a.py\n  at app/order.py:1\n  No module named 'app.b'", "", "f1")
AUTH = Failure("auth", "tests", "assert 401 == 200", "", "f2")
FAILED = Try(1, _change(order="import b\n", api="open\n"), (IMPORT, AUTH))
PASSED = Try(2, _change(order="import a\n", api="guarded\n"))


def _learned() -> tuple[Lesson, ...]:
    return learned((FAILED, PASSED), run="9b02", kind="field", at=AT)


def test_what_failed_and_what_changed_before_it_passed() -> None:
    first, second = _learned()
    assert (first.cause, first.failed, first.passed, first.run, first.fingerprint) == ("import", 1, 2, "9b02", "f1")
    assert first.paths == ("app/order.py",)  # the one that the evidence names
    assert "-import b\n+import a" in first.repair
    assert second.paths == ("app/api.py", "app/order.py")
    assert "No module named 'app.b'" in part_of_lesson(first).text
    assert "```" not in page_of((msgspec.structs.replace(first, evidence="```"),)).split("```\n")[1]


def test_nothing_is_invented() -> None:
    given = {"run": "9b02", "kind": "field", "at": AT}
    assert learned((FAILED,), **given) == ()
    assert learned((PASSED, FAILED), **given) == ()  # it never passed
    assert learned((FAILED, msgspec.structs.replace(PASSED, change=FAILED.change)), **given) == ()  # chance
    assert learned((msgspec.structs.replace(FAILED, failures=()), PASSED), **given) == ()
    assert learned((), **given) == ()


def test_a_file_that_the_repair_took_back() -> None:
    more = Try(1, _change(order="import a\n", wrong="x\n"), (AUTH,))
    (lesson,) = learned((more, Try(2, _change(order="import a\n"))), run="r", kind="field", at=AT)
    assert lesson.paths == ("app/wrong.py",)
    assert "-x\n+old" in lesson.repair


def test_secrets_are_not_kept() -> None:
    address = "postgresql://app:" + "s3cr3t-and-long@db/shop"
    tries = (Try(1, _change(order=f"URL = '{address}'\n"), (msgspec.structs.replace(AUTH, evidence=address),)), PASSED)
    (lesson,) = learned(tries, run="r", kind="field", at=AT)
    assert "s3cr3t" not in lesson.evidence + lesson.repair


def test_they_are_told_where_they_fit() -> None:
    lessons = _learned()
    assert [one.cause for one in relevant(lessons, kind="field", words="nothing", failures=(AUTH,))] == ["auth"]
    assert relevant(lessons, kind="field", words="nothing") == ()  # the same kind alone is no reason
    assert relevant(lessons, kind="resource", words="", paths=("app/api.py",))[0].cause == "auth"
    assert {one.cause for one in relevant(lessons, kind="x", words="orders")} == {"import", "auth"}
    assert len(relevant(lessons * 9, kind="field", words="order")) == TOLD


def test_they_are_forgotten() -> None:
    (old, *_) = _learned()
    later = NOW + timedelta(days=DAYS + 1)
    assert expired(old, now=later, exists=lambda _: True)
    assert expired(old, now=NOW, exists=lambda _: False)
    assert not expired(old, now=NOW, exists=lambda path: path == "app/order.py")
    newer = msgspec.structs.replace(old, run="new", at=(NOW + timedelta(days=1)).isoformat())
    assert kept((old,), (newer,), now=NOW, exists=lambda _: True) == (newer,)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=150))
def test_what_is_kept_is_bounded_and_newest_first(ages: list[tuple[int, int]]) -> None:
    (one, *_) = _learned()
    given = [
        msgspec.structs.replace(one, fingerprint=str(n), at=(NOW - timedelta(days=days)).isoformat())
        for n, days in ages
    ]
    found = kept(given, (), now=NOW, exists=lambda _: True)
    assert len(found) <= KEPT
    assert [lesson.at for lesson in found] == sorted((lesson.at for lesson in found), reverse=True)
    assert len({lesson.fingerprint for lesson in found}) == len(found)
    assert kept(found, (), now=NOW, exists=lambda _: True) == found
