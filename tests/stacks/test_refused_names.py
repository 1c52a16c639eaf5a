"""Names that no stack could spell as asked, or that would mean two things: refused before anything is planned."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from stack_scene import REPOS, planned, texts

from backwright.core.errors import Unsupported, UsageError

SERVICES = ("library_gin", "parcels_axum", "clinic_spring")


def service(folder: Path, name: str) -> Path:
    """A copy of a sample service."""
    root = folder / name
    shutil.copytree(REPOS / name, root, ignore=shutil.ignore_patterns("target", ".backwright"))
    return root


@pytest.mark.parametrize("name", ["library_gin", "parcels_axum"])
def test_a_column_that_is_a_word_of_sql_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="'order': it is a word of SQL") as caught:
        planned(service(tmp_path, name), "Step", "order:int")
    assert caught.value.hints == ("for example step_order",)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    ("field", "asked"), [("page", {}), ("sort", {"sorts": ("code",)}), ("search", {"search": ("code",)})]
)
def test_a_filter_that_is_another_parameter_is_refused(
    tmp_path: Path, name: str, field: str, asked: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=f"cannot be filtered by `{field}`"):
        planned(service(tmp_path, name), "Step", "code:str(9)", f"{field}:str(9)", filters=(field,), **asked)


@pytest.mark.parametrize("name", SERVICES)
def test_a_filter_may_be_what_this_list_has_no_parameter_for(tmp_path: Path, name: str) -> None:
    assert texts(planned(service(tmp_path, name), "Step", "search:str(9)", filters=("search",)))


@pytest.mark.parametrize("name", [*SERVICES, "events_express", "bookings_drf"])
def test_a_reference_to_the_new_resource_is_not_told_to_be_planned_first(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unsupported, match="refers to the new step itself") as caught:
        planned(service(tmp_path, name), "Step", "name:str", "parent:ref(Step)?")
    assert not caught.value.hints
