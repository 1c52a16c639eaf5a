"""Counts that speak for a project."""

from __future__ import annotations

from backwright.core.facts import FileFacts
from backwright.kit.counts import Counts
from backwright.kit.index import FactIndex


def test_a_part_takes_the_word_of_the_whole() -> None:
    alone, part = Counts(), Counts({"BW1 so": 7})
    assert (alone.of("BW1 so", 2), part.of("BW1 so", 2), part.of("BW1 else", 3)) == (2, 7, 3)
    assert alone.here == {"BW1 so": 2}
    assert part.here == {"BW1 so": 2, "BW1 else": 3}  # what is kept is what was seen


def test_indexes_of_the_same_files_count_together() -> None:
    files = {p: FileFacts(p, language, "", "") for p, language in (("a.py", "python"), ("b.ts", "typescript"))}
    index = FactIndex(files)
    for other in (index.only(("python",)), index.with_added({}), index.with_namings({})):
        other.counts.of("BW1 so", 1)
        assert index.counts.here.pop("BW1 so") == 1
