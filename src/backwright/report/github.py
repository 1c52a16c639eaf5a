"""Findings as GitHub Actions shows them: annotations on the changed lines, everything in the step summary."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.core.findings import Finding
from backwright.report.check_text import summary_line, worst_first
from backwright.report.markdown import markdown
from backwright.report.results import CheckResult
from backwright.report.sanitize import clean
from backwright.report.terminal import count

SUMMARY_LIMIT = 1 << 20  # bytes that GitHub takes of a step summary
ANNOTATIONS = 10  # that GitHub shows of a kind in a step
_COMMAND = {"error": "error", "warning": "warning", "advice": "notice"}


def workflow_commands(result: CheckResult) -> str:
    """Workflow commands for the ten worst findings, then the summary in a line."""
    findings = worst_first(result.findings)
    lines = [annotation(finding) for finding in findings[:ANNOTATIONS]]
    rest = len(findings) - len(lines)
    more = f" {count(rest, 'more finding')} in the step summary." if rest > 0 else ""
    return "\n".join([*lines, clean(summary_line(result)) + more]) + "\n"


def step_summary(result: CheckResult) -> str:
    """Markdown for the file that `GITHUB_STEP_SUMMARY` names, cut to what GitHub takes."""
    return markdown(result, limit=SUMMARY_LIMIT)


def fitting(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """Markdown cut to so many bytes, which says so itself where it was cut."""
    raw, note = text.encode(), "\n\nThe rest does not fit here.\n"
    return text if len(raw) <= limit else raw[: limit - len(note)].decode(errors="ignore") + note


def annotation(finding: Finding) -> str:
    """The workflow command that shows a finding at its place."""
    span = finding.span
    properties = {"file": span.path, "line": str(span.line), "col": str(span.col)}
    if span.end_line >= span.line and span.end_col:
        properties["endLine"] = str(span.end_line)
        if span.end_line == span.line:
            properties["endColumn"] = str(span.end_col)
    properties["title"] = f"{finding.rule} {finding.name}".strip()
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return _command(_COMMAND[finding.severity], properties, message)


def message_of(kind: str, title: str, message: str) -> str:
    """The workflow command that says something of no place; `kind` is error, warning or notice."""
    return _command(kind, {"title": title}, message)


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    body = "%0A".join(_data(line) for line in message.split("\n"))
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {listed}::{body}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
