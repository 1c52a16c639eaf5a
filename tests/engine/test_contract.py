"""The verify contract as a manifest declares it: what is read, and on which line what is refused."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.errors import UsageError
from backwright.core.verdict import Contract
from backwright.engine.contract import contract_digest, read_contract, with_builtins
from backwright.engine.contract_schema import validate
from backwright.engine.contract_yaml import load

PATH = "stack/stack.yaml"
SCHEMA = json.loads(resources.files("backwright.engine").joinpath("stack.schema.json").read_text())

FULL = """\
language: python
framework: fastapi
orm: sqlalchemy
validation: pydantic
migration: alembic
test: pytest
source: detected
detected_from:
  - pyproject.toml
verify:
  format: ruff format --check
  lint: [ruff, check, app]
  types:
    run: mypy app
    required: false
    timeout: 90
    cwd: backend/
    env: {MYPYPATH: stubs, STRICT: true, LEVEL: 3}
  tests:
    cmd: uv run pytest -k "not slow and not (e2e)"
    pass_signal: passed
    skip_if_missing: uv
  migrations: builtin
  guardrails:
    builtin: guardrails
    required: false
  raw_sql:
    patterns: ["execute\\\\(f"]
    include_glob: "*.py"
    exclude_dirs: [tests, docs]
"""


def read(text: str) -> Contract:
    contract = read_contract(text, PATH)
    assert contract is not None
    return contract


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_contract(text, PATH)
    return caught.value


def test_every_form_of_a_step() -> None:
    contract = read(FULL)
    steps = {step.name: step for step in contract.steps}
    assert list(steps) == ["format", "lint", "types", "tests", "migrations", "guardrails", "raw_sql"]
    assert steps["format"].argv == ("ruff", "format", "--check")
    assert steps["format"].source == f"{PATH}:11"
    assert steps["lint"].argv == ("ruff", "check", "app")
    types = steps["types"]
    assert (types.argv, types.required, types.timeout, types.cwd) == (("mypy", "app"), False, 90.0, "backend")
    assert types.env == {"MYPYPATH": "stubs", "STRICT": "true", "LEVEL": "3"}
    tests = steps["tests"]
    assert tests.argv == ("uv", "run", "pytest", "-k", "not slow and not (e2e)")
    assert (tests.pass_signal, tests.skip_if_missing, tests.required) == ("passed", "uv", True)
    assert steps["migrations"].builtin == "migrations"
    assert steps["migrations"].argv == ()
    assert (steps["guardrails"].builtin, steps["guardrails"].required) == ("guardrails", False)
    assert steps["raw_sql"].argv == (
        "--include=*.py", "--exclude-dir=tests", "--exclude-dir=docs", "-e", "execute\\(f",
    )  # fmt: skip


def test_the_list_form_names_steps_after_their_tools() -> None:
    contract = read(
        "language: python\nverify:\n- ruff format --check\n- uv run mypy app\n- {name: e2e, run: make e2e}\n"
    )
    assert [(s.name, s.argv[0]) for s in contract.steps] == [("format", "ruff"), ("types", "uv"), ("e2e", "make")]


def test_a_manifest_written_for_the_specifications_own_tool_is_read() -> None:
    text = """\
# yaml-language-server: $schema=../stack.schema.json
language: python
source: variant

verify:
  detect: pyproject.toml
  syntax:
    cmd: "python -m compileall -q ."
  tests:
    cmd: "uv run pytest"
    skip_if_missing: uv
  raw_sql:
    patterns:
      - "f[\\"'].*(SELECT|INSERT|UPDATE|DELETE)"
