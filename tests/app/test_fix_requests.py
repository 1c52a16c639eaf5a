"""`fix` as a request: planned, proven, landed, undone; what is left is named with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import PYTHON, Watching, config_of, content, git, shop

from backwright.app.apply import apply_plan, undo
from backwright.app.check import check_repository
from backwright.app.plan import list_blueprints, plan_request
from backwright.app.results import Silent
from backwright.app.run import run_task
from backwright.core.errors import NeedsPerson, NothingToDo, UsageError

BAD = '''"""Reports."""

import time

from fastapi import APIRouter
from sqlalchemy import text

from app.api.deps import SessionDep

router = APIRouter()


@router.get("/reports")
async def report(session: SessionDep, name: str) -> list[str]:
    time.sleep(1)
    rows = await session.execute(text(f"SELECT name FROM products WHERE name = '{name}'"))
    return [row[0] for row in rows]
'''
RULES = ("BW301", "BW601")
agreed = Watching().consent


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    root = shop(tmp_path / "shop")
    (root / "app" / "api" / "reports.py").write_text(BAD)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "reports")
    return root


def rules_of(root: Path) -> list[str]:
    return [f.rule for f in check_repository(root, config_of(root)).findings if f.rule in RULES]


@pytest.mark.parametrize(
    "asked",
    [
        {"tokens": ("fix", "BW301,blocking-call-in-async", "in", "app/api")},
        {"tokens": ("fix", "all", "app/api/reports.py")},
        {"words": "please fix all findings in reports"},
        {"words": "fix the sql injection and blocking calls in app/api/reports.py"},
    ],
    ids=str,
)
def test_a_plan_of_fixes_is_applied_and_undone(bad: Path, asked: dict[str, object]) -> None:
    before = content(bad)
    plan = plan_request(bad, config_of(bad), **asked)  # type: ignore[arg-type]  # keywords of the ways to ask
    assert [edit.path for edit in plan.change.edits] == ["app/api/reports.py"]
    assert plan.saved
    assert content(bad) == before, "a plan writes no code"
    applied = apply_plan(bad, config_of(bad), plan.change.id, python=PYTHON, consent=agreed, progress=Silent())
    assert applied.outcome == "landed"
    assert not applied.new_findings
    assert not rules_of(bad)
    undo(bad, applied.landed_id)
    assert content(bad) == before


def test_a_run_mends_what_was_said_and_nothing_else(bad: Path) -> None:
    ran = run_task(bad, config_of(bad), words="fix BW601 in reports", python=PYTHON, consent=agreed, progress=Silent())
    assert ran.outcome == "done"
    assert rules_of(bad) == ["BW301"]
    assert ran.verdict is not None


def test_what_no_machine_can_mend_is_named_with_its_place(bad: Path) -> None:
    with pytest.raises(NeedsPerson) as refused:
        plan_request(bad, config_of(bad), words="fix BW101 in reports")
    (left,) = refused.value.hints
    assert left.startswith("app/api/reports.py:16 BW101 is left: it takes a decision that is not in the code; ")
    assert "does it the house way" in left, "the exemplar is named"


def test_a_fix_above_the_grade_is_left_and_says_how_to_have_it(bad: Path) -> None:
    path = bad / "app" / "api" / "reports.py"
    path.write_text(
        BAD.replace("time.sleep(1)", "time.sleep(1)\n    subprocess.run(['ls'])").replace(
            "time\n", "subprocess\nimport time\n", 1
        )
    )
    plan = plan_request(bad, config_of(bad), tokens=("fix", "BW601"), settings={"grade": "safe"})
    assert "subprocess.run(['ls'])" in (plan.change.edits[0].after or "")
    assert any("--set grade=review" in note for note in plan.change.notes)
    plan = plan_request(bad, config_of(bad), tokens=("fix", "BW601"))
    assert "await asyncio.to_thread(subprocess.run, ['ls'])" in (plan.change.edits[0].after or "")


@pytest.mark.parametrize(
    ("tokens", "failure", "said"),
    [
        (("fix", "BW999"), UsageError, "no rule is called `BW999`"),
        (("fix", "all", "in", "nowhere"), UsageError, "nothing here is called `nowhere`"),
        (("fix", "BW303", "in", "reports"), NothingToDo, "there is no finding of BW303 in reports"),
        (("fix", "the", "roof"), UsageError, "`fix` takes rules"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    bad: Path, tokens: tuple[str, ...], failure: type[Exception], said: str
) -> None:
    with pytest.raises(failure, match=said):
        plan_request(bad, config_of(bad), tokens=tokens)


def test_it_is_among_what_can_be_planned() -> None:
    assert any(info.name == "fix" for info in list_blueprints().blueprints)
