"""The sanitizer, Markdown and workflow commands: foreign text stays text."""

from __future__ import annotations

import msgspec
import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Span
from backwright.report.github import ANNOTATIONS, step_summary, workflow_commands
from backwright.report.markdown import code, escape, markdown
from backwright.report.sanitize import clean, clean_block, without_colors
from backwright.report.terminal import Canvas, Screen, Styled, clip, seconds, wants_color, wants_symbols, width_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 日本 👍", "naïve 日本 👍"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\u202eevil", "\\u202eevil"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u200bzero", "\\u200bzero"),
    ],
)
def test_what_steers_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_blocks_keep_their_lines() -> None:
    assert clean_block("a\r\n\tb\rc\x00") == "a\n\tb\\rc\\x00"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaned_text_can_be_written_and_is_one_line(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.encode("utf-8").splitlines()) <= 1
    assert clean(cleaned) == cleaned


def test_colors_of_a_child_go_and_its_other_codes_show() -> None:
    assert clean(without_colors("\x1b[1;31mred\x1b[0m\x1b[2J")) == "red\\x1b[2J"


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
    ],
)
def test_who_decides_about_color(choice: str, environ: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_color(choice, environ, terminal) is expected


def test_symbols_need_a_terminal_that_has_them() -> None:
    assert wants_symbols({}, "utf-8")
    assert not wants_symbols({"TERM": "dumb"}, "utf-8")
    assert not wants_symbols({}, "ascii")


def test_columns_count_cells() -> None:
    canvas = Canvas(Screen())
    canvas.table([["日本", "x"], [Styled("abcdef", "bold"), "y"]])
    assert canvas.text() == "  日本     x\n  abcdef   y\n"
    assert (width_of("日本é"), clip("日本語", 4)) == (5, "日…")


@pytest.mark.parametrize(("value", "shown"), [(0.04, "0.0 s"), (12.12, "12.1 s"), (53.4, "53 s"), (125, "2 min 5 s")])
def test_durations(value: float, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(
    "text", ["<img src=x>", "[a](javascript:x)", "![a](b)", "@someone", "a|b", "**b**", "# h", "`a` <b>", "\\", "&lt;"]
)
def test_markdown_reads_as_itself(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    html = markdown_it.MarkdownIt("commonmark").enable("table").render(f"| {escape(text)} |\n|---|\n")
    assert "<img" not in html
    assert "<a" not in html
    assert "<strong>" not in html
    assert html.count("<th>") == 1


def test_code_holds_backticks_and_bars() -> None:
    assert code("a`b``c") == "```a`b``c```"
    assert code("`a`") == "`` `a` ``"
    assert code("a|b") == "`a\\|b`"


def test_an_annotation_cannot_be_left() -> None:
    evil = msgspec.structs.replace(
        samples.QUERY,
        message="100%\n::error::pwned",
        span=Span("a,title=x:b.py\n::stop-commands::t", 3),
        help="",
        related=(),
    )
    lines = workflow_commands(msgspec.structs.replace(samples.CLEAN, findings=(evil,))).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=a%2Ctitle=x%3Ab.py\\n%3A%3Astop-commands%3A%3At,line=3,col=1,title=")
    assert lines[0].endswith("::100%25%0A::error::pwned")


def test_github_gets_the_ten_worst_and_the_number_of_the_others() -> None:
    many = tuple(
        msgspec.structs.replace(samples.PAGES if i % 2 else samples.QUERY, span=Span("a.py", i + 1)) for i in range(30)
    )
    lines = workflow_commands(msgspec.structs.replace(samples.CLEAN, findings=many)).splitlines()
    assert len(lines) == ANNOTATIONS + 1
    assert all(line.startswith("::error ") for line in lines[:ANNOTATIONS])
    assert "20 more findings in the step summary" in lines[-1]


def test_a_step_summary_fits_and_says_what_is_missing() -> None:
    many = tuple(
        msgspec.structs.replace(samples.QUERY, message="m" * 500, span=Span("a.py", i + 1)) for i in range(3000)
    )
    summary = step_summary(msgspec.structs.replace(samples.CLEAN, findings=many))
    assert len(summary.encode()) <= 1 << 20
    shown = summary.count("| error |")
    assert f"{3000 - shown} more findings did not fit here." in summary
    assert len(markdown(samples.CHECK, limit=600).encode()) <= 600
