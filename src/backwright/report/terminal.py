"""Text for a terminal: styles, symbols, widths and columns. Every piece that enters a `Canvas` is sanitized there."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backwright.report.sanitize import clean

_SGR = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
    "bold red": "1;31",
    "bold green": "1;32",
    "bold yellow": "1;33",
    "bold cyan": "1;36",
}
_ASCII = {
    "✓": "ok",
    "✗": "x",
    "→": "->",
    "–": "-",
    "−": "-",
    "…": "...",
    "·": "-",
    "•": "-",
}
_NARROWEST = 30  # cells that a column which is cut at words keeps on the narrowest screen
_TO_ASCII = str.maketrans(_ASCII)


class Styled(NamedTuple):
    """A piece of text in one style (a key of the table above, `""` for none)."""

    text: str
    style: str = ""


Part = str | Styled


def width_of(text: str) -> int:
    """Cells that `text` takes: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) or c == "\u200d" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def clip(text: str, width: int) -> str:
    """`text`, cut to `width` cells with an ellipsis where it is longer."""
    if width_of(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += width_of(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


class Screen(NamedTuple):
    """What the reader's terminal can do."""

    color: bool = False
    symbols: bool = True  # False: ASCII only for what we write ourselves
    width: int = 100

    def symbol(self, text: str) -> str:
        """Our own text with its symbols, or their ASCII."""
        return text if self.symbols else text.translate(_TO_ASCII)


def wants_color(choice: str, environ: Mapping[str, str], is_terminal: bool) -> bool:
    """`--color` beats NO_COLOR beats FORCE_COLOR beats whether it is a terminal (and not a dumb one)."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"


def wants_symbols(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether symbols beyond ASCII can be shown."""
    return environ.get("TERM") != "dumb" and encoding.lower().replace("-", "").startswith("utf")


class Canvas:
    """Lines under construction. What is written is sanitized, then styled: nothing else can put an escape code in."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._lines: list[str] = []

    def line(self, *parts: Part) -> None:
        """One line of these parts, side by side."""
        self._lines.append("".join(self._paint(part) for part in parts).rstrip(" "))

    def gap(self) -> None:
        """One empty line, never two."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def table(
        self,
        rows: Sequence[Sequence[Part]],
        *,
        lead: Sequence[Part] = (),
        indent: int = 2,
        gap: int = 3,
        right: tuple[int, ...] = (),
        wrap: int | None = None,
    ) -> None:
        """Rows in columns, those in `right` aligned right. `lead` begins each row instead of `indent`.

        Cells of column `wrap` (the first one: 0) go on in the next line where the table is wider than the screen.
        """
        if wrap is not None and not lead:
            rows = self._wrapped(rows, wrap, indent, gap)
        cells = [[width_of(self._plain(part)) for part in row] for row in rows]
        columns = max((len(row) for row in cells), default=0)
        widths = [max(row[i] for row in cells if i < len(row)) for i in range(columns)]
        for number, row in enumerate(rows):
            parts: list[Part] = [lead[number] if lead else " " * indent]
            for i, part in enumerate(row):
                space = " " * (widths[i] - cells[number][i])
                parts.extend([space, part] if i in right else [part, space])
                parts.append(" " * gap if widths[i] else "")
            self.line(*parts)

    def _wrapped(self, rows: Sequence[Sequence[Part]], column: int, indent: int, gap: int) -> list[list[Part]]:
        """The rows with the cells of `column` cut at words to what the other columns leave; the rest follows below."""
        plain = [[self._plain(part) for part in row] for row in rows]
        count_of = max((len(row) for row in plain), default=0)
        others = sum(
            max(width_of(row[i]) for row in plain if i < len(row)) + gap for i in range(count_of) if i != column
        )
        room = max(self.screen.width - indent - others, _NARROWEST)
        result: list[list[Part]] = []
        for row, texts in zip(rows, plain, strict=True):
            part = row[column] if column < len(row) else ""
            style = part.style if isinstance(part, Styled) else ""
            text = texts[column] if part else ""
            cut = textwrap.wrap(text, room, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
            first, *more = cut or [""]
            result.append([*row[:column], Styled(first, style), *row[column + 1 :]])
            result += [[""] * column + [Styled(piece, style)] for piece in more]
        return result

    def text(self) -> str:
        """All lines, ending in a newline; `""` when nothing was written."""
        lines = self._lines
        while lines and not lines[-1]:
            lines = lines[:-1]
        return "\n".join(lines) + "\n" if lines else ""

    def _plain(self, part: Part) -> str:
        return self.screen.symbol(clean(part.text if isinstance(part, Styled) else part))

    def _paint(self, part: Part) -> str:
        text = self._plain(part)
        style = part.style if isinstance(part, Styled) else ""
        if not (self.screen.color and style and text):
            return text
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m"


def seconds(value: float) -> str:
    """A duration as people read it: `0.6 s`, `31 s`, `2 min 5 s`."""
    if value < 19.95:
        return f"{value:.1f} s"
    if value < 119.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
