from typing import Optional
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import User
from app.schemas.user import UserCreate
from app.security import hash_password, verify_password


def get_user(db: Session, user_id: UUID) -> Optional[User]:
    return db.get(User, user_id)


def get_user_by_username(db: Session, username: str) -> Optional[User]:
    return db.scalars(select(User).where(User.username == username)).first()


def is_taken(db: Session, user: UserCreate) -> bool:
    query = select(User.id).where(
        or_(User.username == user.username, User.email == user.email)
    )
    return db.scalars(query).first() is not None


def get_users(db: Session, skip: int = 0, limit: int = 100) -> list[User]:
    query = select(User).order_by(User.username).offset(skip).limit(limit)
    return list(db.scalars(query))


def create_user(db: Session, user: UserCreate, role: str = "member") -> User:
    db_user = User(
        username=user.username,
        email=user.email,
        password_hash=hash_password(user.password),
        role=role,
    )
    db.add(db_user)
    db.commit()
    db.refresh(db_user)
    return db_user


def authenticate(db: Session, username: str, password: str) -> Optional[User]:
    user = get_user_by_username(db, username)
    if user is None:
        hash_password(password)  # takes as long as checking one
        return None
    if not verify_password(password, user.password_hash):
        return None
    return user
