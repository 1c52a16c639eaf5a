"""The feature file: its forms, its limits, and complaints that name the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.core.errors import UsageError
from backwright.core.request import Feature, Ownership
from backwright.engine import request_endpoint, request_file, request_relation
from backwright.engine.requesting import parse_file, parse_grammar, parse_words

SCHEMA: dict[str, Any] = json.loads((Path(request_file.__file__).parent / "feature.schema.json").read_text("utf-8"))

FEATURES = Path(__file__).parent / "features"
FULL = (FEATURES / "long.yaml").read_text("utf-8")
FORMS = sorted(path.stem for path in FEATURES.glob("*.yaml"))

SAME = (
    "Product name:str(1..100):unique price:decimal(10,2):min=0:max=999999.99 description:text(2000)? "
    "status:enum(draft,active,archived)=draft category:ref(Category) --auth write=admin,read=public "
    "--filter category,status --sort name,price --paginate=20..100"
)


def feature(text: str) -> Feature:
    made = parse_file(text, "feature.yaml").feature
    assert made is not None
    return made


def grammar(text: str) -> Feature:
    made = parse_grammar(["resource", text]).feature
    assert made is not None
    return made


def test_the_long_form() -> None:
    understood = parse_file(FULL, "feature.yaml")
    assert understood.feature == grammar(SAME)
    assert understood.words == "Add a products API."
    assert (understood.assumptions, understood.questions) == ((), ())


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_feature(form: str) -> None:
    text = (FEATURES / f"{form}.yaml").read_text("utf-8")
    assert feature(text) == grammar(SAME)
    jsonschema.validate(yaml.safe_load(text), SCHEMA)


def test_json_is_the_same_feature() -> None:
    assert feature(json.dumps(yaml.safe_load(FULL))) == grammar(SAME)
    assert feature(json.dumps(yaml.safe_load(FULL), indent="\t")) == grammar(SAME)


def test_words_grammar_and_file_are_one() -> None:
    words = "add a products API with name, price and category; list is paginated; only admins may create or change"
    file = """
resource: product
fields:
  - {name: name, type: string, max_length: 200}
  - {name: price, type: decimal, precision: 10, scale: 2, min: 0}
  - {name: category_id, type: ref, ref: category}
