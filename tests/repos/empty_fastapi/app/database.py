import os

from sqlalchemy.orm import DeclarativeBase

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///./app.db")


class Base(DeclarativeBase):
    pass
