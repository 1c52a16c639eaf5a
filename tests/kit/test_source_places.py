"""Bytes in, lines and characters out: places agree with a count by hand, whatever the text and the order of questions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Loc
from backwright.kit.syntax.source import SourceText


def _by_hand(source: bytes, start: int, end: int) -> Loc:
    def line_and_column(at: int) -> tuple[int, int]:
        lines = source[:at].split(b"\n")
        return len(lines), len(lines[-1].decode("utf-8", "replace")) + 1

    return Loc(*line_and_column(start), *line_and_column(end), start, end)


@given(st.text(alphabet="ab.\n\r\tß日𝄞", max_size=60), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200))))
def test_places_agree_with_a_count_by_hand(text: str, spans: list[tuple[int, int]]) -> None:
    source = text.encode()
    known = SourceText(source)
    for pair in spans:
        start, end = sorted(min(at, len(source)) for at in pair)
        assert known.loc_of(start, end) == _by_hand(source, start, end)
        assert known.cut(start, end) == source[start:end].decode("utf-8", "replace")
