"""What the reference says about requests is what the program does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from backwright.core.request import Feature
from backwright.engine import request_file
from backwright.engine.request_access import operations_of
from backwright.engine.request_spelling import OPTIONS
from backwright.engine.request_types import TYPES
from backwright.engine.requesting import (
    apply_settings,
    parse_file,
    parse_grammar,
    parse_words,
    setting_keys,
    understand,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
GRAMMAR = (REFERENCE / "grammar.md").read_text("utf-8")
FILE = (REFERENCE / "feature-file.md").read_text("utf-8")
SCHEMA = json.loads((Path(request_file.__file__).parent / "feature.schema.json").read_text("utf-8"))


def fences(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in fences(GRAMMAR, "console") for line in block.splitlines()]
    return [line.removeprefix("$ backwright plan ") for line in lines if line.startswith("$ backwright plan ")]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_understood(command: str) -> None:
    understood = understand(shlex.split(command))
    assert understood.kind == "resource"
    assert not any(question.level == "high" for question in understood.questions)


def test_the_two_ways_around_a_shell_are_the_same() -> None:
    quoted, bare, one = (understand(shlex.split(command)).feature for command in commands()[:3])
    assert isinstance(quoted, Feature)
    assert isinstance(bare, Feature)
    assert isinstance(one, Feature)
    assert quoted.fields == bare.fields
    assert one.fields == quoted.fields[:3]


@pytest.mark.parametrize("words", [line for block in fences(GRAMMAR, "words") for line in block.splitlines()])
def test_every_sentence_is_understood(words: str) -> None:
    assert parse_words(words, ["Category"]).questions == ()


def test_every_type_and_option_is_documented_and_no_other() -> None:
    types = GRAMMAR.partition("| type |")[2].partition("\n\n")[0]
    named = {
        word for row in types.splitlines()[2:] for cell in row.split("|")[1:3] for word in re.findall(r"`(\w+)`", cell)
    }
    assert named == set(TYPES)
    options = GRAMMAR.partition("| option | meaning |\n|---|---|\n")[2].partition("\n\n")[0]
    found = {word for row in options.splitlines() for word in re.findall(r"`(\w+)[=`]", row.split("|")[1])}
    assert found == set(OPTIONS)


def test_every_setting_is_documented() -> None:
    table = GRAMMAR.partition("| key | value |")[2]
    keys = [key for key in setting_keys(parse_grammar(["resource", "P a:str"])) if key != "a" and "." not in key]
    for key in keys:
        assert f"`{key}`" in table, key


@pytest.mark.parametrize("setting", re.findall(r'--set "([^"]+)"', GRAMMAR))
def test_every_setting_shown_works(setting: str) -> None:
    key, _, value = setting.partition("=")
    understood = parse_grammar(["resource", "P price:decimal(10,2) status:str"])
    after, rest = apply_settings(understood, {key: value})
    assert rest == {}
    assert after.feature != understood.feature


def test_both_files_are_the_same_feature_and_fit_the_schema() -> None:
    long, short = fences(FILE, "yaml")
    assert parse_file(long, "long.yaml").feature == parse_file(short, "short.yaml").feature
    for text in (long, short):
        jsonschema.validate(yaml.safe_load(text), SCHEMA)


def test_every_key_is_documented() -> None:
    top, of_a_field = FILE.split("| key of a field |")
    for key in (*request_file.RESOURCE_KEYS, *request_file.FEATURE_KEYS, *request_file.ABOUT_KEYS):
        assert f"`{key}`" in top, key
    for key in (*request_file.FIELD_KEYS, *request_file.TEST_KEYS):
        assert f"`{key}`" in of_a_field, key
    assert set(
        SCHEMA["$defs"]["field"]["properties"]["type"]["description"].split("(")[1].split(")")[0].split(", ")
    ) == set(TYPES.values())
    for name in SCHEMA["properties"]["auth"]["oneOf"][1]["propertyNames"]["enum"]:
        assert operations_of(name), name
