"""pytest."""

from __future__ import annotations

from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="pytest",
    kind="tests",
    packages={"pytest": "pytest"},
)
