"""`--set key=value`: answers change the feature and settle what was open; other stages' keys are handed on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backwright.core.errors import NeedsPerson, UsageError
from backwright.core.request import Feature, Listing, Ownership, Understood
from backwright.engine.requesting import apply_settings, parse_file, parse_grammar, parse_words, setting_keys

WORDS = "add products with name, price, genre and status; only admins may create; 20 per page"


def feature(grammar: str) -> Feature:
    made = parse_grammar(["resource", grammar]).feature
    assert made is not None
    return made


def answered(understood: Understood, **settings: str) -> Understood:
    result, rest = apply_settings(understood, {key.replace("__", "."): value for key, value in settings.items()})
    assert rest == {}
    return result


def made(understood: Understood) -> Feature:
    assert understood.feature is not None
    return understood.feature


def keys(understood: Understood) -> set[str]:
    return {a.key for a in understood.assumptions} | {q.key for q in understood.questions}


def test_answers_settle_what_was_open() -> None:
    before = parse_words(WORDS, ["Category"])
    assert keys(before) == {"name", "price", "genre", "status", "access.update", "access.delete", "page_max"}
    after = answered(
        before,
        price="decimal(12,2)",
        genre="ref(Category)?",
        status="enum(draft,active)=draft",
        auth__write="user",
        page_max="50",
    )
    assert keys(after) == {"name"}
    assert after.feature == feature(
        "Product name:str(200) price:decimal(12,2) genre:ref(Category)? status:enum(draft,active)=draft "
        "--auth write=user --paginate=20..50"
    )


def test_keys_of_other_stages_are_handed_on() -> None:
    understood = parse_words(WORDS)
    after, rest = apply_settings(understood, {"money": "cents", "id": "uuid", "name": "str(50)"})
    assert rest == {"money": "cents", "id": "uuid"}
    assert "name" not in keys(after)
    assert apply_settings(understood, {"table": "x"}) == (understood, {"table": "x"})


def test_every_key_that_is_open_can_be_set() -> None:
    for words in (WORDS, "add tags", "let users keep notes with text and attachments", "add tasks with title, author"):
        understood = parse_words(words)
        assert keys(understood) - {"left_out"} <= set(setting_keys(understood)), words


def test_a_field_wins_over_an_option_of_its_name() -> None:
    understood = parse_grammar(["resource", "Thing sort:str owner:str name:str"])
    assert made(answered(understood, sort="int")).fields[0] == feature("Thing sort:int").fields[0]


def test_what_an_answer_leaves_open_stays() -> None:
    understood = parse_grammar(["resource", "Thing code:str(9):unique:immutable price:decimal(10,2):min=0? n:int=1"])
    after = made(answered(understood, code="str(12)", price="decimal(12,4)", n="int(0..5)"))
    assert after == feature("Thing code:str(12):unique:immutable price:decimal(12,4)? n:int(0..5)=1")
    assert made(answered(understood, price="decimal(8,2):required")).fields[1].required
    assert made(answered(understood, n="str")).fields[2].has_default is False, "a default of another type is gone"


def test_fields() -> None:
    after = answered(parse_words("add tags"), fields="name:str(50):unique, color:str(7)?")
    assert after.questions == ()
    assert after.feature == feature("Tag name:str(50):unique color:str(7)?")
    assert made(answered(after, **{"+size": "decimal(4,2)"})).fields[-1] == feature("T size:decimal(4,2)").fields[0]
    with pytest.raises(UsageError):
        apply_settings(parse_words("add tags"), {"fields": ""})


def test_a_field_can_be_dropped_with_all_that_was_said_of_it() -> None:
    understood = parse_grammar(["resource", "P a:str b:str c:int --filter a --sort a,c --search a,b --unique a+b"])
    after = made(answered(understood, a="drop"))
    assert after == feature("P b:str c:int --sort c --search b")


def test_what_has_to_be_there_first_needs_a_person() -> None:
    understood = parse_words("add products with name and category")
    assert understood.questions[0].options[-1] == "create Category first"
    with pytest.raises(NeedsPerson) as caught:
        apply_settings(understood, {"category": "create Category first"})
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("settings", "grammar"),
    [
        ({"plural": "stuff"}, "P a:str b:int --plural stuff"),
        ({"resource": "Thing"}, "Thing a:str b:int"),
        ({"operations": "list,get"}, "P a:str b:int --only list,get"),
        (
            {"filter": "a", "sort": "-b,created_at", "search": "a"},
            "P a:str b:int --filter a --sort b,created_at --search a",
        ),
        ({"unique": "a+b"}, "P a:str b:int --unique a+b"),
        ({"unique": "a"}, "P a:str:unique b:int"),
        ({"paginate": "5..10"}, "P a:str b:int --paginate=5..10"),
        ({"paginate": "no"}, "P a:str b:int --paginate=no"),
        ({"page_default": "5"}, "P a:str b:int --paginate=5..100"),
        ({"access.delete": "admin"}, "P a:str b:int --auth delete=admin"),
        ({"auth.all": "user", "auth.read": "public"}, "P a:str b:int --auth user --auth read=public"),
        ({"owner": "author"}, "P a:str b:int --owner=author"),
        ({"owner": "yes"}, "P a:str b:int --owner"),
        ({"access.update": "owner"}, "P a:str b:int --auth update=owner"),
    ],
)
def test_settings(settings: dict[str, str], grammar: str) -> None:
    after, rest = apply_settings(parse_grammar(["resource", "P a:str b:int"]), settings)
    assert rest == {}
    assert after.feature == feature(grammar)


def test_ownership_can_be_given_up_where_the_field_is_called_owner() -> None:
    owned = parse_grammar(["resource", "P a:str --owner"])
    freed = made(answered(owned, owner="no"))
    assert freed.owner is None
    assert "owner" not in freed.access.values()


def test_ownership_can_be_given_up() -> None:
    owned = parse_grammar(["resource", "P a:str --owner=author:update,delete,list"])
    assert made(answered(owned, owner="no")).owner is None
    assert "owner" not in made(answered(owned, owner="no")).access.values()
    freed = made(answered(owned, access__update="user"))
    assert freed.owner == Ownership("author", ("delete",), list_own=True)
    assert freed.access["update"] == "user"
    assert made(answered(owned, owner="creator")).owner == Ownership("creator", ("update", "delete"), list_own=True)
    assert made(answered(owned, access__all="admin")).owner is None
    with pytest.raises(UsageError, match="set from the login"):
        apply_settings(owned, {"author": "ref(User)"})


def test_the_total_can_be_left_out() -> None:
    assert made(answered(parse_grammar(["resource", "P a:str"]), page_total="no")).listing == Listing(total=False)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("a", "strng", "unknown type 'strng'"),
        ("access.wirte", "admin", "'wirte' in access.wirte is no operation"),
        ("auth.write", "admn", "unknown role 'admn'"),
        ("page_max", "many", "no number of rows"),
        ("page_default", "500", "more than the maximum"),
        ("filter", "x", "filter names 'x'"),
        ("operations", "creat", "'creat' is no operation"),
        ("resource", "class", "cannot be called"),
        ("+id", "int", "is made for every resource"),
    ],
)
def test_wrong_answers(key: str, value: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        apply_settings(parse_grammar(["resource", "P a:str b:int"]), {key: value})
    assert message in caught.value.message


def test_contradictions_and_leftovers_are_settled_by_an_answer() -> None:
    understood = parse_words("add coupons with code; everyone may delete but only admins may delete; bananas fly")
    assert {q.key: q.level for q in understood.questions} == {"access.delete": "high", "left_out": "medium"}
    after = answered(understood, access__delete="admin", left_out="leave it out")
    assert after.questions == ()
    assert made(after).access == {"delete": "admin"}


def test_a_file_that_asks_for_locking_goes_on_without() -> None:
    understood = parse_file("resource: P\nfields: [a:str]\nconcurrency: {optimistic: true}", "f")
    assert answered(understood, concurrency="none").questions == ()


def test_what_names_nothing_to_make_is_an_assumption_that_can_be_confirmed() -> None:
    understood = parse_words("add devices for our mobile app with token")
    assert "left_out" in keys(understood)
    assert "left_out" not in keys(answered(understood, left_out="yes"))


def test_what_is_no_resource_has_nothing_to_set() -> None:
    understood = parse_words("fix the thing")
    assert apply_settings(understood, {"name": "str"}) == (understood, {"name": "str"})
    assert setting_keys(understood) == ()


SENTENCES = yaml.safe_load((Path(__file__).parent / "requests_in_words.yaml").read_text("utf-8"))


@pytest.mark.parametrize("words", [case["say"] for case in SENTENCES if "means" in case], ids=lambda words: words[:60])
def test_what_is_assumed_and_the_first_option_are_what_the_feature_says(words: str) -> None:
    understood = parse_words(words, ["Category", "Customer", "Product", "User"])
    for assumption in understood.assumptions:
        after, rest = apply_settings(understood, {assumption.key: assumption.value})
        assert rest == {}, assumption
        assert after.feature == understood.feature, assumption
        assert assumption.key not in keys(after)
        for alternative in assumption.alternatives:
            assert made(apply_settings(understood, {assumption.key: alternative})[0]) != made(understood), alternative
    for question in understood.questions:
        if question.level == "medium" and not question.options[0].startswith("create "):
            after, rest = apply_settings(understood, {question.key: question.options[0]})
            assert rest == {}, question
            assert after.feature == understood.feature, question
            assert question.key not in keys(after)
