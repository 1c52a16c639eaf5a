"""Migrations of Django: their order, and the models that they lead to."""

from __future__ import annotations

import pytest

from backwright.kit.cases import Build
from backwright.kit.django.migrations import migrations_of_django

TEXT = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [{depends}]
    operations = [{operations}]
"""
ORDER = 'migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True))])'
DAY = 'migrations.AddField("order", "day", models.DateField())'


def made(build: Build, *operations: str, last_on: str = "") -> dict[str, set[str]] | None:
    """The fields by model, after one migration for each operation that stands on the one before."""
    files = {}
    for number, operation in enumerate(operations):
        before = f"m{number - 1}" if number else last_on
        depends = f'("shop", "{before}")' if before else ""
        files[f"shop/migrations/m{number}.py"] = TEXT.format(depends=depends, operations=operation)
    state = migrations_of_django(build(files)[0]).state("shop")
    return {name: set(fields) for name, fields in state.models.items()} if state is not None else None


def test_one_after_the_other(build: Build) -> None:
    assert made(build, ORDER, DAY) == {"order": {"id", "day"}}


@pytest.mark.parametrize("last_on", ["m1", "gone"])
def test_an_order_that_cannot_be_told(build: Build, last_on: str) -> None:
    assert made(build, ORDER, DAY, last_on=last_on) is None


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        (f"migrations.SeparateDatabaseAndState(state_operations=[{DAY}])", {"order": {"id", "day"}}),
        (f"migrations.SeparateDatabaseAndState([{DAY}])", {"order": {"id"}}),
        (f"migrations.SeparateDatabaseAndState(by_hand(), [{DAY}])", {"order": {"id", "day"}}),
        ("migrations.SeparateDatabaseAndState([], made_elsewhere())", None),
        (f'migrations.RunSQL("select 1", state_operations=[{DAY}])', {"order": {"id", "day"}}),
        ('migrations.RunSQL("select 1", state_operations=made_elsewhere())', None),
    ],
)
def test_what_counts_for_the_models(build: Build, operation: str, wanted: dict[str, set[str]] | None) -> None:
    assert made(build, ORDER, operation) == wanted
