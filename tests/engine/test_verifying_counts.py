"""What test runners print of how many tests ran."""

from __future__ import annotations

import pytest

from backwright.core.verdict import Step
from backwright.engine.verifying import Ran, judge
from backwright.engine.verifying_counts import count_of

SAID = {
    "jest": (
        "Test Suites: 2 passed, 2 total\nTests:       1 skipped, 5 passed, 6 total\nSnapshots:   0 total",
        "5 tests",
    ),
    "vitest": (" Test Files  2 passed (2)\n      Tests  1 passed | 1 skipped (2)\n   Duration  600ms", "1 test"),
    "jest, all skipped": ("Tests:       2 skipped, 2 total", "0 tests"),
    "mocha": ("  users\n    ✓ lists\n\n  1 passing (12ms)", "1 test"),
    "node": ("ℹ tests 3\nℹ suites 0\nℹ pass 3\nℹ fail 0", "3 tests"),
    "node tap": ("TAP version 13\nok 1 - adds\n# tests 1\n# pass 1", "1 test"),
    "bun": ("\n 4 pass\n 0 fail\nRan 4 tests across 1 files.", "4 tests"),
    "cargo": (
        "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: ok. 1 passed; 0 failed",
        "3 tests",
    ),
    "cargo without any": ("running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored", "0 tests"),
    "go": ("?   \tshop/db\t[no test files]\nok  \tshop/api\t0.012s\nok  \tshop/users\t(cached)", "2 packages"),
    "maven": (
        "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in ATest\n"
        "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0",
        "2 tests",
    ),
    "pytest": ("...\n3 passed, 1 skipped in 0.02s", "3 tests"),
    "pytest with failures": ("==== 1 failed, 3 passed in 0.02s ====", "3 tests"),
    "django": ("Found 12 test(s).\nRan 12 tests in 0.4s\n\nOK", "12 tests"),
    "phpunit": ("OK (7 tests, 14 assertions)", "7 tests"),
    "phpunit, some skipped": ("OK, but incomplete!\nTests: 7, Assertions: 14, Skipped: 1.", "7 tests"),
    "pest": ("  Tests:    5 passed (9 assertions)\n  Duration: 0.2s", "5 tests"),
    "rspec": ("Finished in 0.1 seconds\n5 examples, 0 failures", "5 tests"),
    "minitest": ("8 runs, 20 assertions, 0 failures, 0 errors, 0 skips", "8 tests"),
    "exunit": ("Finished in 0.1 seconds\n2 doctests, 9 tests, 0 failures", "9 tests"),
    "dotnet": ("Passed!  - Failed:     0, Passed:     6, Skipped:     0, Total:     6", "6 tests"),
}


@pytest.mark.parametrize("runner", SAID)
def test_runners_are_understood(runner: str) -> None:
    output, said = SAID[runner]
    assert str(count_of(output)) == said


@pytest.mark.parametrize("output", ["", "done", "?   \tshop/db\t[no test files]", "ok  \tshop\t0.1s [no tests to run]"])
def test_what_says_nothing_is_not_counted(output: str) -> None:
    assert count_of(output) is None


def test_a_run_of_no_test_is_no_pass() -> None:
    step = Step("tests", ("cargo", "test"))
    assert judge(step, Ran(exit_code=0, output=SAID["cargo without any"][0]), None).outcome == "failed"
    assert judge(step, Ran(exit_code=0, output=SAID["cargo without any"][0]), None).detail == "no test ran"


def test_a_pass_says_how_many_or_that_it_is_not_told() -> None:
    step = Step("tests", ("npm", "test"))
    assert judge(step, Ran(exit_code=0, output=SAID["jest"][0]), None).detail == "5 tests ran"
    told = judge(step, Ran(exit_code=0, output="all fine"), None)
    assert (told.outcome, told.detail) == ("passed", "it does not say how many tests ran")
    lint = judge(Step("lint", ("npm", "run", "lint")), Ran(exit_code=0, output="all fine"), None)
    assert (lint.outcome, lint.detail) == ("passed", "")
