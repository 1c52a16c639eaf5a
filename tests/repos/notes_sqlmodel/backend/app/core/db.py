from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

from app import crud
from app.core.config import settings
from app.models import UserCreate


def build_engine(url: str, **kwargs: Any) -> Engine:
    if url.startswith("sqlite"):
        kwargs.setdefault("connect_args", {"check_same_thread": False})
    engine = create_engine(url, **kwargs)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def set_sqlite_pragma(dbapi_connection: Any, _record: Any) -> None:
            cursor = dbapi_connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    return engine


engine = build_engine(settings.DATABASE_URL)


def init_db(session: Session, *, email: str, password: str) -> None:
    # Tables are created with Alembic migrations
    user = crud.get_user_by_email(session=session, email=email)
    if not user:
        user_in = UserCreate(email=email, password=password, is_superuser=True)
        crud.create_user(session=session, user_create=user_in)
