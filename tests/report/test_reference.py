"""The generated reference is up to date, and its schemas describe what the verbs answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import report_samples as samples

from backwright.core.errors import NeedsPerson
from backwright.core.events import Event
from backwright.report.envelope import answer, error_envelope, to_json

ROOT = Path(__file__).parents[2]
RESULTS: dict[str, Any] = {
    "map": samples.MAP,
    "stack": samples.STACK,
    "check": samples.CHECK,
    "plan": samples.PLAN,
    "apply": samples.APPLIED,
    "verify": samples.NOT_VERIFIED,
}


def schema_of(name: str) -> Any:
    return json.loads((ROOT / f"docs/reference/{name}.schema.json").read_text(encoding="utf-8"))


def test_the_reference_is_up_to_date() -> None:
    argv = [sys.executable, "scripts/reference.py", "--check"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("verb", RESULTS)
def test_answers_are_as_their_schemas_say(verb: str) -> None:
    schema = schema_of(verb)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(to_json(answer(verb, RESULTS[verb], 0))), schema)
    refused = error_envelope(verb, NeedsPerson("no", hints=("ask",)))
    jsonschema.validate(json.loads(to_json(refused)), schema)


@pytest.mark.parametrize("wrong", [{"schema": "backwright.check/2"}, {"ok": "yes"}, {"data": {"findings": 1}}])
def test_schemas_refuse_what_is_not_so(wrong: dict[str, Any]) -> None:
    said = json.loads(to_json(answer("check", samples.CHECK, 0)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**said, **wrong}, schema_of("check"))


def test_events_are_as_their_schema_says() -> None:
    event = Event("ab12", 1, "2026-01-01T00:00:00+00:00", "VERIFY", "VALIDATE", "PROCESS", {"step": "tests"})
    said = json.loads(to_json(event))
    jsonschema.validate(said, schema_of("event"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**said, "scene": "NOWHERE"}, schema_of("event"))
