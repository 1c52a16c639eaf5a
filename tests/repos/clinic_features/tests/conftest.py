from collections.abc import AsyncGenerator

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import StaticPool
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from src.auth.models import Role, User
from src.auth.security import create_token
from src.database import Base, create_engine, get_session
from src.main import app
from src.patients.models import Patient


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def session() -> AsyncGenerator[AsyncSession, None]:
    engine = create_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def get_test_session() -> AsyncGenerator[AsyncSession, None]:
        async with sessions() as session:
            yield session

    app.dependency_overrides[get_session] = get_test_session
    async with sessions() as session:
        yield session
    app.dependency_overrides.clear()
    await engine.dispose()


def new_client(user: User | None = None) -> AsyncClient:
    headers = {"Authorization": f"Bearer {create_token(user.id)}"} if user else {}
    return AsyncClient(transport=ASGITransport(app=app), base_url="http://clinic", headers=headers)


async def add_user(session: AsyncSession, name: str, role: Role) -> User:
    user = User(email=f"{name}@example.com", name=name, role=role, password_hash="none")
    session.add(user)
    await session.commit()
    return user


@pytest.fixture
async def admin(session: AsyncSession) -> User:
    return await add_user(session, "admin", Role.admin)


@pytest.fixture
async def staff(session: AsyncSession) -> User:
    return await add_user(session, "staff", Role.staff)


@pytest.fixture
async def client(session: AsyncSession) -> AsyncGenerator[AsyncClient, None]:
    """Not logged in."""
    async with new_client() as client:
        yield client


@pytest.fixture
async def admin_client(admin: User) -> AsyncGenerator[AsyncClient, None]:
    async with new_client(admin) as client:
        yield client


@pytest.fixture
async def staff_client(staff: User) -> AsyncGenerator[AsyncClient, None]:
    async with new_client(staff) as client:
        yield client


@pytest.fixture
async def patient(session: AsyncSession) -> Patient:
    patient = Patient(record_number="P-001", name="Grace Hopper")
    session.add(patient)
    await session.commit()
    return patient
