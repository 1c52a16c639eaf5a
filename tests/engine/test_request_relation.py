"""How a relation is asked for: the grammar, plain words and a feature file say the same."""

from __future__ import annotations

import pytest

from backwright.core.errors import UsageError
from backwright.core.request import FieldChange, FieldSpec
from backwright.engine.request_fields import spoken
from backwright.engine.requesting import apply_settings, parse_file, parse_words, understand

KNOWN = ("Customer", "Order", "Post", "Tag", "Student", "Course", "User")


def related(name: str, rule: str = "set_null", child: str = "Order", parent: str = "Customer") -> FieldChange:
    spec = FieldSpec(name, "ref", required=False, nullable=True, ref=parent, on_delete=rule)
    return FieldChange("add", child, name, field=spec, relation=True)


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("relation Order belongs-to Customer", related("customer")),
        ("relation Customer has-many Order", related("customer")),
        ("relation Order belongs-to Customer as:buyer on-delete:cascade", related("buyer", "cascade")),
        ("an order belongs to a customer", related("customer")),
        ("Each order should belong to one customer.", related("customer")),
        ("orders belong to a customer as buyer", related("buyer")),
        ("customers have many orders", related("customer")),
        ("a customer can have multiple orders", related("customer")),
        ("add a relation from orders to customers", related("customer")),
        ("add a foreign key from orders to users as seller", related("seller", parent="User")),
        ("link orders to customers", related("customer")),
        ("add a one-to-many relation between customers and orders", related("customer")),
        ("create a many-to-one relationship between orders and customers", related("customer")),
        ("orders belong to a customer, deleted with it", related("customer", "cascade")),
        ("orders belong to a customer, on delete cascade", related("customer", "cascade")),
        ("orders belong to a customer and stay when it is deleted", related("customer")),
    ],
)
def test_one_to_many(sentence: str, change: FieldChange) -> None:
    words = sentence.split() if sentence.startswith("relation ") else [sentence]
    found = understand(words, KNOWN)
    assert found.field == change
    assert {a.key for a in found.assumptions} >= {"optional"}
    assert understand(spoken(change), KNOWN).field == change


@pytest.mark.parametrize(
    ("sentence", "resource", "fields", "operations"),
    [
        ("relation Post many-to-many Tag", "PostTag", ("post", "tag"), 4),
        ("many-to-many between posts and tags", "PostTag", ("post", "tag"), 4),
        ("add a many to many relationship between posts and tags", "PostTag", ("post", "tag"), 4),
        ("posts have many tags and tags have many posts", "PostTag", ("post", "tag"), 4),
        ("link posts to tags many-to-many", "PostTag", ("post", "tag"), 4),
        ("relation Student many-to-many Course as:Enrolment grade:int(1..6)?", "Enrolment",
         ("student", "course", "grade"), 5),
        ("many-to-many between students and courses through enrolment with grade and note", "Enrolment",
         ("student", "course", "grade", "note"), 5),
    ],
)  # fmt: skip
def test_many_to_many_is_a_resource_of_pairs(
    sentence: str, resource: str, fields: tuple[str, ...], operations: int
) -> None:
    words = sentence.split() if sentence.startswith("relation ") else [sentence]
    feature = understand(words, KNOWN).feature
    assert feature is not None
    assert (feature.resource, tuple(f.name for f in feature.fields)) == (resource, fields)
    assert feature.unique_together == (fields[:2],)
    assert feature.listing.filters == fields[:2]
    assert [f.on_delete for f in feature.fields[:2]] == ["cascade", "cascade"]
    assert len(feature.operations) == operations


def test_a_file_says_the_same() -> None:
    text = "relation: Order belongs-to Customer\nas: buyer\non_delete: cascade\n"
    assert parse_file(text, "f.yaml").field == related("buyer", "cascade")
    pairs = parse_file(
        "relation: Student many-to-many Course\nas: Enrolment\nfields: ['grade:int?']\n", "f.yaml"
    ).feature
    assert pairs is not None
    assert [f.name for f in pairs.fields] == ["student", "course", "grade"]


def test_what_becomes_of_the_rows_is_an_answer() -> None:
    found, rest = apply_settings(parse_words("an order belongs to a customer", KNOWN), {"on_delete": "restrict"})
    assert found.field == related("customer", "restrict")
    assert not rest
    with pytest.raises(UsageError, match="nothing that happens"):
        apply_settings(parse_words("an order belongs to a customer", KNOWN), {"on_delete": "explode"})


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (("Order", "near", "Customer"), "two entities"),
        (("Order",), "two entities"),
        (("Order", "belongs-to", "Customer", "note:str"), "no pairs"),
        (("Order", "belongs-to", "Customer", "on-delete:explode"), "nothing that happens"),
        (("Tag", "many-to-many", "Tag"), "both ends"),
        (("Order", "belongs-to", "Customer", "as:class"), "cannot be called"),
        (("Post", "many-to-many", "Tag", "tag:str"), "already"),
    ],
)
def test_what_cannot_be_is_refused(tokens: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        understand(("relation", *tokens), KNOWN)


@pytest.mark.parametrize(
    "sentence",
    ["an order belongs to a warehouse", "add comments with text, each belongs to a post", "orders have many problems"],
)
def test_what_is_about_something_else_stays_so(sentence: str) -> None:
    found = parse_words(sentence, KNOWN)
    assert found.field is None or not found.field.relation


@pytest.mark.parametrize(
    "sentence",
    [
        "orders belong to customers and must never be deleted with them",
        "a customer has many orders, they are not deleted with the customer",
        "an order belongs to a customer with no cascading deletes",
        "a customer has many orders that may be deleted by admins",
        "an order belongs to a customer, required",
    ],
)
def test_rows_are_taken_away_on_clear_words_only(sentence: str) -> None:
    found = parse_words(sentence, KNOWN)
    assert found.field is None
    assert [q.level for q in found.questions] == ["high"]
