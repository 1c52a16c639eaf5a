from collections.abc import Generator

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel
from sqlmodel.pool import StaticPool

from app.api.deps import get_db
from app.core.db import build_engine
from app.main import app
from tests.utils.user import create_random_user, user_token_headers
from tests.utils.utils import SUPERUSER_EMAIL, USER_EMAIL


@pytest.fixture(name="session")
def session_fixture() -> Generator[Session, None, None]:
    engine = build_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture(name="client")
def client_fixture(session: Session) -> Generator[TestClient, None, None]:
    app.dependency_overrides[get_db] = lambda: session
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


@pytest.fixture
def superuser_token_headers(session: Session) -> dict[str, str]:
    user = create_random_user(session, email=SUPERUSER_EMAIL, is_superuser=True)
    return user_token_headers(user)


@pytest.fixture
def normal_user_token_headers(session: Session) -> dict[str, str]:
    return user_token_headers(create_random_user(session, email=USER_EMAIL))
