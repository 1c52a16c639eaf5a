"""The formats of `check`, `verify` and `run`, and where each of them goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from backwright.core.errors import MachineError, UsageError
from backwright.surfaces.cli.session import Session
from backwright.surfaces.cli.streams import write

if TYPE_CHECKING:
    from backwright.app.config import Config
    from backwright.report.results import CheckResult, RunResult, VerifyResult
    from backwright.report.terminal import Screen

    Forms = Mapping[str, Callable[[Screen], str]]

FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
OF_RUNS = ("full", "json", "github", "markdown", "html")
OF_VERDICTS = ("full", "json", "github", "junit", "markdown")


class Output(NamedTuple):
    """A format, and the file it goes to; `""` is standard output."""

    format: str
    file: str = ""


def targets(formats: Sequence[str], file: str, *, as_json: bool, known: Sequence[str] = FORMATS) -> list[Output]:
    """What to write where, from `FORMAT` and `FORMAT=FILE`. Raises `UsageError` when two want standard output."""
    chosen = [_output(text, known) for text in formats] or [Output("json" if as_json else "full")]
    if as_json and not any(o.format == "json" for o in chosen):
        chosen.append(Output("json"))
    elsewhere = ("write --format FORMAT=FILE for the others",)
    if file:
        if sum(not o.file for o in chosen) != 1:
            raise UsageError("-o wants exactly one format without a file", hints=elsewhere)
        chosen = [o if o.file else Output(o.format, file) for o in chosen]
    if sum(not o.file for o in chosen) > 1:
        raise UsageError("only one format can go to standard output", hints=elsewhere)
    return chosen


def _output(text: str, known: Sequence[str]) -> Output:
    name, equals, file = text.partition("=")
    if name not in known or (equals and not file):
        close = get_close_matches(name, known, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"the formats are {', '.join(known)}"
        raise UsageError(f"`{text}` is not a format, nor FORMAT=FILE", where="--format", hints=(hint,))
    return Output(name, file)


def deliver(
    session: Session, result: CheckResult, chosen: Sequence[Output], *, exit_code: int, statistics: bool
) -> None:
    """Write every format of a check to its place. Raises `MachineError` when a file cannot be written."""
    from backwright.report import check_text, envelope, github, gitlab, junit, markdown, sarif

    def people(render: Callable[..., str]) -> Callable[[Screen], str]:
        chosen = check_text.render_statistics if statistics else render
        return lambda screen: chosen(result, screen, verbose=session.verbose)

    forms: Forms = {
        "full": people(check_text.render_full),
        "concise": people(check_text.render_concise),
        "json": lambda _: envelope.to_json(envelope.answer(session.verb, result, exit_code)),
        "jsonl": lambda _: "".join(envelope.lines(session.verb, result, exit_code)),
        "gitlab": lambda _: envelope.to_json(gitlab.code_quality(result)),
        "junit": lambda _: junit.junit(result),
        "sarif": lambda _: envelope.to_json(sarif.sarif(result, exit_code=exit_code)),
        "github": lambda _: github.workflow_commands(result),
        "markdown": lambda _: markdown.markdown(result),
    }
    _deliver(session, result, chosen, forms, lambda: github.step_summary(result))


def deliver_run(session: Session, result: RunResult, chosen: Sequence[Output], *, exit_code: int) -> None:
    """As `deliver`, for a run."""
    from backwright.report import envelope, github, run_report, run_text

    forms: Forms = {
        "full": lambda screen: run_text.render_run(result, screen, verbose=session.verbose),
        # One line: the last of those that are streamed.
        "json": lambda _: envelope.to_json(envelope.answer(session.verb, result, exit_code), indent=0),
        "github": lambda _: run_report.workflow_commands_of_run(result),
        "markdown": lambda _: run_report.markdown_of_run(result),
        "html": lambda _: run_report.html_of_run(result),
    }
    _deliver(session, result, chosen, forms, lambda: github.fitting(run_report.markdown_of_run(result)))


def deliver_verdict(session: Session, result: VerifyResult, chosen: Sequence[Output], *, exit_code: int) -> None:
    """As `deliver`, for a verification."""
    from backwright.report import envelope, github, verdict_report, verdict_text

    forms: Forms = {
        "full": lambda screen: verdict_text.render_verify(result, screen, verbose=session.verbose),
        "json": lambda _: envelope.to_json(envelope.answer(session.verb, result, exit_code)),
        "github": lambda _: verdict_report.workflow_commands_of_verify(result),
        "junit": lambda _: verdict_report.junit_of_verify(result),
        "markdown": lambda _: verdict_report.markdown_of_verify(result),
    }
    _deliver(session, result, chosen, forms, lambda: github.fitting(verdict_report.markdown_of_verify(result)))


def _deliver(session: Session, result: Any, chosen: Sequence[Output], forms: Forms, summary: Callable[[], str]) -> None:
    from backwright.report.terminal import Screen

    for output in chosen:
        text = session.without_secrets(forms[output.format](Screen() if output.file else session.screen()))
        if output.file:
            _save(session.base / output.file, text)
        else:
            write(sys.stdout, text)
        if output.format == "github":
            _summarise(session.without_secrets(summary()))
    if any(o.format in ("full", "concise") and not o.file for o in chosen):
        session.hint(result)
    for output in chosen:
        if output.file:
            session.say(f"Wrote {output.file} ({output.format}).")


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _summarise(text: str) -> None:
    """Add this to the summary of the step, where GitHub names a file for it."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if named:
        try:
            with open(named, "a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise MachineError(f"cannot be written: {error.strerror}", where=named) from error


def show_settings(session: Session, config: Config) -> int:
    """Every setting with its origin."""
    if session.json:
        from backwright.report.envelope import envelope, to_json

        settings = [{"key": key, "value": value, "origin": origin} for key, value, origin in config.show()]
        write(
            sys.stdout, to_json(envelope(session.verb, exit_code=0, data={"file": config.file, "settings": settings}))
        )
        return 0
    from backwright.report.config_text import render_settings

    write(sys.stdout, render_settings(config.file, list(config.show()), session.screen()))
    return 0
