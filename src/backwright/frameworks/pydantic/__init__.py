"""pydantic."""

from __future__ import annotations

from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="pydantic",
    kind="validation",
    packages={"pydantic": "pydantic"},
)
