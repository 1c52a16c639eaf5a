"""Failures of real runs: what each tool printed for small projects of ours, in `failures`. Gradle's is written from its manual."""

from __future__ import annotations

import random
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.agent.failing import SHOWN, cause_of, failures_of, steady
from backwright.core.facts import Span
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, Fault, Step, StepResult, Verdict
from backwright.engine.faults import MAX_CHARACTERS, MAX_LINES, faults_of
from backwright.engine.handbook import pages
from backwright.engine.verifying import Ran, verify

HERE = Path(__file__).parent / "failures"

# file, step, and what has to be found: cause, test or file, place, a line of the message
SEEN = [
    ("pytest.xml", "tests", "test", "tests/test_orders.py::test_cancel_answers[shipped]", "tests/test_orders.py:18", "assert 200 == 409"),
    ("pytest.xml", "tests", "crash", "tests/test_orders.py::TestTotals::test_missing_amount", "app/orders.py:9", "KeyError: 'amount'"),
    ("pytest.xml", "tests", "database", "tests/test_orders.py::test_rows", "tests/test_orders.py:11", "Connection refused"),
    ("pytest.xml", "tests", "auth", "tests/test_orders.py::test_unauthorised", "tests/test_orders.py:41", "assert 401 == 200"),
    ("pytest.txt", "tests", "test", "test_load", "app/orders.py:19", "JSONDecodeError: Expecting property name"),
    ("pytest-collecting.txt", "tests", "import", "tests/test_broken_import.py", "tests/test_broken_import.py:1", "app.invoices"),
    ("jest.txt", "test", "test", "tests/orders.test.js › orders › a shipped order is not cancelled", "tests/orders.test.js:5", "200"),
    ("jest.txt", "test", "crash", "tests/orders.test.js › orders › total", "src/orders.js:5", "Cannot read properties of null"),
    ("jest.txt", "test", "timeout", "tests/orders.test.js › orders › slow", "tests/orders.test.js:10", "Exceeded timeout of 50 ms"),
    ("jest.txt", "test", "import", "tests/missing.test.js › Test suite failed to run", "tests/missing.test.js:1", "src/invoices"),
    ("vitest.txt", "test", "test", "vtests/orders.spec.mjs > orders > a shipped order is not cancelled",
     "vtests/orders.spec.mjs:6", "200 to be 409"),
    ("vitest.txt", "test", "crash", "vtests/orders.spec.mjs > orders > total", "src/orders.js:5", "TypeError: Cannot read"),
    ("vitest.txt", "test", "import", "vtests/missing.spec.mjs [ vtests/missing.spec.mjs ]", "", "Failed to load url ../src/invoices.js"),
    ("go-test.txt", "test", "test", "TestCancel/shipped", "orders_test.go:12", 'Cancel("shipped") = 200, want 409'),
    ("go-test.txt", "test", "crash", "TestTotal", "panics/panics.go:5", "nil pointer dereference"),
    ("go-broken.txt", "test", "import", "broken/broken.go", "broken/broken.go:3", "no required module provides package"),
    ("go-vet.txt", "vet", "types", "typed/typed.go", "typed/typed.go:3", "as int value in return statement"),
    ("cargo-test.txt", "test", "test", "tests::shipped_is_not_cancelled", "src/lib.rs:11", "left: 200"),
    ("cargo-test.txt", "test", "crash", "tests::unwraps", "src/lib.rs:22", "called `Option::unwrap()` on a `None` value"),
    ("cargo-build.txt", "build", "import", "src/lib.rs", "src/lib.rs:1", "unresolved import `crate::invoices`"),
    ("cargo-build.txt", "build", "types", "src/lib.rs", "src/lib.rs:4", "mismatched types"),
    ("mvn-test.txt", "test", "test", "shop.OrdersTest.shippedIsNotCancelled", "OrdersTest.java:10", "expected: <409> but was: <200>"),
    ("mvn-test.txt", "test", "crash", "shop.OrdersTest.total", "Orders.java:9", 'because "value" is null'),
    ("mvn-build.txt", "build", "import", "src/main/java/shop/Bad.java", "src/main/java/shop/Bad.java:3", "does not exist"),
    ("gradle.txt", "test", "test", "OrdersTest > a shipped order is not cancelled", "OrdersTest.java:12", "expected: <409> but was: <200>"),
    ("mypy.txt", "types", "types", "app/typed.py", "app/typed.py:2", "Incompatible return value type"),
    ("tsc.txt", "types", "types", "src/orders.ts", "src/orders.ts:4", "error TS2322"),
    ("tsc.txt", "types", "import", "src/orders.ts", "src/orders.ts:1", "error TS2307"),
    ("eslint.txt", "lint", "lint", "lint/a.js", "lint/a.js:2", "Expected '===' and instead saw '=='"),
    ("ruff.txt", "lint", "lint", "tests/test_orders.py", "tests/test_orders.py:1", "F401"),
    ("ruff-format.txt", "format", "format", "tests/test_orders.py", "tests/test_orders.py:11", "File would be reformatted"),
    ("traceback.txt", "migrations", "migration", "", "boom.py:3", "no such table: orders"),
]  # fmt: skip


def _verdict(name: str, step: str, text: str = "") -> Verdict:
    """The verdict on a step that printed (or reported) this."""
    text = text or (HERE / name).read_text(encoding="utf-8")
    ran = Ran(1, output="", tests=text) if name.endswith(".xml") else Ran(1, output=text)
    return verify(Contract((Step(step, ("tool",)),), "here"), lambda _: ran)


