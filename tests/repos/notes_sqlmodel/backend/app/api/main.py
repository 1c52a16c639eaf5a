from fastapi import APIRouter

from app.api.routes import labels, login, notebooks, notes, users

api_router = APIRouter()
api_router.include_router(login.router)
api_router.include_router(users.router)
api_router.include_router(labels.router)
api_router.include_router(notebooks.router)
api_router.include_router(notes.router)
