"""Files that gather all entities, and files that only look so."""

from __future__ import annotations

from backwright.core.archmap import EntityInfo
from backwright.engine.collecting import collectors
from backwright.engine.siblings import resources
from backwright.kit.cases import Build

MODEL = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
ROUTER = """
from fastapi import APIRouter

router = APIRouter(prefix="/items")


@router.get("/")
def list_items() -> list[int]: ...
"""
PAGES = """
from app.admin import View
from app.models.item import Item


class ItemView(View, model=Item):
    columns = [Item.id]
"""


def gathered(build: Build, files: dict[str, str]) -> list[str]:
    files = {"app/__init__.py": "", "app/models/item.py": MODEL, "app/api/items.py": ROUTER, **files}
    index, archmap = build(files)
    best = resources(index, archmap.components)[0]
    entities = tuple(EntityInfo(p, t) for p, t in index.tables())
    return [c.path for c in collectors(index, best, entities, lambda path: files[path], "")]


def test_a_package_and_a_base_that_import_every_entity(build: Build) -> None:
    line = "from app.models.item import Item\n"
    files = {"app/models/__init__.py": f'{line}\n__all__ = ["Item"]\n', "app/db/base.py": f"{line}\n"}
    assert gathered(build, files) == ["app/models/__init__.py", "app/db/base.py"]


def test_a_module_that_is_imported_for_its_tables(build: Build) -> None:
    text = "from app.models import item\nfrom app.models.item import Base\n\ntarget_metadata = Base.metadata\n"
    assert gathered(build, {"migrations/env.py": text}) == ["migrations/env.py"]


def test_a_file_about_the_entities_is_none(build: Build) -> None:
    assert gathered(build, {"app/admin/__init__.py": "class View: ...\n", "app/admin/models.py": PAGES}) == []
