from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from src.auth.exceptions import EmailTaken, InvalidCredentials
from src.auth.models import User
from src.auth.schemas import Credentials, UserCreate
from src.auth.security import check_password, create_token, hash_password
from src.pagination import PageParams, paginate


async def get_user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def list_users(session: AsyncSession, params: PageParams) -> tuple[list[User], int]:
    users, total = await paginate(session, select(User).order_by(User.name, User.id), params)
    return list(users), total


async def create_user(session: AsyncSession, data: UserCreate) -> User:
    user = User(
        email=data.email.lower(), name=data.name, role=data.role, password_hash=await hash_password(data.password)
    )
    session.add(user)
    try:
        await session.commit()
    except IntegrityError as exc:
        await session.rollback()
        raise EmailTaken from exc
    return user


async def log_in(session: AsyncSession, credentials: Credentials) -> str:
    user = await session.scalar(select(User).where(User.email == credentials.email.lower()))
    if user is None:
        await hash_password(credentials.password)  # an unknown email takes as long as a wrong password
        raise InvalidCredentials
    if not await check_password(credentials.password, user.password_hash):
        raise InvalidCredentials
    return create_token(user.id)
