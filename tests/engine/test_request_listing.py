"""What the list of a resource that exists is asked for, in grammar, words and files."""

from __future__ import annotations

import pytest

from backwright.core.errors import UsageError
from backwright.core.request import ListChange, Understood
from backwright.engine.request_listing import parse_list
from backwright.engine.requesting import apply_settings, parse_file, parse_words

KNOWN = ("Order", "Product", "Customer", "Note", "Ticket")


def said(understood: Understood) -> ListChange:
    assert understood.kind == "list"
    assert understood.listing is not None
    assert not [q for q in understood.questions if q.level == "high"]
    return understood.listing


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("let users filter orders by status and sort them by date", ListChange("Order", ("status",), ("date",))),
        ("paginate the products list", ListChange("Product", pages="offset")),
        ("add cursor-based pagination to the orders list", ListChange("Order", pages="cursor")),
        ("add filtering to orders by status and customer", ListChange("Order", ("status", "customer"))),
        ("add a status filter to orders", ListChange("Order", ("status",))),
        ("add search on title and body to notes", ListChange("Note", search=("title", "body"))),
        ("allow searching customers by name and email", ListChange("Customer", search=("name", "email"))),
        ("make orders sortable by created_at", ListChange("Order", sorts=("created_at",))),
        (
            "make the tickets list filterable by status, priority and searchable by title",
            ListChange("Ticket", ("status", "priority"), search=("title",)),
        ),
        ("paginate tickets, 50 per page, at most 200", ListChange("Ticket", (), (), (), "offset", 50, 200)),
        ("add sorting by price to the products endpoint", ListChange("Product", sorts=("price",))),
    ],
)
def test_sentences(sentence: str, change: ListChange) -> None:
    assert said(parse_words(sentence, KNOWN)) == change


@pytest.mark.parametrize(
    "sentence",
    [
        "add an invoices API with name and status, filter by status",
        "add comments to posts",
        "filter invoices by status",  # no entity of this repository
        "add a filters field to products",
        "search for text in widgets",
    ],
)
def test_what_is_about_something_else(sentence: str) -> None:
    assert parse_words(sentence, KNOWN).kind != "list"


def test_the_grammar_and_a_file_say_the_same() -> None:
    grammar = parse_list(
        ["Order", "--filter", "status,customer", "--sort=-created_at", "--search", "note", "--paginate"]
    )
    file = parse_file(
        "resource: Order\nchange_list: {filter: [status, customer], sort: created_at, search: [note], paginate: offset}\n",
        "list.yaml",
    )
    change = ListChange("Order", ("status", "customer"), ("created_at",), ("note",), "offset")
    assert said(grammar) == said(file) == change
    assert said(parse_list(["Order", "--paginate", "cursor"])).pages == "cursor"


def test_sizes_can_be_said_and_set() -> None:
    change = parse_list(["Order", "--paginate=10..50"])
    assert (said(change).page_default, said(change).page_max) == (10, 50)
    other, rest = apply_settings(change, {"paginate": "50..200", "x": "y"})
    assert (said(other).page_default, said(other).page_max, rest) == (50, 200, {"x": "y"})


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "a list is of an entity"),
        (["Order"], "nothing was asked of the list"),
        (["Order", "--group", "status"], "unknown option 'group'"),
        (["Order", "--filter", "a;b"], "'a;b' is no name"),
        (["Order", "--paginate=no"], "lose its pages"),
    ],
)
def test_mistakes(tokens: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_list(tokens)


def test_an_unknown_key_of_a_file_is_shown_with_its_line() -> None:
    with pytest.raises(UsageError, match="unknown key 'group'") as caught:
        parse_file("resource: Order\nchange_list:\n  group: status\n", "list.yaml")
    assert caught.value.where == "list.yaml:3"


@pytest.mark.parametrize(
    "sentence", ["add filtering to orders", "add search to orders", "add an endpoint to list orders"]
)
def test_a_list_that_is_asked_for_no_field_is_a_question(sentence: str) -> None:
    understood = parse_words(sentence, KNOWN)
    assert understood.kind == "unknown"
    assert "For example" in understood.questions[0].text
    assert "list" in understood.questions[0].text
