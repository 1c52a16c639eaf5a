"""Findings as JUnit XML: a failed case for each, a passed one for each rule that found nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from backwright.core.findings import Finding
from backwright.report.check_text import worst_first
from backwright.report.results import CheckResult
from backwright.report.sanitize import clean


def junit(result: CheckResult) -> str:
    """One suite. Advice passes, with its text as output; problems are errors of a case of their own."""
    failing = [f for f in result.findings if f.severity != "advice"]
    quiet = [p for p in result.pages if all(f.rule != p.rule for f in result.findings)]
    cases = len(result.findings) + len(quiet) + len(result.problems)
    counts = {"tests": str(cases), "failures": str(len(failing)), "errors": str(len(result.problems))}
    root = ElementTree.Element("testsuites", {"name": "backwright check", **counts})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": "guardrails", **counts, "skipped": "0", "time": f"{result.seconds:.3f}"}
    )
    for finding in worst_first(result.findings):
        _finding(suite, finding)
    for page in quiet:
        ElementTree.SubElement(suite, "testcase", {"classname": page.rule, "name": page.name, "time": "0"})
    for problem in result.problems:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "problem", "name": problem.code, "time": "0"})
        error = ElementTree.SubElement(case, "error", {"type": problem.code, "message": plain(problem.message)})
        error.text = plain(problem.hint)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _finding(suite: ElementTree.Element, finding: Finding) -> None:
    span = finding.span
    place = {"file": plain(span.path), "line": str(span.line)}
    name = f"{finding.name} at {plain(span.path)}:{span.line}:{span.col}"
    case = ElementTree.SubElement(suite, "testcase", {"classname": finding.rule, "name": name, "time": "0", **place})
    text = "\n".join(
        [
            f"{span.path}:{span.line}:{span.col}: {finding.message}",
            *([f"help: {finding.help}"] if finding.help else []),
            *(f"note: {s.span.path}:{s.span.line}: {s.message}" for s in finding.related),
        ]
    )
    if finding.severity == "advice":
        ElementTree.SubElement(case, "system-out").text = plain(text)
    else:
        message = {"type": finding.severity, "message": plain(finding.message)}
        ElementTree.SubElement(case, "failure", message).text = plain(text)


def plain(text: str) -> str:
    """Without what XML cannot hold."""
    return "\n".join(clean(line) for line in text.split("\n"))
