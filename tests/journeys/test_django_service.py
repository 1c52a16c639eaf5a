"""Resources on a Django service, for real: planned, proved by the service's own commands, landed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from journey_scene import Sample

REQUESTS = (
    ("resource", "Asset", "tag:str(1..64):unique", "price:decimal(10,2):min=0", "status:enum(draft,active)=draft",
     "city:ref(City)", "--paginate", "--filter", "status,city", "--sort", "tag,price"),
    ("resource", "Reminder", "title:str(1..120)", "due:date", "done:bool=false", "--owner", "--paginate",
     "--filter", "done", "--search", "title"),
)  # fmt: skip


@pytest.mark.journey
def test_two_resources(sample: Sample, samples_python: Path) -> None:
    service = sample("bookings_drf")
    for request in REQUESTS:
        service.lands(request, samples_python)
    for where in ((), ("venues", "zero"), ("bookings", "zero"), ()):
        done = subprocess.run(
            [str(samples_python), "manage.py", "migrate", "-v0", *where],
            cwd=service.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
