"""FastAPI."""

from __future__ import annotations

from backwright.frameworks.fastapi.routes import routes
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(
    name="FastAPI",
    kind="framework",
    packages={"fastapi": "fastapi"},
    facts=routes,
)
