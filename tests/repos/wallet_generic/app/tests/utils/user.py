from typing import Dict

from sqlalchemy.orm import Session

from app.core.security import create_access_token
from app.models.user import User
from app.tests.utils.utils import random_email


def create_random_user(db: Session, *, is_superuser: bool = False) -> User:
    # Nobody logs in with these users, so no time is spent on hashing a password
    user = User(email=random_email(), hashed_password="none", is_superuser=is_superuser)
    db.add(user)
    db.commit()
    return user


def get_token_headers(user: User) -> Dict[str, str]:
    return {"Authorization": f"Bearer {create_access_token(user.id)}"}
