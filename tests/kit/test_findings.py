"""What a voice of a rule says."""

from __future__ import annotations

from backwright.core.facts import Loc
from backwright.kit.findings import Voice


def test_two_styles_of_one_rule_are_told_apart() -> None:
    voice = Voice("BW601", "blocking-call-in-async", "error")
    each = [voice.finding("a.py", Loc(1, 1, 1, 2, 0, 1), "waits", text="x")]
    styles = [voice.style(each, "said", help="do", of=of) for of in ("", "files", "files")]
    assert styles[0].fingerprint != styles[1].fingerprint == styles[2].fingerprint
