"""A text about one resource, about another."""

from __future__ import annotations

import re
from posixpath import basename, dirname

import msgspec

from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import NameForms, forms

_QUOTED = re.compile(r'("/[^"\n]*")')
# Stand for the new names while the others are replaced.
_ONE, _MANY, _ONE_CAMEL, _MANY_CAMEL = "\ue000", "\ue001", "\ue002", "\ue003"


def resource_name(entity: str) -> NameForms:
    """The name of a resource without what says that its type is an entity: `UserEntity` is about users."""
    return forms(re.sub(r"(?<=[a-z])(Entity|Model)$", "", entity))


def renamed(text: str, old: NameForms, new: NameForms, address: str = "kebab") -> str:
    """The text about the new resource. Of a name of one word it cannot be seen how several are joined.

    So they are joined as in code, and in addresses as `address` says: "kebab", "snake" or "camel".
    """
    parts = _QUOTED.split(text)
    return "".join(_filled(part, old, new, address if n % 2 else "camel") for n, part in enumerate(parts))


def renamed_words(text: str, old: NameForms, new: NameForms) -> str:
    """A comment about the new resource: its name as people write it, but for names of types."""
    return _filled(text, old, new, "human")


def renamed_path(path: str, old: NameForms, new: NameForms, case: str) -> str:
    """A path about the new resource. Names of packages are one word."""
    folder, name = dirname(path), basename(path)
    flat = msgspec.structs.replace(
        new, snake=new.snake.replace("_", ""), snake_plural=new.snake_plural.replace("_", "")
    )
    moved = fill(pattern_of(folder, old), flat)
    joined = _filled(name, old, new, case)
    return f"{moved}/{joined}" if moved else joined


def _filled(text: str, old: NameForms, new: NameForms, case: str) -> str:
    many = "|".join(re.escape(t) for t in {old.camel_plural, old.snake_plural})
    one = "|".join(re.escape(t) for t in {old.camel, old.snake})
    # Also in names that join words without a mark: `createVenue`, `bookR`, `booksHdl`.
    text = re.sub(
        rf"(?<=[a-z0-9])({re.escape(old.pascal_plural)}|{re.escape(old.pascal)})(?![a-z0-9])",
        lambda m: _MANY if m[1] == old.pascal_plural else _ONE,
        text,
    )
    text = re.sub(rf"(?<![A-Za-z0-9_])({many})(?=[A-Z])", _MANY_CAMEL, text)
    text = re.sub(rf"(?<![A-Za-z0-9_])({one})(?=[A-Z])", _ONE_CAMEL, text)
    shown = {
        "kebab": msgspec.structs.replace(new, snake=new.kebab, snake_plural=new.kebab_plural),
        "camel": msgspec.structs.replace(new, snake=new.camel, snake_plural=new.camel_plural),
        "human": msgspec.structs.replace(new, snake=new.human, snake_plural=new.human_plural),
    }.get(case, new)
    filled = fill(pattern_of(text, old), shown if "_" not in old.snake else new)
    marks = {_ONE: new.pascal, _MANY: new.pascal_plural, _ONE_CAMEL: new.camel, _MANY_CAMEL: new.camel_plural}
    return "".join(marks.get(c, c) for c in filled)


def file_case(paths: list[str]) -> str:
    """How the names of files here join words: most Go does so with `_`."""
    stems = [basename(p).partition(".")[0].removesuffix("_test") for p in paths if p.endswith(".go")]
    counts = {
        "snake": sum("_" in s for s in stems) or 1,
        "kebab": sum("-" in s for s in stems),
        "camel": sum(bool(re.match(r"[a-z]+[A-Z]", s)) for s in stems),
    }
    return max(counts, key=lambda case: counts[case])
