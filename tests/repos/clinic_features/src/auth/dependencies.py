from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from src.auth import service
from src.auth.exceptions import InvalidToken
from src.auth.models import Role, User
from src.auth.security import parse_token
from src.database import DBSession
from src.exceptions import NotAuthenticated, PermissionDenied

bearer = HTTPBearer(auto_error=False)


async def get_current_user(
    session: DBSession, bearer_token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> User:
    if bearer_token is None:
        raise NotAuthenticated
    user = await service.get_user(session, parse_token(bearer_token.credentials))
    if user is None:
        raise InvalidToken
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def require_role(*roles: Role) -> Callable[[User], User]:
    def check(user: CurrentUser) -> User:
        if user.role not in roles:
            raise PermissionDenied
        return user

    return check
