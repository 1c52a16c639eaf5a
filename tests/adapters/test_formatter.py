from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backwright.adapters.formatter import RuffFormatter
from backwright.core.errors import BackwrightError, ToolMissing
from backwright.core.ports import Formatter


def formatted(
    files: dict[str, str], *, line_length: int = 88, first_party: tuple[str, ...] = ("app",)
) -> dict[str, str]:
    formatter: Formatter = RuffFormatter()
    return formatter.format(files, line_length=line_length, first_party=first_party, target="py311")


def test_imports_are_sorted_unused_ones_removed_and_the_code_laid_out() -> None:
    source = "from app.models import Order\nimport os\nimport alembic, fastapi\n"
    source += "def f( a ):\n  return Order(alembic,fastapi,a)\n"
    assert formatted({"app/api/order.py": source})["app/api/order.py"] == (
        "import alembic\nimport fastapi\n\nfrom app.models import Order\n\n\n"
        "def f(a):\n    return Order(alembic, fastapi, a)\n"
    )


def test_only_named_modules_are_first_party_whatever_folders_there_are() -> None:
    files = {
        "alembic/versions/x.py": "import app.x\nimport alembic\nimport sqlalchemy\nprint(app, alembic, sqlalchemy)\n",
        "app/x.py": "",
    }
    head = formatted(files)["alembic/versions/x.py"]
    assert head.startswith("import alembic\nimport sqlalchemy\n\nimport app.x\n")
    head = formatted(files, first_party=("app", "alembic"))["alembic/versions/x.py"]
    assert head.startswith("import sqlalchemy\n\nimport alembic\nimport app.x\n")


def test_the_line_length_is_the_projects() -> None:
    call = f"f({', '.join(['argument'] * 10)})\n"
    assert formatted({"a.py": call}, line_length=120)["a.py"] == call
    assert formatted({"a.py": call}, line_length=60)["a.py"] != call


def test_an_init_file_keeps_its_imports() -> None:
    files = {"app/__init__.py": "from app.b import B\nfrom app.a import A\n"}
    assert formatted(files)["app/__init__.py"] == "from app.a import A\nfrom app.b import B\n"


def test_sorting_imports_changes_nothing_else() -> None:
    source = "import os\nfrom app.b import B\nfrom app.a import (\n    A,\n)\ndef f( a ):\n  return A,B\n"
    sorted_only = RuffFormatter().sort_imports({"a.py": source}, line_length=88, first_party=("app",), target="py311")
    head = "import os\n\nfrom app.a import A\nfrom app.b import B\n"
    assert sorted_only["a.py"].startswith(head)
    assert sorted_only["a.py"].endswith("def f( a ):\n  return A,B\n")


def test_suppressed_and_typing_only_imports_stay() -> None:
    source = "import app.models  # noqa: F401\n"
    assert formatted({"alembic/env.py": source})["alembic/env.py"] == source


def test_what_is_not_python_comes_back_as_it_is() -> None:
    files = {"a.md": "#  x\n", "b.toml": "x=1", "c.py": "x=1", "ü/d e.py": "'é'\n"}
    assert formatted(files) == {"a.md": "#  x\n", "b.toml": "x=1", "c.py": "x = 1\n", "ü/d e.py": '"é"\n'}
    assert formatted({"a.md": "x"}) == {"a.md": "x"}
    assert formatted({}) == {}


def test_faults_are_names_that_nothing_defines() -> None:
    files = {"a.py": "print(x)\n", "b/c.py": "import os\n", "d.md": "print(x)", "e.py": "def f(): ...\ndef f(): ...\n"}
    found = RuffFormatter().faults(files, target="py311")
    assert found == {
        "a.py": ("undefined name `x`",),
        "e.py": ("redefinition of unused `f` from line 1: `f` redefined here",),
    }
    assert RuffFormatter().faults({"d.md": "x"}, target="py311") == {}


def test_broken_code_is_an_error_that_names_the_file() -> None:
    with pytest.raises(BackwrightError, match="not valid Python") as caught:
        formatted({"app/a.py": "x = 1\n", "app/b.py": "x = 1\ndef (:\n"})
    assert caught.value.where == "app/b.py:2"


def test_paths_that_lead_outside_are_refused(tmp_path: Path) -> None:
    for path in ("../a.py", str(tmp_path / "a.py"), "a/../../b.py"):
        with pytest.raises(BackwrightError):
            formatted({path: "x = 1\n"})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_target_is_an_error() -> None:
    with pytest.raises(BackwrightError, match=r"3\.11"):
        RuffFormatter().format({"a.py": ""}, line_length=88, first_party=(), target="3.11")


def test_configuration_around_and_environment_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ruff.toml").write_text('line-length = 20\n[format]\nquote-style = "single"\n')
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "nonsense")
    assert formatted({"a.py": "x = f('argument', 'argument')\n"})["a.py"] == 'x = f("argument", "argument")\n'
    assert [path.name for path in tmp_path.iterdir()] == ["ruff.toml"]


def test_without_ruff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: (_ for _ in ()).throw(FileNotFoundError("ruff")))
    with pytest.raises(ToolMissing):
        formatted({"a.py": ""})


def test_all_files_share_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    run = subprocess.run

    def counting(command: list[str], **options: object) -> object:
        started.append(command[1])
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("subprocess.run", counting)
    formatted({f"app/m{n}.py": "x=1\n" for n in range(12)})
    assert started == ["check", "format"]
