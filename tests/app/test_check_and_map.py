"""`map`, `check`, `init`, `explain` and the contract, on sample services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_scene import config_of, content, git, shop

from backwright.app import guardrails
from backwright.app.bootstrap import registry
from backwright.app.check import check_repository
from backwright.app.contracts import contract_of
from backwright.app.explain import explain
from backwright.app.init import init_config
from backwright.app.map import map_repository
from backwright.app.project import open_project
from backwright.core.errors import NothingToDo, UsageError
from backwright.engine import checking

SLEEPS = """

async def slow() -> None:
    import time

    time.sleep(3)
"""
BAD = '''"""Reports."""

from fastapi import APIRouter
from sqlalchemy import text

from app.api.deps import SessionDep

router = APIRouter()


@router.get("/reports")
async def report(session: SessionDep, name: str) -> list[str]:
    rows = await session.execute(text(f"SELECT name FROM products WHERE name = '{name}'"))
    return [row[0] for row in rows]
'''


def test_map_shows_stack_layers_and_habits(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    archmap = map_repository(root, config_of(root)).archmap
    stack = {part.kind: part.name for part in reversed(archmap.stack.parts)}
    assert stack["framework"] == "FastAPI"
    assert stack["orm"] == "SQLAlchemy"
    assert stack["access"] == "async"
    assert stack["migrations"] == "Alembic"
    assert stack["linter"] == "Ruff"
    assert stack["types"] == "mypy"
    lines = {p: (root / p).read_text().splitlines() for p in ("pyproject.toml",)}
    framework = archmap.stack.first("framework")
    assert framework is not None
    assert "fastapi" in lines["pyproject.toml"][framework.evidence[0].line - 1]
    assert len(archmap.entities) == 3
    assert {edge.target for edge in archmap.edges if edge.source == "app/main.py"} >= {"app/api/router.py"}
    topics = {c.topic for c in archmap.conventions}
    assert {"session", "errors", "pagination", "primary_key", "layout", "import style", "wiring.service"} <= topics
    assert "app/__init__.py" not in archmap.unplaced
    assert all(c.support + c.against > 0 for c in archmap.conventions)


@pytest.mark.parametrize("name", ["clinic_features", "library_functions", "notes_sqlmodel", "tracker_flat"])
def test_every_layout_is_mapped(tmp_path: Path, name: str) -> None:
    root = shop(tmp_path / name, "", name)
    before = content(root)
    archmap = map_repository(root, config_of(root)).archmap
    assert archmap.routes
    assert archmap.entities
    assert archmap.by_role("router") or archmap.by_role("app")
    assert content(root) == before


def test_configuration_excludes_and_places(tmp_path: Path) -> None:
    config = '[backwright]\nexclude = ["app/seed.py"]\n[backwright.roles]\n"app/core/**" = "config"\n'
    root = shop(tmp_path / "shop", config)
    with open_project(root, config_of(root)) as project:
        roles = {c.path: c.role for c in project.components}
    assert "app/seed.py" not in roles
    assert roles["app/core/database.py"] == "config"


def test_since_shows_only_what_is_new(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "app/api/routes/old.py").write_text(BAD)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "old sins")
    (root / "app/api/routes/new.py").write_text(BAD)
    everything = check_repository(root, config_of(root))
    fresh = check_repository(root, config_of(root), since="HEAD")
    assert {f.span.path for f in everything.findings} >= {"app/api/routes/new.py", "app/api/routes/old.py"}
    assert {f.span.path for f in fresh.findings} == {"app/api/routes/new.py"}
    assert "BW301" in {f.rule for f in fresh.findings}
    line = next(f for f in fresh.findings if f.rule == "BW301").span.line
    assert "SELECT" in fresh.excerpts["app/api/routes/new.py"][line]
    assert {page.rule for page in fresh.pages} >= {"BW301"}
    (root / "app/api/routes/old.py").unlink()
    fresh = check_repository(root, config_of(root), since="HEAD")
    assert {f.span.path for f in fresh.findings} == {"app/api/routes/new.py"}


def test_a_folder_narrows_what_is_shown(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "app/api/routes/new.py").write_text(BAD)
    assert not check_repository(root / "app/models", config_of(root)).findings
    assert check_repository(root / "app/api", config_of(root)).findings


def test_rules_are_chosen_by_id_prefix_and_name(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", '[backwright.rules]\nselect = ["BW3", "hardcoded-secret"]\nignore = ["BW302"]\n')
    checked = check_repository(root, config_of(root))
    chosen = {page.rule for page in checked.pages}
    assert {"BW301", "BW303", "BW505"} <= chosen
    assert all(rule.startswith("BW3") or rule == "BW505" for rule in chosen)
    assert "BW302" not in chosen
    assert checked.rules == len(chosen)
    for wrong in ('select = ["BW999"]', 'ignore = ["nonsense"]'):
        (root / "backwright.toml").write_text(f"[backwright.rules]\n{wrong}\n")
        with pytest.raises(UsageError, match="does not exist") as caught:
            check_repository(root, config_of(root))
        assert caught.value.where == "backwright.toml:2"
    (root / "backwright.toml").write_text('[backwright.rules]\nignore = ["ALL"]\n')
    with pytest.raises(NothingToDo):
        check_repository(root, config_of(root))


def test_the_state_before_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shop(tmp_path / "shop")
    source = root / "app/services/category.py"
    before = source.read_text()
    looked: list[int] = []

    def counted(*arguments: Any, **named: Any) -> Any:
        looked.append(1)
        return checking.check(*arguments, **named)

    monkeypatch.setattr(guardrails, "check", counted)

    def said() -> tuple[int, int]:
        looked.clear()
        found = check_repository(root, config_of(root), since="HEAD").findings
        return len(found), len(looked)

    assert said() == (0, 2)
    source.write_text(before + SLEEPS)
    assert said() == (1, 1)
    (root / "app/services/other.py").write_text(SLEEPS)
    assert said() == (2, 1)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "sleeps")
    assert said() == (0, 2)  # another state
    source.write_text(before)
    assert said() == (0, 1)


def test_since_needs_git_and_a_commit(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with pytest.raises(UsageError, match="nowhere"):
        check_repository(root, config_of(root), since="nowhere")


def test_the_contract_is_the_projects_as_configured(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", "")

    def steps() -> dict[str, tuple[str, ...]]:
        with open_project(root, config_of(root)) as project:
            return {step.name: step.argv for step in contract_of(project).steps}

    assert list(steps()) == ["lint", "types", "migrations", "tests", "guardrails"]
    (root / "backwright.toml").write_text(
        "[backwright.verify]\nsteps = ['tests']\ncommands = { tests = ['pytest', '-q'] }\n"
    )
    assert steps() == {"tests": ("pytest", "-q")}
    (root / "backwright.toml").write_text("[backwright.verify]\nsteps = ['test']\n")
    with pytest.raises(UsageError, match="this project has not") as caught:
        steps()
    assert caught.value.hints[0] == "did you mean `tests`?"
    (root / "backwright.toml").unlink()
    (root / "stack").mkdir()
    (root / "stack/stack.yaml").write_text("language: python\nverify:\n  tests: pytest -x\n")
    git(root, "add", "-A")
    declared = steps()
    assert declared["tests"] == ("pytest", "-x")
    assert "migrations" in declared, "what no command can say comes along"


def test_init_writes_once(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", "")
    made = init_config(root)
    assert (root / made.path).read_text() == made.text
    assert config_of(root).include == ("app", "migrations", "tests")
    map_repository(root, config_of(root))
    with pytest.raises(UsageError, match="already"):
        init_config(root)


@pytest.mark.parametrize(
    ("subject", "kind", "said"),
    [
        ("BW301", "rule", "interpolated-sql"),
        ("interpolated-sql", "rule", "BW301"),
        ("rules", "rules", "BW505"),
        ("unplaced", "component", "app/core/security.py"),
        ("service", "component", "app/services/category.py"),
        ("app/api/deps.py", "component", "Imported by"),
        ("app.api.deps", "component", "Imported by"),
    ],
)
def test_explain(tmp_path: Path, subject: str, kind: str, said: str) -> None:
    root = shop(tmp_path / "shop")
    page = explain(subject, root)
    assert page.kind == kind
    assert said in page.markdown


def test_a_file_without_a_role_is_explained(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "app/odds.py").write_text("import app.main\n\n\ndef half(n: int) -> int:\n    return n // 2\n")
    page = explain("app/odds.py", root)
    assert "It has no role" in page.markdown
    assert "- `app/main.py`" in page.markdown


def test_rules_are_explained_anywhere(tmp_path: Path) -> None:
    assert explain("BW301", tmp_path).kind == "rule"


def test_the_handbook_is_explained_anywhere(tmp_path: Path) -> None:
    page = explain("playbook import", tmp_path)
    assert (page.kind, page.title) == ("knowledge", "Something that is imported or named is not there")
    assert "`playbook import`" in explain("handbook", tmp_path).markdown
    assert "`checklist`" not in explain("playbook", tmp_path).markdown
    assert not list(tmp_path.iterdir())


def test_only_the_named_files_and_folders_are_told(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    bad = root / "app/api/routes/reports.py"
    bad.write_text(BAD)
    config = config_of(root)
    whole = check_repository(root, config)
    named = check_repository(root / "app/api/routes", config, only=[bad])
    assert {f.rule for f in named.findings} >= {"BW101", "BW301"}
    assert named.findings == tuple(f for f in whole.findings if f.span.path == "app/api/routes/reports.py")
    assert (named.files, named.rules) == (1, whole.rules)
    folder = check_repository(root, config, only=[root / "app/services", root / "app/api/deps.py"])
    assert folder.findings == ()
    assert folder.files == 1 + len(list((root / "app/services").glob("*.py")))
    with pytest.raises(NothingToDo, match="nothing to check"):
        check_repository(root, config, only=[root / "README.md"])
    with pytest.raises(UsageError, match="not in this repository"):
        check_repository(root, config, only=[tmp_path / "elsewhere.py"])


def test_a_folder_of_old_code_may_be_judged_more_mildly(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "app/api/routes/reports.py").write_text(BAD)
    (root / "backwright.toml").write_text(
        '[backwright.rules.paths]\n"app/api/**" = {ALL = "off"}\n"app/api/routes/reports.py" = {BW301 = "warning"}\n'
    )
    found = check_repository(root, config_of(root)).findings
    assert [(f.rule, f.severity) for f in found if f.span.path.startswith("app/api")] == [("BW301", "warning")]
    (root / "backwright.toml").write_text('[backwright.rules.paths]\n"app/**" = {BW998 = "off"}\n')
    with pytest.raises(UsageError, match="BW998"):
        check_repository(root, config_of(root))


def test_other_backends_have_layers_too_and_are_placed_as_configured(tmp_path: Path) -> None:
    files = {
        "go.mod": "module example.com/shop\n\nrequire github.com/gin-gonic/gin v1.9.0\n",
        "main.go": 'package main\n\nimport (\n\t"example.com/shop/web"\n\t"github.com/gin-gonic/gin"\n)\n\n'
        'func main() {\n\tr := gin.Default()\n\tr.GET("/orders", web.List)\n\tr.Run()\n}\n',
        "web/orders.go": 'package web\n\nimport "github.com/gin-gonic/gin"\n\nfunc List(c *gin.Context) { c.JSON(200, nil) }\n',
        "legacy/service.go": "package legacy\n\nfunc Pay() int { return 1 }\n",
        "db/init.sql": "CREATE TABLE orders (id int);\n",
        "dumps/old.sql": "CREATE TABLE orders (id int);\n",
        "backwright.toml": '[backwright]\nexclude = ["dumps/**"]\n\n[backwright.roles]\n"legacy/**" = "repository"\n',
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    archmap = map_repository(tmp_path, config_of(tmp_path)).archmap
    assert {c.path: c.role for c in archmap.components} == {
        "db/init.sql": "migration",
        "legacy/service.go": "repository",
        "main.go": "app",
        "web/orders.go": "router",
    }
    assert {c.because for c in archmap.components if c.path == "legacy/service.go"} == {"the configuration says so"}


TYPESCRIPT = {
    "package.json": '{"name": "shop", "dependencies": {"express": "4.19.0", "pg": "8.11.0"}}',
    "src/app.ts": """import express from "express";
