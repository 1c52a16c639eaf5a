from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scene import Scene, scene

from backwright.adapters.engines.model import asking


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "test-key")
    monkeypatch.setattr(asking, "WAITS", (0.01, 0.02))


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made
        assert made.intact()
