"""Create a user. The password is read from NEW_USER_PASSWORD or asked for."""

import argparse
import os
from getpass import getpass

from app.crud import user as crud_user
from app.database import SessionLocal
from app.schemas.user import UserCreate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("username")
    parser.add_argument("email")
    parser.add_argument("--role", choices=["member", "admin"], default="member")
    args = parser.parse_args()
    password = os.getenv("NEW_USER_PASSWORD") or getpass("Password: ")
    user = UserCreate(username=args.username, email=args.email, password=password)
    with SessionLocal() as db:
        if crud_user.is_taken(db, user):
            raise SystemExit("Username or email already taken")
        crud_user.create_user(db, user, role=args.role)


if __name__ == "__main__":
    main()
