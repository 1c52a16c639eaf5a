"""The database that a file of SQL is written for: what its folder, its tool, its words and the project say."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from backwright.kit.index import FactIndex

POSTGRES, OTHER = "postgresql", "other"
SQLITE = "sqlite"
MYSQL = "mysql"

_FOLDER = (
    (POSTGRES, re.compile(r"(^|[/_.-])(postgres(ql)?|pg(sql)?)([/_.-]|$)", re.IGNORECASE)),
    (MYSQL, re.compile(r"(^|[/_.-])(mysql|mariadb)([/_.-]|$)", re.IGNORECASE)),
    (SQLITE, re.compile(r"(^|[/_.-])(sqlite3?|d1)([/_.-]|$)", re.IGNORECASE)),
    (OTHER, re.compile(r"(^|[/_.-])(mssql|sqlserver|oracle|clickhouse|cassandra|h2|db2)([/_.-]|$)", re.IGNORECASE)),
)
_WORDS = (
    (MYSQL, re.compile(r"\bENGINE\s*=|\bAUTO_INCREMENT\b|\bCHARACTER\s+SET\b|\bCHARSET\b|\bUNSIGNED\b|\bCHANGE\s+COLUMN\b", re.IGNORECASE)),
    (OTHER, re.compile(r"^GO\s*$|\[dbo\]|\bNVARCHAR\b|\bVARCHAR2\b|\bMergeTree\b", re.IGNORECASE | re.MULTILINE)),
    (SQLITE, re.compile(r"\bAUTOINCREMENT\b|\bPRAGMA\b", re.IGNORECASE)),
    (
        POSTGRES,
        re.compile(
            r"\b(TIMESTAMPTZ|JSONB|BYTEA|\w*SERIAL|CONCURRENTLY|UUID|TEXT\[\]|CREATE\s+(TYPE|EXTENSION)|NOT\s+VALID|"
            r"SET\s+NOT\s+NULL|TIMESTAMP\s*\(3\))(?!\w)|::\s*\w|\$\$|\"public\"\.",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
_PROVIDER = re.compile(r"^\s*provider\s*=\s*\"(\w+)\"", re.MULTILINE)
_DRIVERS = (
    (POSTGRES, re.compile(r"postgres|psycopg|asyncpg|jackc/pgx|lib/pq|\"pg\"\s*:", re.IGNORECASE)),
    (MYSQL, re.compile(r"mysql|mariadb", re.IGNORECASE)),
    (SQLITE, re.compile(r"sqlite", re.IGNORECASE)),
)
_PROVIDED = {"postgresql": POSTGRES, "postgres": POSTGRES, "mysql": MYSQL, "sqlite": SQLITE}


class Dialects:
    """The databases of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.texts = index.texts
        manifests = "\n".join(text for path, text in sorted(index.texts.items()) if not path.endswith(".sql"))
        self._beside: dict[str, set[str]] = {}
        for path, text in index.texts.items():
            if path.endswith(".sql") and (word := self._worded(text)):
                self._beside.setdefault(str(PurePosixPath(path).parent), set()).add(word)
        self._named = [dialect for dialect, word in _DRIVERS if word.search(manifests)]

    def of(self, path: str, text: str) -> str:
        """The database of one file, `""` where nothing tells which one."""
        folder = str(PurePosixPath(path).parent)
        named = next((dialect for dialect, word in _FOLDER if word.search(folder)), "")
        beside = self._beside.get(folder, set())
        agreed = next(iter(beside)) if len(beside) == 1 else ""
        return named or self._provided(path) or self._worded(text) or agreed or self._alone()

    def _provided(self, path: str) -> str:
        """What Prisma's own files beside a migration say."""
        for folder in PurePosixPath(path).parents:
            for name in ("migration_lock.toml", "schema.prisma"):
                said = _PROVIDER.findall(self.texts.get(str(folder / name), ""))
                known = [one for one in said if one in _PROVIDED or one in {"sqlserver", "cockroachdb", "mongodb"}]
                if known:
                    return _PROVIDED.get(known[0], OTHER)
        return ""

    @staticmethod
    def _worded(text: str) -> str:
        return next((dialect for dialect, word in _WORDS if word.search(text)), "")

    def _alone(self) -> str:
        """The one that the project is made for, where it is made for one."""
        return self._named[0] if len(self._named) == 1 else ""
