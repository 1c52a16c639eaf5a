"""Findings as SARIF 2.1.0: one run, the rules with their pages, fixes and stable fingerprints."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from backwright.core.change import Edit
from backwright.core.facts import Span
from backwright.core.findings import Finding, Fix, Patch
from backwright.report.check_text import worst_first
from backwright.report.results import CheckResult, Problem, RulePage
from backwright.report.sanitize import clean, clean_block
from backwright.report.tool import NAME, version

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "advice": "note"}
Json = dict[str, Any]


def sarif(result: CheckResult, *, exit_code: int = 0) -> Json:
    """The whole log. The worst findings come first, since viewers show only so many."""
    pages = {page.rule: page for page in result.pages}
    for finding in result.findings:
        pages.setdefault(finding.rule, RulePage(finding.rule, finding.name, finding.severity))
    ids = sorted(pages)
    index = {rule: number for number, rule in enumerate(ids)}
    run: Json = {
        "tool": {"driver": {"name": NAME, "version": version(), "rules": [_rule(pages[rule]) for rule in ids]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, index) for finding in worst_first(result.findings)],
        "invocations": [
            {
                "executionSuccessful": exit_code < 2,
                "exitCode": exit_code,
                "toolExecutionNotifications": [_notification(problem) for problem in result.problems],
            }
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(page: RulePage) -> Json:
    rule: Json = {
        "id": page.rule,
        "name": page.name,
        "shortDescription": {"text": clean(page.title or page.name or page.rule)},
        "defaultConfiguration": {"level": _LEVEL[page.severity]},
    }
    if page.markdown:
        text = clean_block(page.markdown)
        rule["help"] = {"text": text, "markdown": text}
    if page.url:
        rule["helpUri"] = page.url
    return rule


def _result(finding: Finding, index: dict[str, int]) -> Json:
    message = f"{finding.message}. {finding.help}" if finding.help else finding.message
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVEL[finding.severity],
        "message": {"text": clean(message)},
        "locations": [_location(finding.span)],
    }
    if finding.fingerprint:
        result["partialFingerprints"] = {"backwright/v1": finding.fingerprint}
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": clean(step.message)}, **_location(step.span)}
            for number, step in enumerate(finding.related, 1)
        ]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _artifact(path: str) -> Json:
    return {"uri": quote(path, safe="/"), "uriBaseId": "SRCROOT"}


def _location(span: Span) -> Json:
    region: Json = {"startLine": max(span.line, 1), "startColumn": max(span.col, 1)}
    if span.end_line >= span.line and span.end_col:
        region |= {"endLine": span.end_line, "endColumn": span.end_col}
    return {"physicalLocation": {"artifactLocation": _artifact(span.path), "region": region}}


def _fix(fix: Fix) -> Json:
    changes = [
        {"artifactLocation": _artifact(edit.path), "replacements": [_replacement(edit)]}
        for edit in fix.edits
    ]  # fmt: skip
    for path in dict.fromkeys(patch.path for patch in fix.patches):
        replacements = [_patched(patch) for patch in fix.patches if patch.path == path]
        changes.append({"artifactLocation": _artifact(path), "replacements": replacements})
    return {"description": {"text": clean(f"{fix.title} ({fix.safety})")}, "artifactChanges": changes}


def _patched(patch: Patch) -> Json:
    region = {"byteOffset": patch.start, "byteLength": patch.end - patch.start}
    return {"deletedRegion": region, "insertedContent": {"text": patch.new}}


def _replacement(edit: Edit) -> Json:
    """Whole files become the lines in which they differ."""
    before = (edit.before or "").splitlines(keepends=True)
    after = (edit.after or "").splitlines(keepends=True)
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    tail = next((i for i in range(shorter - head) if before[-1 - i] != after[-1 - i]), shorter - head)
    gone = before[head : len(before) - tail]
    region: Json = {"startLine": head + 1, "startColumn": 1, "endLine": head + 1 + len(gone), "endColumn": 1}
    if gone and not gone[-1].endswith("\n"):  # the last line has no end: the region stops within it
        region |= {"endLine": head + len(gone), "endColumn": len(gone[-1]) + 1}
    return {"deletedRegion": region, "insertedContent": {"text": "".join(after[head : len(after) - tail])}}


def _notification(problem: Problem) -> Json:
    where = f"{problem.where}: " if problem.where else ""
    return {
        "level": "warning",
        "descriptor": {"id": problem.code},
        "message": {"text": clean(f"{where}{problem.message}")},
    }
