from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from anyio import to_thread
from pwdlib import PasswordHash

from src.auth.exceptions import InvalidToken
from src.config import config

_hasher = PasswordHash.recommended()


async def hash_password(password: str) -> str:
    return await to_thread.run_sync(_hasher.hash, password)


async def check_password(password: str, password_hash: str) -> bool:
    return await to_thread.run_sync(_hasher.verify, password, password_hash)


def create_token(user_id: UUID) -> str:
    expires = datetime.now(UTC) + timedelta(minutes=config.JWT_MINUTES)
    return jwt.encode({"sub": str(user_id), "exp": expires}, config.JWT_SECRET, algorithm=config.JWT_ALG)


def parse_token(token: str) -> UUID:
    try:
        claims = jwt.decode(token, config.JWT_SECRET, algorithms=[config.JWT_ALG], options={"require": ["sub", "exp"]})
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as exc:
        raise InvalidToken from exc
