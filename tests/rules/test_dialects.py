"""Which database a file of SQL is for."""

from __future__ import annotations

import pytest

from backwright.kit.index import FactIndex
from backwright.rules.schema._dialects import Dialects

PLAIN = "ALTER TABLE orders ADD COLUMN total integer NOT NULL;"


@pytest.mark.parametrize(
    ("path", "texts", "expected"),
    [
        ("migrations/1.sql", {}, ""),
        ("migrations/postgres/1.sql", {"go.mod": "github.com/go-sql-driver/mysql"}, "postgresql"),
        ("migrations/mssql/1.sql", {"go.mod": "github.com/jackc/pgx/v5"}, "other"),
        ("prisma/migrations/1/migration.sql", {"prisma/migrations/migration_lock.toml": 'provider = "mysql"'}, "mysql"),
        ("prisma/migrations/1/migration.sql", {"prisma/schema.prisma": 'generator c {\n  provider = "prisma-client-js"\n}\n'
         'datasource db {\n  provider = "sqlite"\n}'}, "sqlite"),
        ("migrations/1.sql", {"migrations/0.sql": "CREATE TABLE a (id int AUTO_INCREMENT)"}, "mysql"),
        ("migrations/1.sql", {"migrations/0.sql": "CREATE TABLE a (id bigserial)"}, "postgresql"),
        ("migrations/1.sql", {"migrations/0.sql": "x bigserial", "migrations/2.sql": "x AUTOINCREMENT"}, ""),
        ("migrations/1.sql", {"package.json": '{"dependencies": {"pg": "8"}}'}, "postgresql"),
        ("migrations/1.sql", {"package.json": '{"dependencies": {"pg": "8", "mysql2": "3"}}'}, ""),
    ],
)  # fmt: skip
def test_what_tells_it(path: str, texts: dict[str, str], expected: str) -> None:
    assert Dialects(FactIndex({}, texts={**texts, path: PLAIN})).of(path, PLAIN) == expected


def test_the_words_of_a_file_count_before_those_beside_it() -> None:
    path, text = "migrations/1.sql", "ALTER TABLE a ADD b jsonb NOT NULL"
    assert (
        Dialects(FactIndex({}, texts={"migrations/0.sql": "a AUTOINCREMENT", path: text})).of(path, text)
        == "postgresql"
    )
