"""Findings as GitLab's Code Quality report wants them."""

from __future__ import annotations

from typing import Any

from backwright.report.check_text import worst_first
from backwright.report.results import CheckResult
from backwright.report.sanitize import clean

_SEVERITY = {"error": "critical", "warning": "major", "advice": "info"}


def code_quality(result: CheckResult) -> list[dict[str, Any]]:
    """One entry for each finding. GitLab takes entries for the same by their fingerprint, so equal ones are numbered."""
    seen: dict[str, int] = {}
    entries = []
    for finding in worst_first(result.findings):
        number = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        entries.append(
            {
                "type": "issue",
                "check_name": f"{finding.rule} {finding.name}",
                "description": clean(f"{finding.message}. {finding.help}" if finding.help else finding.message),
                "fingerprint": finding.fingerprint if number == 1 else f"{finding.fingerprint}:{number}",
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": finding.span.path,
                    "positions": {
                        "begin": {"line": finding.span.line, "column": finding.span.col},
                        "end": {
                            "line": finding.span.end_line or finding.span.line,
                            "column": finding.span.end_col or finding.span.col,
                        },
                    },
                },
            }
        )
    return entries
