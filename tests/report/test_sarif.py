"""SARIF against the official schema, and what viewers rely on besides it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_samples as samples
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from backwright.core.change import Edit
from backwright.core.facts import Span
from backwright.core.findings import Fix, Patch
from backwright.report.results import CheckResult
from backwright.report.sarif import sarif

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def complaints(log: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft4Validator(SCHEMA).iter_errors(log)]


def result_of(log: dict[str, Any], rule: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in log["runs"][0]["results"] if r["ruleId"] == rule)
    return found


@pytest.mark.parametrize("result", [samples.CHECK, samples.CLEAN])
def test_the_log_is_valid(result: CheckResult) -> None:
    assert complaints(sarif(result)) == []


def test_the_schema_notices_a_broken_log() -> None:
    log = sarif(samples.CHECK)
    log["runs"][0]["results"][0]["level"] = "fatal"
    del log["runs"][0]["tool"]
    assert len(complaints(log)) == 2


def test_a_result_says_what_where_and_which() -> None:
    log = sarif(samples.CHECK)
    found = result_of(log, "BW101")
    place = found["locations"][0]["physicalLocation"]
    rule = log["runs"][0]["tool"]["driver"]["rules"][found["ruleIndex"]]
    assert (rule["id"], rule["helpUri"]) == ("BW101", "https://x.y/BW101")
    assert "Why `it` matters" in rule["help"]["markdown"]
    assert place["artifactLocation"] == {"uri": "app/api/orders.py", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 41, "startColumn": 18, "endLine": 41, "endColumn": 33}
    assert found["partialFingerprints"] == {"backwright/v1": "BW101:77aa01"}
    assert found["relatedLocations"][0]["message"]["text"] == "`list_orders` handles GET /orders"


def test_the_worst_come_first_and_advice_is_a_note() -> None:
    advice = msgspec.structs.replace(samples.QUERY, severity="advice", rule="BW001")
    log = sarif(msgspec.structs.replace(samples.CHECK, findings=(advice, samples.PAGES, samples.QUERY)))
    assert [r["level"] for r in log["runs"][0]["results"]] == ["error", "warning", "note"]


def test_a_path_is_a_uri() -> None:
    odd = msgspec.structs.replace(samples.QUERY, span=Span("app/a b#%ü.py", 1))
    log = sarif(msgspec.structs.replace(samples.CLEAN, findings=(odd,)))
    uri = result_of(log, "BW101")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "app/a%20b%23%25%C3%BC.py"
    assert complaints(log) == []


LINES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6)


def applied(before: str, replacement: dict[str, Any]) -> str:
    """The text after a SARIF replacement, done by lines and columns as the standard says."""
    region = replacement["deletedRegion"]
    lines = before.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        assert line <= len(lines) or (column == 1 and (not before or before.endswith("\n")))
        return sum(len(text) for text in lines[: line - 1]) + column - 1

    start = offset(region["startLine"], region["startColumn"])
    end = offset(region["endLine"], region["endColumn"])
    return before[:start] + str(replacement["insertedContent"]["text"]) + before[end:]


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_fix_turns_before_into_after(old: list[str], new: list[str], old_ends: bool, new_ends: bool) -> None:
    before = "\n".join(old) + ("\n" if old_ends else "")
    after = "\n".join(new) + ("\n" if new_ends else "")
    assume(before != after)
    fix = Fix("Mend it", "safe", (Edit("a.py", before, after),))
    finding = msgspec.structs.replace(samples.QUERY, fix=fix)
    log = sarif(msgspec.structs.replace(samples.CLEAN, findings=(finding,)))
    change = result_of(log, "BW101")["fixes"][0]["artifactChanges"][0]
    assert applied(before, change["replacements"][0]) == after


def test_patches_are_replacements_of_bytes() -> None:
    fix = Fix("Mend it", "safe", patches=(Patch("a.py", 3, 5, "new", "ol"), Patch("b.py", 0, 0, "import a\n")))
    finding = msgspec.structs.replace(samples.QUERY, fix=fix)
    log = sarif(msgspec.structs.replace(samples.CLEAN, findings=(finding,)))
    Draft4Validator(SCHEMA).validate(log)
    first, second = result_of(log, "BW101")["fixes"][0]["artifactChanges"]
    assert first["artifactLocation"]["uri"] == "a.py"
    assert first["replacements"][0]["deletedRegion"] == {"byteOffset": 3, "byteLength": 2}
    assert second["replacements"][0]["insertedContent"] == {"text": "import a\n"}
