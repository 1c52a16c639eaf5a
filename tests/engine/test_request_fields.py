"""One field of a resource that exists, asked for by grammar, in words and in a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.errors import UsageError
from backwright.core.request import FieldChange
from backwright.engine.request_fields import parse_field, spoken
from backwright.engine.request_types import make_field
from backwright.engine.requesting import apply_settings, parse_file, parse_words, understand
from backwright.kit.naming import why_not_field, why_not_resource

KNOWN = ("Customer", "Order", "Product", "Invoice", "Post", "Comment")
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z]{1,5})?", fullmatch=True).filter(lambda n: not why_not_field(n))
ENTITIES = st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True).filter(lambda n: not why_not_resource(n))
FIELDS = st.one_of(
    st.builds(
        lambda high, optional, unique: {
            "type": "string", "max_length": high, "required": not optional, "nullable": optional, "unique": unique
        },
        st.integers(1, 500), st.booleans(), st.booleans(),
    ),
    st.builds(lambda low: {"type": "integer", "min": str(low), "index": True}, st.integers(-50, 50)),
    st.builds(lambda value: {"type": "boolean", "default": value, "has_default": True}, st.booleans()),
    st.just({"type": "decimal", "precision": 8, "scale": 2}),
    st.just({"type": "enum", "values": ("low", "high"), "default": "low", "has_default": True}),
)  # fmt: skip


def change_of(sentence: str) -> FieldChange:
    understood = parse_words(sentence, KNOWN)
    assert understood.kind == "field", understood
    assert understood.field is not None
    return understood.field


@given(ENTITIES, NAMES, FIELDS)
def test_an_addition_says_itself(entity: str, name: str, said: dict[str, object]) -> None:
    change = FieldChange("add", entity, name, field=make_field(name, said))
    assert parse_field(spoken(change)[1:]).field == change
    assert understand(spoken(change)).field == change


@given(ENTITIES, NAMES, NAMES)
def test_a_rename_and_a_removal_say_themselves(entity: str, name: str, to: str) -> None:
    removal = FieldChange("remove", entity, name)
    assert parse_field(spoken(removal)[1:]).field == removal
    if name != to:
        renaming = FieldChange("rename", entity, name, to)
        assert parse_field(spoken(renaming)[1:]).field == renaming


@pytest.mark.parametrize(
    ("sentence", "entity", "name", "says"),
    [
        ("add field phone:str? max=20 to customer", "Customer", "phone", {"max_length": 20, "nullable": True}),
        ("add a nullable discount decimal to orders", "Order", "discount", {"type": "decimal", "nullable": True}),
        ("please add a birth date column to the customers table", "Customer", "birth_date", {"type": "date"}),
        ("add an is_active flag to products, default true", "Product", "is_active", {"default": True}),
        ("add a required unique sku field to products", "Product", "sku", {"unique": True, "required": True}),
        (
            "add a status field with values draft, published to posts",
            "Post",
            "status",
            {"values": ("draft", "published")},
        ),
        ("add a price (decimal, min 0) to invoices", "Invoice", "price", {"min": "0"}),
        ("add optional due date to invoices", "Invoice", "due_date", {"type": "date", "required": False}),
        ("add a product rating field (int, 1 to 5)", "Product", "rating", {"type": "integer", "max": "5"}),
        ("add a customer phone field", "Customer", "phone", {"type": "string"}),
    ],
)
def test_additions_in_words(sentence: str, entity: str, name: str, says: dict[str, object]) -> None:
    change = change_of(sentence)
    assert (change.action, change.resource, change.name) == ("add", entity, name)
    assert {key: getattr(change.field, key) for key in says} == says


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("rename field name of product to title", FieldChange("rename", "Product", "name", "title")),
        ("rename the name column in products to title", FieldChange("rename", "Product", "name", "title")),
        ("rename product.name to title", FieldChange("rename", "Product", "name", "title")),
        ("remove field notes from invoice", FieldChange("remove", "Invoice", "notes")),
        ("drop the notes column from invoices", FieldChange("remove", "Invoice", "notes")),
        ("delete invoice.notes", FieldChange("remove", "Invoice", "notes")),
        ("rename name to title on products", FieldChange("rename", "Product", "name", "title")),
        ("rename the product's name to title", FieldChange("rename", "Product", "name", "title")),
        ("remove the invoice notes", FieldChange("remove", "Invoice", "notes")),
    ],
)
def test_renames_and_removals_in_words(sentence: str, change: FieldChange) -> None:
    assert change_of(sentence) == change


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("add comments to posts", "unknown"),  # a relation, or a resource of its own
        ("add a comments API to posts", "unknown"),
        ("add field phone:str? to nothing", "unknown"),
        ("add a products API with name and price; only admins may write to it", "resource"),
        ("delete all customers", "unknown"),
        ("delete the invoice resource", "unknown"),
        ("rename customer to client", "unknown"),
        ("add rating and website to products", "unknown"),  # two fields, no `rating_and_website`
        ("add comments and likes to posts", "unknown"),
        ("make email required on customers", "unknown"),  # no resource EmailRequired
        ("make email of customers unique", "migration"),
        ("add audit fields to customers", "audit"),
        ("add created_at and updated_at to customers", "audit"),
        ("add a phone field", "unknown"),  # of which entity?
    ],
)
def test_what_is_about_something_else(sentence: str, kind: str) -> None:
    assert parse_words(sentence, KNOWN).kind == kind


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("field", "ad", "Customer", "a:str"), "add"),
        (("field", "rename", "Customer", "name"), "plan field rename Product name title"),
        (("field", "rename", "Customer", "name", "name"), ""),
        (("field", "add", "Customer", "a:str", "maxx=3"), "max"),
        (("field", "add", "Customer", "a:strr"), "did you mean str?"),
        (("field", "rename", "Customer", "name", "class"), ""),
    ],
)
def test_refusals_help(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        understand(words, KNOWN)
    assert says in " ".join(caught.value.hints)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("resource: Customer\nremove_field: notes\n", FieldChange("remove", "Customer", "notes")),
        ("resource: Customer\nrename_field: name\nto: title\n", FieldChange("rename", "Customer", "name", "title")),
        (
            "resource: Customer\nadd_field: 'phone:str(20)?'\n",
            FieldChange("add", "Customer", "phone", field=make_field("phone", {"type": "string", "max_length": 20, "required": False})),
        ),
    ],
)  # fmt: skip
def test_files(text: str, change: FieldChange) -> None:
    assert parse_file(text, "feature.yaml").field == change


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("add_field: 'phone:str'\n", "the resource has no name"),
        ("resource: C\nrename_field: a\n", "go together"),
        ("resource: C\nadd_field: 'a:str'\nremove_field: b\n", "one field"),
        ("resource: C\nadd_field: 'a:strr'\n", "unknown type"),
    ],
)
def test_broken_files(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_file(text, "feature.yaml")


def test_a_spelling_is_an_answer() -> None:
    understood = parse_words("add phone to customers", KNOWN)
    answered, rest = apply_settings(understood, {"phone": "str(9)?", "backfill": "x"})
    assert answered.field is not None
    assert answered.field.field == make_field("phone", {"type": "string", "max_length": 9, "required": False})
    assert answered.assumptions == ()
    assert rest == {"backfill": "x"}
