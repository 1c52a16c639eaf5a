from __future__ import annotations

import pytest

from backwright.kit.linting import Linting


@pytest.mark.parametrize(
    ("select", "ignore", "rule", "wanted"),
    [
        ((), (), "PLR2004", False),
        (("ALL",), (), "PLR2004", True),
        (("ALL",), ("PLR",), "PLR2004", False),
        (("ALL",), ("ALL",), "PLR2004", False),
        (("E", "PL"), (), "PLR2004", True),
        (("PLR2004",), ("PLR",), "PLR2004", True),
        (("PLR",), ("PLR",), "PLR2004", False),
        (("PLR09",), (), "PLR2004", False),
        (("E",), (), "ERA001", False),
        (("D",), (), "DTZ005", False),
        (("D1",), (), "D103", True),
    ],
)
def test_the_longest_prefix_decides(select: tuple[str, ...], ignore: tuple[str, ...], rule: str, wanted: bool) -> None:
    assert Linting(select, ignore).selects(rule, "app/main.py") is wanted


@pytest.mark.parametrize(
    ("glob", "path", "counts"),
    [
        ("tests/*", "backend/tests/api/test_a.py", False),
        ("tests/**", "backend/tests/test_a.py", False),
        ("**/tests/*.py", "backend/app/users/tests/test_a.py", False),
        ("test_*.py", "backend/app/test_a.py", False),
        ("tests", "backend/tests/test_a.py", False),
        ("tests/*", "backend/app/main.py", True),
        ("!app/*", "backend/tests/test_a.py", False),
        ("!app/*", "backend/app/main.py", True),
    ],
)
def test_files_may_be_exempt(glob: str, path: str, counts: bool) -> None:
    linting = Linting(("PLR",), per_file=((glob, ("PLR2004",)),), folder="backend")
    assert linting.selects("PLR2004", path) is counts
    assert linting.selects("PLR0913", path)
