"""Unit tests of a planned service: over a repository without a database, over a session, or none."""

from __future__ import annotations

import ast

import pytest
from msgspec.structs import replace
from sample_scene import Samples, house_of

from backwright.adapters.formatter import RuffFormatter
from backwright.blueprints.resource import BLUEPRINT
from backwright.engine.planning import plan_change
from backwright.engine.request_grammar import parse_grammar
from backwright.kit.house import LayerStyle, Place, Ref

FIELDS = ("Product", "title:str(1..100):unique", "price:decimal(10,2):min=0")


def functions(source: str) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def unit_tests(samples: Samples, name: str, *tokens: str, service: LayerStyle | None = None) -> tuple[str, str]:
    """Path and text of the tests of the service, `("", "")` for none."""
    project = samples.project(name)
    house = replace(house_of(project), service=service) if service is not None else house_of(project)
    understood = parse_grammar(["resource", *tokens])
    planned = plan_change(
        understood, house, project.index, read=project.read, formatter=RuffFormatter(), settings={}, blueprint=BLUEPRINT
    )
    found = [e for e in planned.change.edits if e.because == "tests of the rules"]
    assert len(found) <= 1
    return (found[0].path, found[0].after or "") if found else ("", "")


def test_a_service_over_a_repository_needs_no_database(samples: Samples) -> None:
    path, text = unit_tests(samples, "shop_layered", *FIELDS, "category:ref(Category)?", "--owner")

    assert path == "tests/services/test_product_service.py"
    assert "class FakeProductRepository(ProductRepository):" in text
    assert "AsyncSession" not in text
    assert {
        "test_create_product",
        "test_create_product_without_category",
        "test_create_product_with_taken_title",
        "test_create_product_that_the_database_refuses",
        "test_create_product_with_missing_category",
        "test_get_missing_product",
        "test_update_product_changes_only_what_was_sent",
        "test_update_product_to_taken_title",
        "test_update_product_to_missing_category",
        "test_update_missing_product",
        "test_update_product_of_somebody_else",
        "test_update_product_of_somebody_else_as_administrator",
        "test_delete_product",
        "test_delete_product_of_somebody_else",
    } <= functions(text)
    assert "pytest.raises(PermissionDeniedError)" in text


def test_only_what_was_asked_for_is_tested(samples: Samples) -> None:
    _, text = unit_tests(samples, "shop_layered", "Product", "price:decimal(10,2)", "--only", "create,get")

    assert functions(text) & {"save", "remove", "test_delete_product", "test_update_missing_product"} == set()
    assert "RefusingProductRepository" not in text


def test_functions_over_a_session_stand_beside_the_tests_of_the_endpoints(samples: Samples) -> None:
    path, text = unit_tests(samples, "clinic_features", *FIELDS, "patient:ref(Patient)?", "--owner")

    assert path == "tests/products/test_service.py"
    assert "pytestmark = pytest.mark.anyio" in text
    assert "await service.create_product(session, data, owner)" in text
    assert {"references", "owner", "test_create_product_with_missing_patient"} <= functions(text)


PLACE = Place("service", "app/services/{snake}_service.py", False)
CONSTRUCTOR = "def __init__(self, db: Session) -> None:\n        self.db = db"


@pytest.mark.parametrize(
    ("service", "call"),
    [
        (
            LayerStyle(
                "class", PLACE, name="{Pascal}Service", takes="session", session="self.db", constructor=CONSTRUCTOR
            ),
            "service.create(data)",
        ),
        (
            LayerStyle("instance", PLACE, name="{Pascal}Service", instance="{snake}_service", session_param="db"),
            "product_service.create(db, data)",
        ),
        (LayerStyle("functions", PLACE, session_param="db"), "product_service.create_product(db, data)"),
        (
            LayerStyle("functions", PLACE, session_param="db", keyword_only=True),
            "product_service.create_product(db=db, data=data)",
        ),
    ],
    ids=["class", "instance", "functions", "keywords"],
)
def test_every_form_of_a_service(samples: Samples, service: LayerStyle, call: str) -> None:
    path, text = unit_tests(samples, "library_functions", *FIELDS, service=service)

    assert path == "tests/test_product_service.py"
    assert call in text
    assert "with pytest.raises(HTTPException) as refused:" in text
    assert "assert refused.value.status_code == 409" in text


def test_a_service_that_wants_more_than_a_test_can_give(samples: Samples) -> None:
    wanting = LayerStyle(
        "class",
        PLACE,
        name="{Pascal}Service",
        takes="session",
        constructor=CONSTRUCTOR.replace("db: Session", "db: Session, mailer: Mailer"),
        constructor_imports=(Ref("Mailer", "mailing"),),
    )

    assert unit_tests(samples, "library_functions", *FIELDS, service=wanting) == ("", "")


@pytest.mark.parametrize("name", ["library_functions", "notes_sqlmodel", "tracker_flat", "wallet_generic"])
def test_no_service_no_unit_tests(samples: Samples, name: str) -> None:
    assert unit_tests(samples, name, *FIELDS) == ("", "")


def test_values_that_must_differ_do(samples: Samples) -> None:
    """Two rows of numbers, days and pairs that are unique can stand side by side."""
    tokens = (
        "Product",
        "number:int:unique",
        "day:date:unique",
        "name:str(50)",
        "price:decimal(10,2)",
        "--unique",
        "name,price",
    )

    _, text = unit_tests(samples, "shop_layered", *tokens)

    values = next(line for line in text.splitlines() if '"number":' in line)
    assert "uuid.uuid4().int" in values
    assert {"test_update_product_to_taken_number", "test_update_product_to_taken_day"} <= functions(text)
    assert text.count("uuid.uuid4()") >= 4


def test_a_row_is_never_called_like_the_service(samples: Samples) -> None:
    _, text = unit_tests(samples, "shop_layered", "Service", *FIELDS[1:])

    assert "service_row = await service.create(new_service())" in text
