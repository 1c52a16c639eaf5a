"""A plan that could not be imported is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.adapters.formatter import RuffFormatter
from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.engine.housing import build_house
from backwright.engine.soundness import refuse_unsound
from backwright.kit.cases import Build

FILES = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/db.py": "from sqlalchemy.orm import Session\n\n\ndef get_db() -> Session: ...\n",
    "app/broken.py": "from app.gone import nothing\n\nprint(missing)\n",
    "alembic/env.py": "from alembic import context\n",
}


@pytest.fixture
def judge(build: Build) -> Callable[[str, str], None]:
    """Judges one file with its new text."""
    index, archmap = build(FILES)
    house, _ = build_house(index, archmap.components, lambda path: FILES[path])

    def judged(path: str, text: str) -> None:
        refuse_unsound([Edit(path, FILES.get(path), text, like="app/db.py")], house, index, RuffFormatter())

    return judged


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/new.py", "from app.db import get_db\n\nprint(get_db)\n"),
        ("app/new.py", "from app import db\nfrom .db import Session\n\nprint(db, Session)\n"),
        ("app/new.py", "from somewhere.else_ import anything\n\nprint(anything)\n"),
        ("app/broken.py", FILES["app/broken.py"] + "print(1)\n"),
        ("alembic/versions/0001_new.py", "from alembic import op\n\nprint(op)\n"),
        ("app/items/__init__.py", ""),
    ],
)
def test_what_can_be_imported(judge: Callable[[str, str], None], path: str, text: str) -> None:
    judge(path, text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("print(get_db)\n", "undefined name `get_db`"),
        ("from app.db import get_session\n\nprint(get_session)\n", "`from app.db import get_session` finds nothing"),
        ("from app.database import get_db\n\nprint(get_db)\n", "`from app.database import get_db` finds nothing"),
        ("from .absent import get_db\n\nprint(get_db)\n", "`from .absent import get_db` finds nothing"),
        ("def f() -> None: ...\n\n\ndef f() -> int: ...\n", "redefinition of unused `f`"),
    ],
)
def test_what_cannot_is_refused(judge: Callable[[str, str], None], text: str, why: str) -> None:
    with pytest.raises(Unsupported) as caught:
        judge("app/new.py", text)

    assert why in caught.value.message
    assert caught.value.where == "app/new.py"
    assert "app/db.py" in caught.value.hints[0]


def test_it_does_not_judge_other_files(judge: Callable[[str, str], None]) -> None:
    judge("docs/new.md", "print(get_db)")
    assert not Path("docs/new.md").exists()
