"""Plans in houses that differ from a sample service in one thing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sample_scene import REPOS, plan_at

from backwright.app.config import Config
from backwright.app.project import open_project

BOOK = (
    "Voucher",
    "code:str(40):unique",
    "status:enum(issued,redeemed)=issued",
    "author:ref(Author)",
    "--auth",
    "write=admin",
)


class Variant:
    """A copy of a sample service to be changed before it is planned in."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace all of `old`, a pattern, which has to be there."""
        text = (self.root / path).read_text()
        changed = re.sub(old, new, text, flags=re.DOTALL | re.MULTILINE)
        assert changed != text
        (self.root / path).write_text(changed)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def plan(self, *tokens: str) -> dict[str, str]:
        """The files of the plan by path."""
        with open_project(self.root, Config()) as project:
            return {e.path: e.after or "" for e in plan_at(project, tokens or BOOK).change.edits}


@pytest.fixture
def library(tmp_path: Path) -> Variant:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db")
    shutil.copytree(REPOS / "library_functions", tmp_path / "library", ignore=ignored)
    return Variant(tmp_path / "library")


def test_an_enum_of_older_python_beside_the_type_of_the_column(library: Variant) -> None:
    library.write("pyproject.toml", '[project]\nname = "library"\nversion = "1"\nrequires-python = ">=3.10"\n')
    model = library.plan()["app/models/voucher.py"]

    assert "class VoucherStatus(str, enum.Enum):" in model
    assert "import enum\n" in model
    assert "Enum(\n" in model or "Enum(VoucherStatus" in model


def test_users_are_signed_in_where_no_fixture_does_it(library: Variant) -> None:
    library.edit("tests/conftest.py", r"@pytest.fixture\ndef admin_headers.*?(?=@pytest.fixture\ndef author)", "")
    library.write(
        "tests/test_authors.py",
        "from app.models import User\nfrom app.security import create_access_token\n\n\n"
        "def test_authors(client, db, admin):\n"
        '    headers = {"Authorization": f"Bearer {create_access_token(admin.id)}"}\n'
        '    assert client.get("/authors/", headers=headers).status_code == 200\n',
    )
    tests = library.plan()["tests/test_vouchers.py"]

    assert "token = create_access_token(user.id)" in tests
    assert 'yield {"Authorization": f"Bearer {token}"}' in tests
    assert re.search(r'def admin_headers\(db: Session\).*?role="admin"', tests, re.DOTALL)
    assert "def test_create_voucher_as_plain_user(" in tests
