from fastapi import APIRouter, Depends

from app.api.deps import CurrentUser, PageDep, UserServiceDep, require_admin
from app.models import User
from app.schemas.base import Page
from app.schemas.user import UserRead

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", response_model=UserRead)
async def read_current_user(user: CurrentUser) -> User:
    return user


@router.get("", response_model=Page[UserRead], dependencies=[Depends(require_admin)])
async def list_users(service: UserServiceDep, page: PageDep) -> Page[UserRead]:
    users, total = await service.list_page(limit=page.limit, offset=page.offset)
    return Page(
        items=[UserRead.model_validate(user) for user in users],
        total=total,
        limit=page.limit,
        offset=page.offset,
    )
