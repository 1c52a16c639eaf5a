"""What tests of verification stand on: the machine's PostgreSQL, an environment with real tools, a tiny service."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from backwright.adapters.postgres import Binaries, find_binaries
from backwright.core.errors import ToolMissing
from made_once import alone

TOOLS = ("alembic>=1.13", "mypy>=1.10", "psycopg[binary]>=3.1", "pytest>=8", "ruff>=0.6", "sqlalchemy>=2.0")

PYPROJECT = """\
[project]
name = "tiny"
dependencies = ["sqlalchemy", "alembic", "psycopg"]
[tool.pytest.ini_options]
testpaths = ["tests"]
[tool.mypy]
files = ["app/names.py"]
[tool.ruff]
line-length = 100
"""
ALEMBIC = """\
[alembic]
script_location = migrations
prepend_sys_path = .
sqlalchemy.url = driver://user:pass@localhost/dbname
"""
DATABASE = """\
import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass
"""
MODELS = """\
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
"""
ENV = """\
from alembic import context

from app.database import engine
from app.models import Base

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision, down_revision = {revision!r}, {down!r}


def upgrade() -> None:
    name = sa.Column("name", sa.String(80), nullable=False)
    op.create_table({table!r}, sa.Column("id", sa.Integer, primary_key=True), name)


def downgrade() -> None:
    {undo}
"""
TESTS = """\
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import engine
from app.models import User


def test_the_table_is_there_and_empty() -> None:
    with Session(engine) as session:
        assert session.scalars(select(User)).all() == []
        session.add(User(name="a"))
        session.commit()
"""


def revision(name: str, down: str | None, table: str, undo: str = "") -> str:
    """A migration that makes `table`; `undo` is its downgrade, which drops the table where none is given."""
    return REVISION.format(revision=name, down=down, table=table, undo=undo or f"op.drop_table({table!r})")


def tiny_service(folder: Path) -> Path:
    """A service of one table whose tests need their database migrated. Its `DATABASE_URL` is required."""
    files = {
        "pyproject.toml": PYPROJECT,
        "alembic.ini": ALEMBIC,
        "app/__init__.py": "",
        "app/names.py": "LONGEST = 80\n",
        "app/database.py": DATABASE,
        "app/models.py": MODELS,
        "migrations/env.py": ENV,
        "migrations/versions/0001_users.py": revision("0001", None, "users"),
        "tests/test_users.py": TESTS,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def installed_postgres() -> Binaries:
    """The machine's server. Without one these tests are skipped by name, and fail where everything must be there."""
    try:
        return find_binaries()
    except ToolMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL: {missing.message}")


def tools_environment(cache: Path) -> Path:
    """The interpreter of an environment with `TOOLS`, made once. Skipped by name where they cannot be installed."""
    key = hashlib.sha256(repr((TOOLS, sys.version_info[:3])).encode()).hexdigest()[:12]
    place = cache / f"tools-{key}"
    python = place / "bin" / "python"
    with alone(place):
        if not (place / "complete").exists():
            venv.create(place, with_pip=True, clear=True)
            done = subprocess.run(
                [python, "-m", "pip", "install", "-q", *TOOLS], capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                if os.environ.get("CI"):
                    raise AssertionError(done.stderr)
                pytest.skip(f"pip could not install {', '.join(TOOLS)}")
            (place / "complete").touch()
    return python
