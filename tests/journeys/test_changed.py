"""What exists is changed for real: lists asked for more, indexes, rows marked; the project's own tests pass, and the new ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from journey_scene import Sample

REQUESTS = [
    pytest.param(
        "tracker_flat",
        ("list", "Ticket", "--filter", "priority", "--sort", "created_at", "--search", "title"),
        id="list",
        marks=pytest.mark.nightly,
    ),
    pytest.param("tracker_flat", ("migration", "unique", "projects(title)"), id="migration", marks=pytest.mark.nightly),
    pytest.param("tracker_flat", ("soft-delete", "Ticket"), id="soft-delete"),
    pytest.param("tracker_flat", ("health",), id="health", marks=pytest.mark.nightly),
    pytest.param(
        "shop_layered",
        ("relation", "Supplier", "belongs-to", "Category", "as:fallback"),
        id="relation",
        marks=pytest.mark.nightly,
    ),
    pytest.param(
        "notes_sqlmodel",
        ("many-to-many between notes and labels as tagging",),
        id="pairs",
        marks=pytest.mark.nightly,
    ),
    pytest.param(
        "tracker_flat", ("rate-limit", "POST", "/tickets", "5/minute"), id="rate-limit", marks=pytest.mark.nightly
    ),
]


@pytest.mark.journey
@pytest.mark.parametrize(("name", "request_words"), REQUESTS)
def test_it_lands_with_every_step_passed(
    name: str, request_words: tuple[str, ...], sample: Sample, samples_python: Path
) -> None:
    sample(name).lands(request_words, samples_python)
