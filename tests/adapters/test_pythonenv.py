"""Finding a project's environment, and making it import the private copy in place of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from backwright.adapters.pythonenv import Environment, find_environment, import_path
from backwright.adapters.sandbox.space import unheld
from backwright.adapters.shell import clean_environment, run
from backwright.core.errors import MachineError, ToolMissing

NOWHERE = {"PATH": "/nonexistent"}
FINDER = """\
import sys
from importlib.machinery import PathFinder

MAPPING = {mapping!r}


class EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        top = fullname.partition(".")[0]
        if top in MAPPING and path is None:
            import os
            return PathFinder.find_spec(fullname, [os.path.dirname(MAPPING[top])])
        return None


sys.meta_path.append(EditableFinder)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment, copied for each test that changes it."""
    place = tmp_path_factory.mktemp("env") / ".venv"
    venv.create(place, symlinks=True, with_pip=False)
    return place


def environment_in(folder: Path, made: Path, name: str = ".venv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made, folder / name, symlinks=True)
    return folder / name


def site_packages(prefix: Path) -> Path:
    return next(prefix.glob("lib/python*/site-packages"))


def package(folder: Path, name: str, value: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "__init__.py").write_text(f"VALUE = {value!r}\n")


def value_of(found: Environment, name: str, path: tuple[str, ...], cwd: Path) -> str:
    env = clean_environment({"PYTHONPATH": os.pathsep.join(path)} if path else {})
    return run(
        (str(found.python), "-c", f"import {name}; print({name}.VALUE)"), cwd=cwd, env=env, timeout=30
    ).output.strip()


def test_the_nearest_environment_up_to_the_root(tmp_path: Path, made: Path) -> None:
    root, project = tmp_path / "repo", tmp_path / "repo" / "services" / "shop"
    project.mkdir(parents=True)
    environment_in(tmp_path, made)  # above the repository: not its own
    with pytest.raises(ToolMissing):
        find_environment(project, root, unheld, environ=NOWHERE)
    top = environment_in(root, made, "venv")
    found = find_environment(project, root, unheld, environ=NOWHERE)
    assert (found.prefix, found.kind, found.why) == (top, "venv", "venv is there")
    nearer = environment_in(project, made)
    (project / "uv.lock").touch()
    found = find_environment(project, root, unheld, environ=NOWHERE)
    assert (found.prefix, found.kind, found.why) == (nearer, "uv", "services/shop/.venv is there")
    assert found.version == sys.version_info[:3]
    assert found.bin_dir == nearer / "bin"


def test_a_folder_that_is_only_named_env_is_none(tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    with pytest.raises(ToolMissing) as caught:
        find_environment(tmp_path, tmp_path, unheld, environ=NOWHERE)
    assert "python -m venv .venv" in caught.value.hints[0]


def test_an_environment_without_the_framework_is_passed_over(tmp_path: Path, made: Path) -> None:
    root = tmp_path / "repo"
    environment_in(root / "app", made)
    with pytest.raises(ToolMissing) as caught:
        find_environment(root / "app", root, unheld, needs="webframework", environ=NOWHERE)
    assert "with webframework" in caught.value.message
    assert any("does not have webframework" in hint for hint in caught.value.hints)
    outer = environment_in(root, made)
    package(site_packages(outer), "webframework", "1")
    assert find_environment(root / "app", root, unheld, needs="webframework", environ=NOWHERE).prefix == outer


def test_the_active_environment_unless_it_is_ours(tmp_path: Path, made: Path) -> None:
    active = environment_in(tmp_path / "else", made, "active")
    found = find_environment(tmp_path, tmp_path, unheld, environ={**NOWHERE, "VIRTUAL_ENV": str(active)})
    assert (found.kind, found.prefix) == ("active", active)
    with pytest.raises(ToolMissing):
        find_environment(tmp_path, tmp_path, unheld, environ={**NOWHERE, "VIRTUAL_ENV": sys.prefix})


def test_the_managers_own_environment(tmp_path: Path, made: Path) -> None:
    project, kept = tmp_path / "repo", environment_in(tmp_path / "cache", made, "shop-py3")
    project.mkdir()
    (project / "poetry.lock").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    poetry = tools / "poetry"
    poetry.write_text(f'#!/bin/sh\n[ "$*" = "env info --path" ] && echo {kept}\n')
    poetry.chmod(0o755)
    found = find_environment(project, project, unheld, environ={"PATH": str(tools)})
    assert (found.kind, found.prefix) == ("poetry", kept)


def test_a_given_interpreter_is_taken_and_a_broken_one_refused(tmp_path: Path, made: Path) -> None:
    given = environment_in(tmp_path, made) / "bin" / "python"
    assert find_environment(tmp_path / "x", tmp_path, unheld, python=given).kind == "given"
    with pytest.raises(ToolMissing):
        find_environment(tmp_path, tmp_path, unheld, python=tmp_path / "nopython")


def test_a_broken_environment_is_passed_over(tmp_path: Path, made: Path) -> None:
    broken = environment_in(tmp_path / "app", made)
    (broken / "bin" / "python").unlink()
    (broken / "bin" / "python").symlink_to("/nonexistent/python")
    outer = environment_in(tmp_path, made)
    assert find_environment(tmp_path / "app", tmp_path, unheld, environ=NOWHERE).prefix == outer


def test_how_tools_are_started(tmp_path: Path, made: Path) -> None:
    prefix = environment_in(tmp_path, made)
    for name, first in (("mypy", f"#!{prefix}/bin/python"), ("black", "#!/nonexistent/python")):
        script = prefix / "bin" / name
        script.write_text(first + "\n")
        script.chmod(0o755)
    for name in ("pytest", "black"):
        package(site_packages(prefix), name, "1")
    found = find_environment(tmp_path, tmp_path, unheld, environ=NOWHERE)
    python = str(found.python)
    assert found.resolve("python") == (python,)
    assert found.resolve("pytest") == (python, "-m", "pytest")
    assert found.resolve("py.test") == (python, "-m", "pytest")
    assert found.resolve("mypy") == (str(prefix / "bin" / "mypy"),)
    assert found.resolve("black") == (python, "-m", "black")  # its script's interpreter has moved away
    assert found.resolve("alembic") is None
    assert found.resolve("coverage") is None
    assert found.resolve("sh") == (shutil.which("sh"),)
    assert found.resolve("no-such-tool") is None
    assert found.resolve("ruff") is not None  # ours, at the very last


def test_what_scripts_are_told(tmp_path: Path, made: Path) -> None:
    prefix = environment_in(tmp_path, made)
    values = find_environment(tmp_path, tmp_path, unheld, environ=NOWHERE).variables()
    assert values["PATH"].split(os.pathsep)[0] == str(prefix / "bin")
    assert (values["VIRTUAL_ENV"], values["UV_PROJECT_ENVIRONMENT"], values["UV_NO_SYNC"]) == (
        str(prefix),
        str(prefix),
        "1",
    )


@pytest.mark.parametrize("form", ["path", "finder", "copied"])
def test_the_copy_is_imported_however_the_project_is_installed(form: str, tmp_path: Path, made: Path) -> None:
    """As hatchling, as setuptools, and not editable at all: without help the old code is imported, with it the new."""
    original, copy = tmp_path / "repo", tmp_path / "copy"
    package(original / "src", "shop", "old")
    prefix = environment_in(original, made)
    place = site_packages(prefix)
    if form == "path":
        (place / "_shop.pth").write_text(f"{original / 'src'}\n")
    elif form == "finder":
        (place / "__editable___shop_finder.py").write_text(
            FINDER.format(mapping={"shop": str(original / "src" / "shop")})
        )
        (place / "__editable__.shop.pth").write_text("import __editable___shop_finder\n")
    else:
        package(place, "shop", "old")
    found = find_environment(original, original, unheld, environ=NOWHERE)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(".venv"))
    package(copy / "src", "shop", "new")
    assert value_of(found, "shop", (), copy) == "old"
    path = import_path(found, original, copy, unheld)
    assert value_of(found, "shop", path, copy) == "new"
    assert value_of(found, "shop", path, tmp_path) == "new"
    assert not any(Path(entry).is_relative_to(original) for entry in path)


def test_a_flat_project_that_is_installed_as_a_copy(tmp_path: Path, made: Path) -> None:
    original, copy = tmp_path / "repo", tmp_path / "copy"
    package(original / "backend", "shop", "old")
    package(site_packages(environment_in(original, made)), "shop", "old")
    found = find_environment(original / "backend", original, unheld, environ=NOWHERE)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(".venv"))
    package(copy / "backend", "shop", "new")
    path = import_path(found, original, copy, unheld, "backend")
    assert path == (str(copy / "backend"),)
    assert value_of(found, "shop", path, tmp_path) == "new"


@pytest.mark.parametrize("form", ["path", "finder"])
def test_an_environment_that_another_work_tree_is_installed_in(form: str, tmp_path: Path, made: Path) -> None:
    """One environment for several checkouts: what it was installed from is neither the tree nor the copy."""
    original, copy, other = tmp_path / "repo", tmp_path / "copy", tmp_path / "other"
    package(original, "shop", "old")
    package(other, "shop", "other")
    place = site_packages(environment_in(original, made))
    if form == "path":
        (place / "_shop.pth").write_text(f"{other}\n")
    else:
        (place / "__editable___shop_finder.py").write_text(FINDER.format(mapping={"shop": str(other / "shop")}))
        (place / "__editable__.shop.pth").write_text("import __editable___shop_finder\n")
    found = find_environment(original, original, unheld, environ=NOWHERE)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(".venv"))
    package(copy, "shop", "new")
    assert value_of(found, "shop", (), tmp_path) == "other"
    path = import_path(found, original, copy, unheld)
    assert path == (str(copy),)
    assert value_of(found, "shop", path, tmp_path) == "new"


def test_other_members_of_a_workspace_are_mapped_too(tmp_path: Path, made: Path) -> None:
    original, copy = tmp_path / "repo", tmp_path / "copy"
    package(original / "libs" / "common" / "src", "common", "old")
    package(original / "backend", "app", "old")
    prefix = environment_in(original, made)
    (site_packages(prefix) / "w.pth").write_text(f"{original / 'libs/common/src'}\n{original / 'backend'}\n")
    found = find_environment(original / "backend", original, unheld, environ=NOWHERE)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(".venv"))
    path = import_path(found, original, copy, unheld, "backend")
    assert path == (str(copy / "libs/common/src"), str(copy / "backend"))


def test_an_installation_that_cannot_be_turned_is_refused(tmp_path: Path, made: Path) -> None:
    """A finder before the path, whose folder is named otherwise: proving with it would prove the old code."""
    original, copy = tmp_path / "repo", tmp_path / "copy"
    package(original / "code", "shop", "old")
    prefix = environment_in(original, made)
    text = FINDER.format(mapping={"shop": str(original / "code" / "shop")}).replace("append(", "insert(0, ")
    (site_packages(prefix) / "hook.py").write_text(text)
    (site_packages(prefix) / "hook.pth").write_text("import hook\n")
    found = find_environment(original, original, unheld, environ=NOWHERE)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns(".venv"))
    with pytest.raises(MachineError) as caught:
        import_path(found, original, copy, unheld)
    assert "`shop` would be imported from the tree itself" in caught.value.message


def test_the_tree_itself_needs_no_turning(tmp_path: Path, made: Path) -> None:
    environment_in(tmp_path, made)
    found = find_environment(tmp_path, tmp_path, unheld, environ=NOWHERE)
    assert import_path(found, tmp_path, tmp_path, unheld) == ()


def test_nothing_of_ours_shadows_what_the_project_imports(made: Path, tmp_path: Path) -> None:
    """The probe is started by path; its folder, which is ours, must not be on the project's path."""
    environment_in(tmp_path, made)
    found = find_environment(tmp_path, tmp_path, unheld, environ=NOWHERE)
    assert not any("backwright" in entry for entry in found.path)
    assert subprocess.run([found.python, "-c", "import backwright"], capture_output=True, check=False).returncode != 0
