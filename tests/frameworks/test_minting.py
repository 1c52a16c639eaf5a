"""How the house's own code signs a user in, as its tests or its login write it."""

from __future__ import annotations

import pytest

from backwright.frameworks.pytest.minting import minting
from backwright.kit.cases import Build
from backwright.kit.house import AuthStyle, Minting

MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
"""
SECURITY = """
from datetime import timedelta
from fastapi.security import OAuth2PasswordBearer
from app.models import User

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="login")


class Tokens:
    @staticmethod
    def encode_token(user: User) -> str: ...


def create_access_token(data: dict, expires_delta: timedelta | None = None) -> str: ...


def create_refresh_token(user: User) -> str: ...


async def issue_token(user_id: int) -> str: ...


def make_pair_token(user: User) -> tuple[str, str]: ...
"""
LOGIN = """
from datetime import timedelta
from fastapi import APIRouter
from app.models import User
from app.security import Tokens, create_access_token, create_refresh_token, issue_token, make_pair_token

router = APIRouter()


@router.post("/login")
async def login(session) -> dict[str, str]:
    user = session.get(User, 1)
    expires = timedelta(minutes=15)
    return {"token": CALL}
"""
IMPORTS = "from app.security import Tokens, create_access_token, create_refresh_token, issue_token, make_pair_token\n"


def found(build: Build, *, login: str = "1", test: str = "") -> Minting | None:
    files = {"app/__init__.py": "", "app/models.py": MODELS, "app/security.py": SECURITY}
    files["app/login.py"] = LOGIN.replace("CALL", login)
    files["tests/test_things.py"] = (
        f"from app.models import User\n{IMPORTS}\n\nasync def test_it(client, db):\n    {test or 'pass'}\n"
    )
    index, _ = build(files)
    return minting(index, frozenset({"tests/test_things.py"}), AuthStyle(user_table="users"))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("Tokens.encode_token(user)", "Tokens.encode_token({user})"),
        ("create_access_token({'sub': user.email})", 'create_access_token({"sub": {user}.email})'),
        ("create_access_token(data={'sub': str(user.id)})", 'create_access_token(data={"sub": str({user}.id)})'),
        (
            "create_access_token(data={'sub': user.email}, expires_delta=expires)",
            'create_access_token(data={"sub": {user}.email})',
        ),
        ("await issue_token(user.id)", "issue_token({user}.id)"),
    ],
)
def test_the_call_of_the_login(build: Build, call: str, expected: str) -> None:
    made = found(build, login=call)

    assert made is not None
    assert made.call == expected
    assert made.scheme == "Bearer "
    assert made.awaited == call.startswith("await")
    assert not made.tested
    assert [r.module for r in made.imports] == ["app.security"]


@pytest.mark.parametrize(
    "call", ["create_refresh_token(user)", "make_pair_token(user)", "create_access_token(session.info)", "Tokens()"]
)
def test_what_makes_no_token_of_a_user(build: Build, call: str) -> None:
    assert found(build, login=call) is None


def test_what_the_tests_do_comes_first(build: Build) -> None:
    made = found(build, login="create_access_token({'sub': user.email})", test="Tokens.encode_token(User(id=1))")

    assert made is not None
    assert (made.call, made.tested) == ("Tokens.encode_token({user})", True)


def test_a_dictionary_that_was_given_a_name(build: Build) -> None:
    test = "someone = User(id=1)\n    data = {'sub': someone.email}\n    create_access_token(data)"
    made = found(build, test=test)

    assert made is not None
    assert made.call == 'create_access_token({"sub": {user}.email})'
