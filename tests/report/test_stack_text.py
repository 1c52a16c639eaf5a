"""`stack` for people: backends with evidence, other projects in a line, what would be written over."""

from __future__ import annotations

import msgspec
import report_samples as samples

from backwright.report.results import Head, StackSetResult
from backwright.report.stack_text import render_stack, render_stack_check, render_stack_set
from backwright.report.terminal import Screen


def test_each_claim_has_its_line_and_doubt_is_said() -> None:
    said = render_stack(samples.STACK, Screen())
    assert "api   backend" in said
    assert "Fastify 5.1" in said
    assert "api/package.json:9" in said
    assert "PostgreSQL, probably" in said
    assert "declared, not seen in use: TypeORM" in said
    assert "Other projects\n  web" in said
    assert "orm is `prisma` here" in said


def test_no_backend_is_said() -> None:
    frontend = msgspec.structs.replace(samples.STACK, stacks=samples.STACK.stacks[1:], problems=())
    assert "no backend here" in render_stack(frontend, Screen())


def test_check_says_yes_or_what_differs() -> None:
    agreed = msgspec.structs.replace(samples.STACK, problems=())
    assert render_stack_check(agreed, Screen()) == "api: stack/ says what the project shows.\n"
    assert "api/stack/stack.yaml:3" in render_stack_check(samples.STACK, Screen())


def test_set_shows_what_would_change() -> None:
    stack = samples.STACK.stacks[0]
    kept = {"stack/stack.yaml": ("orm: prisma\n", "orm: kysely\n")}
    said = render_stack_set(
        StackSetResult(Head("x"), stack, (), kept, {"stack/stack.yaml": "", "stack/snippets.md": ""}), Screen()
    )
    assert "-orm: prisma\n+orm: kysely" in said
    assert "1 file would change, stack/snippets.md would be new. Nothing was written." in said
    written = render_stack_set(StackSetResult(Head("x"), stack, ("stack/stack.yaml",), {}, {}), Screen())
    assert written == "  + stack/stack.yaml\nWrote 1 file.\n"
