"""How endpoints are written, read from those of the exemplar."""

from __future__ import annotations

import pytest

from backwright.core.archmap import RouteInfo
from backwright.engine.siblings import operation_of
from backwright.frameworks.fastapi.endpoints import router_style
from backwright.kit.cases import Build
from backwright.kit.house import RouterStyle
from backwright.kit.naming import forms

MAIN = "from fastapi import FastAPI\nfrom app.items import router\n\napp = FastAPI()\napp.include_router(router, prefix='/api')\n"
ITEMS = """
from fastapi import APIRouter, status
from app.schemas import ItemCreate, ItemRead, ItemUpdate

router = APIRouter(prefix="/items", tags=["items"])


@router.get("", response_model=list[ItemRead])
def list_items(): ...


@router.post("", response_model=ItemRead, status_code=status.HTTP_201_CREATED)
def create_item(payload: ItemCreate): ...


@router.get("/{item_id}", response_model=ItemRead)
def read_item(item_id: int): ...


@router.put("/{item_id}", response_model=ItemRead)
def update_item(item_id: int, payload: ItemUpdate): ...


@router.delete("/{item_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_item(item_id: int): ...
"""


SCHEMAS = "from pydantic import BaseModel\n\n\n" + "\n\n".join(
    f"class {name}(BaseModel):\n    name: str\n" for name in ("ItemCreate", "ItemUpdate", "ItemRead")
)


def style(build: Build, items: str, main: str = MAIN) -> RouterStyle:
    files = {"app/__init__.py": "", "app/main.py": main, "app/items.py": items, "app/schemas.py": SCHEMAS}
    index, _ = build(files)
    name = forms("item")
    all_routes = tuple(RouteInfo(p, r) for p, r in index.routes())
    operations = {op: i for i in reversed(all_routes) if (op := operation_of(i, name))}
    return router_style(index, operations, name, all_routes, lambda path: files[path])[0]


def test_a_router_with_its_prefix(build: Build) -> None:
    found = style(build, ITEMS)

    assert (found.own_router, found.prefix_in_router, found.prefix_in_mount) == (True, True, False)
    assert (found.collection, found.item, found.tag) == ("", "/{param}", "{snakes}")
    assert (found.path_prefix, found.segment) == ("/api", "kebabs")
    assert (found.update_method, found.create_status) == ("put", 201)
    assert (found.status_names, found.response_in_decorator, found.body) == (True, True, "payload")
    assert found.names == {
        "list": "list_{snakes}",
        "create": "create_{snake}",
        "get": "read_{snake}",
        "update": "update_{snake}",
        "delete": "delete_{snake}",
    }


def test_how_it_is_mounted(build: Build) -> None:
    found = style(build, ITEMS).registration

    assert found is not None
    assert (found.path, found.statement) == ("app/main.py", "app.include_router(router, prefix='/api')")


def test_a_prefix_in_the_mounting(build: Build) -> None:
    main = MAIN.replace("from app.items import router", "from app import items").replace(
        "router, prefix='/api'", "items.router, prefix='/items'"
    )
    found = style(build, ITEMS.replace('prefix="/items", tags=["items"]', ""), main)

    assert (found.prefix_in_router, found.prefix_in_mount, found.path_prefix) == (False, True, "")
    assert found.registration is not None
    assert found.registration.imported == "from app import items"


def test_a_slash_behind_the_collection_and_numbers_for_statuses(build: Build) -> None:
    text = ITEMS.replace('get("")', 'get("/")').replace('post("")', 'post("/")').replace('("",', '("/",')
    text = (
        text.replace("status.HTTP_201_CREATED", "201")
        .replace("status.HTTP_204_NO_CONTENT", "204")
        .replace("item_id", "id")
    )

    found = style(build, text)

    assert (found.collection, found.id_param, found.status_names) == ("/", "id", False)


def test_endpoints_on_the_application_itself(build: Build) -> None:
    text = ITEMS.replace('router = APIRouter(prefix="/items", tags=["items"])', "").replace("router.", "app.")
    text = text.replace('("",', '("/items",').replace('"/{item_id}"', '"/items/{item_id}"')
    main = "from fastapi import FastAPI, status\n\napp = FastAPI()\n" + text.replace(
        "from fastapi import APIRouter, status", ""
    )
    files = {"app/__init__.py": "", "app/main.py": main}
    index, _ = build(files)
    all_routes = tuple(RouteInfo(p, r) for p, r in index.routes())
    operations = {op: i for i in reversed(all_routes) if (op := operation_of(i, forms("item")))}

    found = router_style(index, operations, forms("item"), all_routes, lambda path: files[path])[0]

    assert (found.variable, found.own_router, found.registration) == ("app", False, None)


def test_a_handler_called_as_the_resource_gives_no_name(build: Build) -> None:
    """`item` is what the row is called in it."""
    found = style(build, ITEMS.replace("def create_item(", "def item("))

    assert found.names["create"] == "create_{snake}"
    assert found.names["get"] == "read_{snake}"


def test_errors_that_endpoints_document(build: Build) -> None:
    assert not style(build, ITEMS).documents
    one = ITEMS.replace(
        '"/{item_id}", response_model=ItemRead)\ndef read', '"/{item_id}", responses={404: {}})\ndef read'
    )
    assert style(build, one).documents
    assert not style(build, ITEMS.replace('tags=["items"]', "responses={401: {}}")).documents


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (", status_code=status.HTTP_204_NO_CONTENT", "...", 204),
        ("", "...", 200),
        ("", "return Response(status_code=status.HTTP_204_NO_CONTENT)", 204),
        (", status_code=202", "...", 202),
    ],
)
def test_what_a_deletion_answers_with(build: Build, head: str, body: str, expected: int) -> None:
    text = ITEMS.partition("@router.delete")[0].replace("APIRouter, status", "APIRouter, Response, status")
    found = style(build, f'{text}@router.delete("/{{item_id}}"{head})\ndef delete_item(item_id: int):\n    {body}\n')

    assert (found.delete_answer, found.delete_status) == ("none", expected)


def test_listing_and_creating_by_verbs_share_a_path(build: Build) -> None:
    text = ITEMS.replace('@router.get("",', '@router.get("/list",').replace(
        '@router.post("",', '@router.post("/create",'
    )

    assert style(build, text).collection == ""


def test_a_row_found_by_its_name_gives_no_key(build: Build) -> None:
    assert style(build, ITEMS).id_param == "{snake}_id"
    assert style(build, ITEMS.replace("{item_id}", "{id}")).id_param == "id"
    assert style(build, ITEMS.replace("{item_id}", "{name}")).id_param == "{snake}_id"


@pytest.mark.parametrize(
    ("prefix", "local", "collection", "before"),
    [
        ("", "/{username}/items", "", ""),
        ("", "/users/{user_id}/items/", "/", ""),
        ("/v1/users/{user_id}/items", "", "", "/v1"),
        ("/v1/{tenant}/items", "/", "/", "/v1"),
        ("/shop/items", "", "", "/shop"),
    ],
)
def test_a_new_resource_is_not_below_the_rows_that_lead_to_the_exemplar(
    build: Build, prefix: str, local: str, collection: str, before: str
) -> None:
    text = ITEMS.replace('prefix="/items"', f'prefix="{prefix}"').replace('get("",', f'get("{local}",')
    found = style(build, text.replace('post("",', f'post("{local}",'))

    assert (found.collection, found.path_prefix) == (collection, f"/api{before}")
    assert found.outer == (before if prefix else "")
