"""Answers that are given again: never when anything changed that they came from."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from app_scene import git
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backwright.adapters import answers, files, program
from backwright.app import answering, bootstrap, project
from backwright.app.check import check_repository
from backwright.app.config import load
from backwright.app.map import map_repository
from backwright.core.errors import BackwrightError, NothingToDo, UsageError
from backwright.engine.registry import Registry

TICK = 10_000_000  # nanoseconds: longer than the clock of any file system the tests run on
FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["fastapi==0.115", "sqlalchemy"]\n',
    "app/__init__.py": "",
    "app/models.py": (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\nclass Base(DeclarativeBase): ...\n\n\n"
        "class Item(Base):\n    __tablename__ = 'items'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    ),
    "app/api.py": (
        "from fastapi import APIRouter\n\nfrom app.models import Item\n\nrouter = APIRouter()\n\n\n"
        "@router.get('/items')\ndef items() -> list[int]:\n    return [Item.id]\n"
    ),
    "app/main.py": (
        "from fastapi import FastAPI\n\nfrom app.api import router\n\napp = FastAPI()\napp.include_router(router)\n"
    ),
    "vendor/kept.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}
QUERY = "\n\n@router.get('/all')\ndef every(session):\n    return session.execute(f'SELECT * FROM items')\n"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which roots were really read, by tests in which files settle at once."""
    monkeypatch.setattr(files, "GRANULARITY", TICK)
    read = project.read_facts
    roots: list[str] = []

    def reading(tree: files.RepositoryTree) -> object:
        roots.append(str(tree.root))
        return read(tree)

    monkeypatch.setattr(project, "read_facts", reading)
    return roots


def repository(root: Path) -> Path:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def answers_of(root: Path) -> tuple[object, object]:
    time.sleep(TICK * 2 / 1e9)
    return _outcome(map_repository, root), _outcome(check_repository, root)


def _outcome(verb: Callable[..., msgspec.Struct], root: Path) -> object:
    try:
        return msgspec.structs.replace(verb(root, load(root)), seconds=0.0)
    except (NothingToDo, UsageError) as error:
        return repr((type(error), error.message, error.where, error.hints))


Step = Callable[[Path, str], None]


def _write(root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True, parents=True)
    (root / name).write_text(QUERY)


def _same_size(root: Path, name: str) -> None:
    path = root / name
    if path.is_file():
        path.write_text(path.read_text().swapcase().replace("FASTAPI", "fastapi", 1))


def _append(root: Path, name: str) -> None:
    path = root / name
    if path.is_file() and not path.is_symlink():
        path.write_text(path.read_text() + QUERY)


def _delete(root: Path, name: str) -> None:
    (root / name).unlink(missing_ok=True)


def _rename(root: Path, name: str) -> None:
    if (root / name).exists():
        (root / name).rename((root / name).with_name(f"moved_{len(list(root.rglob('*.py')))}.py"))


def _ignore(root: Path, name: str) -> None:
    with (root / ".gitignore").open("a") as rules:
        rules.write(f"{name}\n")
    git(root, "rm", "-rq", "--cached", "--ignore-unmatch", "--", name)


def _link(root: Path, name: str) -> None:
    """The file becomes a link to one that git ignores, so that only the link is listed."""
    (root / ".git/info/exclude").write_text("hidden/\n")
    (root / "hidden").mkdir(exist_ok=True)
    (root / "hidden/target.py").write_text(FILES["app/api.py"] + QUERY * len(list(root.rglob("*.py"))))
    _delete(root, name)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to("../hidden/target.py" if "/" in name else "hidden/target.py")


def _retarget(root: Path, name: str) -> None:
    target = root / "hidden/target.py"
    if target.exists():
        target.write_text(target.read_text() + QUERY)


def _role(root: Path, name: str) -> None:
    (root / "backwright.toml").write_text(f'[backwright.roles]\n"{name}" = "service"\n')


def _deselect(root: Path, name: str) -> None:
    (root / "backwright.toml").write_text('[backwright.rules]\nignore = ["BW3"]\n')


