import asyncio
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

# the features whose tables are migrated
import src.appointments.models
import src.auth.models
import src.patients.models  # noqa: F401
from src.config import config as app_config
from src.database import Base, UTCDateTime

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def configure(**kwargs: Any) -> None:
    context.configure(target_metadata=Base.metadata, render_item=render_item, **kwargs)
    with context.begin_transaction():
        context.run_migrations()


def migrate(connection: Connection) -> None:
    configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")


async def migrate_online() -> None:
    engine = create_async_engine(app_config.DATABASE_URL, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if context.is_offline_mode():
    configure(url=app_config.DATABASE_URL, literal_binds=True, dialect_opts={"paramstyle": "named"})
else:
    asyncio.run(migrate_online())
