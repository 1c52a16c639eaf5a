"""Patches into texts: whole or not at all, in any order, and never over what is not there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Span
from backwright.core.findings import Finding, Fix, Patch
from backwright.engine.mending import mend, mend_proven
from backwright.engine.silencing import silencing


def finding(*patches: Patch, rule: str = "BW101", line: int = 1) -> Finding:
    fix = Fix("Mend it", "safe", patches=patches) if patches else None
    return Finding(rule, "name", "error", "message", Span("a.py", line), fix=fix, fingerprint=f"{rule}:{patches}")


def test_patches_of_several_findings_are_made_together() -> None:
    made = mend([finding(Patch("a.py", 0, 1, "xx", "a")), finding(Patch("a.py", 2, 3, "", "c"))], {"a.py": "abc"}.get)
    assert made.texts == {"a.py": "xxb"}
    assert len(made.fixed) == 2


def test_what_does_not_stand_there_is_not_replaced() -> None:
    made = mend([finding(Patch("a.py", 0, 1, "x", "a"), Patch("a.py", 1, 2, "y", "z"))], {"a.py": "abc"}.get)
    assert not made.texts
    assert made.refused[0][1] == "the file does not read as the fix expects"


def test_of_two_fixes_that_overlap_the_first_is_made() -> None:
    made = mend([finding(Patch("a.py", 0, 2, "x", "ab")), finding(Patch("a.py", 1, 3, "y", "bc"))], {"a.py": "abc"}.get)
    assert made.texts == {"a.py": "xc"}
    assert len(made.refused) == 1


def test_the_same_import_is_written_once() -> None:
    line = Patch("a.py", 0, 0, "import asyncio\n")
    found = [finding(line, Patch("a.py", 0, 1, "x", "a")), finding(line, Patch("a.py", 2, 3, "y", "c"))]
    assert mend(found, {"a.py": "abc"}.get).texts == {"a.py": "import asyncio\nxby"}


def test_a_file_that_would_break_keeps_its_text() -> None:
    made = mend(
        [finding(Patch("a.py", 0, 1, "(", "a")), finding(Patch("b.py", 0, 1, "x", "a"))],
        {"a.py": "a", "b.py": "a"}.get,
        sound=lambda path, before, after: path != "a.py",
    )
    assert made.texts == {"b.py": "x"}
    assert made.refused[0][1] == "the file would not be well formed any more"


def test_only_the_fix_that_breaks_a_file_is_taken_back() -> None:
    good, bad = finding(Patch("a.py", 0, 1, "x", "a")), finding(Patch("a.py", 1, 2, "(", "b"))
    made = mend([good, bad], {"a.py": "ab"}.get, sound=lambda path, before, after: "(" not in after)
    assert made.texts == {"a.py": "xb"}
    assert [one for one, _ in made.refused] == [bad]


def test_only_the_fix_with_an_undefined_name_is_taken_back() -> None:
    good, bad = finding(Patch("a.py", 0, 1, "x", "a")), finding(Patch("a.py", 1, 2, "?", "b"))

    def finish(texts: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return texts, {path: "undefined" for path, text in texts.items() if "?" in text}

    made = mend_proven([good, bad], {"a.py": "ab"}.get, lambda texts: [] if texts else [good, bad], finish=finish)
    assert made.texts == {"a.py": "xb"}
    assert made.refused == ((bad, "undefined"),)


def test_findings_of_one_line_share_a_comment() -> None:
    text = "first()\nsecond()  # bw: ignore[BW302] known\n"
    found = [finding(rule="BW301"), finding(rule="BW101"), finding(rule="BW101", line=2)]
    read = {"a.py": text}.get
    made = mend(list(silencing(found, read, "adopted")), read)
    assert made.texts["a.py"] == (
        "first()  # bw: ignore[BW101,BW301] adopted\nsecond()  # bw: ignore[BW101,BW302] known\n"
    )


@given(st.text(alphabet="aé\n", min_size=1, max_size=30), st.data())
def test_what_is_not_patched_stays(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    at = data.draw(st.integers(0, len(text)))
    start = len(text[:at].encode())
    made = mend([finding(Patch("a.py", start, start, "XY"))], {"a.py": text}.get)
    new = made.texts["a.py"].encode()
    assert new[:start] == raw[:start]
    assert new[start + 2 :] == raw[start:]


def test_a_fix_that_does_not_help_is_taken_back() -> None:
    good, bad = (
        finding(Patch("a.py", 0, 1, "x", "a"), rule="BW301"),
        finding(Patch("a.py", 1, 2, "y", "b"), rule="BW302"),
    )

    def look(texts: Mapping[str, str]) -> list[Finding]:
        return [bad] if texts.get("a.py", "ab").startswith("x") else [good, bad]

    made = mend_proven([good, bad], {"a.py": "ab"}.get, look)
    assert made.texts == {"a.py": "xb"}
    assert made.refused == ((bad, "it would still be found"),)


def test_a_fix_that_brings_another_finding_is_taken_back() -> None:
    one, other = (
        finding(Patch("a.py", 0, 1, "x", "a"), rule="BW301"),
        finding(Patch("b.py", 0, 1, "y", "b"), rule="BW302"),
    )
    worse = msgspec.structs.replace(finding(rule="BW601"), span=Span("b.py", 4))

    def look(texts: Mapping[str, str]) -> list[Finding]:
        still = [f for f, path in ((one, "a.py"), (other, "b.py")) if path not in texts]
        return [*still, *([worse] if "b.py" in texts else [])]

    made = mend_proven([one, other], {"a.py": "a", "b.py": "b"}.get, look)
    assert made.texts == {"a.py": "x"}
    assert made.refused == ((other, "BW601 name would be found at b.py:4 then"),)


def test_a_fix_whose_file_is_wrong_afterwards_is_taken_back() -> None:
    one = finding(Patch("a.py", 0, 1, "x", "a"))
    made = mend_proven(
        [one],
        {"a.py": "a"}.get,
        lambda texts: [] if texts else [one],
        finish=lambda texts: (texts, dict.fromkeys(texts, "x is not defined")),
    )
    assert not made.texts
    assert made.refused == ((one, "x is not defined"),)
