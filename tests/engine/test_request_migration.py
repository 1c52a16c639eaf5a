"""Changes of the database alone, in grammar, words and files."""

from __future__ import annotations

import pytest

from backwright.core.errors import UsageError
from backwright.core.request import MigrationChange
from backwright.engine.request_migration import parse_migration
from backwright.engine.requesting import parse_file, parse_words

KNOWN = ("Order", "User", "Product")


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("add an index on orders.status", MigrationChange("index", "Order", ("status",))),
        ("add an index on orders(status, created_at)", MigrationChange("index", "Order", ("status", "created_at"))),
        ("add an index on status of orders, the table is big", MigrationChange("index", "Order", ("status",), concurrently=True)),
        ("index orders by status and created_at", MigrationChange("index", "Order", ("status", "created_at"))),
        ("make email of users unique", MigrationChange("unique", "User", ("email",))),
        ("add a unique constraint on email of users", MigrationChange("unique", "User", ("email",))),
        ("create a unique index on users(email)", MigrationChange("unique", "User", ("email",))),
        ("add a unique constraint on users email", MigrationChange("unique", "User", ("email",))),
        ("make the user's email unique", MigrationChange("unique", "User", ("email",))),
        ("add check constraint total > 0 to orders", MigrationChange("check", "Order", condition="total > 0")),
        ("backfill orders.status with pending", MigrationChange("backfill", "Order", ("status",), value="pending")),
        ("backfill order status with pending", MigrationChange("backfill", "Order", ("status",), value="pending")),
        ("add a check constraint on orders: total is not negative", MigrationChange("check", "Order", condition="total >= 0")),
        (
            "backfill status of orders with pending where status is null in batches of 500",
            MigrationChange("backfill", "Order", ("status",), "status is null", "pending", batch=500),
        ),
    ],
)  # fmt: skip
def test_sentences(sentence: str, change: MigrationChange) -> None:
    assert parse_words(sentence, KNOWN).migration == change


def test_a_backfill_is_no_resource() -> None:
    (question,) = parse_words("backfill prices with something", KNOWN).questions
    assert "a backfill names a column" in question.text


@pytest.mark.parametrize("sentence", ["add an index page to products", "add an index on widgets.status"])
def test_what_is_about_something_else(sentence: str) -> None:
    assert parse_words(sentence, KNOWN).migration is None


@pytest.mark.parametrize(
    ("tokens", "text", "change"),
    [
        (["index", "orders(status, created_at)"], "index: orders(status, created_at)",
         MigrationChange("index", "orders", ("status", "created_at"))),
        (["index", "orders.status", "--concurrently"], "index: orders.status\n  concurrently: true",
         MigrationChange("index", "orders", ("status",), concurrently=True)),
        (["check", "orders(total >= 0)"], "check: orders(total >= 0)",
         MigrationChange("check", "orders", condition="total >= 0")),
        (["backfill", "orders.status=pending", "where", "status is null", "batch=100"],
         "backfill: orders.status=pending where status is null\n  batch: 100",
         MigrationChange("backfill", "orders", ("status",), "status is null", "pending", batch=100)),
    ],
)  # fmt: skip
def test_the_grammar_and_a_file_say_the_same(tokens: list[str], text: str, change: MigrationChange) -> None:
    assert parse_migration(tokens).migration == change
    assert parse_file(f"migration:\n  {text}\n", "change.yaml").migration == change


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["indx", "orders(status)"], "no migration is called 'indx'"),
        (["index", "orders"], "names a table and what of it"),
        (["backfill", "orders"], "sets a column of a table"),
        (["unique", "orders(a b)"], "'a b' is no name of a column"),
    ],
)
def test_mistakes(tokens: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_migration(tokens)


def test_the_quotes_of_a_condition_belong_to_its_values() -> None:
    tokens = ["backfill", "users.email=none", "where", "email is null or email = ''"]
    change = parse_migration(tokens).migration
    assert change is not None
    assert change.condition == "email is null or email = ''"
    quoted = parse_migration(["backfill", "users.email=none where 'email is null'"]).migration
    assert quoted is not None
    assert quoted.condition == "email is null"


@pytest.mark.parametrize("batch", ["batch=0", "batch=many", "batch=-5", "batch="])
def test_a_batch_is_a_number_of_rows(batch: str) -> None:
    with pytest.raises(UsageError, match="no number of rows"):
        parse_migration(["backfill", "orders.status=pending", batch])


@pytest.mark.parametrize("tokens", [["check", "orders(total > 0)"], ["backfill", "orders.status=pending"]])
def test_only_indexes_are_built_concurrently(tokens: list[str]) -> None:
    with pytest.raises(UsageError, match="builds an index"):
        parse_migration([*tokens, "--concurrently"])
