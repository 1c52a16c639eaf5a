from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core import facts
from backwright.core.archmap import ArchMap
from backwright.core.errors import UsageError
from backwright.core.facts import Loc
from backwright.core.findings import Finding
from backwright.engine.checking import Checked, Place, by_place, check, new_findings
from backwright.engine.explaining import claims, explain, matrix
from backwright.engine.registry import Registry
from backwright.kit.cases import Build
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

VOICE = Voice("BW901", "prints", "warning")


def _prints(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    for path in index.files:
        for call in index.calls(path):
            if call.expr.parts[0].dotted() == "print":
                yield VOICE.finding(path, call.loc, "prints", scope=call.scope, text="print", help="do not")


def _breaks(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    yield from _prints(index, archmap)
    raise ZeroDivisionError("by nothing")


PRINTS = Rule(VOICE.id, VOICE.name, VOICE.severity, ("python",), _prints)
BREAKS = Rule("BW902", "breaks", "error", ("python",), _breaks)


def run(build: Build, source: str, *rules: Rule) -> Checked:
    index, archmap = build({"app/a.py": source})
    return check(rules or (PRINTS,), index, archmap)


def places(checked: Checked) -> list[tuple[str, int]]:
    return [(f.rule, f.span.line) for f in checked.findings]


def test_findings_are_sorted_by_place(build: Build) -> None:
    index, archmap = build({"b.py": "print(1)\nprint(2)\n", "a.py": "\n\nprint(3)\n"})
    found = check([PRINTS], index, archmap)
    assert [(f.span.path, f.span.line) for f in found.findings] == [("a.py", 3), ("b.py", 1), ("b.py", 2)]
    assert found.rules == ("BW901",)
    assert found.files == 2


def test_a_rule_that_raises_is_a_crash_and_the_others_go_on(build: Build) -> None:
    found = run(build, "print(1)\n", BREAKS, PRINTS)
    assert places(found) == [("BW901", 1)]
    assert found.rules == ("BW901",)
    [crash] = found.crashes
    assert crash.rule == "BW902"
    assert "ZeroDivisionError: by nothing" in crash.note
    assert "backwright/engine/checking.py" in crash.note
    assert "/work" not in crash.note
    assert "site-packages" not in crash.note


def test_an_ignore_with_a_reason_hides_its_line_and_the_next(build: Build) -> None:
    found = run(build, "print(1)  # bw: ignore[BW901] the banner\n# bw: ignore[BW901] another\nprint(2)\nprint(3)\n")
    assert places(found) == [("BW901", 4)]
    assert len(found.silenced) == 2


def test_an_ignore_in_a_string_is_none(build: Build) -> None:
    found = run(build, 'print("# bw: ignore[BW901] not a comment")\n')
    assert places(found) == [("BW901", 1)]


@pytest.mark.parametrize("comment", ["# bw: ignore[BW901]", "# bw: ignore because", "# bw: ignore[] because"])
def test_an_ignore_without_reason_or_rule_hides_nothing(build: Build, comment: str) -> None:
    found = run(build, f"print(1)  {comment}\n")
    assert places(found) == [("BW901", 1), ("BW002", 1)]


def test_an_ignore_that_hides_nothing_is_a_finding(build: Build) -> None:
    assert places(run(build, "x = 1  # bw: ignore[BW901] was a print\n")) == [("BW001", 1)]


def test_an_ignore_of_a_rule_that_did_not_run_is_left_alone(build: Build) -> None:
    assert places(run(build, "x = 1  # bw: ignore[BW301] judged elsewhere\n")) == []


def test_severity_is_overridden_by_id_or_name(build: Build) -> None:
    index, archmap = build({"a.py": "print(1)\n"})
    assert check([PRINTS], index, archmap, severity={"BW901": "error"}).findings[0].severity == "error"
    assert check([PRINTS], index, archmap, severity={"prints": "advice"}).findings[0].severity == "advice"


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"BW901": "error"}, "error"),
        ({"BW9": "error"}, "error"),
        ({"prints": "advice", "ALL": "error"}, "advice"),
        ({"ALL": "error"}, "error"),
        ({"BW302": "error"}, "warning"),
    ],
)
def test_severity_of_a_place_goes_by_the_nearest_name(build: Build, words: dict[str, str], severity: str) -> None:
    index, archmap = build({"old/a.py": "print(1)\n", "new/a.py": "print(1)\n"})
    found = check([PRINTS], index, archmap, places=[Place(lambda path: path.startswith("old/"), words)])
    assert {f.span.path: f.severity for f in found.findings} == {"old/a.py": severity, "new/a.py": "warning"}


def test_a_rule_can_be_off_for_a_place_and_the_last_place_that_speaks_of_it_counts(build: Build) -> None:
    index, archmap = build({"old/a.py": "print(1)\n", "old/b.py": "print(1)\n"})
    off = Place(lambda path: path.startswith("old/"), {"ALL": "off"})
    on = Place(lambda path: path == "old/b.py", {"BW901": "error"})
    unrelated = Place(lambda path: True, {"BW101": "error"})
    found = check([PRINTS], index, archmap, severity={"BW901": "advice"}, places=[off, on, unrelated])
    assert [(f.span.path, f.severity) for f in found.findings] == [("old/b.py", "error")]


