import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import sessionmaker

from tracker import auth, models
from tracker.database import Base, get_db, make_engine
from tracker.main import app


@pytest.fixture
def db(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/test.db")
    Base.metadata.create_all(engine)
    Session = sessionmaker(bind=engine)

    def override():
        with Session() as session:
            yield session

    app.dependency_overrides[get_db] = override
    with Session() as session:
        yield session
    app.dependency_overrides.clear()
    engine.dispose()


@pytest.fixture
def client(db):
    return TestClient(app)


@pytest.fixture
def as_user(db):
    """Headers for a user with this name, who is made if need be."""

    def headers(name="user", is_admin=False):
        user = db.query(models.User).filter_by(name=name).first()
        if user is None:
            user = models.User(name=name, password_hash="none", is_admin=is_admin)
            db.add(user)
            db.commit()
        return {"Authorization": f"Bearer {auth.create_token(user)}"}

    return headers


@pytest.fixture
def as_admin(as_user):
    return as_user("admin", is_admin=True)


@pytest.fixture
def project(client, as_admin):
    data = {"key": "WEB", "title": "Website"}
    return client.post("/projects", json=data, headers=as_admin).json()
