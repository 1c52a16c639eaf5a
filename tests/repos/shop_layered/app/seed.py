"""Makes the first accounts: `python -m app.seed`. Accounts that exist are left as they are."""

import asyncio
import sys

from app.core.config import settings
from app.core.database import SessionFactory, engine
from app.repositories.user import UserRepository
from app.schemas.user import UserCreate
from app.services.user import UserService


async def seed(admin_password: str, user_password: str) -> None:
    accounts = (
        (UserCreate(email="admin@example.com", password=admin_password), True),
        (UserCreate(email="user@example.com", password=user_password), False),
        (UserCreate(email="other@example.com", password=user_password), False),
    )
    async with SessionFactory.begin() as session:
        users = UserRepository(session)
        service = UserService(users)
        for account, is_admin in accounts:
            if await users.get_by_email(account.email) is None:
                await service.register(account, is_admin=is_admin)
    await engine.dispose()


def main() -> None:
    if not settings.seed_admin_password or not settings.seed_user_password:
        sys.exit("Set SEED_ADMIN_PASSWORD and SEED_USER_PASSWORD")
    asyncio.run(seed(settings.seed_admin_password, settings.seed_user_password))


if __name__ == "__main__":
    main()
