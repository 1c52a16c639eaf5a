from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import get_session
from app.errors import PermissionDeniedError
from app.models import User
from app.repositories.category import CategoryRepository
from app.repositories.supplier import SupplierRepository
from app.repositories.user import UserRepository
from app.services.category import CategoryService
from app.services.supplier import SupplierService
from app.services.user import UserService

MAX_ID = 2**31 - 1

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login")

# scope="function": the transaction ends before the answer is sent, so a failing commit is seen.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
PathId = Annotated[int, Path(ge=1, le=MAX_ID)]


class PageParams:
    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    ) -> None:
        self.limit = limit
        self.offset = offset


PageDep = Annotated[PageParams, Depends()]


def get_user_service(session: SessionDep) -> UserService:
    return UserService(UserRepository(session))


def get_category_service(session: SessionDep) -> CategoryService:
    return CategoryService(CategoryRepository(session))


def get_supplier_service(session: SessionDep) -> SupplierService:
    return SupplierService(SupplierRepository(session), CategoryRepository(session))


UserServiceDep = Annotated[UserService, Depends(get_user_service)]
CategoryServiceDep = Annotated[CategoryService, Depends(get_category_service)]
SupplierServiceDep = Annotated[SupplierService, Depends(get_supplier_service)]


async def get_current_user(
    token: Annotated[str, Depends(oauth2_scheme)], service: UserServiceDep
) -> User:
    return await service.get_by_token(token)


CurrentUser = Annotated[User, Depends(get_current_user)]


async def require_admin(user: CurrentUser) -> User:
    if not user.is_admin:
        raise PermissionDeniedError("Only administrators may do this")
    return user
