import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from app.database import Base, enforce_foreign_keys
from app.dependencies import get_db
from app.main import app
from app.models import Author, Book, User
from app.security import create_access_token

engine = create_engine(
    "sqlite://",
    connect_args={"check_same_thread": False},
    poolclass=StaticPool,
)
enforce_foreign_keys(engine)
TestingSessionLocal = sessionmaker(bind=engine, autoflush=False)


def override_get_db():
    db = TestingSessionLocal()
    try:
        yield db
    finally:
        db.close()


app.dependency_overrides[get_db] = override_get_db


@pytest.fixture(autouse=True)
def tables():
    Base.metadata.create_all(bind=engine)
    yield
    Base.metadata.drop_all(bind=engine)


@pytest.fixture
def db():
    session = TestingSessionLocal()
    yield session
    session.close()


@pytest.fixture
def client():
    return TestClient(app)


def make_user(db, username, role):
    user = User(
        username=username,
        email=f"{username}@example.com",
        password_hash="no-password",
        role=role,
    )
    db.add(user)
    db.commit()
    return user


@pytest.fixture
def admin(db):
    return make_user(db, "admin", "admin")


@pytest.fixture
def member(db):
    return make_user(db, "member", "member")


@pytest.fixture
def admin_headers(admin):
    return {"Authorization": f"Bearer {create_access_token(admin.id)}"}


@pytest.fixture
def member_headers(member):
    return {"Authorization": f"Bearer {create_access_token(member.id)}"}


@pytest.fixture
def author(db):
    author = Author(name="Ursula K. Le Guin")
    db.add(author)
    db.commit()
    return author


@pytest.fixture
def book(db, author):
    book = Book(title="The Dispossessed", isbn="9780060512750", author_id=author.id)
    db.add(book)
    db.commit()
    return book
