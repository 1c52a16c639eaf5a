"""Findings that are to be fixed, in the grammar and in words; other things to fix are not taken for them."""

from __future__ import annotations

import pytest

from backwright.core.errors import UsageError
from backwright.core.request import FixRequest
from backwright.engine.requesting import asks_for_fixes, understand

KNOWN = ("Order", "Customer")


@pytest.mark.parametrize(
    ("words", "rules", "places"),
    [
        ("fix BW303 in orders", ("BW303",), ("orders",)),
        ("Please fix all BW301 and BW601 findings in app/api.", ("BW301", "BW601"), ("app/api",)),
        ("fix the N+1 queries in orders", ("BW302", "BW303"), ("orders",)),
        ("fix all guardrail findings", (), ()),
        ("fix everything", (), ()),
        ("could you fix lazy-load-in-loop in app/api/orders.py?", ("lazy-load-in-loop",), ("app/api/orders.py",)),
        ("fix sql injection in products and orders", ("BW301",), ("products", "orders")),
        ("fix bw303", ("BW303",), ()),
        ("fix findings in the orders module", (), ("orders",)),
        ("mend unbounded page sizes", ("BW203",), ()),
    ],
)
def test_words(words: str, rules: tuple[str, ...], places: tuple[str, ...]) -> None:
    assert understand([words], KNOWN).fix == FixRequest(rules, places)
    assert asks_for_fixes((), words)


@pytest.mark.parametrize(
    "words",
    [
        "fix the bug in login",
        "fix the total of orders",
        "fix orders",
        "fix all tests",
        "fix it",
        "fix the slow query in orders",
        "fix the typo in README.md",
        "add fix to orders",
    ],
)
def test_other_things_to_fix(words: str) -> None:
    assert understand([words], KNOWN).fix is None
    assert not asks_for_fixes((), words)


@pytest.mark.parametrize(
    ("line", "rules", "places"),
    [
        ("fix BW303", ("BW303",), ()),
        ("fix BW303 in orders", ("BW303",), ("orders",)),
        ("fix BW303,bw301 app/api tests", ("BW303", "BW301"), ("app/api", "tests")),
        ("fix all in .", (), ()),
        ("fix all findings", (), ()),
        ("fix the N+1 queries in orders", ("BW302", "BW303"), ("orders",)),
    ],
)
def test_grammar(line: str, rules: tuple[str, ...], places: tuple[str, ...]) -> None:
    assert understand(line.split(), KNOWN).fix == FixRequest(rules, places)
    assert asks_for_fixes(line.split(), "")


@pytest.mark.parametrize("line", ["fix orders", "fix in orders", "fix app/api"])
def test_a_place_alone_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="`fix` takes rules"):
        understand(line.split(), KNOWN)


def test_what_else_is_said_is_asked_about() -> None:
    understood = understand(["fix BW303 in orders. Then add a field phone to customer"], KNOWN)
    assert [(q.key, q.level) for q in understood.questions] == [("left_out", "high")]
