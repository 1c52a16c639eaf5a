"""The pages that we wrote: protocol, checklist, ORM reference, playbook, examples. Read from `knowledge`, found by their names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

FOLDERS = ("", "playbook", "vendors")  # of `knowledge`: `protocol`, `playbook/import`; one page a file


class Page(msgspec.Struct, frozen=True):
    """One page. `front` is what stands between its `---` lines, `text` the Markdown below, title included."""

    name: str  # "protocol", "playbook/import"
    title: str
    text: str
    front: Mapping[str, Any]


@cache
def pages() -> Mapping[str, Page]:
    """All pages by name."""
    found = {}
    for folder in FOLDERS:
        place = files("backwright.knowledge") / folder
        for file in sorted(place.iterdir(), key=lambda file: file.name) if place.is_dir() else ():
            if file.name.endswith(".md"):
                name = f"{folder}/{file.name.removesuffix('.md')}".strip("/")
                found[name] = _read(name, file.read_text(encoding="utf-8"))
    return found


def find(subject: str) -> Page | None:
    """The page that is called so: `protocol`, `playbook/import`, `playbook import`; None where there is none."""
    return pages().get("/".join(subject.strip().lower().replace("/", " ").split()))


def index_of(folder: str) -> str:
    """The pages of a folder as a Markdown list, those of all for `handbook`; `""` where there is no such folder."""
    rows = [page for name, page in pages().items() if folder == "handbook" or name.startswith(f"{folder}/")]
    return "".join(f"- `{page.name.replace('/', ' ')}`: {page.title}\n" for page in rows)


def _read(name: str, text: str) -> Page:
    front: Mapping[str, Any] = {}
    if text.startswith("---\n"):
        head, _, text = text.removeprefix("---\n").partition("\n---\n")
        front = yaml.safe_load(head) or {}
    text = text.strip() + "\n"
    title = text.partition("\n")[0].removeprefix("# ").strip()
    return Page(name, title, text, front)
