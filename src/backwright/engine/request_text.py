"""Plain text taken apart: cleaned, into sentences, into the atoms between commas and "and"."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

import msgspec

from backwright.core.errors import UsageError

MAX_BYTES = 4096

_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": ";", "`": "", "→": ">", "•": "-"}
)
_SHORT = re.compile(r"\b(e\.g|i\.e|etc|max|min|approx|incl|no|vs|resp)\.(?=\s)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r";|[!?](?=\s+[A-Z]|\s*$)|\.(?=\s|$)")
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_AND = re.compile(
    r"\s*(?:,\s*)?\b(?:and(?!/)|as well as|plus)\b\s*|\s+&\s+|\s*,(?!\d{3}\b)\s*(?:but\b\s*)?|\s+\bbut\b\s+", re.I
)


class Atom(msgspec.Struct, frozen=True):
    """A piece of a sentence, and what joins it to the one before: `,` `and` or nothing."""

    text: str
    joiner: str = ""


def clean(text: str) -> str:
    """The text without control characters, with plain quotes, bullets as lists. Raises UsageError when too long."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        hints = ("a feature file says more: backwright plan FILE.yaml",)
        raise UsageError(f"the request has {size} bytes; {MAX_BYTES} is the most", hints=hints)
    plain = unicodedata.normalize("NFC", _TERMINAL.sub("", text).replace("\r\n", "\n").replace("\t", " ")).translate(
        _PLAIN
    )
    plain = "".join(c for c in plain if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    plain = plain.replace("**", "").replace("\u00a0", " ")
    return _SHORT.sub(r"\1", _without_bullets(plain)).strip()


def _without_bullets(text: str) -> str:
    """Bullets become a comma-separated list after the line above; other lines end a sentence or go on with it."""
    out = ""
    in_list = False
    only_bullets = _BULLET.match(text.lstrip()) is not None  # then each says something of its own
    for line in text.split("\n"):
        bullet = _BULLET.match(line)
        content = line[bullet.end() :].strip(" ,;.") if bullet else line.strip()
        if not content:
            continue
        if bullet and only_bullets:
            out += f"; {content}" if out else content
        elif bullet:
            out += f", {content}" if in_list else f"{'' if re.search(r'[:,]$', out) or not out else ':'} {content}"
        elif in_list or (out and not content[0].islower() and not re.search(r"[:;,.!?(]$", out)):
            out += f"; {content}"
        else:
            out += f" {content}"
        in_list = bool(bullet)
    return re.sub(r" +", " ", out)


def sentences(text: str) -> list[str]:
    """The sentences of a clean text, not cut inside of brackets."""
    return [part for part in (p.strip(" .") for p in _cut(text, _SENTENCE_END)) if part]


def atoms(sentence: str) -> list[Atom]:
    """The pieces between commas and "and", not cut inside of brackets, of `between 1 and 5` and of `10,000`."""
    found: list[Atom] = []
    joiner = ""
    at = 0
    depths = _depths(sentence)
    for match in _AND.finditer(sentence):
        if depths[match.start()] or re.search(r"\bbetween\s+\S+$", sentence[at : match.start()], re.IGNORECASE):
            continue
        if re.search(r"\bdate$", sentence[at : match.start()], re.I) and sentence[match.end() :].lower().startswith(
            "time"
        ):
            continue
        if text := sentence[at : match.start()].strip():
            found.append(Atom(text, joiner))
            joiner = "," if "," in match.group() else "and"
        at = match.end()
    if text := sentence[at:].strip():
        found.append(Atom(text, joiner))
    return found


def _cut(text: str, separator: re.Pattern[str]) -> list[str]:
    depths = _depths(text)
    parts: list[str] = []
    at = 0
    for match in separator.finditer(text):
        if not depths[match.start()]:
            parts.append(text[at : match.start()])
            at = match.end()
    return [*parts, text[at:]]


def _depths(text: str) -> list[int]:
    """How many brackets are open at each character; brackets that never close do not count."""
    opened: list[int] = []
    steps = [0] * (len(text) + 1)
    for i, char in enumerate(text):
        if char == "(":
            opened.append(i)
        elif char == ")" and opened:
            steps[opened.pop()] += 1
            steps[i + 1] -= 1
    return list(accumulate(steps[:-1]))
