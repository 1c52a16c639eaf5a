"""What the project's linter selects decides how new code is spelled: planned in each sample service, then linted."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from ruff import find_ruff_bin  # type: ignore[import-untyped]
from sample_scene import NAMES, Samples, house_of
from test_planning import TARGETS, request

from backwright.adapters.formatter import RuffFormatter
from backwright.blueprints.resource import BLUEPRINT
from backwright.engine.planning import plan_change
from backwright.engine.request_grammar import parse_grammar
from backwright.kit.house import House
from backwright.kit.linting import Linting

WITH_EXEMPLAR = tuple(name for name in NAMES if name != "empty_fastapi")
STRICT = Linting(("PL",))


def planned(samples: Samples, name: str, *, linting: Linting = STRICT, house: House | None = None) -> dict[str, str]:
    """The texts of new files, and of extended ones before a slash: `before/app/main.py`."""
    project = samples.project(name)
    tokens = (*request(name), "rating:int:min=1:max=5", "--filter", "state,target,rating,active")
    found = plan_change(
        parse_grammar(["resource", *tokens]),
        replace(house or house_of(project), linting=linting),
        project.index,
        read=project.read,
        formatter=RuffFormatter(),
        settings={},
        blueprint=BLUEPRINT,
    )
    texts = {edit.path: edit.after or "" for edit in found.change.edits}
    return texts | {f"before/{e.path}": e.before for e in found.change.edits if e.before is not None}


def complaints(folder: Path, texts: Mapping[str, str], select: str) -> set[tuple[str, str]]:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--select", select, "--output-format", "json", "."]
    found = json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)
    return {(Path(f["filename"]).relative_to(folder.resolve()).as_posix(), f["code"]) for f in found}


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_new_code_keeps_the_rules_that_the_project_selects(samples: Samples, name: str, tmp_path: Path) -> None:
    found = complaints(tmp_path, planned(samples, name), "PL")
    was = {(path.removeprefix("before/"), code) for path, code in found if path.startswith("before/")}
    assert {f for f in found if not f[0].startswith("before/")} - was == set()


def test_nothing_is_grouped_where_nobody_counts_arguments(samples: Samples) -> None:
    for linting in (Linting(), Linting(("PL",), max_args=12), Linting(("PL",), ("PLR0913",))):
        assert "ListQuery" not in "".join(planned(samples, "shop_layered", linting=linting).values())
    exempt = Linting(("PL",), per_file=(("app/*", ("PLR0913",)),))
    assert "ListQuery" not in "".join(planned(samples, "shop_layered", linting=exempt).values())


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_what_a_list_is_asked_for_becomes_one_model(samples: Samples, name: str) -> None:
    texts = "".join(text for path, text in planned(samples, name).items() if not path.startswith("before/"))
    assert re.search(r"class ProductListQuery\((pydantic\.)?BaseModel\):", texts)
    assert "query.state" in texts


def test_older_fastapi_has_no_models_of_the_query(samples: Samples) -> None:
    house = samples.house("shop_layered")
    old = replace(house, router=replace(house.router, query_models=False))
    assert "ListQuery" not in "".join(planned(samples, "shop_layered", house=old).values())


def test_the_version_of_fastapi_is_read(samples: Samples) -> None:
    assert set(TARGETS) == set(WITH_EXEMPLAR)
    assert samples.house("shop_layered").router.query_models


@pytest.mark.parametrize(
    ("statuses", "spelled"), [("status", "status.HTTP_404_NOT_FOUND"), ("HTTPStatus", "HTTPStatus.NOT_FOUND")]
)
def test_statuses_are_written_as_the_tests_of_the_house_write_them(
    samples: Samples, statuses: str, spelled: str
) -> None:
    house = samples.house("shop_layered")
    assert house.tests is not None
    named = replace(house, tests=replace(house.tests, statuses=statuses))
    texts = planned(samples, "shop_layered", linting=Linting(), house=named)
    assert f"assert response.status_code == {spelled}" in texts["tests/api/test_products.py"]
    plain = planned(samples, "shop_layered", linting=Linting())
    assert "assert response.status_code == 404" in plain["tests/api/test_products.py"]


def test_errors_are_documented_where_the_house_documents_them(samples: Samples) -> None:
    house = samples.house("shop_layered")
    assert not house.router.documents
    assert "responses=" not in planned(samples, "shop_layered")["app/api/routes/products.py"]
    documented = replace(house, router=replace(house.router, documents=True))
    routes = planned(samples, "shop_layered", house=documented)["app/api/routes/products.py"]
    flat = " ".join(routes.split())
    assert 'responses={404: {"description": "Product not found"}}' in flat
    assert '404: {"description": "Category not found"}, 409: {"description": "Product conflicts' in flat
