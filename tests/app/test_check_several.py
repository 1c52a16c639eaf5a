"""`check` in a repository with several backends."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import config_of, git

from backwright.app.check import check_repository
from backwright.report.check_text import summary_line

SQL = "from fastapi import FastAPI\nfrom sqlalchemy import create_engine, text\n\napp = FastAPI()\nengine = create_engine('sqlite://')\n\n\n"
PYTHON = SQL + (
    "@app.get('/orders')\ndef orders(name: str) -> list[str]:\n    with engine.connect() as connection:\n"
    "        rows = connection.execute(text(f\"SELECT name FROM orders WHERE name = '{name}'\"))\n"
    "        return [row[0] for row in rows]\n"
)
NODE = """import express from "express";
import { Pool } from "pg";

const app = express();
const pool = new Pool();

app.get("/users", async (req, res) => {
  const found = await pool.query(`SELECT * FROM users WHERE name = '${req.query.name}'`);
  res.json(found.rows);
});
app.listen(3000);
"""


def lay_out(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    return root


@pytest.fixture
def monorepo(tmp_path: Path) -> Path:
    return lay_out(
        tmp_path,
        {
            "orders/pyproject.toml": '[project]\nname = "orders"\ndependencies = ["fastapi", "sqlalchemy"]\n',
            "orders/main.py": PYTHON,
            "users/package.json": '{"name": "users", "dependencies": {"express": "^4.0.0", "pg": "^8.0.0"}}\n',
            "users/src/server.ts": NODE,
        },
    )


def sql_in(folder: Path) -> list[str]:
    found = check_repository(folder, config_of(folder))
    return [f.span.path for f in found.findings if f.rule == "BW301"]


def test_all_of_them_are_checked_from_the_top(monorepo: Path) -> None:
    assert sql_in(monorepo) == ["orders/main.py", "users/src/server.ts"]
    found = check_repository(monorepo, config_of(monorepo))
    assert found.backends == ("orders", "users")
    assert found.files == 2
    assert "2 backends, 2 files" in summary_line(found)


def test_one_of_them_alone_from_its_folder(monorepo: Path) -> None:
    assert sql_in(monorepo / "orders") == ["orders/main.py"]
    assert sql_in(monorepo / "users" / "src") == ["users/src/server.ts"]
    assert check_repository(monorepo / "users", config_of(monorepo)).backends == ()


def test_named_files_are_those_of_any_of_them(monorepo: Path) -> None:
    only = [monorepo / "users" / "src" / "server.ts"]
    found = check_repository(monorepo, config_of(monorepo), only=only)
    assert {f.span.path for f in found.findings} == {"users/src/server.ts"}


def test_one_that_has_nothing_to_check_is_told(monorepo: Path) -> None:
    (monorepo / "backwright.toml").write_text('[backwright]\nexclude = ["users/src/**"]\n')
    found = check_repository(monorepo, config_of(monorepo))
    assert found.backends == ("orders",)
    assert [(p.message, p.exit_code) for p in found.problems] == [("not checked: there are no files to check", 0)]
