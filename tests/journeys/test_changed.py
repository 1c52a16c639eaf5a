"""What exists is changed for real: lists asked for more, indexes, rows marked; the project's own tests pass, and the new ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from journey_scene import Sample

REQUESTS = [
    ("tracker_flat", ("list", "Ticket", "--filter", "priority", "--sort", "created_at", "--search", "title")),
    ("tracker_flat", ("migration", "unique", "projects(title)")),
    ("tracker_flat", ("soft-delete", "Ticket")),
]


@pytest.mark.journey
@pytest.mark.parametrize(("name", "request_words"), REQUESTS, ids=[words[0] for _, words in REQUESTS])
def test_it_lands_with_every_step_passed(
    name: str, request_words: tuple[str, ...], sample: Sample, samples_python: Path
) -> None:
    sample(name).lands(request_words, samples_python)
