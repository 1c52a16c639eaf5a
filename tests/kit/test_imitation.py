"""Patterns: what an exemplar's name becomes, and what another name makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.imitation import fill, mentions, pattern_of
from backwright.kit.naming import forms

CATEGORY, ORDER_LINE = forms("Category"), forms("OrderLine")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("app/models/category.py", "app/models/{snake}.py"),
        (
            "class CategoryService(Base[Category, CategoryCreate]):",
            "class {Pascal}Service(Base[{Pascal}, {Pascal}Create]):",
        ),
        ("CRUDCategory", "CRUD{Pascal}"),
        ("self.categories = categories", "self.{snakes} = {snakes}"),
        ('APIRouter(prefix="/categories", tags=["Categories"])', 'APIRouter(prefix="/{snakes}", tags=["{Pascals}"])'),
        ("get_category_or_404", "get_{snake}_or_404"),
        ("CATEGORY_SORTS", "{UPPER}_SORTS"),
        ("subcategory, categoryish, Subcategory", "subcategory, categoryish, Subcategory"),
        ("{settings.API}/categories", "{{settings.API}}/{snakes}"),
    ],
)
def test_pattern_of(text: str, pattern: str) -> None:
    assert pattern_of(text, CATEGORY) == pattern


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("app/models/category.py", "app/models/order_line.py"),
        ("CategoryService", "OrderLineService"),
        ("get_categories", "get_order_lines"),
        ("CATEGORIES", "ORDER_LINES"),
        ("{literal} category", "{literal} order_line"),
    ],
)
def test_another_resource_in_its_place(text: str, made: str) -> None:
    assert fill(pattern_of(text, CATEGORY), ORDER_LINE) == made


def test_names_of_two_words_in_every_case() -> None:
    text = "order_line order_lines OrderLine OrderLines order-line order-lines orderLine ORDER_LINE orderlines"

    pattern = pattern_of(text, ORDER_LINE)

    assert pattern == "{snake} {snakes} {Pascal} {Pascals} {kebab} {kebabs} {camel} {UPPER} {flats}"


def test_a_name_without_plural_is_filled_again_with_itself() -> None:
    news = forms("News")

    assert fill(pattern_of("/news/{news_id}", news), news) == "/news/{news_id}"


def test_mentions() -> None:
    assert mentions("list_categories", CATEGORY)
    assert not mentions("{subcategory}", CATEGORY)


_WORDS = st.sampled_from(
    [
        "category",
        "Category",
        "categories",
        "CategoryCreate",
        "CATEGORY",
        "user",
        "{",
        "}",
        "{}",
        "{{x}}",
        "_",
        "-",
        " ",
        "\n",
        "/",
        ".py",
        "é",
        "{snake}",
        "{0}",
    ]
)


@given(st.lists(_WORDS | st.text(max_size=6), max_size=12).map("".join))
def test_filling_a_pattern_with_its_own_name_gives_the_text_back(text: str) -> None:
    for name in (CATEGORY, ORDER_LINE, forms("Bus"), forms("News")):
        assert fill(pattern_of(text, name), name) == text