import { Pool } from "pg";

const app = express();
const pool = new Pool();

app.get("/users", async (req, res) => {
  const found = await pool.query(`SELECT * FROM users WHERE name = '${req.query.name}'`);
  res.json(found.rows);
});

app.listen(3000);
""",
}


def test_a_backend_in_another_language_is_checked_by_the_rules_that_speak_of_it(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    for path, text in TYPESCRIPT.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = check_repository(root, config_of(root))
    assert [(f.rule, str(f.span)) for f in found.findings if f.rule == "BW301"] == [("BW301", "src/app.ts:8")]
    claimed = [rule for rule in registry().rules if "typescript" in rule.languages]
    assert found.rules == len(claimed) < len(registry().rules)


def test_a_backend_that_no_chosen_rule_speaks_of_is_said(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    for path, text in {**TYPESCRIPT, "backwright.toml": '[backwright.rules]\nselect = ["BW604"]\n'}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    with pytest.raises(NothingToDo, match="no rule speaks of typescript"):
        check_repository(root, config_of(root))


def test_tables_that_stand_in_sql_only_are_no_exemplar(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\ndependencies = ["fastapi", "asyncpg"]\n')
    (tmp_path / "app/schema.sql").write_text("CREATE TABLE orders (\n    id bigint PRIMARY KEY,\n    total int\n);\n")
    (tmp_path / "app/main.py").write_text(
        'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/orders")\nasync def orders() -> list[int]:\n    return []\n'
    )
    result = map_repository(tmp_path, config_of(tmp_path))
    assert [entity.table.entity for entity in result.archmap.entities] == ["orders"]
