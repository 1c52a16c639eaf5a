"""Tables by `CREATE TABLE`, for projects whose code declares none: sqlc, sqlx, pgx, MyBatis, jOOQ, Dapper, plain drivers."""

from __future__ import annotations

from backwright.frameworks.sqlschema.statements import tables
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="SQL", kind="orm", packages={}, facts=tables, last=True)