auth: {create: admin, update: admin, delete: admin}
pagination: true
"""
    typed = "Product name:str(200) price:decimal(10,2):min=0 category:ref(Category) --auth write=admin --paginate"
    assert parse_words(words, ["Category"]).feature == feature(file) == grammar(typed)


def test_the_schema_names_the_keys_that_the_parser_knows() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    top = {*request_file.ABOUT_KEYS, *request_file.RESOURCE_KEYS, *request_file.FEATURE_KEYS}
    others = {"change_list", "migration", "soft_delete", "health", "relation", "audit", "rate_limit"}
    changes = {*request_file.FIELD_CHANGES, *request_endpoint.FILE_KEYS, *request_relation.FILE_KEYS, *others}
    assert set(SCHEMA["properties"]) == top | changes
    nested = SCHEMA["properties"]["resource"]["oneOf"][1]["properties"]
    assert set(nested) == {*request_file.RESOURCE_KEYS, *request_file.FEATURE_KEYS}
    assert set(SCHEMA["$defs"]["field"]["properties"]) == {*request_file.FIELD_KEYS, *request_file.TEST_KEYS}


P = "resource: P\nfields: [a:str]\n"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("", 0, "the file is empty", ""),
        ("a: 1\nb: [", 2, "not valid YAML", ""),
        ("- a", 1, "a feature file is a mapping", ""),
        ("fields: [a:str]", 1, "the resource has no name", ""),
        ("resource: P", 1, "P has no fields", ""),
        (P + "filters: [a]", 3, "unknown key 'filters'", "did you mean filter?"),
        ("resource: {name: P, fields: [a:str], ops: []}", 1, "unknown key 'ops'", ""),
        ("resource: {name: P, fields: [a:str], sort: [a]}\nsort: [a]", 2, "'sort' is there twice", ""),
        ("resource: class\nfields: [a:str]", 1, "cannot be called 'class'", ""),
        ("resource: P\nfields:\n - name: x\n   typ: string", 4, "unknown key 'typ'", "did you mean type?"),
        ("resource: P\nfields:\n - {name: x, type: strng}", 3, "unknown type 'strng'", "did you mean str?"),
        ("resource: P\nfields:\n - {name: x, min: 1}", 3, "field 'x' has no type", ""),
        ("resource: P\nfields:\n - {type: string, min: 1}", 3, "the field has no name", ""),
        ("resource: P\nfields:\n - {name: x, type: int, min: low}", 3, "'low' is not a number", ""),
        ("resource: P\nfields:\n - {name: x, type: int, min: 1e999999999}", 3, "no number that a database keeps", ""),
        ("resource: P\nfields:\n - {name: x, type: str, max_length: many}", 3, "'max_length' is a whole number", ""),
        ("resource: P\nfields:\n - {name: x, type: str, unique: perhaps}", 3, "'unique' is true or false", ""),
        ("resource: P\nfields:\n - {name: x, type: int, default: 1.5}", 3, "does not fit integer", ""),
        ("resource: P\nfields:\n - {name: x, type: enum}", 3, "has no values", ""),
        ("resource: P\nfields:\n - {name: x, ref: User, on_delete: casade}", 3, "on_delete is not 'casade'",
         "did you mean cascade?"),
        ("resource: P\nfields:\n - {name: x, type: str, required: false, nullable: false}", 3, "may be left out", ""),
        ("resource: P\nfields:\n - a:str\n - a:int", 1, "field 'a' is there twice", ""),
        ("resource: P\nfields:\n - a:str\n - metadata:json", 4, "cannot be called 'metadata'", ""),
        ("resource: P\nfields: [price:decimal(10,2)]", 2, "is not closed",
         'in a list like [a, b], quote it: "price:decimal(10,2)"'),
        ("resource: P\nfields: 5", 2, "fields is a list", ""),
        (P + "filter: [b]", 3, "filter names 'b', which is no field", ""),
        (P + "auth: {wirte: admin}", 3, "'wirte' is no operation", "did you mean write?"),
        (P + "auth: {write: admn}", 3, "unknown role 'admn'", "did you mean admin?"),
        (P + "pagination: {maximum: 5}", 3, "unknown key 'maximum'", ""),
        (P + "pagination: {max: 5, default: 10}", 3, "the default 10 is more than the max 5", ""),
        (P + "operations: [creat]", 3, "'creat' is no operation", "did you mean create?"),
        (P + "owner: {list: some}", 3, "list is 'own' or 'all'", ""),
        (P + "kind: crdu", 3, "unknown kind 'crdu'", "did you mean crud?"),
        (P + "resource: Q", 3, "the key `resource` is already on line 1", ""),
        (P + "? [a]\n: b", 3, "a key is a word", ""),
        (P + "---\nresource: Q", 3, "more than one document", ""),
        ("resource: P\nfields: &a [x:str]", 2, "anchors and aliases are not read", ""),
        ("resource: P\nfields: *a", 2, "anchors and aliases are not read", ""),
        ("resource: P\nfields: !!python/object:os.system [x]", 2, "the tag", ""),
        ("resource: P\nfields: !x [x]", 2, "the tag `!x` is not read", ""),
        ("[" * 30_000, 1, "nested deeper than 24", ""),
        ("{a: " * 10_000, 1, "nested deeper than 24", ""),
        ("a: " + "1:" * 20_000, 0, "a feature file", ""),
        ("#" * 70_000, 0, "65536 is the most", ""),
        ('"\\UFFFFFFFF"', 0, "not valid YAML", ""),
        ("a: \x00", 0, "not valid YAML", ""),
    ],
)  # fmt: skip
def test_mistakes_name_their_line(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_file(text, "feature.yaml")
    if message != "a feature file":
        assert message in caught.value.message
    if line:
        assert caught.value.where == f"feature.yaml:{line}"
    assert caught.value.where.startswith("feature.yaml")
    if hint:
        assert hint in caught.value.hints


def test_words_that_yaml_would_turn_into_something_else_stay() -> None:
    made = feature(
        "resource: P\nfields:\n - {name: flag, type: enum, values: [on, off, no, 1.10, 2024-01-01], default: on}"
    )
    assert made.fields[0].values == ("on", "off", "no", "1.10", "2024-01-01")
    assert made.fields[0].default == "on"
    made = feature('{"resource": "P", "fields": [{"name": "face", "type": "enum", "values": ["\\ud83d\\ude00"]}]}')
    assert made.fields[0].values == ("😀",)


def test_decimals_stay_exact() -> None:
    made = feature(
        "resource: P\nfields:\n - {name: a, type: decimal, max: 99999999.99, min: -0.10, scale: 2, default: 0.10}"
    )
    assert (made.fields[0].min, made.fields[0].max, made.fields[0].default) == ("-0.1", "99999999.99", "0.1")


def test_ownership() -> None:
    assert feature(P + "owner: true").owner == Ownership()
    assert feature(P + "owner: false").owner is None
    assert feature(P + "owner: author_id").owner == Ownership("author")
    assert feature(P + "owner: {field: owner_id, ops: [update]}").owner == Ownership("owner", ("update",))
    own = feature(P + "owner: {list: own}")
    assert own.owner == Ownership("owner", ("get", "update", "delete"), list_own=True)
    assert own.access == {"create": "user", "list": "owner", "get": "owner", "update": "owner", "delete": "owner"}
    mixed = feature(P + "owner: {field: owner_id, ops: [update, delete]}\nauth: {write: user, read: public}")
    assert mixed.access == {"create": "user", "list": "public", "get": "public", "update": "owner", "delete": "owner"}


def test_pagination() -> None:
    assert feature(P + "pagination: {max: 50}").listing.page_default == 20
    assert feature(P + "pagination: {max: 5, total: false}").listing.page_default == 5
    assert feature(P + "pagination: false").listing.paginate is False
    assert feature(P + "pagination:").listing == feature(P).listing
    assert [a.key for a in parse_file(P, "f").assumptions] == ["paginate"]
    assert parse_file(P + "pagination: {max: 50}", "f").assumptions == ()


def test_unique_together() -> None:
    for spelled in ("[[b, a]]", "[a, b]", "[a+b]"):
        made = feature(f"resource: P\nfields: [a:str, b:str]\nunique_together: {spelled}")
        assert made.unique_together == (("a", "b"),)


def test_what_is_not_made_is_asked() -> None:
    understood = parse_file(P + "concurrency: {optimistic: true}", "f")
    assert [(q.key, q.level) for q in understood.questions] == [("concurrency", "high")]
    assert parse_file(P + "concurrency: {optimistic: false}", "f").questions == ()
    refused = parse_file("kind: auth\nrequest: log in\nauth_flow: {logout: true}", "f")
    assert refused.kind == "unknown"
    assert [(q.key, q.level) for q in refused.questions] == [("request", "high")]


@given(st.text(max_size=200) | st.text(alphabet="a:-[]{}'\"!&*#|>?,\n 1", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_file_is_understood_or_refused(text: str) -> None:
    try:
        made = parse_file(text, "f").kind
    except UsageError as error:
        made = error.where
    assert made


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6), lambda v: st.lists(v, max_size=3), max_leaves=6
)
KEYS = st.sampled_from([*request_file.RESOURCE_KEYS, *request_file.FEATURE_KEYS, *request_file.ABOUT_KEYS])


@given(st.dictionaries(KEYS, VALUES, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_value_of_a_known_key_is_understood_or_refused(root: dict[str, Any]) -> None:
    try:
        made = parse_file(json.dumps({"resource": "P", "fields": ["a:str"], **root}), "f").kind
    except UsageError as error:
        made = error.where
    assert made
