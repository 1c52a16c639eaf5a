"""Verification for real: pytest, mypy, ruff and Alembic, on SQLite and on PostgreSQL, before a change and after it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from verify_scene import TESTS, installed_postgres, revision, tiny_service, tools_environment

from backwright.adapters.postgres import Binaries
from backwright.adapters.pythonenv import Environment, find_environment
from backwright.adapters.sandbox.space import unheld
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import run
from backwright.adapters.workbench import Bench, Workbench
from backwright.core.errors import ToolMissing
from backwright.core.facts import Loc, Setting, Span
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, Step, StepResult, Verdict
from backwright.engine.contract import discover_contract
from backwright.engine.contract_database import ProjectSettings, plan_database
from backwright.engine.contract_project import ProjectFacts, is_relevant
from backwright.engine.verifying import exit_code, nothing_new, verify

pytestmark = pytest.mark.journey

MODEL = "\n\nclass Item(Base):\n    __tablename__ = 'items'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
MODEL += "    name: Mapped[str] = mapped_column(String(80))\n"
ADDED = {
    "app/models.py": lambda old: old + MODEL,
    "migrations/versions/0002_items.py": lambda _: revision("0002", "0001", "items"),
    "tests/test_items.py": lambda _: TESTS.replace("User", "Item"),
}
Edits = Mapping[str, Callable[[str], str]]


def none() -> Binaries:
    raise ToolMissing("no PostgreSQL server is installed on this machine")


@pytest.fixture(scope="session")
def environment(request: pytest.FixtureRequest) -> Environment:
    python = tools_environment(request.config.cache.mkdir("journey"))
    return find_environment(python.parent, python.parent, unheld, python=python)


def contract_of(folder: Path) -> Contract:
    paths = tuple(sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
    return discover_contract(
        ProjectFacts(files={p: (folder / p).read_text() for p in paths if is_relevant(p)}, paths=paths)
    )


class Scene:
    """A tree, and verification of copies of it that are edited."""

    def __init__(
        self, tmp_path: Path, environment: Environment, default: str, binaries: Callable[[], Binaries]
    ) -> None:
        self.place = tmp_path
        self.original = tiny_service(tmp_path / "repo")
        self.environment = environment
        setting = Setting(name="DATABASE_URL", loc=Loc(1, 1, 1, 1, 0, 0), default=repr(default), annotation="str")
        plan = plan_database(ProjectSettings(settings=(setting,), dependencies=frozenset({"psycopg"})))
        self.databases = ScratchDatabases(plan, tmp_path / "db", binaries)
        self.contract = contract_of(self.original)
        self.findings: list[Finding] = []
        self._runs = 0

    def copy(self, edits: Edits) -> Path:
        self._runs += 1
        copy = self.place / f"copy-{self._runs}" / "repo"
        shutil.copytree(self.original, copy)
        for path, change in edits.items():
            target = copy / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(change(target.read_text() if target.exists() else ""))
        return copy

    def verify(
        self, edits: Edits, baseline: Verdict | None = None, steps: tuple[Step, ...] = ()
    ) -> dict[str, StepResult]:
        self.verdict = self._verify(edits, baseline, steps)
        return {result.step: result for result in self.verdict.results}

    def _verify(self, edits: Edits, baseline: Verdict | None, steps: tuple[Step, ...]) -> Verdict:
        contract = Contract(steps=steps, source="test") if steps else self.contract
        new = [path for path in edits if not (self.original / path).exists()]
        bench = Bench(
            original=self.original,
            copy=self.copy(edits),
            scratch=self.place / f"scratch-{self._runs}",
            environment=self.environment,
            databases=self.databases,
            contract=self.contract,
            run=run,
            run_in=unheld,
            new_paths=new,
            guardrails=lambda: list(self.findings),
            caches=self.place / "caches",
        )
        bench.scratch.mkdir()
        tests = [path for path in new if path.startswith("tests/")]
        return verify(contract, Workbench(bench), baseline, new_tests=tests)

    def step(self, name: str) -> tuple[Step, ...]:
        return tuple(step for step in self.contract.steps if step.name == name)


@pytest.fixture
def on_sqlite(tmp_path: Path, environment: Environment) -> Iterator[Scene]:
    scene = Scene(tmp_path, environment, "sqlite:///./tiny.db", none)
    with scene.databases:
        yield scene


@pytest.fixture
def on_postgres(tmp_path: Path, environment: Environment) -> Iterator[Scene]:
    scene = Scene(tmp_path, environment, "postgresql+psycopg://tiny:secret@db:5432/tiny", installed_postgres)
    with scene.databases:
        yield scene


def check_a_good_change(scene: Scene) -> None:
    pictured = {path: path.read_bytes() for path in scene.original.rglob("*") if path.is_file()}
    before = scene.verify({})
    assert {name: r.outcome for name, r in before.items()} == dict.fromkeys(
        ("lint", "types", "migrations", "tests", "guardrails"), "passed"
    )
    baseline = scene.verdict
    after = scene.verify(ADDED, baseline)
    assert after["tests"].detail == "2 passed, 1 of them new"
    assert after["migrations"].detail == "up, down, up on a scratch database"
    assert after["guardrails"].detail == "nothing new"
    assert all(r.outcome == "passed" and r.was == "passed" for r in after.values())
    assert scene.verdict.ok
    assert nothing_new(scene.verdict)
    assert scene.databases.works_with == "migrated"
    assert pictured == {path: path.read_bytes() for path in scene.original.rglob("*") if path.is_file()}


def test_a_good_change_on_sqlite(on_sqlite: Scene) -> None:
    check_a_good_change(on_sqlite)


def test_a_good_change_on_postgresql(on_postgres: Scene) -> None:
    check_a_good_change(on_postgres)


def test_what_is_wrong_with_a_change_is_new(on_sqlite: Scene) -> None:
    on_sqlite.verify({})
    baseline = on_sqlite.verdict
    on_sqlite.findings = [Finding("BW301", "n", "error", "bad", Span("app/models.py", 3))]
    bad: Edits = {
        "app/models.py": lambda old: old + MODEL,
        "app/names.py": lambda old: f"import os\n\n{old}LIMIT: int = 'a'\n",
        "tests/test_users.py": lambda old: old + "\n\ndef test_more() -> None:\n    assert False\n",
    }
    after = on_sqlite.verify(bad, baseline)
    assert after["lint"].new == ("app/names.py: F401 [*] `os` imported but unused",)
    assert after["types"].new is not None
    assert after["types"].new[0].startswith("app/names.py: error: Incompatible types in assignment")
    assert after["migrations"].new is not None
    assert after["migrations"].new[0].startswith("drift: ('add_table', Table('items'")
    assert after["tests"].new == ("tests/test_users.py::test_more",)
    assert after["guardrails"].new == ("app/models.py: BW301 bad",)
    assert all((r.outcome, r.was) == ("failed", "passed") for r in after.values())
    assert not nothing_new(on_sqlite.verdict)
    assert exit_code(on_sqlite.verdict) == 1


@pytest.mark.parametrize(
    ("undo", "problem"),
    [("pass", "up again: OperationalError"), ("raise RuntimeError('no way back')", "down: RuntimeError: no way back")],
)
def test_a_migration_that_cannot_go_back(undo: str, problem: str, on_sqlite: Scene) -> None:
    edits = {**ADDED, "migrations/versions/0002_items.py": lambda _: revision("0002", "0001", "items", undo)}
    result = on_sqlite.verify(edits, steps=on_sqlite.step("migrations"))["migrations"]
    assert result.outcome == "failed"
    assert problem in result.detail
    assert problem.rpartition(": ")[2] in result.tail


def test_two_heads(on_sqlite: Scene) -> None:
    edits = {**ADDED, "migrations/versions/0003.py": lambda _: revision("0003", "0001", "others")}
    result = on_sqlite.verify(edits, steps=on_sqlite.step("migrations"))["migrations"]
    assert "2 heads, 0002, 0003: merge them" in (result.problems or ())


def test_old_drift_is_not_new(on_sqlite: Scene) -> None:
    drifted = on_sqlite.original / "app" / "models.py"
    drifted.write_text(drifted.read_text() + MODEL.replace("Item", "Old").replace("items", "olds"))
    steps = on_sqlite.step("migrations")
    before = on_sqlite.verify({}, steps=steps)["migrations"]
    assert before.outcome == "failed"
    after = on_sqlite.verify(ADDED, on_sqlite.verdict, steps)["migrations"]
    assert (after.outcome, after.was, after.new) == ("failed", "failed", ())
    assert nothing_new(on_sqlite.verdict)


def test_no_migration_yet(on_sqlite: Scene) -> None:
    (on_sqlite.original / "migrations/versions/0001_users.py").unlink()
    (on_sqlite.original / "app/models.py").write_text("from app.database import Base as Base\n")
    result = on_sqlite.verify({}, steps=on_sqlite.step("migrations"))["migrations"]
    assert (result.outcome, result.detail) == ("passed", "no migrations yet, no drift")


def test_another_database_is_never_touched(on_sqlite: Scene) -> None:
    """The code ignores its settings and names a database of its own: it is not opened, and nothing is claimed."""
    mine = on_sqlite.place / "mine.db"
    database = on_sqlite.original / "app" / "database.py"
    database.write_text(database.read_text().replace('os.environ["DATABASE_URL"]', repr(f"sqlite:///{mine}")))
    result = on_sqlite.verify({}, steps=on_sqlite.step("migrations"))["migrations"]
    assert result.outcome == "unavailable"
    assert "which is not the scratch database" in result.detail
    assert not mine.exists()


def test_an_address_in_alembic_ini_is_replaced(on_sqlite: Scene) -> None:
    """env.py takes its address from the file: a scratch copy of the file says another."""
    env = on_sqlite.original / "migrations" / "env.py"
    own = "import sqlalchemy as sa\nengine = sa.create_engine(context.config.get_main_option('sqlalchemy.url'))\n"
    env.write_text(env.read_text().replace("from app.database import engine\n", own))
    ini = on_sqlite.original / "alembic.ini"
    url = f"sqlite:///{on_sqlite.place}/mine.db"
    text = ini.read_text().replace("driver://user:pass@localhost/dbname", url)
    ini.write_text(text.replace("= migrations", "= %(here)s/migrations"))
    on_sqlite.databases.plan = plan_database(ProjectSettings(alembic_url=url))
    step = msgspec.structs.replace(on_sqlite.step("migrations")[0], env={"DATABASE_URL": "sqlite://"})
    result = on_sqlite.verify({}, steps=(step,))["migrations"]
    assert (result.outcome, result.detail) == ("passed", "up, down, up on a scratch database")
    assert not (on_sqlite.place / "mine.db").exists()


def test_without_a_server_a_failure_is_unavailable_and_a_pass_is_a_pass(
    tmp_path: Path, environment: Environment
) -> None:
    scene = Scene(tmp_path, environment, "postgresql+psycopg://tiny@db/tiny", none)
    (scene.original / "tests/test_users.py").write_text("def test_one() -> None:\n    assert True\n")
    results = scene.verify({}, steps=(*scene.step("migrations"), *scene.step("tests")))
    assert results["tests"].outcome == "passed"
    assert results["migrations"].outcome == "unavailable"
    assert "no PostgreSQL server is installed" in results["migrations"].detail
    assert exit_code(scene.verdict) == 3
    failing = scene.verify({"tests/test_users.py": lambda _: TESTS}, steps=scene.step("tests"))["tests"]
    assert failing.outcome == "unavailable"
    assert "it needs PostgreSQL" in failing.detail


def test_tests_that_want_an_empty_database(on_sqlite: Scene) -> None:
    make = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)"
    conftest = f"from app.database import engine\n\nwith engine.begin() as c:\n    c.exec_driver_sql({make!r})\n"
    (on_sqlite.original / "tests/conftest.py").write_text(conftest)
    result = on_sqlite.verify({}, steps=on_sqlite.step("tests"))["tests"]
    assert (result.outcome, on_sqlite.databases.works_with) == ("passed", "empty")


def test_an_env_file_that_the_project_insists_on(on_sqlite: Scene) -> None:
    database = on_sqlite.original / "app" / "database.py"
    insist = 'if not os.path.exists(".env"):\n    raise FileNotFoundError("Config file \'.env\' not found.")\n'
    database.write_text(database.read_text().replace("engine =", insist + "engine ="))
    results = on_sqlite.verify({}, steps=(*on_sqlite.step("tests"), *on_sqlite.step("migrations")))
    assert (results["tests"].outcome, results["migrations"].outcome) == ("passed", "passed")
    assert on_sqlite.databases.env_files == [".env"]
    assert not list(on_sqlite.place.glob("copy-*/repo/.env"))


def test_commands_of_a_declared_contract(on_sqlite: Scene) -> None:
    (on_sqlite.original / "check.sh").write_text("#!/bin/sh\nset -e\npython -m pytest -q\necho all good\n")
    (on_sqlite.original / "check.sh").chmod(0o755)
    steps = (
        Step(name="tests", argv=("uv", "run", "pytest"), skip_if_missing="sh"),
        Step(name="script", argv=("./check.sh",), pass_signal="all good"),
        Step(name="module", argv=("python", "-m", "compileall", "-q", "app")),
        Step(name="gone", argv=("no-such-tool", "-x")),
        Step(name="missing", argv=("./gone.sh",), required=False),
        Step(name="skipped", argv=("pytest",), skip_if_missing="no-such-program"),
        Step(name="raw_sql", builtin="raw_sql", argv=("--include=*.py", "-e", "create_engine\\(os")),
        Step(name="raw_clean", builtin="raw_sql", argv=("--include=*.py", "-e", "execute\\(f")),
    )
    results = on_sqlite.verify({}, steps=steps)
    assert {name: r.outcome for name, r in results.items()} == {
        "tests": "passed", "script": "passed", "module": "passed", "gone": "unavailable", "missing": "unavailable",
        "skipped": "skipped", "raw_sql": "failed", "raw_clean": "passed",
    }  # fmt: skip
    assert results["gone"].detail == "no-such-tool is not installed"
    assert results["script"].detail == "1 passed"
    assert results["raw_sql"].problems == ('app/database.py:engine = create_engine(os.environ["DATABASE_URL"])',)
    assert not on_sqlite.verdict.ok


def test_our_secrets_do_not_reach_the_projects_code(on_sqlite: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_API_TOKEN", "canary")
    monkeypatch.setenv("DATABASE_URL", "postgresql://prod.example.com/shop")
    code = "import os\n\n\ndef test_env() -> None:\n    assert 'canary' not in str(os.environ)\n"
    code += "    assert os.environ['DATABASE_URL'].startswith('sqlite:////')\n    assert os.environ['CI'] == '1'\n"
    (on_sqlite.original / "tests/test_users.py").write_text(code)
    assert on_sqlite.verify({}, steps=on_sqlite.step("tests"))["tests"].outcome == "passed"


def test_a_step_that_takes_too_long(on_sqlite: Scene) -> None:
    step = Step(name="slow", argv=("python", "-c", "import time; time.sleep(30)"), timeout=1)
    result = on_sqlite.verify({}, steps=(step,))["slow"]
    assert (result.outcome, result.detail) == ("failed", "stopped after 1 s")


def test_what_a_tool_says_about_the_private_copy_is_the_same_in_every_copy(on_sqlite: Scene) -> None:
    """An `env.py` that fails names its whole path."""
    blind: Edits = {"migrations/env.py": lambda text: text + "\nraise RuntimeError(__file__)\n"}
    steps = on_sqlite.step("migrations")
    before = on_sqlite.verify(blind, steps=steps)["migrations"]
    assert before.outcome == "failed"
    assert str(on_sqlite.place) not in " ".join([*(before.problems or ()), before.detail, before.tail])
    after = on_sqlite.verify(blind, on_sqlite.verdict, steps)["migrations"]
    assert after.new == ()


def test_new_advice_is_shown_and_fails_nothing(on_sqlite: Scene) -> None:
    on_sqlite.verify({})
    baseline = on_sqlite.verdict
    on_sqlite.findings = [Finding("BW401", "n", "advice", "the style of the house", Span("app/models.py", 3))]
    after = on_sqlite.verify({"app/names.py": lambda old: f"{old}\n"}, baseline)["guardrails"]
    assert (after.outcome, after.detail, after.new) == ("passed", "1 new advice", ())
