from collections.abc import Generator

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel
from sqlmodel.pool import StaticPool

from app.api.deps import get_db
from app.core.db import build_engine, init_db
from app.main import app
from tests.utils.user import user_token_headers
from tests.utils.utils import SUPERUSER_EMAIL, USER_EMAIL, random_lower_string


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
def superuser_token_headers(client: TestClient, session: Session) -> dict[str, str]:
    password = random_lower_string()
    init_db(session, email=SUPERUSER_EMAIL, password=password)
    return user_token_headers(client=client, email=SUPERUSER_EMAIL, password=password)


@pytest.fixture
def normal_user_token_headers(client: TestClient) -> dict[str, str]:
    password = random_lower_string()
    client.post(
        "/api/v1/users/signup", json={"email": USER_EMAIL, "password": password}
    )
    return user_token_headers(client=client, email=USER_EMAIL, password=password)
