"""Dependencies: how a session, a user, an administrator arrive in a handler."""

from __future__ import annotations

import pytest

from backwright.frameworks.fastapi.arrivals import arrivals, auth_style, session_style
from backwright.kit.cases import Build
from backwright.kit.house import AuthStyle, SessionStyle
from backwright.kit.index import FactIndex

DB = """
from collections.abc import Iterator
from sqlalchemy.orm import Session, sessionmaker

factory = sessionmaker()


def get_db() -> Iterator[Session]:
    with factory() as session:
        yield session
"""
AUTH = """
from typing import Annotated
from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from app.models import User

oauth2 = OAuth2PasswordBearer(tokenUrl="login")


def get_current_user(token: Annotated[str, Depends(oauth2)]) -> User:
    raise HTTPException(status.HTTP_401_UNAUTHORIZED)


CurrentUser = Annotated[User, Depends(get_current_user)]


def get_admin(user: CurrentUser) -> User:
    if not user.is_superuser:
        raise HTTPException(status_code=403, detail="no")
    return user
"""
MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
"""


def project(build: Build, **files: str) -> FactIndex:
    known = {"app/__init__.py": "", "app/db.py": DB, "app/auth.py": AUTH, "app/models.py": MODELS}
    return build({**known, **{f"app/{name}.py": text for name, text in files.items()}})[0]


def session(index: FactIndex) -> SessionStyle | None:
    return session_style(index, arrivals(index, frozenset()))[0]


def auth(index: FactIndex) -> AuthStyle:
    return auth_style(index, arrivals(index, frozenset()), frozenset())[0]


def handlers(parameter: str, imports: str) -> str:
    head = f"from typing import Annotated\nfrom fastapi import APIRouter, Depends\nfrom sqlalchemy.orm import Session\n{imports}\n"
    body = "\n\n".join(f'@router.get("/{n}")\ndef get_{n}({parameter}):\n    db.execute(1)' for n in "ab")
    return f"{head}\nrouter = APIRouter()\n\n\n{body}\n"


@pytest.mark.parametrize(
    ("parameter", "imports", "alias"),
    [
        ("db: Session = Depends(get_db)", "from app.db import get_db", ""),
        ("db: Annotated[Session, Depends(get_db)]", "from app.db import get_db", ""),
        ("db: DB", "from app.deps import DB", "DB"),
    ],
)
def test_a_session(build: Build, parameter: str, imports: str, alias: str) -> None:
    deps = (
        "from typing import Annotated\n"
        "from fastapi import Depends\n"
        "from sqlalchemy.orm import Session\n"
        "from app.db import get_db\n\n"
        "DB = Annotated[Session, Depends(get_db)]\n"
    )
    found = session(project(build, items=handlers(parameter, imports), deps=deps if alias else ""))

    assert found is not None
    assert (found.is_async, found.type.line, found.param) == (False, "from sqlalchemy.orm import Session", "db")
    assert found.dependency.line == "from app.db import get_db"
    assert (found.alias.line if found.alias else "") == (f"from app.deps import {alias}" if alias else "")


def test_an_asynchronous_session_that_the_dependency_commits(build: Build) -> None:
    db = """
from collections.abc import AsyncIterator
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

factory = async_sessionmaker()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with factory.begin() as session:
        yield session
"""
    items = """
from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from app.db import get_session

router = APIRouter()


@router.get("/a")
async def get_a(session: AsyncSession = Depends(get_session)):
    await session.execute(1)
"""
    found = session(project(build, db=db, items=items))

    assert found is not None
    assert (found.is_async, found.type.name, found.param, found.commits) == (
        True,
        "AsyncSession",
        "session",
        "dependency",
    )


def test_no_session(build: Build) -> None:
    assert session(project(build)) is None


def test_guards_of_a_user_and_of_an_administrator(build: Build) -> None:
    items = """
from fastapi import APIRouter, Depends
from app.auth import CurrentUser, get_admin

router = APIRouter()


@router.get("/a")
def get_a(user: CurrentUser): ...


@router.post("/a", dependencies=[Depends(get_admin)])
def make_a(): ...
"""
    style = auth(project(build, items=items))

    assert {g.level: g.expr for g in style.guards} == {"user": "get_current_user", "admin": "get_admin"}
    user = style.guard("user")
    assert user is not None
    assert user.alias is not None
    assert user.alias.line == "from app.auth import CurrentUser"
    assert style.user is not None
    assert (style.user.line, style.user_table, style.user_key) == ("from app.models import User", "users", "id")
    assert style.admin_test == "{user}.is_superuser"


def test_nobody_signs_in(build: Build) -> None:
    index = build({"app/__init__.py": "", "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"})[0]

    assert auth(index).guards == ()


USERS = """
import uuid
from fastapi_users import FastAPIUsers
from fastapi_users.db import SQLAlchemyBaseUserTableUUID
from app.models import Base


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


api_users = FastAPIUsers[User, uuid.UUID](get_user_manager, [backend])
active_user = api_users.current_user(active=True)
maybe_user = api_users.current_user(optional=True)
admin_user = api_users.current_user(active=True, superuser=True)
"""
NOTES = """
from fastapi import APIRouter, Depends
from app.users import User, active_user, admin_user, maybe_user

router = APIRouter()


@router.get("/notes")
def list_notes(user: User | None = Depends(maybe_user)): ...


@router.post("/notes")
def create_note(user: User = Depends(active_user)): ...


@router.delete("/notes", dependencies=[Depends(admin_user)])
def delete_notes(): ...
"""


def test_users_of_the_library_fastapi_users(build: Build) -> None:
    models = MODELS.partition("class User")[0]
    index = project(build, auth="", models=models, users=USERS, notes=NOTES)
    found = auth(index)

    assert {g.level: g.expr for g in found.guards} == {"user": "active_user", "admin": "admin_user"}
    assert found.guard("user") is not None
    assert [r.line for r in found.guards[0].imports] == ["from app.users import active_user"]
    assert found.guards[0].returns_user
    assert (found.user_table, found.user_key, found.admin_test) == ("user", "id", "{user}.is_superuser")
