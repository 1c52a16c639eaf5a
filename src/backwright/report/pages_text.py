"""What `status`, `init` and `explain` say to people. Pages are Markdown, of which a terminal needs little."""

from __future__ import annotations

import re
import textwrap

from backwright.report.check_text import SEVERITIES
from backwright.report.map_text import headline
from backwright.report.plan_text import draw_diff
from backwright.report.results import AgentsResult, ExplainResult, InitResult, StatusResult
from backwright.report.sanitize import clean_block
from backwright.report.terminal import Canvas, Part, Screen, Styled, count

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)")
_ITEM = re.compile(r"^(\s*)([-*]|\d+\.) +(.*)$")
_PAGE_WIDTH = 96


def render_status(result: StatusResult, screen: Screen, *, verbose: bool = False) -> str:
    """Four lines: where, what is open, what ran last, what to do next; and what can be undone, if anything."""
    canvas = Canvas(screen)
    if result.findings is None:
        found = "not checked yet"
    else:
        named = [
            count(result.findings[s], s, "advice" if s == "advice" else "")
            for s in SEVERITIES
            if result.findings.get(s)
        ]
        found = ", ".join(named) or "none"
    checked = f", {result.checked}" if result.checked else ""
    canvas.line(Styled(headline(result.head), "bold"), f"   {result.stack}")
    todo = result.next.command if result.next else "nothing"
    todo += f"   {result.next.why}" if result.next and result.next.why else ""
    rows = [["Findings", found + checked], ["Last run", result.last_run or "none"]]
    rows += [["Undo", result.undo]] if result.undo else []
    canvas.table([*rows, ["Next", todo]], indent=0)
    return canvas.text()


def render_init(result: InitResult, screen: Screen, *, verbose: bool = False) -> str:
    """The file and what is in it."""
    canvas = Canvas(screen)
    canvas.line("Wrote ", Styled(result.path, "bold"), ":")
    canvas.gap()
    for line in clean_block(result.text).expandtabs(4).splitlines():
        canvas.line("  ", line)
    return canvas.text()


def render_agents(result: AgentsResult, screen: Screen, *, verbose: bool = False) -> str:
    """The diff of every file, then what that was."""
    canvas = Canvas(screen)
    draw_diff(canvas, result.edits)
    canvas.gap()
    who = ", ".join(result.titles)
    if not result.edits:
        canvas.line(f"{who}: nothing is left of us" if result.removed else f"{who}: all is there already")
    elif not result.landed_id:
        canvas.line(f"{count(len(result.edits), 'file')} would change. Nothing was written.")
    else:
        done = "Taken out" if result.removed else "Set up"
        canvas.line(f"{done}: {who}. {count(len(result.edits), 'file')}, change {result.landed_id}")
    for note in result.notes:
        canvas.line("note: ", note)
    return canvas.text()


def render_explain(result: ExplainResult, screen: Screen, *, verbose: bool = False) -> str:
    """The page."""
    canvas = Canvas(screen)
    text = clean_block(result.markdown)
    if result.title and not text.lstrip().startswith("# "):
        canvas.line(Styled(result.title, "bold"))
        canvas.gap()
    draw_markdown(canvas, text)
    return canvas.text()


def draw_markdown(canvas: Canvas, markdown: str) -> None:
    """Headings, paragraphs, lists, tables and code as a terminal shows them best: nearly as they are written."""
    width = min(canvas.screen.width, _PAGE_WIDTH)
    fence, paragraph = "", list[str]()
    table: list[list[str]] = []
    for line in [*markdown.splitlines(), ""]:
        stripped = line.strip()
        if table and not stripped.startswith("|"):
            table = _draw_table(canvas, table)
        if fence or stripped.startswith(("```", "~~~")):
            paragraph = _flush(canvas, paragraph, width)
            if not fence:
                fence = stripped[:3]
            elif stripped == fence:
                fence = ""
            else:
                canvas.line("    ", Styled(line.expandtabs(4), "cyan"))
        elif not stripped:
            paragraph = _flush(canvas, paragraph, width)
            canvas.gap()
        elif stripped.startswith("#"):
            paragraph = _flush(canvas, paragraph, width)
            canvas.line(Styled(stripped.lstrip("#").strip(), "bold cyan" if stripped.startswith("##") else "bold"))
        elif stripped.startswith("|"):
            paragraph = _flush(canvas, paragraph, width)
            table.append([cell.strip() for cell in stripped.strip("|").split("|")])
            continue
        elif _ITEM.match(line):
            _flush(canvas, paragraph, width)
            paragraph = [line]
        else:
            paragraph.append(line)


def _draw_table(canvas: Canvas, rows: list[list[str]]) -> list[list[str]]:
    """The rows in columns, the head in bold and without the rule below it; gives an empty list to go on with."""
    ruled = len(rows) > 1 and all(set(cell) <= set("-: ") for cell in rows[1])
    head: list[list[Part]] = [[Styled(cell, "bold") for cell in rows[0]]] if ruled else []
    canvas.table([*head, *(list[Part](row) for row in (rows[2:] if ruled else rows))])
    return []


def _flush(canvas: Canvas, paragraph: list[str], width: int) -> list[str]:
    if paragraph:
        item = _ITEM.match(paragraph[0])
        text = " ".join(line.strip() for line in paragraph)
        first = rest = ""
        if item:
            bullet = "•" if item[2] in "-*" else item[2]
            first = f"{item[1]}  {bullet} "
            rest = " " * len(first)
            text = " ".join([item[3], *(line.strip() for line in paragraph[1:])])
        for line in textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False):
            canvas.line(*_inline(line))
    return []


def _inline(text: str) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for match in _INLINE.finditer(text):
        parts.append(text[at : match.start()])
        code, strong, label, target = match.groups()
        if code:
            parts.append(Styled(code, "cyan"))
        elif strong:
            parts.append(Styled(strong, "bold"))
        else:
            parts.append(label if label == target else f"{label} ({target})")
        at = match.end()
    return [*parts, text[at:]]
