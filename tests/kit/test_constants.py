"""Conditions that the numbers in the source decide."""

from __future__ import annotations

import pytest

from backwright.kit.bodies import bodies
from backwright.kit.constants import decided, runs
from backwright.kit.index import FactIndex
from backwright.languages.python.extract import extract


def read(condition: str) -> FactIndex:
    text = f"def f(given):\n    n = 86\n    m = 1\n    m = 2\n    if {condition}:\n        x = 1\n    else:\n        x = 2\n"
    return FactIndex({"a.py": extract("a.py", text.encode(), "a")})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("7 * 42 - n > 200", True),
        ("(7 + 1) < n", True),
        ("n == 3", False),
        ("m > 0", None),
        ("given > 0", None),
        ("given", None),
    ],
)
def test_decided(condition: str, holds: bool | None) -> None:
    body = bodies(read(condition)).get("a.py", "f")
    assert body is not None
    assert decided(body, body.branches[0].condition) is holds
    first, second = body.targets()["x"]
    assert (runs(body, first), runs(body, second)) == (holds is not False, holds is not True)
