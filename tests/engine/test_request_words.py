"""Plain words: what they are understood as, and that nothing is guessed silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backwright.core.errors import BackwrightError, UsageError
from backwright.core.request import Feature, Understood
from backwright.engine.request_types import spell
from backwright.engine.request_vocabulary import vocabulary
from backwright.engine.requesting import apply_settings, parse_grammar, parse_words, setting_keys, understand

KNOWN = ("Category", "Customer", "Product", "User")
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "requests_in_words.yaml").read_text("utf-8"))


def feature(grammar: str) -> Feature:
    made = parse_grammar(["resource", grammar]).feature
    assert made is not None
    return made


def asked(understood: Understood) -> dict[str, str]:
    return {question.key: question.level for question in understood.questions}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["say"][:60].strip())
def test_sentence(case: dict[str, Any]) -> None:
    understood = parse_words(case["say"], KNOWN)
    assert understood.kind == case.get("kind", "resource")
    if "means" in case:
        assert understood.feature == feature(case["means"])
    if "fields" in case:
        assert understood.feature is not None
        assert understood.feature.fields == ()
    assert understood.hand_off == case.get("to", "")
    assert asked(understood) == case.get("asks", {"request": "high"} if "to" in case else {})
    assert set(case.get("assumes", [])) <= {assumption.key for assumption in understood.assumptions}


def test_there_are_enough_sentences() -> None:
    assert len([case for case in CASES if "means" in case]) >= 40


@pytest.mark.parametrize("case", [c for c in CASES if "means" in c], ids=lambda case: case["say"][:60].strip())
def test_every_inferred_type_is_recorded_with_its_reason(case: dict[str, Any]) -> None:
    understood = parse_words(case["say"], KNOWN)
    assert understood.feature is not None
    assumed = {assumption.key: assumption for assumption in understood.assumptions}
    for field in understood.feature.fields:
        if field.name in assumed:
            assert assumed[field.name].value == spell(field), "the assumption shows what the feature has"
    for assumption in understood.assumptions:
        assert assumption.because
        assert assumption.key not in asked(understood), "what is asked is not assumed as well"


@given(st.text(max_size=400))
@example("add products with name \x00\x1b[31m, price\u202e")
@example("add products with ((((name")
@example("add \ud800 with \udfff")
@settings(max_examples=300, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    understood = or_refused(text)
    assert understood is None or understood.kind in ("resource", "hand_off", "unknown")
    if understood is not None:
        assert understood.kind == "resource" or any(question.level == "high" for question in understood.questions)
        assert not any(ord(char) < 32 and char != "\n" for char in understood.words)


def or_refused(text: str) -> Understood | None:
    try:
        return parse_words(text, KNOWN)
    except BackwrightError:
        return None


WORDS = [word for words in vocabulary().verbs.values() for word in words]
WORDS += [word for words in vocabulary().roles.values() for word in words]
WORDS += [entry.names[0] for entry in vocabulary().fields] + [*vocabulary().choices, *vocabulary().types]
LITTLE_WORDS = "add with and or , ; . ( ) : only may can own unique between 1 5 max default each belongs to a products"
WORDS += LITTLE_WORDS.split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_salad_of_our_own_words_is_understood_or_refused(words: list[str]) -> None:
    text = "add products with name, " + " ".join(words)
    assert or_refused(text) == or_refused(text), "the same words, the same understanding"


def test_a_long_request_is_refused() -> None:
    with pytest.raises(UsageError, match="4096 is the most"):
        parse_words("add products with " + "name, " * 1000)


def test_nothing_at_all() -> None:
    assert asked(parse_words("")) == {"request": "high"}


def test_control_characters_do_not_get_through() -> None:
    understood = parse_words("add \x1b[31mproducts\x07 with na\u200bme, price")
    assert understood.feature is not None
    assert [field.name for field in understood.feature.fields] == ["name", "price"] or asked(understood)
    assert "\x1b" not in understood.words
    assert "\u200b" not in understood.words


@pytest.mark.parametrize(
    "words", ["add classes with name", "add sessions with title", "add rooms with name and metadata"]
)
def test_names_that_cannot_be(words: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        parse_words(words)


def test_an_unknown_entity_offers_the_closest() -> None:
    understood = parse_words("add parts with name and category", ["ProductCategory", "User"])
    (question,) = understood.questions
    assert question.options == ("str(100)", "ref(ProductCategory)", "create Category first")


def test_what_was_not_understood_is_said() -> None:
    understood = parse_words("add products with name; bananas must fly to the moon", KNOWN)
    (question,) = understood.questions
    assert question.key == "left_out"
    assert "bananas must fly to the moon" in question.text


def test_understand_chooses_grammar_or_words() -> None:
    assert understand(["resource", "Product", "name:str(200)"]).feature == feature("Product name:str(200)")
    assert understand(["resource Product name:str(200) --auth write=admin"]).feature == feature(
        "Product name:str(200) --auth write=admin"
    )
    assert understand(["add", "products", "with", "name"]).feature == feature("Product name:str(200)")
    assert understand([]).kind == "unknown"


@pytest.mark.parametrize(
    "sentence",
    [
        "paginate products and categories",
        "soft delete customers, products",
        "users can archive the products and categories",
        "index products & customers by name",
        "add notes to customers and products",
    ],
)
def test_a_change_of_several_resources_drops_none_of_them(sentence: str) -> None:
    understood = parse_words(sentence, KNOWN)
    assert understood.kind == "unknown"
    assert "2 resources, and a plan changes one" in understood.questions[0].text


def test_entities_that_name_fields_are_no_further_resources() -> None:
    understood = parse_words("filter products by customer and category", KNOWN)
    assert understood.listing is not None
    assert understood.listing.filters == ("customer", "category")


@pytest.mark.parametrize(
    "sentence",
    [
        "add phone to customers",
        "filter products by name",
        "a product belongs to a customer",
        "add timestamps to products",
        "rate limit POST /products to 5 per minute",
        "add an index on products.name",
    ],
)
def test_sentences_after_a_change_are_told_as_left_out(sentence: str) -> None:
    known = ("Customer", "Product")
    alone = parse_words(f"{sentence}. Thanks!", known)
    more = parse_words(f"{sentence}. Only admins may read them.", known)
    assert alone.kind not in {"unknown", "resource"}
    assert "left_out" not in {q.key for q in alone.questions}
    assert [q.text for q in more.questions if q.key == "left_out"] == [
        "not understood and left out: 'Only admins may read them'"
    ]
    answered, rest = apply_settings(more, {"left_out": "leave it out"})
    assert not rest
    assert "left_out" in setting_keys(more)
    assert "left_out" not in {q.key for q in answered.questions}
