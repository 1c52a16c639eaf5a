from __future__ import annotations

from collections.abc import Iterator

import pytest
from sample_scene import Samples


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    """The sample services, each copied and read once."""
    made = Samples(tmp_path_factory.mktemp("samples"))
    with made.open_ones:
        yield made
