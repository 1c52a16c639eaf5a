import argparse
import os
from getpass import getpass

from . import auth, crud
from .database import SessionLocal


def main():
    parser = argparse.ArgumentParser(prog="python -m tracker")
    commands = parser.add_subparsers(required=True)
    adduser = commands.add_parser("adduser", help="make an account")
    adduser.add_argument("name")
    adduser.add_argument("--admin", action="store_true")
    args = parser.parse_args()
    password = os.environ.get("TRACKER_PASSWORD") or getpass()
    with SessionLocal() as db:
        if crud.get_user_by_name(db, args.name):
            parser.error(f"{args.name} exists")
        crud.create_user(
            db, args.name, auth.hash_password(password), is_admin=args.admin
        )


if __name__ == "__main__":
    main()
