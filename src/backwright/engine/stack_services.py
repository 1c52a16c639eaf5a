"""Databases, brokers and caches that a project may connect to: by the images it starts, the addresses and adapters it names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_IMAGE = re.compile(r"^[ \t]*(?:-[ \t]*)?image:[ \t]*[\"']?([\w./-]+)", re.MULTILINE)
# Words of settings that name an adapter, on the same line.
_ADAPTERS = (
    "backends.",
    "dapter",
    "provider",
    "dialect",
    "type",
    "client",
    "DB_CONNECTION",
    "db-kind",
    "pdo_",
    "Use",
    "jdbc:",
    "sql:",
    "MySQLi",
    "Driver",
)
_SAYS = re.compile(
    r"""(?:type|client)["']?\s*[:=]|backends\.|dapter|provider|dialect|DB_CONNECTION|db-kind|pdo_|Use[A-Z]|jdbc:|sql:|MySQLi|Driver"""
)
_ADDRESS = re.compile(r":(?://|mem:|file:)")
_SCHEME = re.compile(r"(?<![\w.])((?:jdbc:|r2dbc:)?[a-z][a-z0-9]*)(?:\+\w+)*$")
_LONGEST_SCHEME = 40


@dataclass(frozen=True)
class Service:
    """One of them; `kind` is database, queue or cache."""

    id: str
    kind: str
    name: str


class Services:
    """All that are known, to be found in texts."""

    def __init__(self, data: dict[str, dict[str, dict[str, list[str]]]]) -> None:
        self.all: list[Service] = []
        self._images: list[tuple[str, str]] = []
        self._schemes: dict[str, str] = {}
        words: list[str] = []
        self._word_ids: list[str] = []
        for kind, items in data.items():
            for key, item in items.items():
                self.all.append(Service(key, kind, str(item["name"])))
                self._images += [(image, key) for image in item.get("images", ())]
                self._schemes.update(dict.fromkeys(item.get("urls", ()), key))
                if item.get("words"):
                    words.append(f"({'|'.join(item['words'])})")
                    self._word_ids.append(key)
        self._words = re.compile("|".join(words))

    def named(self, text: str, *, images: bool) -> Iterator[tuple[str, int]]:
        """Which services a text names, each with the first place; `images`: by what it starts."""
        seen = set()
        if images:
            for found in _IMAGE.finditer(text):
                service = self._image(found[1])
                if service and service not in seen:
                    seen.add(service)
                    yield service, found.start(1)
            return
        for found in _ADDRESS.finditer(text):
            before = _SCHEME.search(text, max(0, found.start() - _LONGEST_SCHEME), found.start())
            service = self._schemes.get(before[1]) if before else None
            if before and service and service not in seen:
                seen.add(service)
                yield service, before.start()
        for start, end in _lines_with(text, _ADAPTERS):
            word = self._words.search(text, start, end) if _SAYS.search(text, start, end) else None
            service = self._word_ids[(word.lastindex or 1) - 1] if word else ""
            if word and service not in seen:
                seen.add(service)
                yield service, word.start()

    def _image(self, image: str) -> str | None:
        name = image.removeprefix("docker.io/").removeprefix("library/")
        last = name.rpartition("/")[2]
        exact = next((key for known, key in self._images if known in {last, name}), None)
        if exact:
            return exact
        return next((key for known, key in self._images if known in last or ("/" in known and known in name)), None)


def _lines_with(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """The lines that hold one of these words."""
    found = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            found.add((text.rfind("\n", 0, at) + 1, end))
            at = text.find(word, end)
    return sorted(found)


@cache
def services() -> Services:
    """All databases, brokers and caches that are known."""
    text = (files("backwright.knowledge") / "services.toml").read_text(encoding="utf-8")
    return Services(tomllib.loads(text))