"""
    assert [step.name for step in read(text).steps] == ["syntax", "tests", "raw_sql"]


def test_no_verify_is_no_contract() -> None:
    assert read_contract("language: python\n", PATH) is None


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("language: python\nverfy:\n  tests: pytest\n", ":2", "unknown key `verfy`", "did you mean `verify`?"),
        ("language: python\nverify:\n  tests:\n    tiemout: 3\n    run: x\n", ":4",
         "unknown key `tiemout` in `verify.tests`",
         "did you mean `timeout`?"),
        ("language: python\nverify:\n  Tests: pytest\n", ":3", "unknown key `Tests` in `verify`",
         "step names are lower case"),
        ("language: python\nverify:\n  tests: 3\n", ":3",
         "`verify.tests` must be text or a list or a mapping, not a whole number",
         ""),
        ("language: python\nverify:\n  tests:\n", ":3", "must be text or a list or a mapping, not empty", ""),
        ("language: python\nverify:\n  tests:\n    run: x\n    timeout: soon\n", ":5", "must be a number, not text",
         ""),
        ("language: python\nverify:\n  tests:\n    run: x\n    timeout: 0\n", ":5", "must be more than 0", ""),
        ("language: python\nverify:\n  tests:\n    run: x\n    required: yes\n", ":5",
         "must be true or false, not text", ""),
        ("language: python\nverify:\n  tests: []\n", ":3", "`verify.tests` must not be empty", ""),
        ("language: python\nverify: {}\n", ":2", "`verify` names no step", ""),
        ("framework: fastapi\n", ":1", "the file needs the key `language`", ""),
        ("language: python\nverify:\n  tests:\n    required: true\n", ":4", "`tests` does not say what to run",
         "run: "),
        ("language: python\nverify:\n  tests:\n    run: a\n    cmd: b\n", ":5", "`run` and `cmd`", ""),
        ("language: python\nverify:\n  tests: builtin\n", ":3", "`tests` is not a built-in step", "`migrations`"),
        ("language: python\nverify:\n  tests:\n    run: a\n    cwd: ../up\n", ":5", "a folder within the project", ""),
        ("language: python\nverify:\n  tests:\n    run: a\n    cwd: /etc\n", ":5", "a folder within the project", ""),
        ("language: python\nverify:\n- pytest a\n- pytest b\n", ":4", "two steps are named `tests`", "name:"),
        ("language: python\nverify:\n  raw_sql: {}\n", ":3", "needs the key `patterns`", ""),
        ("language: python\nlanguage: rust\n", ":2", "the key `language` is already on line 1", ""),
        ("language: &a python\nframework: *a\n", ":1", "anchors and aliases are not read", ""),
        ("language: !!python/object/apply:os.system [id]\n", ":1", "is not read", ""),
        ("language: python\n<<: {verify: {tests: x}}\n", ":2", "merge keys are not read", ""),
        ("language: python\n---\nlanguage: rust\n", ":2", "more than one document", ""),
        ("language: [python\n", ":2", "not valid YAML", ""),
        ("language: python\nverify:\n  ? [a]\n  : b\n", ":3", "a key is a word", ""),
        ("- language\n", ":1", "the file must be a mapping, not a list", ""),
        ("", ":1", "the file must be a mapping, not empty", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_on_its_line(text: str, where: str, message: str, hint: str) -> None:
    error = refused(text)
    assert error.where == PATH + where
    assert message in error.message
    assert hint in " ".join(error.hints)
    assert error.exit_code == 2


def test_further_faults_are_named_too() -> None:
    error = refused("language: 3\nverfy: 1\n")
    assert error.where == f"{PATH}:1"
    assert error.hints == ("also line 2: unknown key `verfy`",)


@pytest.mark.parametrize(
    ("command", "sign"),
    [
        ("ruff check && pytest", "`&&`"),
        ("pytest | tee log", "`|`"),
        ("pytest; true", "`;`"),
        ("pytest > log", "`>`"),
        ("pytest $ARGS", "`$`"),
        ('pytest "$(id)"', "`$`"),
        ("pytest `id`", "backquote"),
        ("pytest tests/*.py", "`*`"),
        ("(pytest)", "`(`"),
        ("APP_ENV=test pytest", "APP_ENV=test"),
        ("pytest 'a", "no closing quotation"),
    ],
)
def test_a_command_that_needs_a_shell_is_refused_with_the_reason(command: str, sign: str) -> None:
    error = refused(f"language: python\nverify:\n  tests: {json.dumps(command)}\n")
    assert error.where == f"{PATH}:3"
    assert sign in error.message
    assert error.hints


def test_a_list_may_name_a_shell_itself() -> None:
    contract = read("language: python\nverify:\n  tests: [sh, -c, 'a && b']\n")
    assert contract.steps[0].argv == ("sh", "-c", "a && b")


def test_deep_nesting_and_size_are_refused_quickly() -> None:
    assert "nested deeper" in refused("language: " + "[" * 60_000).message
    assert "nested deeper" in refused("- " * 30_000).message
    assert "65536 is the most" in refused("language: " + "x" * 70_000).message


def test_the_digest_follows_what_would_run() -> None:
    base = read("language: python\nverify:\n  tests: pytest\n")
    same = read("language: rust\n\nverify:\n\n  tests: [pytest]\n")
    assert base.digest == same.digest == contract_digest(base.steps)
    for changed in (
        "tests: pytest -x",
        "test: pytest",
        "tests: {run: pytest, cwd: a}",
        "tests: {run: pytest, env: {A: b}}",
    ):
        assert read(f"language: python\nverify:\n  {changed}\n").digest != base.digest


def test_built_in_steps_that_a_manifest_cannot_name_are_added_once() -> None:
    declared = read("language: python\nverify:\n  tests: pytest\n  guardrails: builtin\n")
    discovered = read("language: python\nverify:\n  lint: ruff\n  migrations: builtin\n  guardrails: builtin\n")
    both = with_builtins(declared, discovered)
    assert [step.name for step in both.steps] == ["tests", "guardrails", "migrations"]
    assert both.source == PATH
    assert both.digest != declared.digest
    assert with_builtins(both, discovered) == both


@given(st.text(max_size=300))
def test_any_text_is_a_contract_or_an_error_of_the_user(text: str) -> None:
    error = None
    try:
        read_contract(text, PATH)
    except UsageError as refusal:
        error = refusal
    assert error is None or error.where.startswith(PATH)


KEYS = st.sampled_from(["language", "verify", "framework", "detected_from", "x-own", "verfy", "tests", "run", "raw_sql",
                        "timeout", "env", "patterns", "required", "cwd", "name", "builtin", "Tests",
                         "detect"])  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "pytest", "builtin", "migrations"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_the_validator_agrees_with_jsonschema(document: dict[str, object]) -> None:
    document = {"language": "python"} | document
    node = load(yaml.safe_dump(document), PATH)
    ours = validate(node, SCHEMA)
    assert bool(ours) != jsonschema.Draft7Validator(SCHEMA).is_valid(document)


def test_the_schema_itself_is_valid() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
