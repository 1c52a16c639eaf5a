from fastapi import APIRouter, Depends, status

from src.auth import service
from src.auth.dependencies import CurrentUser, require_role
from src.auth.models import Role, User
from src.auth.schemas import Credentials, TokenResponse, UserCreate, UserResponse
from src.database import DBSession
from src.pagination import Page, Pagination

router = APIRouter(prefix="/auth", tags=["Auth"])


@router.post("/login")
async def log_in(credentials: Credentials, session: DBSession) -> TokenResponse:
    return TokenResponse(access_token=await service.log_in(session, credentials))


@router.get("/me", response_model=UserResponse)
async def get_me(user: CurrentUser) -> User:
    return user


@router.get("/users", response_model=Page[UserResponse], dependencies=[Depends(require_role(Role.admin))])
async def list_users(session: DBSession, pagination: Pagination) -> dict[str, object]:
    users, total = await service.list_users(session, pagination)
    return {"results": users, "total": total, "page": pagination.page, "size": pagination.size}


@router.post(
    "/users",
    response_model=UserResponse,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(require_role(Role.admin))],
)
async def create_user(data: UserCreate, session: DBSession) -> User:
    return await service.create_user(session, data)
