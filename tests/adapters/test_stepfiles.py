"""Files that are in the private copy only while a step runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwright.adapters.stepfiles import StepFiles, ignored_env_names


def files_of(copy: Path, *, private: bool = True, env_files: list[str] | None = None) -> StepFiles:
    return StepFiles(copy, copy, env_files if env_files is not None else [], private=private)


def test_new_database_files_go_and_old_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "seed.db").write_text("kept")
    files = files_of(tmp_path)
    with files.around({}):
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "new.sqlite3").touch()
        (tmp_path / "notes.txt").touch()
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["notes.txt", "seed.db"]


@pytest.mark.parametrize(
    ("output", "learned"),
    [
        ("FileNotFoundError: Config file 'src/app/../.env' not found.", ["src/.env"]),
        ("FileNotFoundError: [Errno 2] No such file or directory: '{copy}/.env.local'", [".env.local"]),
        ("FileNotFoundError: No such file: '/etc/.env'", []),
        ("FileNotFoundError: No such file: '../.env'", []),
        ("FileNotFoundError: No such file: 'gone/.env'", []),
        ("FileNotFoundError: No such file: 'settings.toml'", []),
        ("loaded '.env'", []),
    ],
)
def test_a_missing_env_file_is_learned_and_given(output: str, learned: list[str], tmp_path: Path) -> None:
    (tmp_path / "src" / "app").mkdir(parents=True)
    known: list[str] = []
    files = files_of(tmp_path, env_files=known)
    assert files.learn(f"Traceback\n{output.format(copy=tmp_path)}\n") is bool(learned)
    assert known == learned
    assert files.learn(output.format(copy=tmp_path)) is False
    with files.around({"A": "1", "B": "two words", "C": "x\ny"}):
        for path in learned:
            assert (tmp_path / path).read_text() == "A=1\nB='two words'\n"
    assert not list(tmp_path.rglob(".env*"))


def test_the_users_own_tree_is_left_alone(tmp_path: Path) -> None:
    files = files_of(tmp_path, private=False, env_files=[".env"])
    assert files.learn("FileNotFoundError: No such file: '.env'") is False
    with files.around({"A": "1"}):
        (tmp_path / "new.db").touch()
        assert not (tmp_path / ".env").exists()
    assert (tmp_path / "new.db").exists()


def test_of_an_ignored_env_file_only_the_names(tmp_path: Path) -> None:
    (tmp_path / "backend").mkdir()
    (tmp_path / ".env").write_text("SHARED=1\n")
    (tmp_path / "backend" / ".env").write_bytes(
        b"# X=1\nexport DATABASE_URL=postgres://real:secret@prod\nKEY = '\xff'\nKEY=2\n"
    )
    assert ignored_env_names(tmp_path, "backend", [".env"]) == ("DATABASE_URL", "KEY")
    assert ignored_env_names(tmp_path, "backend", [".env", "backend/.env"]) == ()
    (tmp_path / "backend" / ".env").unlink()
    (tmp_path / "backend" / ".env").symlink_to("/etc/passwd")
    assert ignored_env_names(tmp_path, "backend", [".env"]) == ()
