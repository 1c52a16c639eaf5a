"""The report of a run, or of a review: one document, as Markdown for a pull request and as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from backwright.report.github import annotation, message_of
from backwright.report.markdown import escape
from backwright.report.plan_text import kind_of
from backwright.report.results import RunResult, steps_back
from backwright.report.sanitize import clean
from backwright.report.terminal import count, seconds

if TYPE_CHECKING:
    from jinja2 import Template

_MOST = 200  # rows of a table


class Section(NamedTuple):
    """A heading with a table below it; a table of one column is a list."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Document(NamedTuple):
    """What a report says, before it is Markdown or HTML."""

    title: str
    status: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]


def document(result: RunResult) -> Document:
    """The report: sections that have nothing to say are left out."""
    lead = (result.run.task, *((result.message,) if result.message else ()), *_where(result))
    made = (
        Section("What is wrong", ("",), tuple((text,) for text in (*result.failures, *_missing(result)))),
        Section("Changed behaviour", ("", "what", "was", "is", "where"), tuple(_behaviour(result))),
        Section("Verification", ("step", "was", "is", "detail", "command"), tuple(_steps(result))),
        Section("Tests first", ("test", "failed for want of the change", "with"), tuple(_reds(result))),
        Section("Checklist", ("item", "answer", "evidence"), tuple(_checklist(result))),
        Section("New findings", ("rule", "where", "what"), tuple(_findings(result))),
        Section("Files", ("", "path", "what", "like"), tuple(_files(result))),
        Section("Assumptions", ("what", "is", "because"), tuple(_assumed(result))),
        Section("Unresolved risks", ("",), tuple((text,) for text in risks(result))),
        Section("Cost", ("what", "how much"), tuple(_cost(result))),
    )
    kept = tuple(section._replace(rows=section.rows[:_MOST]) for section in made if section.rows)
    return Document(f"Run {result.run.id}: {result.outcome.replace('_', ' ')}", result.outcome, lead, kept)


def markdown_of_run(result: RunResult) -> str:
    """The report as Markdown."""
    made = document(result)
    text = [f"## {escape(made.title)}", *(escape(line) for line in made.lead)]
    for section in made.sections:
        text.append(f"### {section.title}")
        if len(section.columns) == 1:
            text.append("\n".join(f"- {_cell(row[0])}" for row in section.rows))
            continue
        head = f"| {' | '.join(section.columns)} |\n|{'---|' * len(section.columns)}\n"
        text.append(head + "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in section.rows))
    return "\n\n".join(text) + "\n"


def workflow_commands_of_run(result: RunResult) -> str:
    """A workflow command for each new finding and each thing that went wrong, then how it ended in a line."""
    lines = [annotation(finding) for finding in result.new_findings]
    lines += [message_of("error", f"run {result.run.id}", text) for text in result.failures]
    ended = " ".join(part for part in (f"{document(result).title}.", result.message) if part)
    return "\n".join([*lines, clean(ended)]) + "\n"


def html_of_run(result: RunResult) -> str:
    """The report as one page that loads nothing and runs nothing."""
    return _page().render(document=document(result), clean=clean)


def risks(result: RunResult) -> tuple[str, ...]:
    """What nobody has proved, and what is left for a person: never empty because nothing was looked at."""
    found = [f"{one.text} ({one.said})" for one in result.checklist if one.said in ("no", "unproven")]
    if result.verdict is None:
        found.append("nothing was verified")
    else:
        for step in result.verdict.results:
            if step.outcome in ("unavailable", "skipped"):
                found.append(f"{step.step} did not run: {step.detail}")
            elif step.outcome == "failed":
                found.append(f"{step.step} fails{', as it did before' if step.was == 'failed' else ''}: {step.detail}")
    found += list(result.change.notes) if result.change is not None else []
    judged = [one.text for one in result.checklist if one.said == "judgement"]
    found += [f"for a person to judge: {text}" for text in judged]
    return tuple(dict.fromkeys(found))


@cache
def _page() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = resources.files("backwright.report").joinpath("run.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(text)


def _cell(text: str) -> str:
    return escape(text.replace("\n", " "))


def _where(result: RunResult) -> Iterator[str]:
    undone = [step.command for step in steps_back(result.run)]
    if undone:
        yield f"Landed; undo with: {', then '.join(undone)}"
    if result.branch:
        yield f"On branch {result.branch}; look at it with: git diff {result.base or 'HEAD'}...{result.branch}"


def _missing(result: RunResult) -> tuple[str, ...]:
    return tuple(f"missing: {part}" for part in result.missing)


def _behaviour(result: RunResult) -> Iterator[tuple[str, ...]]:
    for one in result.behaviour:
        yield one.how, f"{one.kind} {one.name}", one.was, one.now, one.path


def _steps(result: RunResult) -> Iterator[tuple[str, ...]]:
    for step in result.verdict.results if result.verdict else ():
        yield step.step, step.was or "not run", step.outcome, step.detail, step.command


def _reds(result: RunResult) -> Iterator[tuple[str, ...]]:
    named = {"assertion": "an assertion", "answer": "an answer 404 or 405", "missing": "a name that it brings"}
    for red in result.reds:
        yield red.test, named.get(red.reason, "no: for another reason"), red.evidence


def _checklist(result: RunResult) -> Iterator[tuple[str, ...]]:
    for one in result.checklist:
        if one.said != "not applicable":
            yield one.text, one.said, "; ".join(one.evidence)


def _findings(result: RunResult) -> Iterator[tuple[str, ...]]:
    for finding in result.new_findings:
        yield finding.rule, str(finding.span), finding.message


def _files(result: RunResult) -> Iterator[tuple[str, ...]]:
    for edit in result.change.edits if result.change is not None else ():
        yield str(kind_of(edit)), edit.path, edit.summary or edit.because, edit.like


def _assumed(result: RunResult) -> Iterator[tuple[str, ...]]:
    for one in result.change.assumptions if result.change is not None else ():
        yield one.key, one.value, one.because


def _cost(result: RunResult) -> Iterator[tuple[str, ...]]:
    yield "time", seconds(result.seconds)
    for scene in result.scenes:
        yield scene.scene, f"{seconds(scene.seconds)}{', not achieved' if not scene.ok else ''}"
    used = result.usage
    if used.requests:
        yield (
            "model",
            f"{count(used.requests, 'request')}, {used.input_tokens} tokens read, {used.output_tokens} written",
        )
        yield "price", f"${used.dollars:.2f}" if used.dollars is not None else "not known"
