"""Findings as Markdown, for a pull request, a step summary or a ticket."""

from __future__ import annotations

import re
from collections import Counter

from backwright.core.findings import Finding
from backwright.report.check_text import summary_line, worst_first
from backwright.report.results import CheckResult
from backwright.report.sanitize import clean
from backwright.report.terminal import count

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_LONGEST_TABLE = 5_000


def escape(text: str) -> str:
    """Foreign text that reads as itself: no links, no HTML, no mentions. Code in backticks stays code."""
    pieces = re.split(r"(`[^`\n]+`)", clean(text))
    return "".join(code(p[1:-1]) if i % 2 else _SPECIAL.sub(r"\\\1", p) for i, p in enumerate(pieces))


def code(text: str) -> str:
    """`text` as inline code, whatever backticks or bars it holds."""
    inner = clean(text).replace("|", "\\|")
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", inner)), default=0) + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{ticks}{pad}{inner}{pad}{ticks}"


def markdown(result: CheckResult, *, limit: int = 0) -> str:
    """A heading, a table with the worst first, and what could not be done; at most `limit` bytes where it is not 0."""
    findings = worst_first(result.findings)
    head = f"## Backwright: {_verdict(result)}\n\n{escape(summary_line(result))}\n"
    tail = "".join(f"\n- **problem** {escape(p.message)}" for p in result.problems)
    tail = f"\n### Problems\n{tail}\n" if tail else ""
    table = "\n| | rule | where | what |\n|---|---|---|---|\n" if findings else ""
    budget = (limit or 1 << 40) - len((head + table + tail).encode()) - 200  # 200: the note about what was cut
    rows: list[str] = []
    for finding in findings[:_LONGEST_TABLE]:
        row = _row(finding)
        budget -= len(row.encode())
        if budget < 0:
            break
        rows.append(row)
    missing = len(findings) - len(rows)
    cut = f"\n{count(missing, 'more finding')} did not fit here.\n" if missing else ""
    return head + table + "".join(rows) + cut + tail


def _verdict(result: CheckResult) -> str:
    counts = Counter(f.severity for f in result.findings)
    named = [count(counts["error"], "error")] if counts["error"] else []
    named += [count(counts["warning"], "warning")] if counts["warning"] else []
    named += [f"{counts['advice']} advice"] if counts["advice"] else []
    return ", ".join(named) or "nothing found"


def _row(finding: Finding) -> str:
    help_text = f"<br>{escape(finding.help)}" if finding.help else ""
    place = code(f"{finding.span.path}:{finding.span.line}")
    return f"| {finding.severity} | {finding.rule} | {place} | {escape(finding.message)}{help_text} |\n"
