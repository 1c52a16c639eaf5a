"""Which words hold several requests."""

from __future__ import annotations

import pytest

from backwright.engine.increments import parts_of


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("add a makers API with name and motto, then add a rating integer field to makers", 2),
        ("add a makers API with name and motto. Add a rating integer field to products", 2),
        ("add a rating integer field to products and rename field name of products to title", 2),
        ("add a products API with name and price", 1),
        ("add a makers API with name and motto; frobnicate the rest", 1),
        ("add a makers API with name and motto and add a landing page in React", 1),
        ("add a makers API with name; only admins may create or change", 1),
        ("", 1),
    ],
)
def test_parts(words: str, parts: int) -> None:
    found = parts_of(words, ("Product",))
    assert len(found) == parts, found
    if parts == 1:
        assert found == (words,)


def test_more_than_a_dozen_are_no_request() -> None:
    words = ", then ".join(f"add a thing{n} API with name and size" for n in range(13))
    assert parts_of(words, ()) == (words,)
