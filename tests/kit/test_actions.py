"""Verbs of actions: their forms, and the values that they mean."""

from __future__ import annotations

import pytest

from backwright.kit.actions import meant, participle, stem, turns


@pytest.mark.parametrize(
    ("verb", "done"),
    [
        ("cancel", "cancelled"),
        ("publish", "published"),
        ("unpublish", "unpublished"),
        ("archive", "archived"),
        ("deny", "denied"),
        ("pay", "paid"),
        ("repay", "repaid"),
        ("mark_as_read", "read"),
        ("check_in", "checked_in"),
    ],
)
def test_what_a_row_is_afterwards(verb: str, done: str) -> None:
    assert participle(verb) == done


def test_forms_of_one_word_are_one() -> None:
    assert stem("ships") == stem("shipped") == stem("ship")
    assert stem("canceled") == stem("cancelled")
    assert stem("paid") == stem("pays")
    assert stem("closed") != stem("cleared")


def test_a_word_means_a_value_or_none() -> None:
    assert meant("ships", ["pending", "shipped"]) == "shipped"
    assert meant("Pending", ["pending", "shipped"]) == "pending"
    assert meant("draft", ["pending", "shipped"]) == ""
    assert meant("cancel", ["cancelled", "canceled"]) == "", "two of them could be meant"


def test_verbs_turn_things_on_and_off() -> None:
    assert ("published", True) in turns("publish")
    assert ("open", False) in turns("close")
    assert ("published", False) in turns("unpublish")
