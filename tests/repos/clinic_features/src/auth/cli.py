"""Makes an account. The password is read from standard input."""

import argparse
import asyncio
import sys
from getpass import getpass

from src.auth import service
from src.auth.models import Role
from src.auth.schemas import UserCreate
from src.database import async_session, engine


async def create(data: UserCreate) -> None:
    async with async_session() as session:
        await service.create_user(session, data)
    await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m src.auth.cli", description=__doc__)
    parser.add_argument("email")
    parser.add_argument("--name", default="")
    parser.add_argument("--role", type=Role, choices=list(Role), default=Role.staff)
    args = parser.parse_args()
    password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    asyncio.run(create(UserCreate(email=args.email, name=args.name or args.email, password=password, role=args.role)))


if __name__ == "__main__":
    main()
