"""The JSON envelope: the same keys for every verb, and nothing in it that steers a terminal."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.errors import NeedsPerson
from backwright.report.envelope import answer, error_envelope, to_json
from backwright.report.results import BlueprintList, ExplainResult, Head, InitResult, UndoResult

KEYS = {"schema", "ok", "exit_code", "summary", "data", "problems", "next", "meta"}
RESULTS: dict[str, Any] = {
    "map": samples.MAP,
    "stack": samples.STACK,
    "check": samples.CHECK,
    "plan": samples.PLAN,
    "apply": samples.APPLIED,
    "verify": samples.NOT_VERIFIED,
    "run": samples.RAN,
    "status": samples.STATUS,
    "explain": ExplainResult("BW101", "BW101", "# x", "rule"),
    "init": InitResult("backwright.toml", "", Head("x")),
    "undo": UndoResult("7c1e", "x", Head("x"), ("a.py",)),
    "list": BlueprintList(()),
}


@pytest.mark.parametrize("verb", RESULTS)
def test_every_verb_has_the_same_envelope(verb: str) -> None:
    said = json.loads(to_json(answer(verb, RESULTS[verb], 1)))
    assert set(said) == KEYS
    assert said["schema"] == f"backwright.{verb}/1"
    assert (said["ok"], said["exit_code"]) == (False, 1)
    assert set(said["meta"]) == {"version", "root", "commit", "seconds", "run"}


def test_check_says_what_the_reference_promises() -> None:
    said = json.loads(to_json(answer("check", samples.CHECK, 1)))
    finding = said["data"]["findings"][0]
    assert said["summary"] | {"errors": 1, "warnings": 1, "fixable": 1, "rules": 10, "files": 214} == said["summary"]
    assert {"rule", "name", "severity", "message", "span", "help", "related", "fix", "fingerprint", "url"} <= set(
        finding
    )
    assert finding["span"] == {"path": "app/api/orders.py", "line": 41, "col": 18, "end_line": 41, "end_col": 33}
    assert said["problems"][0] == {
        "code": "BW-E010",
        "message": "12 calls could not be followed",
        "hint": "they use getattr",
        "where": "app/api/dynamic.py:3",
    }
    assert said["next"] == [{"command": "backwright explain BW101", "why": "why it matters and how to mend it"}]
    assert said["meta"]["root"] == "shop-api"


def test_map_says_routes_and_entities_plainly() -> None:
    data = json.loads(to_json(answer("map", samples.MAP, 0)))["data"]
    assert data["routes"][0]["span"]["path"] == "app/api/users.py"
    assert data["entities"][0]["columns"][1]["foreign_key"] == "teams.id"
    assert data["stack"]["parts"][0]["evidence"][0]["line"] == 4


def test_a_run_is_named_in_the_meta_data() -> None:
    assert answer("run", samples.RAN, 0).meta.run == "9b02"


def test_questions_are_data() -> None:
    data = json.loads(to_json(answer("plan", samples.PLAN, 4)))["data"]
    assert data["change"]["questions"][0]["options"] == ["owner", "admin"]


def test_an_error_has_the_envelope_too() -> None:
    error = NeedsPerson("say who", where="plan", hints=("--set a=b", "--set a=c"))
    said = json.loads(to_json(error_envelope("plan", error)))
    assert set(said) == KEYS
    assert said["exit_code"] == 4
    assert said["problems"] == [
        {"code": "BW-E005", "message": "say who", "hint": "--set a=b\n--set a=c", "where": "plan"}
    ]


@given(st.text(alphabet=st.characters(), max_size=40))
def test_json_is_lossless_and_harmless(text: str) -> None:
    written = to_json({"text": text.encode("utf-8", "replace").decode()}, indent=0)
    assert json.loads(written) == {"text": text.encode("utf-8", "replace").decode()}
    assert not any(c in written for c in "\x1b\x9b\u202e\u2066\U000e0041\u2028")


def test_events_of_a_run_take_one_line() -> None:
    assert to_json({"a": {"b": [1, 2]}}, indent=0).count("\n") == 1


def test_the_summary_of_an_empty_check_is_zero() -> None:
    clean = msgspec.structs.replace(samples.CLEAN, files=0)
    assert answer("check", clean, 2).summary["errors"] == 0
