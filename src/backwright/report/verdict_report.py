"""What `verify` saw, for machines that show it to people: GitHub, JUnit, Markdown."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from backwright.core.findings import Finding
from backwright.core.verdict import StepResult
from backwright.report.github import annotation, message_of
from backwright.report.junit import plain
from backwright.report.markdown import escape
from backwright.report.results import VerifyResult
from backwright.report.sanitize import clean, clean_block, without_colors
from backwright.report.terminal import count, seconds
from backwright.report.verdict_text import why_not

_TAIL = 60  # lines of a failed step's output
_WORDS = {"passed": "✓ passed", "failed": "✗ failed", "skipped": "– skipped", "unavailable": "? could not run"}


def markdown_of_verify(result: VerifyResult) -> str:
    """The steps as a table, then the end of the output of what failed."""
    head = "Verified" if result.verdict.ok else f"Not verified: {why_not(result.verdict)}"
    lines = [f"## {escape(head)}", "", "| step | | took | detail | command |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, _row(step)))} |" for step in result.verdict.results]
    lines += [f"- {_cell(_said(finding))}" for finding in result.new_findings]
    for step in _bad(result):
        tail = clean_block(without_colors("\n".join(step.tail.splitlines()[-_TAIL:]))).replace("```", "'''")
        if tail:
            lines += ["", f"### {escape(step.step)}", "", "```", tail, "```"]
    return "\n".join(lines) + "\n"


def workflow_commands_of_verify(result: VerifyResult) -> str:
    """A workflow command for each required step that did not pass and each new finding, then the verdict in a line."""
    lines = [message_of("error", f"{step.step} {step.outcome}", step.detail or step.command) for step in _bad(result)]
    lines += [annotation(finding) for finding in result.new_findings]
    passed = count(sum(step.outcome == "passed" for step in result.verdict.results), "step")
    said = "Verified" if result.verdict.ok else f"Not verified: {why_not(result.verdict)}"
    return "\n".join([*lines, f"{clean(said)}. {passed} passed, {seconds(result.seconds)}."]) + "\n"


def junit_of_verify(result: VerifyResult) -> str:
    """One suite, a case for each step: failed, in error where it could not run, skipped."""
    by = {outcome: sum(s.outcome == outcome for s in result.verdict.results) for outcome in _WORDS}
    counts = {
        "tests": str(len(result.verdict.results)),
        "failures": str(by["failed"]),
        "errors": str(by["unavailable"]),
    }
    root = ElementTree.Element("testsuites", {"name": "backwright verify", **counts})
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {"name": "verify", **counts, "skipped": str(by["skipped"]), "time": f"{result.seconds:.3f}"},
    )
    for step in result.verdict.results:
        where = {"classname": "verify", "name": plain(step.step), "time": f"{step.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", where)
        message = {"message": plain(step.detail or step.outcome)}
        match step.outcome:
            case "failed":
                ElementTree.SubElement(case, "failure", message).text = plain(step.tail)
            case "unavailable":
                ElementTree.SubElement(case, "error", message).text = plain(step.tail)
            case "skipped":
                ElementTree.SubElement(case, "skipped", message)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _bad(result: VerifyResult) -> Iterator[StepResult]:
    return (step for step in result.verdict.results if step.required and step.outcome in ("failed", "unavailable"))


def _row(step: StepResult) -> tuple[str, ...]:
    return (
        step.step,
        _WORDS[step.outcome],
        seconds(step.seconds),
        step.detail,
        f"`{step.command}`" if step.command else "",
    )


def _said(finding: Finding) -> str:
    return f"{finding.rule} {finding.span.path}:{finding.span.line} {finding.message}"


def _cell(text: str) -> str:
    return escape(text.replace("\n", " "))