def test_fingerprints_survive_moved_lines_and_spaces(build: Build) -> None:
    before = run(build, "def f():\n    print(1)\n")
    after = run(build, "# a comment\n\n\ndef f():\n    x = 1\n    print( 1 )\n")
    assert [f.fingerprint for f in before.findings] == [f.fingerprint for f in after.findings]
    assert new_findings(after.findings, before.findings) == ()


def test_a_second_of_the_same_kind_is_new(build: Build) -> None:
    before = run(build, "def f():\n    print(1)\n")
    after = run(build, "def f():\n    print(1)\n    print(2)\n")
    assert [f.span.line for f in new_findings(after.findings, before.findings)] == [3]


def _finding(number: int, line: int) -> Finding:
    return VOICE.finding("a.py", Loc(line, 1, line, 2, 0, 1), "m", text=str(number))


def test_a_style_that_tips_is_nothing_new() -> None:
    each = [_finding(n, n + 1) for n in range(3)]
    advice = VOICE.style(each, "3 of 4 print", help="stop")
    assert new_findings(each, [advice]) == ()
    assert new_findings([advice], each) == ()
    assert new_findings([advice], [advice]) == ()
    assert new_findings([*each, _finding(7, 9)], [advice]) == (_finding(7, 9),)
    assert new_findings([VOICE.style([*each, _finding(7, 9)], "4 of 4 print", help="stop")], each) != ()


def test_one_more_of_a_habit_is_nothing_new_where_the_habit_is() -> None:
    def habit(path: str, number: int) -> Finding:
        finding = VOICE.finding(path, Loc(1, 1, 1, 2, 0, 1), "m", text=str(number))
        return msgspec.structs.replace(finding, habit=True)

    had = [_finding(1, 1), VOICE.finding("routers/users.py", Loc(1, 1, 1, 2, 0, 1), "m", text="1")]
    more = [habit("routers/users.py", 2), habit("routers/orders.py", 3)]
    assert new_findings([*had, *more], had) == ()
    assert new_findings([*had, habit("services/users.py", 4)], had) == (habit("services/users.py", 4),)
    assert new_findings(more, [had[0]]) == tuple(sorted(more, key=lambda f: f.span.path))


KINDS = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 50)), max_size=12)


@given(KINDS, KINDS)
def test_new_findings_are_the_difference_of_multisets(
    now: list[tuple[int, int]], before: list[tuple[int, int]]
) -> None:
    new = new_findings([_finding(*n) for n in now], [_finding(*b) for b in before])
    for number in range(5):
        surplus = sum(n == number for n, _ in now) - sum(b == number for b, _ in before)
        assert sum(f.fingerprint == _finding(number, 1).fingerprint for f in new) == max(0, surplus)
    assert list(new) == by_place(new)


def test_explain_finds_a_rule_by_id_and_by_name() -> None:
    registry = Registry()
    by_id = explain("bw301", registry.rules, registry.page)
    assert by_id == explain("interpolated-sql", registry.rules, registry.page)
    assert by_id.title == "BW301 interpolated-sql"
    assert "## Known limits" in by_id.markdown
    assert "no reason" in explain("BW002", registry.rules, registry.page).markdown


def test_explain_suggests_a_rule() -> None:
    registry = Registry()
    with pytest.raises(UsageError) as caught:
        explain("interpolated-sq", registry.rules, registry.page)
    assert "did you mean BW301 (interpolated-sql)?" in caught.value.hints


def test_the_matrix_has_every_rule_and_language() -> None:
    rules = Registry().rules
    assert [c.id for c in claims(rules)] == sorted(r.id for r in rules)
    table = matrix(rules)
    claimed = sorted({language for rule in rules for language in rule.languages})
    assert table.splitlines()[0] == f"| rule | name | severity | {' | '.join(claimed)} |"
    assert len(table.splitlines()) == len(rules) + 2
    assert all(line.count("yes") == len(r.languages) for line, r in zip(table.splitlines()[2:], rules, strict=True))


def test_a_rule_speaks_of_its_own_languages_only(build: Build) -> None:
    index, archmap = build({"app/a.py": "x = 1\n"})
    (path, file), *_ = index.files.items()
    mixed = FactIndex({path: file, "web/a.ts": msgspec.structs.replace(file, path="web/a.ts", language="typescript")})
    voice = Voice("BW998", "everywhere", "error")

    def everywhere(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
        for name in (*index.files, "settings.toml"):
            yield voice.finding(name, Loc(1, 1, 1, 2, 0, 1), "here", help="no")

    checked = check([Rule("BW998", "everywhere", "error", ("python",), everywhere)], mixed, archmap)
    assert [f.span.path for f in checked.findings] == ["app/a.py", "settings.toml"]


def test_facts_of_tests_are_no_trouble_to_rules(build: Build) -> None:
    index, archmap = build({"app/a.py": "def f():\n    return 1\n"})
    (path, file), *_ = index.files.items()
    fact = facts.Test("works", "", Loc(1, 1, 1, 2, 0, 1))
    mixed = FactIndex({path: msgspec.structs.replace(file, facts=(*file.facts, fact))})
    assert not check(Registry().rules, mixed, archmap).crashes
