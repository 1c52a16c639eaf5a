"""Actions on a resource, from grammar, words and files: one and the same change, and what is no action."""

from __future__ import annotations

import pytest

from backwright.core.errors import UsageError
from backwright.core.request import EndpointChange
from backwright.engine.request_answers import apply_settings
from backwright.engine.request_endpoint import parse_endpoint
from backwright.engine.requesting import parse_file, understand

KNOWN = ("Order", "Post", "Ticket", "User", "Customer", "PurchaseOrder")


def change(words: str) -> EndpointChange:
    understood = understand([words], KNOWN)
    assert understood.kind == "endpoint", understood
    assert understood.endpoint is not None
    return understood.endpoint


def test_grammar() -> None:
    understood = parse_endpoint(["Order.cancel", "from:pending,paid", "to:cancelled", "access:owner", "stamp:yes"])
    assert understood.endpoint == EndpointChange(
        "Order", "cancel", "cancelled", ("pending", "paid"), access="owner", stamps=("cancelled_at",)
    )


def test_a_file_says_the_same() -> None:
    text = "resource: Order\nendpoint: cancel\nfrom: [pending, paid]\nto: cancelled\naccess: owner\n"
    tokens = ["Order.cancel", "from:pending,paid", "to:cancelled", "access:owner"]
    assert parse_file(text, "order.yaml").endpoint == parse_endpoint(tokens).endpoint


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (["Order"], "an entity and an action"),
        (["Order.cancel", "form:pending"], "no 'form'"),
        (["Order.cancel", "from:a", "from:b"], "twice"),
        (["Order.class"], "word of Python"),
    ],
)
def test_bad_grammar(tokens: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_endpoint(tokens)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("an order can be cancelled until it ships", EndpointChange("Order", "cancel", until="ships")),
        (
            "add publish to posts: only draft posts, only the author",
            EndpointChange("Post", "publish", sources=("draft",), access="owner"),
        ),
        ("let users cancel their orders", EndpointChange("Order", "cancel", access="owner")),
        ("add a cancel endpoint to orders", EndpointChange("Order", "cancel")),
        ("add an endpoint to archive tickets, only admins", EndpointChange("Ticket", "archive", access="admin")),
        ("add an endpoint that closes a ticket", EndpointChange("Ticket", "close")),
        (
            "only admins can approve orders when pending or paid",
            EndpointChange("Order", "approve", sources=("pending", "paid"), access="admin"),
        ),
        (
            "pending orders can be cancelled by the owner, record when",
            EndpointChange("Order", "cancel", sources=("pending",), access="owner", stamps=("cancelled_at",)),
        ),
        (
            "orders can be shipped only if paid and it becomes shipped",
            EndpointChange("Order", "ship", "shipped", ("paid",)),
        ),
        ("allow admins to ban users", EndpointChange("User", "ban", access="admin")),
    ],
)
def test_words(words: str, wanted: EndpointChange) -> None:
    assert change(words) == wanted


@pytest.mark.parametrize(
    "words",
    [
        "add comments to posts",
        "let users keep bookmarks with title and url",
        "add phone to customers",
        "CRUD for warehouses: code, city",
        "let users cancel their subscriptions",  # no entity of this project
    ],
)
def test_what_is_no_action(words: str) -> None:
    assert understand([words], KNOWN).kind != "endpoint"


def test_what_was_not_understood_is_said() -> None:
    understood = understand(["add a cancel endpoint to orders, on tuesdays with a coupon"], KNOWN)
    assert [q.key for q in understood.questions] == ["left_out"]


def test_answers() -> None:
    understood = understand(["add a cancel endpoint to orders"], KNOWN)
    answered, rest = apply_settings(understood, {"to": "is_open=false", "access": "admin", "id": "uuid"})
    assert answered.endpoint == EndpointChange("Order", "cancel", "is_open=false", access="admin")
    assert rest == {"id": "uuid"}