def _commit(root: Path, name: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", name, "--allow-empty")


STEPS: tuple[Step, ...] = (
    _write, _same_size, _append, _append, _delete, _rename, _ignore, _link, _retarget, _role, _deselect, _commit,
)  # fmt: skip
NAMES = (*FILES, "app/new.py", "README.md", "other/main.py")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(NAMES)), min_size=1, max_size=5))
@example(steps=[(_same_size, "app/models.py")])
@example(steps=[(_link, "app/api.py"), (_retarget, ""), (_delete, "hidden/target.py")])
@example(steps=[(_ignore, "app/api.py"), (_role, "app/main.py"), (_deselect, "")])
@example(steps=[(_write, "app/new.py"), (_rename, "app/new.py")])
def test_an_answer_is_what_would_be_worked_out_afresh(
    tmp_path_factory: pytest.TempPathFactory, opened: list[str], steps: list[tuple[Step, str]]
) -> None:
    root = repository(tmp_path_factory.mktemp("r"))
    answers_of(root)
    for step, name in steps:
        step(root, name)
        warm, again = answers_of(root), answers_of(root)
        shutil.rmtree(root / ".backwright", ignore_errors=True)
        assert warm == again == answers_of(root)


def test_nothing_is_read_where_nothing_changed(tmp_path: Path, opened: list[str]) -> None:
    root = repository(tmp_path / "shop")
    first = answers_of(root)
    assert len(opened) == 2
    assert answers_of(root) == first
    git(root, "commit", "-qm", "second", "--allow-empty")
    moved = answers_of(root)
    assert len(opened) == 2
    assert moved != first, "the commit is another one"
    _append(root, "app/api.py")
    assert answers_of(root) != moved
    assert len(opened) == 4


def test_a_file_that_changed_just_now_may_change_again_unseen(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop")
    for _ in range(2):
        map_repository(root, load(root))
    assert not (root / ".backwright/cache/answers").exists()


@pytest.mark.parametrize("damage", [b"", b"x\x9cnothing", None])
def test_a_damaged_answer_is_worked_out_again(tmp_path: Path, opened: list[str], damage: bytes | None) -> None:
    root = repository(tmp_path / "shop")
    first = answers_of(root)
    for kept in (root / ".backwright/cache/answers").iterdir():
        if damage is None:
            (tmp_path / "elsewhere").write_bytes(kept.read_bytes())
            kept.unlink()
            kept.symlink_to(tmp_path / "elsewhere")
        else:
            kept.write_bytes(damage)
    assert answers_of(root) == first
    assert len(opened) == 4


def test_another_program_and_other_extensions_come_to_their_own_answers(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "shop")
    answers_of(root)
    monkeypatch.setattr(answering, "program_id", lambda: "another")
    answers_of(root)
    assert len(opened) == 4
    monkeypatch.setattr(answering, "program_id", lambda: "with an extension of others")
    monkeypatch.setattr(Registry, "has_foreign", True)
    bootstrap.registry.cache_clear()
    for _ in range(2):
        answers_of(root)
    assert len(opened) == 8


def test_the_program_is_another_one_when_any_of_its_files_or_its_neighbours_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    seen = set()
    for states in ([("a.py", 1, 1)], [("a.py", 1, 2)], [("a.py", 2, 2)], [("a.py", 2, 2), ("b.md", 1, 1)]):
        monkeypatch.setattr(program, "_files", lambda folder, states=states: iter(states))
        _forget_program()
        seen.add(program.program_id())
    (tmp_path / "other-1.0.dist-info").mkdir()
    _forget_program()
    seen.add(program.program_id())
    _forget_program()
    assert len(seen) == 5


def _forget_program() -> None:
    program.program_id.cache_clear()
    program.program_state.cache_clear()


def test_few_answers_are_kept_and_those_that_a_repository_ships_are_not_believed(
    tmp_path: Path, opened: list[str]
) -> None:
    root = repository(tmp_path / "shop")
    folder = root / ".backwright/cache/answers"
    for number in range(answers.KEPT + 3):
        (root / "README.md").write_text("x" * number)
        answers_of(root)
    assert len(list(folder.iterdir())) == answers.KEPT
    git(root, "add", "--force", ".backwright")
    opened.clear()
    answers_of(root)
    answers_of(root)
    assert len(opened) == 4


def test_failures_are_not_kept(tmp_path: Path, opened: list[str]) -> None:
    root = repository(tmp_path / "shop")
    (root / "backwright.toml").write_text('[backwright.rules]\nignore = ["BW999"]\n')
    for _ in range(2):
        with pytest.raises(BackwrightError):
            check_repository(root, load(root))
    assert opened == []
