"""Tables: what is wider than the screen goes on below, and no word is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backwright.report.terminal import Canvas, Screen, Styled, width_of

WORD = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)
SENTENCE = st.lists(WORD, min_size=1, max_size=30).map(" ".join)


@given(st.lists(st.tuples(SENTENCE, WORD, WORD), min_size=1, max_size=6), st.integers(70, 140))
def test_a_wide_column_goes_on_below(rows: list[tuple[str, str, str]], width: int) -> None:
    canvas = Canvas(Screen(width=width))
    canvas.table([[sentence, number, Styled(place, "dim")] for sentence, number, place in rows], wrap=0)
    lines = canvas.text().splitlines()

    assert all(width_of(line) <= width for line in lines)
    assert sorted(" ".join(lines).split()) == sorted(" ".join(" ".join(row) for row in rows).split())


def test_a_column_that_fits_is_left_as_it_is() -> None:
    canvas = Canvas(Screen(width=80))
    canvas.table([["one two", "1 of 2"], ["three", "2 of 2"]], wrap=0)

    assert canvas.text() == "  one two   1 of 2\n  three     2 of 2\n"
