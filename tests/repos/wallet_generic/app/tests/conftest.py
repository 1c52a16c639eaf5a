from typing import Dict, Generator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from app.api.deps import get_db
from app.db.base import Base
from app.db.session import make_engine
from app.main import app
from app.tests.utils.user import create_random_user, get_token_headers


@pytest.fixture
def db() -> Generator[Session, None, None]:
    engine = make_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(bind=engine)
    with sessionmaker(bind=engine, autoflush=False)() as session:
        yield session
    engine.dispose()


@pytest.fixture
def client(db: Session) -> Generator[TestClient, None, None]:
    app.dependency_overrides[get_db] = lambda: db
    with TestClient(app) as c:
        yield c
    app.dependency_overrides.clear()


@pytest.fixture
def superuser_token_headers(db: Session) -> Dict[str, str]:
    return get_token_headers(create_random_user(db, is_superuser=True))


@pytest.fixture
def normal_user_token_headers(db: Session) -> Dict[str, str]:
    return get_token_headers(create_random_user(db))
