"""Names: cases, English plurals, and the names that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit import naming

PLURALS = dict(pair.split("/") for pair in (Path(__file__).parent / "plurals.txt").read_text().split())


@pytest.mark.parametrize(("one", "several"), PLURALS.items())
def test_plural_and_singular(one: str, several: str) -> None:
    assert naming.plural(one) == several
    assert naming.singular(several) == one
    assert naming.plural(several) == several, "a plural stays"
    assert naming.singular(one) == one, "a singular stays"


@given(st.sampled_from(sorted(PLURALS)), st.from_regex(r"[a-z]{2,8}_", fullmatch=True))
def test_only_the_last_word_is_inflected(one: str, prefix: str) -> None:
    if one.islower():
        assert naming.plural(prefix + one) == prefix + naming.plural(one)
        assert naming.singular(naming.plural(prefix + one)) == prefix + one


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_cases_are_idempotent_and_agree(name: str) -> None:
    for case in (naming.snake, naming.kebab, naming.human, naming.pascal, naming.camel):
        assert case(case(name)) == case(name)
    assert naming.kebab(naming.snake(name)) == naming.kebab(name)
    assert naming.human(naming.kebab(name)) == naming.human(name)


@given(st.text(max_size=40))
def test_inflection_takes_any_text(name: str) -> None:
    naming.plural(name)
    naming.singular(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HTTPServer", ["http", "server"]),
        ("orderLine", ["order", "line"]),
        ("order-line item", ["order", "line", "item"]),
        ("APIKey2", ["api", "key2"]),
        ("customer's note", ["customers", "note"]),
        ("café", ["cafe"]),
        ("", []),
    ],
)
def test_words(name: str, expected: list[str]) -> None:
    assert naming.words(name) == expected


def test_forms() -> None:
    assert naming.forms("OrderLine") == naming.NameForms(
        snake="order_line",
        snake_plural="order_lines",
        pascal="OrderLine",
        pascal_plural="OrderLines",
        camel="orderLine",
        camel_plural="orderLines",
        kebab="order-line",
        kebab_plural="order-lines",
        human="order line",
        human_plural="order lines",
        many="order_lines",
    )


def test_forms_with_a_plural_of_its_own() -> None:
    made = naming.forms("Person", "persons")
    assert (made.snake_plural, made.pascal_plural, made.kebab_plural) == ("persons", "Persons", "persons")


def test_a_noun_without_plural_still_has_two_variable_names() -> None:
    made = naming.forms("Equipment")
    assert made.snake == made.snake_plural == "equipment"
    assert made.many == "equipment_list"


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "class",
        "metadata",
        "registry",
        "query",
        "session",
        "model_config",
        "model_year",
        "copy",
        "json",
        "dict",
        "schema",
        "self",
        "str",
        "none",
    ],
)
def test_fields_that_cannot_be(name: str) -> None:
    assert naming.is_reserved(name)
    assert naming.why_not_field(name)


@pytest.mark.parametrize(
    "name",
    [
        "order",
        "user",
        "group",
        "type",
        "date",
        "status",
        "format",
        "name",
        "key",
        "value",
        "end",
        "from_date",
        "category",
    ],
)
def test_fields_that_can(name: str) -> None:
    assert not naming.is_reserved(name)


@pytest.mark.parametrize(
    "name", ["class", "None", "List", "str", "Dict", "Session", "Base", "import", "größe", "1st", ""]
)
def test_resources_that_cannot_be(name: str) -> None:
    assert naming.why_not_resource(name)


@pytest.mark.parametrize("name", ["Order", "User", "Group", "LeaveRequest", "Match", "Status", "Property", "Table2"])
def test_resources_that_can(name: str) -> None:
    assert naming.why_not_resource(name) == ""
