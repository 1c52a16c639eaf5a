"""What reads as SQL, and what is only a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.handwritten import reads_as_condition, reads_as_sql


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM users WHERE name = '?'",
        "\n    select count(*)\n    from `tabUser`\n    where ?",
        "Select * From Users Where Id = ?",
        "INSERT INTO users (name) VALUES ('?')",
        "insert or replace into users select ? from people",
        "UPDATE users SET name = '?'",
        "update ? as u set name = ?",
        "DELETE FROM users WHERE id = ?",
        "WITH old AS (SELECT 1) DELETE FROM users",
        "(SELECT a FROM ?) UNION (SELECT b FROM c)",
    ],
)
def test_statements(text: str) -> None:
    assert reads_as_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        "Select '?' from the list of users",
        "Update the settings of '?' and set them again",
        "Delete from '?' where you are",
        "with open files",
        "Selected ? from ?",
        "CREATE USER ? PASSWORD '?'",
        "",
    ],
)
def test_sentences(text: str) -> None:
    assert not reads_as_sql(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" and company = '?'", True),
        (" WHERE t.name LIKE '%?%'", True),
        ("from media where media.artist='?'", True),
        ("LEFT JOIN reads ON reads.entry = entries.id AND reads.user = ?", True),
        (" and <a href='?'>all of it</a>", False),
        (" and color: '?'", False),
        (" or use '?'", False),
        (" AND owner = ?", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert reads_as_condition(text) is expected


@given(st.text(alphabet="select from where='?()\n", max_size=3_000))
def test_any_text_is_read_in_time(text: str) -> None:
    assert reads_as_sql(text) in {True, False}
    assert reads_as_condition(text) in {True, False}
