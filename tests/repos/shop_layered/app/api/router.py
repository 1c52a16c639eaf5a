from typing import Any

from fastapi import APIRouter

from app.api.routes import auth, categories, suppliers, users
from app.schemas.base import Problem

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (401, 403, 404, 409, 422)
}

api_router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
api_router.include_router(auth.router)
api_router.include_router(users.router)
api_router.include_router(categories.router)
api_router.include_router(suppliers.router)
