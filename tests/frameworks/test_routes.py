"""Routes: found on routers and applications, followed through every way of mounting."""

from __future__ import annotations

import pytest

from backwright.core.facts import Route
from backwright.kit.cases import Build

ITEMS = """
from fastapi import APIRouter, Depends, status
from app.deps import current_user, require_admin

router = APIRouter(prefix="/items")


@router.get("/", response_model=list[Item])
def list_items(): ...


@router.get("/{item_id}")
async def read_item(item_id: int, user = Depends(current_user)) -> Item: ...


@router.delete("/{item_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(require_admin)])
def delete_item(item_id: int): ...
"""
DEPS = """
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl="token")


def current_user(token: str = Depends(scheme)):
    raise HTTPException(401)


def require_admin(user = Depends(current_user)):
    raise HTTPException(403)
"""


def routes(build: Build, files: dict[str, str]) -> list[Route]:
    index, _ = build({"app/__init__.py": "", "app/deps.py": DEPS, **files})
    return [route for _, route in index.routes()]


def shown(found: list[Route]) -> set[str]:
    return {f"{r.method} {r.path}" for r in found}


@pytest.mark.parametrize(
    "mounting",
    [
        'from app.items import router\napp.include_router(router, prefix="/api")',
        'from app.items import router as items_router\napp.include_router(items_router, prefix="/api")',
        'from app import items\napp.include_router(items.router, prefix="/api")',
        'import app.items\napp.include_router(app.items.router, prefix="/api")',
        'from app.items import router\napi = APIRouter(prefix="/api")\napi.include_router(router)\napp.include_router(api)',
        "from app.items import router\napi = APIRouter()\napi.include_router(router)\napp.include_router(api, prefix='/api')",
        'PREFIX = "/api"\nfrom app.items import router\napp.include_router(router, prefix=PREFIX)',
    ],
)
def test_paths_are_followed_through_mounting(build: Build, mounting: str) -> None:
    name = "server" if "app.items.router" in mounting else "app"
    mounting = mounting.replace("app.include_router", f"{name}.include_router")
    main = f"from fastapi import APIRouter, FastAPI\n\n{name} = FastAPI()\n{mounting}\n"

    found = routes(build, {"app/main.py": main, "app/items.py": ITEMS})

    assert shown(found) == {"GET /api/items/", "GET /api/items/{item_id}", "DELETE /api/items/{item_id}"}
    assert all(r.complete for r in found)


def test_mounting_inside_a_factory(build: Build) -> None:
    main = """
from fastapi import FastAPI
from app.items import router


def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(router, prefix="/v1")
    return app
"""
    assert "GET /v1/items/" in shown(routes(build, {"app/main.py": main, "app/items.py": ITEMS}))


def test_a_router_that_nothing_mounts_keeps_its_local_path(build: Build) -> None:
    found = routes(build, {"app/items.py": ITEMS})

    assert "GET /items/" in shown(found)
    assert not any(r.complete for r in found)


def test_routes_on_the_application(build: Build) -> None:
    main = (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/items', status_code=201)\ndef create(): ...\n"
    )

    (route,) = routes(build, {"app/main.py": main})

    assert (route.method, route.path, route.handler, route.router, route.status) == (
        "POST",
        "/items",
        "create",
        "app",
        "201",
    )


def test_what_a_route_answers_and_who_may_ask(build: Build) -> None:
    by_handler = {r.handler: r for r in routes(build, {"app/items.py": ITEMS})}

    assert by_handler["list_items"].response == "list[Item]"
    assert by_handler["read_item"].response == "Item"
    assert by_handler["list_items"].auth == ()
    assert by_handler["read_item"].auth == ("current_user",)
    assert by_handler["delete_item"].auth == ("require_admin",)
    assert "204" in by_handler["delete_item"].status


def test_guards_of_the_router_and_of_its_mounting(build: Build) -> None:
    items = """
from fastapi import APIRouter, Depends
from app.deps import current_user

router = APIRouter(prefix="/items", dependencies=[Depends(current_user)])


@router.get("")
def list_items(): ...
"""
    main = """
from fastapi import Depends, FastAPI
from app.deps import require_admin
from app.items import router

app = FastAPI()
app.include_router(router, dependencies=[Depends(require_admin)])
"""
    (route,) = routes(build, {"app/main.py": main, "app/items.py": items})

    assert set(route.auth) == {"current_user", "require_admin"}


def test_other_decorators_are_no_routes(build: Build) -> None:
    text = "import celery\n\napp = celery.Celery()\n\n\n@app.task('/x')\ndef work(): ...\n\n\n@cache.get('/y')\ndef other(): ...\n"

    assert routes(build, {"app/work.py": text}) == []


def test_routers_that_include_each_other_end(build: Build) -> None:
    text = """
from fastapi import APIRouter

one = APIRouter(prefix="/one")
two = APIRouter(prefix="/two")
one.include_router(two)
two.include_router(one)


@one.get("/x")
def x(): ...
"""
    assert all(r.path.endswith("/x") for r in routes(build, {"app/loop.py": text}))
