"""Names that no stack could spell as asked, or that would mean two things: refused before anything is planned."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from stack_scene import REPOS, planned, texts

from backwright.app.config import Config
from backwright.app.plan import plan_request
from backwright.core.errors import Unsupported, UsageError

SERVICES = ("library_gin", "parcels_axum", "clinic_spring", "events_express")


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


@pytest.mark.parametrize("name", [*SERVICES, "bookings_drf"])
def test_a_reference_to_the_new_resource_is_not_told_to_be_planned_first(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unsupported, match="refers to the new step itself") as caught:
        planned(service(tmp_path, name), "Step", "name:str", "parent:ref(Step)?")
    assert not caught.value.hints


@pytest.mark.parametrize(("name", "resource"), [("parcels_axum", "Match"), ("events_express", "Package")])
def test_a_resource_is_no_word_of_the_language(tmp_path: Path, name: str, resource: str) -> None:
    with pytest.raises(UsageError, match=f"cannot be called '{resource}'"):
        planned(service(tmp_path, name), resource, "name:str")


def test_what_is_planned_on_a_stack_is_said_where_something_else_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Unsupported) as caught:
        plan_request(
            service(tmp_path, "library_gin"), Config(), save=False, tokens=("field", "add", "Book", "note:text?")
        )
    assert caught.value.hints == ("what is planned there: resource",)
