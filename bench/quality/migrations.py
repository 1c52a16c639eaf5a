"""The migration rules (BW902, BW903) on the public fixtures of squawk and of django-migration-linter.

    python bench/quality/migrations.py --squawk CHECKOUT --django CHECKOUT [--misses]

Fixtures are read from the checkouts' own tests. One in SQL becomes the migration of a small project on PostgreSQL, where
other migrations mind locks; a migration of Django is read as it is. Prints what agrees, what is missed,
and what is not ours, with the reason.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backwright.engine.registry import Registry
from rules import read

TEST = re.compile(r"#\[test\]\s*fn (\w+)\(\) \{(.*?)\n    \}\n", re.DOTALL)
TEXT = re.compile(r'let (\w+) = (?:r(#+)"(.*?)"\2|"(.*?)")(?:\.\w+\(\))?;', re.DOTALL)
CALL = re.compile(r"\b(lint_errors_with|lint_errors|lint_ok_with|lint_ok)\(\s*&?(\w+)\b")
OURS = (  # what squawk calls the kinds that lock or rewrite a table, or fail on its rows
    "adding_field_with_default", "adding_foreign_key_constraint", "adding_not_null_field", "adding_primary_key_constraint",
    "adding_required_field", "ban_alter_domain_with_add_constraint", "ban_concurrent_index_creation_in_transaction",
    "changing_column_type", "constraint_missing_not_valid", "disallow_unique_constraint", "prefer_repack",
    "require_concurrent_index_creation", "require_concurrent_index_deletion", "require_concurrent_partition_detach",
    "require_concurrent_reindex",
)  # fmt: skip
OTHERS = {
    "ban_char_field": "a type", "ban_create_domain_with_constraint": "a new domain locks nothing", "ban_drop_column": "compatibility",
    "ban_drop_database": "compatibility", "ban_drop_not_null": "compatibility", "ban_drop_table": "compatibility",
    "ban_duplicate_column_assignments": "an error of SQL", "ban_truncate_cascade": "loss of data",
    "ban_uncommitted_transaction": "an error of SQL", "identifier_too_long": "names", "prefer_bigint_over_int": "a type",
    "prefer_bigint_over_smallint": "a type", "prefer_identity": "a type", "prefer_robust_stmts": "repeating a migration",
    "prefer_text_field": "a type", "prefer_timestamptz": "a type", "renaming_column": "compatibility", "renaming_table": "compatibility",
    "require_enum_value_ordering": "an enum's order", "require_table_schema": "names", "require_timeout_settings": "settings of a session",
    "transaction_nesting": "an error of SQL",
}  # fmt: skip
APART = {  # single fixtures of the kinds above that ask something else
    "adding_field_that_is_not_nullable_without_default": "found, by another rule of theirs",
    "add_foreign_key_constraint_not_valid_validate": "found, by another rule of theirs",
    "generated_stored_not_null_ok": "found, by another rule of theirs",
    "generated_stored_ok": "found, by another rule of theirs",
    "cluster_below_pg19_ok": "asks whether REPACK is there; the lock is the same",
    "vacuum_full_below_pg19_ok": "asks whether REPACK is there; the lock is the same",
    "squawk_disable_assume_in_transaction_overrides": "a comment for squawk",
}
COMPATIBLE = "whether code that still runs can go on: nothing locks or fails"
OF_DJANGO = {  # tests of django-migration-linter that are no question of locks, of rows or of a way back, by what they ask
    "test_add_not_null": COMPATIBLE, "test_add_not_null_without_dropping_default": COMPATIBLE,
    "test_make_column_not_null_with_lib_default": COMPATIBLE, "test_create_unique_index_concurrently_where": COMPATIBLE,
}  # fmt: skip
CAREFUL = {
    "app/db.py": "import asyncpg\n",
    "migrations/0000_mind.sql": "CREATE INDEX CONCURRENTLY mind ON minded (a);\n",
    "other/migrations/0000_mind.sql": "CREATE INDEX CONCURRENTLY mind ON minded (a);\n",
    "third/migrations/0000_mind.sql": "CREATE INDEX CONCURRENTLY mind ON minded (a);\n",
}
REVISION = (
    'from alembic import op\n\nrevision = "1"\ndown_revision = None\n\n\ndef upgrade():\n    op.execute({sql!r})\n'
)


@dataclass(frozen=True)
class Fixture:
    """One text that the tests of a tool judge; `apart` says why it is not ours, `files` is what our rule reads."""

    group: str
    name: str
    wrong: bool
    files: dict[str, str]
    rule: str = "BW903"
    apart: str = ""


def of_squawk(checkout: Path) -> Iterator[Fixture]:
    """The SQL in the tests of every rule."""
    for path in sorted((checkout / "crates/squawk_linter/src/rules").glob("*.rs")):
        group = path.stem
        for test in TEST.finditer(path.read_text(encoding="utf-8")):
            texts = {m[1]: m[3] or m[4] or "" for m in TEXT.finditer(test[2])}
            for call in CALL.finditer(test[2]):
                sql = texts.get(call[2])
                if sql is None:
                    continue
                together = "assume_in_transaction: true" in test[2]
                files = (
                    {"alembic/versions/1.py": REVISION.format(sql=sql)} if together else {"migrations/0001.sql": sql}
                )
                apart = OTHERS.get(group, "" if group in OURS else "a rule that this bench does not know")
                apart = apart or APART.get(test[1], "") or _version(test[1], test[2])
                yield Fixture(f"squawk {group}", test[1], "ok" not in call[1], files, apart=apart)


def _version(name: str, body: str) -> str:
    old = re.search(r"pg_?11", name) is not None and "pg_version" in body and "ok_post" not in name
    return "PostgreSQL before 12" if old else ""


def of_linter(checkout: Path) -> Iterator[Fixture]:
    """The SQL in the tests of django-migration-linter, and its migrations without a way back."""
    tree = ast.parse((checkout / "tests/unit/test_sql_analyser.py").read_text(encoding="utf-8"))
    for cls in (n for n in tree.body if isinstance(n, ast.ClassDef) and "AnalyserTestCase" in n.name):
        for test in (n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")):
            yield from _asserted(cls.name.removesuffix("AnalyserTestCase"), test)
    folder = checkout / "tests/test_project/app_data_migrations/migrations"
    for path in sorted(folder.glob("0*.py")):
        name, text = path.stem, path.read_text(encoding="utf-8")
        apart = (
            "names of arguments"
            if "incorrect" in name or "partial" in name
            else ""
            if "RunPython" in text
            else "no data"
        )
        files = {f"app/migrations/{path.name}": text}
        yield Fixture("django-migration-linter: way back", name, "reverse" in name, files, "BW902", apart)


def _asserted(vendor: str, test: ast.FunctionDef) -> Iterator[Fixture]:
    sql = ""
    for statement in test.body:
        if isinstance(statement, ast.Assign):
            value = ast.literal_eval(statement.value)
            sql = value if isinstance(value, str) else "\n".join(value)
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        wrong = call.func.attr != "assertValidSql"
        told = any(k.arg == "allow_warnings" for k in call.keywords)
        apart = "" if vendor == "Postgresql" else f"{vendor}: locks are judged for PostgreSQL only"
        apart = apart or OF_DJANGO.get(test.name, "") or ("may be warned of or not" if told else "")
        yield Fixture(f"django-migration-linter: {vendor}", test.name, wrong, {"migrations/0001.sql": sql}, apart=apart)


def judged(fixture: Fixture) -> bool:
    """Whether our rule says anything of a fixture."""
    rule = next(r for r in Registry().rules if r.id == fixture.rule)
    index, archmap = read({path: text.encode() for path, text in (CAREFUL | fixture.files).items()})
    return any(f.span.path in fixture.files for f in rule.check(index, archmap))


def main() -> int:
    """Judge all fixtures and print the table; 1 where one of ours is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squawk", type=Path, help="a checkout of sbdchd/squawk")
    parser.add_argument("--django", type=Path, help="a checkout of 3YOURMIND/django-migration-linter")
    parser.add_argument("--misses", action="store_true", help="name every fixture that is missed")
    given = parser.parse_args()
    fixtures = [*(of_squawk(given.squawk) if given.squawk else ()), *(of_linter(given.django) if given.django else ())]
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for fixture in fixtures:
        verdict = "not ours" if fixture.apart else "agree" if judged(fixture) == fixture.wrong else "missed"
        rows[fixture.group][verdict] += 1
        if fixture.apart:
            reasons[fixture.group][fixture.apart] += 1
        if verdict == "missed" and given.misses:
            print(f"missed: {fixture.group} {fixture.name} (wrong there: {fixture.wrong})")
    print(f"{'fixtures':<62} {'agree':>6} {'missed':>7} {'not ours':>9}")
    for group, row in rows.items():
        print(f"{group:<62} {row['agree']:>6} {row['missed']:>7} {row['not ours']:>9}  {'; '.join(reasons[group])}")
    total = sum(rows.values(), Counter[str]())
    print(f"{'all':<62} {total['agree']:>6} {total['missed']:>7} {total['not ours']:>9}")
    return 1 if total["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
