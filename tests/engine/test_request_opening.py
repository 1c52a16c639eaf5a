"""What would be taken for a field or a resource that nobody means is refused by its name."""

from __future__ import annotations

import pytest

from backwright.engine.requesting import parse_words

KNOWN = ["Order", "Ticket", "Project"]


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("add idempotency keys to POST /orders", "idempotency keys"),
        ("make creating orders idempotent", "idempotency keys"),
        ("support Idempotency-Key on POST /orders", "idempotency keys"),
        ("add ownership to tickets", "owners or tenants"),
        ("users should only see their own tickets", "owners or tenants"),
        ("scope orders by tenant", "owners or tenants"),
        ("add tenant scoping to orders", "owners or tenants"),
        ("make projects multi-tenant", "owners or tenants"),
        ("limit creating orders to 5 per minute", "without its endpoint and number"),
        ("rate limit the orders endpoint", "without its endpoint and number"),
        ("the api should have a readiness check for the database and redis", "a health check that tells more"),
    ],
)
def test_it_is_refused(sentence: str, what: str) -> None:
    understood = parse_words(sentence, KNOWN)
    assert understood.kind == "unknown"
    assert what in understood.questions[0].text


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("add a tenant_id field to orders", "field"),
        ("add an owner_name field to tickets", "field"),
        ("let users keep bookmarks with title and url; users see only their own", "resource"),
        ("add payments with amount and idempotency key", "resource"),
        ("add an idempotency key field to orders", "field"),
        ("add a tenants API with name and domain", "resource"),
    ],
)
def test_what_sounds_like_it_is_made(sentence: str, kind: str) -> None:
    assert parse_words(sentence, KNOWN).kind == kind
