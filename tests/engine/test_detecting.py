"""The stack, with evidence: what production code uses outweighs what is declared."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.core.stack import Stack
from backwright.engine.detecting import detect
from backwright.engine.housing import build_house
from backwright.engine.manifests import Manifests
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

PYPROJECT = """[project]
name = "x"
requires-python = ">=3.12"
dependencies = [
    "fastapi[standard]>=0.115.2,<1",
    "sqlalchemy[asyncio]~=2.0.30",
    "asyncpg",  # the driver
    "pyjwt>=2.8",
    "passlib[bcrypt]",
]

[dependency-groups]
dev = ["pytest>=8", "ruff", "mypy>=1.10"]

[tool.mypy]
strict = true

[tool.ruff]
line-length = 100
"""
MAIN = """from fastapi import FastAPI
import jwt

app = FastAPI()
"""
MODEL = """from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def stack(build: Build, files: Mapping[str, str]) -> Stack:
    index, archmap = build(files)
    house, _ = build_house(index, archmap.components, lambda path: files.get(path, ""))
    return detect(index, house, Registry().frameworks, files.get)


def test_claims_have_their_evidence(build: Build) -> None:
    found = stack(build, {"pyproject.toml": PYPROJECT, "app/main.py": MAIN, "app/models.py": MODEL})
    claims = {(p.kind, p.name): (p.version, str(p.evidence[0])) for p in found.parts}
    assert claims[("language", "Python")] == ("3.12+", "pyproject.toml:3")
    assert claims[("framework", "FastAPI")] == ("0.115", "pyproject.toml:5")
    assert claims[("orm", "SQLAlchemy")] == ("2.0", "pyproject.toml:6")
    assert claims[("database", "PostgreSQL")] == ("", "pyproject.toml:7")
    assert claims[("auth", "PyJWT")] == ("2.8", "pyproject.toml:8")
    assert claims[("linter", "Ruff")][1] == "pyproject.toml:13"
    assert claims[("types", "mypy")] == ("1.10", "pyproject.toml:13")
    assert claims[("tests", "pytest")] == ("8", "pyproject.toml:13")


def test_used_beats_declared(build: Build) -> None:
    found = stack(build, {"pyproject.toml": PYPROJECT, "app/main.py": MAIN, "app/models.py": MODEL})
    assert [p.name for p in found.parts if p.kind == "auth"] == ["PyJWT"]
    assert [p.name for p in found.unused if p.kind == "auth"] == ["passlib"]


def test_a_lock_file_says_the_version(build: Build) -> None:
    lock = 'version = 1\n\n[[package]]\nname = "fastapi"\nversion = "0.116.1"\n'
    found = stack(build, {"pyproject.toml": PYPROJECT, "uv.lock": lock, "app/main.py": MAIN})
    assert found.first("framework").version == "0.116"  # type: ignore[union-attr]
    assert found.name("package_manager") == "uv"


def test_sqlmodel_counts_before_the_library_below_it(build: Build) -> None:
    imports = "from sqlmodel import Field, SQLModel\nfrom sqlalchemy import func\n\n\n"
    model = f"{imports}class Note(SQLModel, table=True):\n    id: int = Field(primary_key=True)\n"
    found = stack(
        build, {"requirements.txt": "fastapi==0.110.0\nsqlmodel==0.0.22\n", "main.py": MAIN, "models.py": model}
    )
    assert next((p.name, p.version) for p in found.parts if p.kind == "orm") == ("SQLModel", "0.0.22")
    assert found.first("framework").version == "0.110"  # type: ignore[union-attr]


def test_the_database_is_what_addresses_and_drivers_say(build: Build) -> None:
    compose = "services:\n  db:\n    image: postgres:16\n"
    env = "DATABASE_URL=postgresql+asyncpg://u:p@localhost/x\n"
    files = {"pyproject.toml": PYPROJECT, "main.py": MAIN, "docker-compose.yml": compose, ".env.example": env}
    database = stack(build, files).first("database")
    assert database is not None
    assert (database.name, database.version) == ("PostgreSQL", "16")
    assert {span.path for span in database.evidence} == {".env.example", "docker-compose.yml", "pyproject.toml"}


def test_names_of_distributions_are_not_found_inside_others() -> None:
    text = '[project]\ndependencies = ["fastapi-users>=12", "my-fastapi", "pytest_asyncio", "PyJWT==2.9.0"]\n'
    manifests = Manifests("", {"pyproject.toml": text}, ("pyproject.toml",), lambda path: None)
    assert manifests.find("fastapi") is None
    assert manifests.find("pytest") is None
    found = manifests.find("pyjwt")
    assert found is not None
    assert found.version == "2.9"


def test_poetry_and_setup_cfg() -> None:
    poetry = '[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "^0.110.0"\n'
    poetry += 'uvicorn = {extras = ["standard"], version = "^0.29"}\n'
    manifests = Manifests("", {"pyproject.toml": poetry}, (), lambda path: None)
    versions = {name: found.version if (found := manifests.find(name)) else None for name in ("fastapi", "uvicorn")}
    assert versions == {"fastapi": "0.110", "uvicorn": "0.29"}
    python = manifests.python()
    assert python is not None
    assert python.version == "3.11+"
