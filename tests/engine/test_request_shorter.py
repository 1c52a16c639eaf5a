"""Sentences that say in few words what is asked of something that exists."""

from __future__ import annotations

import pytest

from backwright.core.request import EndpointChange, MigrationChange, SoftDelete
from backwright.engine.requesting import parse_words

KNOWN = ["Product", "Order", "Customer", "User"]


@pytest.mark.parametrize(
    ("sentence", "table", "column"),
    [
        ("product names must be unique", "Product", "name"),
        ("emails of users should be unique", "User", "email"),
        ("the user email has to be unique", "User", "email"),
        ("no two products may have the same name", "Product", "name"),
        ("two users may not share an email", "User", "email"),
    ],
)
def test_what_must_be_unique(sentence: str, table: str, column: str) -> None:
    assert parse_words(sentence, KNOWN).migration == MigrationChange("unique", table, (column,))


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [("order total must not be negative", "total >= 0"), ("totals of orders must be positive", "totals > 0")],
)
def test_what_must_hold(sentence: str, condition: str) -> None:
    assert parse_words(sentence, KNOWN).migration == MigrationChange("check", "Order", condition=condition)


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("cancel order", EndpointChange("Order", "cancel")),
        ("cancel orders", EndpointChange("Order", "cancel")),
        ("POST /orders/{id}/cancel", EndpointChange("Order", "cancel")),
        ("add POST /api/v1/orders/{order_id}/cancel", EndpointChange("Order", "cancel")),
        (
            "add an endpoint PATCH /orders/{id}/ship that sets status to shipped",
            EndpointChange("Order", "ship", "shipped"),
        ),
        ("allow cancelling orders", EndpointChange("Order", "cancel")),
        ("let users cancel their orders", EndpointChange("Order", "cancel", access="owner")),
    ],
)
def test_an_action_in_few_words(sentence: str, change: EndpointChange) -> None:
    assert parse_words(sentence, KNOWN).endpoint == change


@pytest.mark.parametrize("sentence", ["add deleted_at to orders", "add a nullable deleted_at column to orders"])
def test_a_moment_of_deletion_is_a_soft_delete(sentence: str) -> None:
    found = parse_words(sentence, KNOWN)
    assert found.soft_delete == SoftDelete("Order")
    assert [a.key for a in found.assumptions] == ["soft_delete"]


def test_a_flag_of_deletion_is_asked_about() -> None:
    found = parse_words("add an is_deleted flag to orders", KNOWN)
    assert [q.level for q in found.questions] == ["high"]
    assert "soft-delete Order" in found.questions[0].text


@pytest.mark.parametrize(
    "sentence",
    [
        "two users may have the same name",
        "cancel everything",
        "POST /orders",
        "warehouse names must be unique",
        "stock of orders can be negative",
        "order total may be negative",
        "add PUT /orders/{id}/items",
        "POST /orders/{id}/items/{item_id}/cancel",
        "PATCH /users/{id}/email",
    ],
)
def test_what_says_something_else(sentence: str) -> None:
    found = parse_words(sentence, KNOWN)
    assert found.migration is None
    assert found.endpoint is None