@pytest.mark.parametrize(("name", "step", "cause", "what", "place", "line"), SEEN)
def test_real_outputs(name: str, step: str, cause: str, what: str, place: str, line: str) -> None:
    verdict = _verdict(name, step)
    (fault,) = [f for f in verdict.results[0].faults if (f.name, f.place) == (what, place)]
    assert any(line in said for said in fault.message)
    failures = {failure.cause: failure for failure in failures_of(verdict)}
    assert cause in failures
    assert failures[cause].playbook == pages()[f"playbook/{cause}"].text
    assert cause_of("\n".join(fault.message), step) == cause


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.iterdir()))
def test_evidence_is_short_and_free_of_others(name: str) -> None:
    for failure in failures_of(_verdict(name, "test")):
        lines = failure.evidence.splitlines()
        assert len(lines) <= SHOWN * (MAX_LINES + 2) + 1
        assert not any(re.search(r"site-packages|node_modules|/rustc/|at org\.junit|^\[INFO\]", line) for line in lines)


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.iterdir() if path.suffix == ".txt"))
def test_fingerprint_survives_moved_lines_and_addresses(name: str) -> None:
    text = (HERE / name).read_text(encoding="utf-8")
    moved = re.sub(r"(\.\w{1,5})(:|\(|:\[|\", line )(\d+)", lambda m: f"{m[1]}{m[2]}{int(m[3]) + 7}", text)
    moved = re.sub(r"0x[0-9a-f]{6,}", "0xfeedbeef", moved)
    before, after = (failures_of(_verdict(name, "test", one)) for one in (text, moved))
    assert [f.fingerprint for f in before] == [f.fingerprint for f in after]
    assert before


def test_fingerprint_tells_failures_apart() -> None:
    text = (HERE / "go-test.txt").read_text(encoding="utf-8")
    before, after = (failures_of(_verdict("", "test", one)) for one in (text, text.replace("= 200", "= 204")))
    assert before[0].fingerprint != after[0].fingerprint
    assert before[1].fingerprint == after[1].fingerprint


FAULT = st.builds(
    Fault, st.text(max_size=20), st.lists(st.text(max_size=60), max_size=4).map(tuple), st.text(max_size=9)
)


@given(st.lists(FAULT, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_order_of_faults_does_not_matter(faults: list[Fault], chance: random.Random) -> None:
    mixed = list(faults)
    chance.shuffle(mixed)
    one, other = (
        failures_of(Verdict((StepResult("tests", "failed", faults=tuple(given)),))) for given in (faults, mixed)
    )
    assert {(f.cause, f.fingerprint) for f in one} == {(f.cause, f.fingerprint) for f in other}


@given(st.text(alphabet=st.sampled_from("ab1:|●_-=> \n\tE.py()[]FAILerror"), max_size=400))
def test_any_output_is_read(text: str) -> None:
    for fault in faults_of(text):
        assert len(fault.message) <= MAX_LINES
        assert all(len(line) <= MAX_CHARACTERS for line in fault.message)
    (failure,) = failures_of(Verdict((StepResult("tests", "failed", tail=text),)))
    assert failure.evidence


@given(st.text(max_size=200))
def test_steady_is_steady(text: str) -> None:
    assert steady(steady(text)) == steady(text)


def test_only_what_is_new_counts() -> None:
    old, new = (Fault(name, ("assert 1 == 2",), problem=name) for name in ("tests/a.py::old", "tests/a.py::new"))
    result = StepResult(
        "tests", "failed", was="failed", problems=(old.name, new.name), new=(new.name,), faults=(old, new)
    )
    (failure,) = failures_of(Verdict((result,)))
    assert failure.evidence.startswith("tests/a.py::new")
    assert "old" not in failure.evidence
    as_before = msgspec.structs.replace(result, new=())
    assert failures_of(Verdict((as_before,))) == ()
    assert failures_of(Verdict((msgspec.structs.replace(result, required=False),))) == ()


def test_what_could_not_run() -> None:
    (failure,) = failures_of(Verdict((StepResult("types", "unavailable", detail="mypy is not installed"),)))
    assert (failure.cause, failure.evidence) == ("missing-tool", "types\n  mypy is not installed")


def test_stopped_by_the_clock() -> None:
    (failure,) = failures_of(Verdict((StepResult("tests", "failed", detail="stopped after 30 s", exit_code=-9),)))
    assert failure.cause == "timeout"


def test_new_findings_are_failures() -> None:
    loop = Finding(
        "BW303",
        "lazy-load-in-loop",
        "warning",
        "`order.items` is loaded for each order",
        Span("app/a.py", 4),
        "load it with the query",
    )
    advice = Finding("BW306", "over-fetching", "advice", "whole rows", Span("app/a.py", 9))
    verdict = Verdict(
        (StepResult("guardrails", "failed", problems=("app/a.py: BW303 …",), new=("app/a.py: BW303 …",)),)
    )
    (failure,) = failures_of(verdict, (loop, advice))
    assert (failure.cause, failure.step) == ("n-plus-one", "guardrails")
    assert "app/a.py:4" in failure.evidence
    assert "help: load it with the query" in failure.evidence
    assert failures_of(Verdict(()), (advice,)) == ()
    assert [f.cause for f in failures_of(Verdict(()), (loop,))] == ["n-plus-one"]


def test_silent_failure_is_not_explained_away() -> None:
    (failure,) = failures_of(Verdict((StepResult("audit", "failed", exit_code=3),)))
    assert failure.cause == "unknown"
    assert "printed nothing" in failure.evidence


def test_every_page_of_the_playbook_can_be_reached() -> None:
    for name, page in pages().items():
        if name.startswith("playbook/"):
            assert isinstance(page.front["order"], int)
            assert page.front.get("signs") or page.front.get("steps") or name == "playbook/unknown"
            for sign in page.front.get("signs", ()):
                re.compile(sign)
