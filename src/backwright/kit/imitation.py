"""Imitating an exemplar: its resource's name, in all its spellings, becomes a placeholder that another name fills.

Placeholders: ``{snake} {snakes} {Pascal} {Pascals} {camel} {camels} {kebab} {kebabs} {human} {humans} {HUMAN}``.
Literal braces are doubled, as in `str.format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from backwright.kit.naming import NameForms

# A spelling ends where the word ends: not inside `annotated` for `note`, but yes in `note_id`, `NoteService`, `CRUDNote`.
_LOWER_START, _LOWER_END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_PASCAL_START, _PASCAL_END = r"(?<![a-z0-9])", r"(?![a-z0-9])"


def spellings(name: NameForms) -> Iterator[tuple[str, str, bool]]:
    """(text, placeholder, is Pascal), the longer before the shorter so that a plural is not taken for its singular."""
    table = [
        (name.pascal_plural, "Pascals", True),
        (name.pascal, "Pascal", True),
        (name.snake_plural, "snakes", False),
        (name.snake, "snake", False),
        (name.kebab_plural, "kebabs", False),
        (name.kebab, "kebab", False),
        (name.human_plural, "humans", False),
        (name.human, "human", False),
        (name.camel_plural, "camels", False),
        (name.camel, "camel", False),
        (name.snake_plural.upper(), "UPPERS", False),
        (name.snake.upper(), "UPPER", False),
        (name.snake_plural.replace("_", ""), "flats", False),
        (name.snake.replace("_", ""), "flat", False),
    ]
    seen: set[str] = set()
    for text, placeholder, is_pascal in table:
        if text and text not in seen:
            seen.add(text)
            yield text, placeholder, is_pascal


def pattern_of(text: str, name: NameForms) -> str:
    """`text` with every spelling of `name` replaced by its placeholder; other braces doubled."""
    found, table = _finder(name)
    escaped = text.replace("{", "{{").replace("}", "}}")

    def placeholder(match: re.Match[str]) -> str:
        known = table[match.group(0)]
        if match.string[match.end() : match.end() + 1].isupper():  # `itemService` is camelCase, however short `item` is
            known = {"snake": "camel", "snakes": "camels"}.get(known, known)
        return "{" + known + "}"

    return found.sub(placeholder, escaped)


@lru_cache(maxsize=1024)
def _finder(name: NameForms) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the spellings of a name, and the placeholder of each."""
    table = {t: p for t, p, _ in spellings(name)}
    alternatives = []
    for spelling, _, is_pascal in sorted(spellings(name), key=lambda s: -len(s[0])):
        start, end = (_PASCAL_START, _PASCAL_END) if is_pascal else (_LOWER_START, _LOWER_END)
        # an underscore is a boundary for snake_case: `get_items`, `item_id`
        alternatives.append(f"{start}{re.escape(spelling)}{end}")
        if spelling in {name.camel, name.camel_plural}:
            alternatives.append(f"{start}{re.escape(spelling)}(?=[A-Z][a-z])")
        if is_pascal:
            alternatives.append(f"(?<=CRUD){re.escape(spelling)}{end}")
    return re.compile("|".join(alternatives)), table


def fill(pattern: str, name: NameForms) -> str:
    """The pattern with another resource's name."""
    return pattern.format(
        snake=name.snake,
        snakes=name.snake_plural,
        Pascal=name.pascal,
        Pascals=name.pascal_plural,
        camel=name.camel,
        camels=name.camel_plural,
        kebab=name.kebab,
        kebabs=name.kebab_plural,
        human=name.human,
        humans=name.human_plural,
        UPPER=name.snake.upper(),
        UPPERS=name.snake_plural.upper(),
        flat=name.snake.replace("_", ""),
        flats=name.snake_plural.replace("_", ""),
    )


def mentions(text: str, name: NameForms) -> bool:
    """Whether any spelling of the name stands in the text."""
    return "{" in pattern_of(text.replace("{", "").replace("}", ""), name)
