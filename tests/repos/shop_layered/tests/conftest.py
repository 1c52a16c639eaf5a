from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import StaticPool, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.database import get_session, make_engine
from app.core.security import create_access_token, hash_password
from app.main import app
from app.models import Base, Category, User

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def hashed_password() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
async def engine() -> AsyncIterator[AsyncEngine]:
    engine = make_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False)


@pytest.fixture
async def session(
    session_factory: async_sessionmaker[AsyncSession],
) -> AsyncIterator[AsyncSession]:
    """For putting rows in place; what a test adds has to be committed to be seen by the API."""
    async with session_factory() as session:
        yield session


@pytest.fixture
async def client(
    session_factory: async_sessionmaker[AsyncSession],
) -> AsyncIterator[AsyncClient]:
    async def override_get_session() -> AsyncIterator[AsyncSession]:
        async with session_factory.begin() as session:
            yield session

    app.dependency_overrides[get_session] = override_get_session
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client
    app.dependency_overrides.clear()


@pytest.fixture
async def admin(session: AsyncSession, hashed_password: str) -> User:
    user = User(email="admin@example.com", hashed_password=hashed_password, is_admin=True)
    session.add(user)
    await session.commit()
    return user


@pytest.fixture
async def user(session: AsyncSession, hashed_password: str) -> User:
    user = User(email="user@example.com", hashed_password=hashed_password)
    session.add(user)
    await session.commit()
    return user


@pytest.fixture
def admin_headers(admin: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_access_token(admin.id)}"}


@pytest.fixture
def user_headers(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_access_token(user.id)}"}


@pytest.fixture
async def category(session: AsyncSession) -> Category:
    category = Category(name="Bicycles")
    session.add(category)
    await session.commit()
    return category


@pytest.fixture
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The SQL statements sent to the database while the test runs."""
    seen: list[str] = []

    def record(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", record)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", record)
