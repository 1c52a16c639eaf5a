import os
import secrets
from datetime import datetime, timedelta, timezone

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pwdlib import PasswordHash
from sqlalchemy.orm import Session

from . import crud, models
from .database import get_db

SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_hex(32)
ALGORITHM = "HS256"
TOKEN_LIFETIME = timedelta(hours=2)

passwords = PasswordHash.recommended()
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


def hash_password(password: str) -> str:
    return passwords.hash(password)


def authenticate(db: Session, name: str, password: str):
    user = crud.get_user_by_name(db, name)
    if user is None:
        hash_password(password)  # as slow as a wrong password
        return None
    return user if passwords.verify(password, user.password_hash) else None


def create_token(user: models.User) -> str:
    expires = datetime.now(timezone.utc) + TOKEN_LIFETIME
    claims = {"sub": str(user.id), "exp": expires}
    return jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM)


def current_user(
    token: str = Depends(oauth2_scheme), db: Session = Depends(get_db)
) -> models.User:
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
        user = crud.get_user(db, int(claims["sub"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        user = None
    if user is None:
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"})
    return user


def admin_user(user: models.User = Depends(current_user)) -> models.User:
    if not user.is_admin:
        raise HTTPException(403, "Admins only")
    return user
