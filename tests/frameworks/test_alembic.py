"""Migrations: where they are, what the head is, how files are named."""

from __future__ import annotations

import pytest

from backwright.frameworks.alembic.style import migration_style
from backwright.kit.cases import Build

INI = "[alembic]\nscript_location = alembic\n"


def revision(name: str, down: str, *, typed: bool = False) -> str:
    annotation, returns = (": str", " -> None") if typed else ("", "")
    return (
        f'revision{annotation} = "{name}"\n'
        f"down_revision{annotation} = {down}\n\n\n"
        f"def upgrade(){returns}:\n"
        "    pass\n\n\n"
        f"def downgrade(){returns}:\n"
        "    pass\n"
    )


def test_the_head_is_what_nothing_follows(build: Build) -> None:
    index, _ = build(
        {
            "alembic.ini": INI,
            "alembic/env.py": "from alembic import context\n",
            "alembic/versions/b_second.py": revision("b", '"a"'),
            "alembic/versions/a_first.py": revision("a", "None"),
            "alembic/versions/c_third.py": revision("c", '"b"'),
        }
    )

    style = migration_style(index)

    assert style is not None
    assert (style.directory, style.head, style.heads, style.numbered, style.typed) == (
        "alembic/versions",
        "c",
        ("c",),
        False,
        False,
    )


def test_two_heads(build: Build) -> None:
    files = {f"alembic/versions/{n}_x.py": revision(n, d) for n, d in (("a", "None"), ("b", '"a"'), ("c", '"a"'))}

    style = migration_style(build({"alembic.ini": INI, **files})[0])

    assert style is not None
    assert style.head is None
    assert set(style.heads) == {"b", "c"}


def test_a_merge_joins_them_again(build: Build) -> None:
    made = (("a", "None"), ("b", '"a"'), ("c", '"a"'), ("d", '("b", "c")'))
    files = {f"alembic/versions/{n}_x.py": revision(n, d) for n, d in made}

    style = migration_style(build({"alembic.ini": INI, **files})[0])

    assert style is not None
    assert style.head == "d"


def test_numbers_and_annotations(build: Build) -> None:
    files = {
        "db/versions/0001_a.py": revision("0001", "None", typed=True),
        "db/versions/0002_b.py": revision("0002", '"0001"', typed=True),
    }

    style = migration_style(build({"alembic.ini": INI.replace("= alembic", "= db"), **files})[0])

    assert style is not None
    assert (style.directory, style.head, style.numbered, style.typed) == ("db/versions", "0002", True, True)


@pytest.mark.parametrize(
    "line", ["file_template = %%(year)d_%%(rev)s_%%(slug)s", "file_template=%%(year)d_%%(rev)s_%%(slug)s"]
)
def test_the_name_of_files(build: Build, line: str) -> None:
    index, _ = build({"alembic.ini": f"{INI}{line}\n", "alembic/versions/a_first.py": revision("a", "None")})

    style = migration_style(index)

    assert style is not None
    assert style.file_template == "%%(year)d_%%(rev)s_%%(slug)s"


def test_no_migrations(build: Build) -> None:
    assert migration_style(build({"app/main.py": "x = 1\n"})[0]) is None
