"""Entities as SQLAlchemy and SQLModel declare them."""

from __future__ import annotations

import pytest

from backwright.core.facts import Column, Table
from backwright.kit.cases import Build


def tables(build: Build, files: dict[str, str]) -> dict[str, Table]:
    index, _ = build({"app/__init__.py": "", **files})
    return {table.entity: table for _, table in index.tables()}


def column(table: Table, name: str) -> Column:
    return next(c for c in table.columns if c.name == name)


BASE = """
from datetime import datetime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Timestamps:
    created_at: Mapped[datetime] = mapped_column(server_default="now")
"""
ITEM = """
from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import Base, Timestamps


class Item(Timestamps, Base):
    __tablename__ = "items"
    __table_args__ = (UniqueConstraint("name", "user_id"), {"schema": "shop"})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    note: Mapped[str | None]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    user: Mapped[User] = relationship(back_populates="items")
    tags: Mapped[list["Tag"]] = relationship(lazy="selectin")
"""


def test_mapped_columns(build: Build) -> None:
    item = tables(build, {"app/base.py": BASE, "app/item.py": ITEM})["Item"]

    assert (item.table.removeprefix("shop."), item.orm) == ("items", "sqlalchemy")
    assert column(item, "id").primary_key
    assert (column(item, "name").type, column(item, "name").unique) == ("String(200)", True)
    assert (column(item, "note").python, column(item, "note").nullable) == ("str", True)
    user = column(item, "user_id")
    assert (user.foreign_key, user.on_delete, user.index, user.nullable) == ("users.id", "CASCADE", True, False)


def test_columns_of_mixins_are_the_table_s_too(build: Build) -> None:
    item = tables(build, {"app/base.py": BASE, "app/item.py": ITEM})["Item"]

    assert column(item, "created_at").origin == "Timestamps"


def test_joined_tables_have_their_own_columns(build: Build) -> None:
    model = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.base import Base, Timestamps


class Named:
    name: Mapped[str]


class Asset(Timestamps, Base):
    __tablename__ = "assets"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    labels: Mapped[list[str] | None] = mapped_column(JSON)


class Image(Named, Asset):
    __tablename__ = "images"
    id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    width: Mapped[int]
"""
    found = tables(build, {"app/base.py": BASE, "app/models.py": model})
    assert [c.name for c in found["Image"].columns] == ["id", "width", "name"]
    assert column(found["Asset"], "labels").nullable


def test_relations(build: Build) -> None:
    item = tables(build, {"app/base.py": BASE, "app/item.py": ITEM})["Item"]

    assert [(r.name, r.target, r.many, r.back_populates) for r in item.relations] == [
        ("user", "User", False, "items"),
        ("tags", "Tag", True, ""),
    ]


def test_unique_together(build: Build) -> None:
    item = tables(build, {"app/base.py": BASE, "app/item.py": ITEM})["Item"]

    assert item.unique_together == (("name", "user_id"),)


def test_what_is_no_entity(build: Build) -> None:
    assert set(tables(build, {"app/base.py": BASE, "app/item.py": ITEM})) == {"Item"}


def test_columns_of_the_old_style(build: Build) -> None:
    text = """
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Item(Base):
    __tablename__ = "items"

    id = Column(Integer, primary_key=True)
    name = Column(String(20), nullable=False)
    user_id = Column(Integer, ForeignKey("users.id"))
    user = relationship("User", back_populates="items")
"""
    item = tables(build, {"app/models.py": text})["Item"]

    assert [(c.name, c.type, c.nullable) for c in item.columns] == [
        ("id", "Integer", False),
        ("name", "String(20)", False),
        ("user_id", "Integer", True),
    ]
    assert [(r.name, r.target) for r in item.relations] == [("user", "User")]


SQLMODEL = """
import uuid
from sqlmodel import Field, Relationship, SQLModel


class ItemBase(SQLModel):
    title: str = Field(max_length=255)
    note: str | None = Field(default=None)


class ItemCreate(ItemBase):
    pass


class Item(ItemBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")
    owner: "User" = Relationship(back_populates="items")


class User(SQLModel, table=True):
    __tablename__ = "user"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    items: list["Item"] = Relationship(back_populates="owner", cascade_delete=True, sa_relationship_kwargs={"lazy": "selectin"})
"""


def test_only_table_models_are_entities(build: Build) -> None:
    found = tables(build, {"app/models.py": SQLMODEL})

    assert {(t.entity, t.table, t.orm) for t in found.values()} == {
        ("Item", "item", "sqlmodel"),
        ("User", "user", "sqlmodel"),
    }


def test_fields_of_sqlmodel(build: Build) -> None:
    found = tables(build, {"app/models.py": SQLMODEL})

    item, user = found["Item"], found["User"]
    assert {c.name for c in item.columns} == {"id", "title", "note", "owner_id"}
    assert (column(item, "owner_id").foreign_key, column(item, "owner_id").on_delete) == ("user.id", "CASCADE")
    assert column(item, "note").nullable
    assert column(user, "id").primary_key
    assert (column(user, "email").unique, column(user, "email").index) == (True, True)
    assert [(r.name, r.target, r.many, r.loading) for r in user.relations] == [("items", "Item", True, "selectin")]


@pytest.mark.parametrize(
    "text", ["class Item(Base):\n    pass\n", "class Item(BaseModel):\n    id: int\n", "def f(: broken"]
)
def test_text_without_entities(build: Build, text: str) -> None:
    assert tables(build, {"app/models.py": text}) == {}


def test_columns_that_a_library_declares(build: Build) -> None:
    """fastapi-users brings the columns of users; the project adds its own."""
    user = """
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTable, SQLAlchemyBaseUserTableUUID
from sqlalchemy.orm import Mapped, mapped_column
from app.base import Base


class User(SQLAlchemyBaseUserTableUUID, Base):
    nick: Mapped[str]


class Account(SQLAlchemyBaseUserTable[int], Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
    found = tables(build, {"app/base.py": BASE, "app/user.py": user})

    assert found["User"].table == "user"
    assert [c.name for c in found["User"].columns] == [
        "nick", "id", "email", "hashed_password", "is_active", "is_superuser", "is_verified",
    ]  # fmt: skip
    assert column(found["User"], "id").python == "uuid.UUID"
    assert found["Account"].table == "accounts"
    assert [c.name for c in found["Account"].columns if c.primary_key] == ["id"]
