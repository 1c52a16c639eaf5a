"""Statuses as code spells them."""

from __future__ import annotations

import pytest

from backwright.kit.cases import Build
from backwright.kit.statuses import status_of


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("404", 404),
        ("status.HTTP_409_CONFLICT", 409),
        ("HTTP_403_FORBIDDEN", 403),
        ("HTTPStatus.NOT_FOUND", 404),
        ("HTTPStatus.GONE.value", 410),
        ("http.HTTPStatus.BAD_REQUEST", 400),
        ("Codes.NOT_FOUND", None),
        ("code + 1", None),
        ('"404"', None),
    ],
)
def test_status(build: Build, spelled: str, status: int | None) -> None:
    index, _ = build({"a.py": f"x = {spelled}\n"})
    assert status_of(index.symbols("a.py")["x"].value) == status
