"""How the layers of a house reach each other, and how often they were seen to."""

from __future__ import annotations

import pytest
from sample_scene import Samples


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "shop_layered",
            {
                "service": ("a service arrives as <Name>ServiceDep", 3, 0),
                "repository": ("a repository is made in get_<name>_service", 3, 0),
            },
        ),
        ("clinic_features", {"service": ("a service is functions that take the session", 3, 0)}),
        (
            "wallet_generic",
            {"repository": ("a repository is one object of its module; its methods take the session", 3, 0)},
        ),
    ],
)
def test_wiring(samples: Samples, name: str, expected: dict[str, tuple[str, int, int]]) -> None:
    found = {c.topic: c for c in samples.project(name).archmap.conventions}

    for role, (words, support, against) in expected.items():
        habit = found[f"wiring.{role}"]
        assert (habit.detail, habit.support, habit.against) == (words, support, against)


def test_files_with_a_prefix(samples: Samples) -> None:
    found = {c.topic: c for c in samples.project("wallet_generic").archmap.conventions}

    assert found["file naming.repository"].value == "crud_<singular>.py"
