from collections.abc import Sequence

from anyio import to_thread

from app.core.security import (
    create_access_token,
    hash_password,
    read_access_token,
    verify_password,
)
from app.errors import AuthenticationError, ConflictError
from app.models import User
from app.repositories.user import UserRepository
from app.schemas.user import UserCreate


class UserService:
    def __init__(self, users: UserRepository) -> None:
        self.users = users

    async def register(self, data: UserCreate, *, is_admin: bool = False) -> User:
        email = data.email.lower()
        if await self.users.get_by_email(email) is not None:
            raise ConflictError(f"User {email} already exists")
        user = User(
            email=email,
            full_name=data.full_name,
            hashed_password=await to_thread.run_sync(hash_password, data.password),
            is_admin=is_admin,
        )
        return await self.users.add(user)

    async def login(self, email: str, password: str) -> str:
        """An access token for the user with this address and password."""
        user = await self.users.get_by_email(email.lower())
        if user is None:
            # Takes as long as a wrong password, so that answers do not tell which addresses exist.
            await to_thread.run_sync(hash_password, password)
            raise AuthenticationError("Incorrect email or password")
        if not await to_thread.run_sync(verify_password, password, user.hashed_password):
            raise AuthenticationError("Incorrect email or password")
        if not user.is_active:
            raise AuthenticationError("The account is not active")
        return create_access_token(user.id)

    async def get_by_token(self, token: str) -> User:
        user_id = read_access_token(token)
        user = None if user_id is None else await self.users.get(user_id)
        if user is None or not user.is_active:
            raise AuthenticationError("Could not validate credentials")
        return user

    async def list_page(self, *, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return await self.users.list_page(limit=limit, offset=offset)
