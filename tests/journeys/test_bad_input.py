"""Whatever is wrong ends in a clear error, the right exit code, and nothing written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from journey_scene import Repository, Sample

USAGE, MACHINE, PERSON = 2, 3, 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["plan", "resource", "Thing", "name:strr"], USAGE, "unknown type 'strr'"),
        (["plan", "resource", "Thing", "x:ref(Nope)"], USAGE, "`x` refers to Nope, which is not an entity"),
        (["plan", "resource", "Category", "name:str"], USAGE, "Category exists already"),
        (["plan", "resource", "class", "name:str"], USAGE, "'class' is a keyword of Python"),
        (["plan", "resource", "Thing", "import:str"], USAGE, "'import' is a keyword of Python"),
        (["plan", "resource", "Thing", "name:str", "--set", "pagenate=no"], USAGE, "did you mean `paginate`?"),
        (["plan", "-f", "absent.yaml"], USAGE, "does not exist"),
        (["plan", "make a pretty landing page in React"], PERSON, "a task for frontend"),
        (["plan", "fix BW304"], USAGE, "there is no finding of BW304"),
        (["plan", "add a thing"], PERSON, ""),
        (["run", "fix BW304", "--yes"], USAGE, "there is no finding of BW304"),
        (["run", "build an ios app", "--yes"], PERSON, "a task for mobile"),
        (["run", "resource", "Thing", "name:str", "--no-input"], PERSON, "have not been allowed to run"),
        (["apply", "ffff"], USAGE, "there is no plan ffff"),
        (["apply", "--undo", "ffff"], USAGE, "no change ffff has been landed"),
        (["check", "--select", "BW999"], USAGE, "BW999, which does not exist"),
        (["check", "--since", "nowhere"], USAGE, "`nowhere` is not a commit, branch or tag"),
        (["explain", "nonsense"], USAGE, "there is no rule, plan, run or component `nonsense`"),
        (["map", "absent"], USAGE, "does not exist"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_wrong_requests(sample: Sample, arguments: list[str], code: int, said: str) -> None:
    shop = sample("shop_layered")
    before = shop.content()
    done = shop.backwright(
        *(["--no-input"] if "--no-input" in arguments else []), *(a for a in arguments if a != "--no-input")
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stderr
    assert "bug in Backwright" not in done.stderr
    assert shop.content() == before
    assert not list((shop.root / ".backwright").glob("plans/*"))


def test_not_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for arguments in (["map"], ["check"], ["plan", "resource", "Thing", "name:str"], ["run", "x", "--yes"], ["verify"]):
        done = Repository(folder).backwright(*arguments)
        assert done.returncode == USAGE, arguments
        assert "there are no files to read here" in done.stderr
    assert not list(folder.iterdir())


def test_no_backend(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "app.py").write_text("import flask\n")
    for arguments in (["map"], ["check"], ["plan", "resource", "Thing", "name:str"], ["verify"]):
        done = Repository(folder).backwright(*arguments)
        assert done.returncode == USAGE, arguments
        assert "no backend found" in done.stderr
        assert "FastAPI" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["app.py"]


def test_several_backends(tmp_path: Path, sample: Sample) -> None:
    shop = sample("shop_layered")
    (tmp_path / "all").mkdir()
    both = Repository(tmp_path / "all")
    for name in ("orders", "stock"):
        subprocess.run(["cp", "-r", str(shop.root), str(both.root / name)], check=True)
        subprocess.run(["rm", "-rf", str(both.root / name / ".git")], check=True)
    both.git("init", "-q")
    refused = both.backwright("map")
    assert refused.returncode == USAGE
    assert "cd orders" in refused.stderr
    assert "cd stock" in refused.stderr
    inside = both.backwright("map", "stock/app/models", "--json")
    assert inside.returncode == 0, inside.stderr
    assert '"root": "stock"' in inside.stdout


def test_broken_python_is_named_and_the_rest_is_read(sample: Sample) -> None:
    shop = sample("shop_layered")
    (shop.root / "app/broken.py").write_text("def half(:\n    return (\n")
    done = shop.backwright("map")
    assert done.returncode == 0, done.stderr
    assert "app/broken.py" in done.stdout
    assert "15 routes, 3 entities" in done.stdout


def test_no_environment(sample: Sample) -> None:
    shop = sample("shop_layered")
    planned = shop.backwright("plan", "resource", "Thing", "name:str", "-q")
    change = planned.stdout.split()[1]
    before = shop.content()
    done = shop.backwright("apply", change, "--yes", "--python", str(shop.root / "absent" / "python"))
    assert done.returncode == MACHINE, done.stdout
    assert "is not a Python interpreter that works" in done.stderr
    assert shop.content() == before


@pytest.fixture
def read_only(sample: Sample) -> Iterator[Repository]:
    shop = sample("shop_layered")
    folders = [shop.root, *(p for p in shop.root.rglob("*") if p.is_dir() and ".git" not in p.parts)]
    for folder in folders:
        folder.chmod(0o555)
    if os.access(shop.root, os.W_OK):
        pytest.skip("permissions do not stop this user")
    yield shop
    for folder in folders:
        folder.chmod(0o755)


def test_read_only_tree(read_only: Repository) -> None:
    assert read_only.backwright("map").returncode == 0
    assert read_only.backwright("check").returncode == 0
    for arguments in (["plan", "resource", "Thing", "name:str"], ["run", "resource", "Thing", "name:str", "--yes"]):
        done = read_only.backwright(*arguments)
        assert done.returncode == MACHINE, done.stderr
        assert "cannot keep state" in done.stderr


def test_state_that_is_a_link_is_refused(sample: Sample, tmp_path: Path) -> None:
    shop = sample("shop_layered")
    (tmp_path / "elsewhere").mkdir()
    (shop.root / ".backwright").symlink_to(tmp_path / "elsewhere")
    done = shop.backwright("plan", "resource", "Thing", "name:str")
    assert done.returncode == MACHINE
    assert "not a directory" in done.stderr
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_dirty_tree_is_refused_by_run(sample: Sample) -> None:
    shop = sample("shop_layered")
    (shop.root / "README.md").write_text("changed\n")
    done = shop.backwright("run", "resource", "Thing", "name:str", "--yes", "--python", sys.executable)
    assert done.returncode == USAGE
    assert "uncommitted changes" in done.stderr
    assert "--allow-dirty" in done.stderr


def test_a_stale_plan_is_refused(sample: Sample) -> None:
    shop = sample("shop_layered")
    change = shop.backwright("plan", "resource", "Thing", "name:str", "-q").stdout.split()[1]
    with (shop.root / "app/api/router.py").open("a") as file:
        file.write("# mine\n")
    before = shop.content()
    done = shop.backwright("apply", change, "--yes", "--python", sys.executable)
    assert done.returncode == PERSON, done.stderr
    assert "app/api/router.py was changed" in done.stderr
    assert shop.content() == before


@pytest.fixture
def planned(sample: Sample) -> tuple[Repository, str]:
    shop = sample("shop_layered")
    done = shop.backwright("plan", "resource", "Thing", "name:str", "-q")
    assert done.returncode == 0, done.stderr
    return shop, done.stdout.split()[1]


_MIGRATION = '''"""Colours."""

import sqlalchemy as sa
from alembic import op

revision = "aaaabbbbcccc"
down_revision = "c93d5f20e8b7"


def upgrade() -> None:
    op.add_column("suppliers", sa.Column("colour", sa.String(20)))


def downgrade() -> None:
    op.drop_column("suppliers", "colour")
'''


@pytest.mark.parametrize(
    ("path", "old", "new", "different"),
    [
        ("migrations/versions/20250401_aaaabbbbcccc_colours.py", "", _MIGRATION, "add_things.py"),  # somebody's, pulled
        ("app/errors.py", "class NotFoundError", "class MissingError", "app/services/thing.py"),
    ],
)
def test_a_plan_that_would_be_another_now_is_refused(
    planned: tuple[Repository, str], path: str, old: str, new: str, different: str
) -> None:
    shop, change = planned
    file = shop.root / path
    file.write_text(file.read_text().replace(old, new) if old else new)
    for other in shop.root.rglob("*.py") if old else ():
        other.write_text(other.read_text().replace(old.split()[1], new.split()[1]))
    before = shop.content()
    done = shop.backwright("apply", change, "--yes", "--python", sys.executable)
    assert done.returncode == PERSON, done.stderr
    assert f"the sources changed since plan {change} was made" in done.stderr
    assert different in done.stderr
    assert "would be different now" in done.stderr
    assert "plan again" in done.stderr
    assert shop.content() == before


@pytest.mark.journey
def test_what_was_saved_while_the_change_was_proved_is_said(sample: Sample, samples_python: Path) -> None:
    shop = sample("shop_layered")
    (shop.root / "stack").mkdir()
    save = f"open('{shop.root}/app/services/supplier.py', 'a').write('# more')"
    contract = {"language": "python", "framework": "fastapi", "verify": {"save": ["python", "-c", save]}}
    (shop.root / "stack/stack.yaml").write_text(json.dumps(contract))
    (shop.root / "backwright.toml").write_text('[backwright.verify]\nsteps = ["save"]\n')
    change = shop.backwright("plan", "resource", "Thing", "name:str", "-q").stdout.split()[1]
    # In the sandbox a command cannot do what somebody with an editor does.
    unheld = ("--sandbox", "external")
    done = shop.backwright("apply", change, "--yes", "--python", str(samples_python), *unheld)
    assert done.returncode == 0, done.stderr
    assert "Note: app/services/supplier.py was changed meanwhile: the proof is of the tree before" in done.stdout


def test_a_change_that_makes_no_difference_to_the_plan_is_fine(planned: tuple[Repository, str]) -> None:
    shop, change = planned
    with (shop.root / "app/services/supplier.py").open("a") as file:
        file.write("\n# nothing\n")
    done = shop.backwright("apply", change, "--yes", "--python", str(shop.root / "absent" / "python"))
    assert "is not a Python interpreter that works" in done.stderr  # which is asked for after the plan was looked at


def test_the_folder_we_are_in_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m backwright.surfaces.cli map"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert done.returncode == USAGE, done.stderr
    assert "the folder you are in does not exist any more" in done.stderr
    assert "-C DIR" in done.stderr


def test_files_that_cannot_be_edited_are_named_and_others_noted(sample: Sample) -> None:
    shop = sample("shop_layered")
    router = shop.root / "app/api/router.py"
    good = router.read_bytes()
    for bad, said in (
        (good + b"\ndef half(:\n", "app/api/router.py: this file is not valid Python, and would have to be changed"),
        (good + b"\n# caf\xe9\n", "app/api/router.py: this file is not UTF-8, and would have to be changed"),
    ):
        router.write_bytes(bad)
        done = shop.backwright("plan", "resource", "Thing", "name:str")
        assert done.returncode == PERSON, done.stdout
        assert said in done.stderr
        assert not list((shop.root / ".backwright").glob("plans/*"))
    router.write_bytes(good)
    (shop.root / "app/broken.py").write_text("def half(:\n")
    done = shop.backwright("plan", "resource", "Thing", "name:str")
    assert done.returncode == 0, done.stderr
    assert "Note: app/broken.py: 1 part is not valid python" in done.stdout


def test_lines_end_as_those_of_the_neighbours_do(sample: Sample) -> None:
    shop = sample("shop_layered")
    for path in shop.root.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    done = shop.backwright("plan", "resource", "Thing", "name:str", "--json")
    assert done.returncode == 0, done.stderr
    for edit in json.loads(done.stdout)["data"]["change"]["edits"]:
        assert edit["after"].count("\n") == edit["after"].count("\r\n") > 0, edit["path"]


def test_git_without_a_work_tree(sample: Sample, tmp_path: Path) -> None:
    shop = sample("shop_layered")
    shop.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    for folder in (tmp_path / "bare", shop.root / ".git"):
        before = sorted(folder.rglob("*"))
        for arguments in (["map"], ["plan", "resource", "Thing", "name:str"]):
            done = Repository(folder).backwright(*arguments)
            assert done.returncode == USAGE, done.stdout
            assert "this is a git repository without files of its own" in done.stderr
            assert "git worktree add" in done.stderr
        assert sorted(folder.rglob("*")) == before


def test_detached_head_and_no_commit(sample: Sample) -> None:
    shop = sample("shop_layered")
    shop.git("checkout", "-q", "--detach")
    assert shop.backwright("plan", "resource", "Thing", "name:str").returncode == 0
    (shop.root / ".git/HEAD").write_text("ref: refs/heads/empty\n")
    assert shop.backwright("plan", "resource", "Other", "name:str").returncode == 0
    done = shop.backwright("check", "--since", "HEAD")
    assert done.returncode == USAGE
    assert "`HEAD` is not a commit, branch or tag" in done.stderr


def test_a_submodule_is_a_repository_of_its_own(sample: Sample, tmp_path: Path) -> None:
    shop = sample("shop_layered")
    (tmp_path / "whole").mkdir()
    whole = Repository(tmp_path / "whole")
    whole.git("init", "-q")
    whole.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(shop.root), "service")
    outside = whole.backwright("map")
    assert outside.returncode == USAGE
    assert "no backend found" in outside.stderr
    inside = Repository(whole.root / "service")
    assert inside.backwright("plan", "resource", "Thing", "name:str").returncode == 0
    assert inside.git("status", "--porcelain") == ""
    assert (inside.root / ".backwright/plans").is_dir()


def test_symbolic_links_and_large_files(sample: Sample) -> None:
    shop = sample("shop_layered")
    (shop.root / "app/api/router.py").rename(shop.root / "app/api/real_router.py")
    (shop.root / "app/api/router.py").symlink_to("real_router.py")
    (shop.root / "app/huge.py").write_text("X = [" + "1, " * 400_000 + "]\n")
    planned = shop.backwright("plan", "resource", "Thing", "name:str", "--json")
    assert planned.returncode == 0, planned.stderr
    paths = [edit["path"] for edit in json.loads(planned.stdout)["data"]["change"]["edits"]]
    assert "app/api/router.py" not in paths
    assert "app/api/real_router.py" in paths
    skipped = shop.backwright("check", "--json")
    assert '"app/huge.py"' in skipped.stdout
    assert "larger than 1 MiB" in skipped.stdout
