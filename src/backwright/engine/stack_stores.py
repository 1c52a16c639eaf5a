"""Which databases, brokers and caches a project has: by driver, by address, by the images that it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename

from backwright.core.facts import Span
from backwright.core.stack import Detected
from backwright.engine.stack_claims import SURE, Claim, Subject
from backwright.engine.stack_knowledge import places
from backwright.engine.stack_services import services
from backwright.engine.stack_used import Key, note_services

_SAID = 0.6  # an address alone may be an example


def stores(subject: Subject, found: Mapping[Key, Claim]) -> Iterator[Detected]:
    """Each once, with what shows it. What only an address names counts where nothing surer does."""
    spans: dict[str, list[Span]] = {}
    weight: dict[str, float] = {}
    for claim in found.values():
        database = claim.tool.database
        if database and claim.score >= SURE:
            spans.setdefault(database, []).extend(claim.evidence[:2])
            weight[database] = max(weight.get(database, 0), 0.6 if claim.tool.weak else 0.9)
    said: dict[str, list[Span]] = {}
    for unit in (*subject.own, *subject.used):
        for service, where in unit.usage.services.items():
            said.setdefault(service, []).extend(where)
    started: dict[str, list[Span]] = {}
    for path in _settings_files(subject):
        note_services(started if "compose" in basename(path) else said, path, (subject.read(path) or "")[:100_000])
    for named, sure in ((started, 0.9), (said, _SAID)):
        for service, where in named.items():
            spans.setdefault(service, []).extend(where)
            weight[service] = max(weight.get(service, 0), sure)
    if "mariadb" in started and "mysql" not in started and weight.get("mysql", 0) <= _SAID:
        weight.pop("mysql", None)
    queued = any(c.tool.kind == "queue" and c.score >= SURE for c in found.values())
    driven = any(weight.get(s.id, 0) > _SAID for s in services().all if s.kind == "database")
    for item in services().all:
        doubtful_word = weight.get(item.id, 0) <= _SAID and (
            driven if item.kind == "database" else item.kind == "cache" or not queued
        )
        if item.id in weight and not doubtful_word and (item.kind == "database" or (item.kind, item.id) not in found):
            yield Detected(item.kind, item.name, "", weight[item.id], tuple(spans[item.id][:3]), item.id)


def _settings_files(subject: Subject) -> Iterator[str]:
    seen = set()
    for root in dict.fromkeys((subject.root, *(u.root for u in subject.own), *(u.root for u in subject.used))):
        for glob in places("settings"):
            for path in subject.paths.find(root, glob):
                if path not in seen and not path.endswith((".md", ".lock")):
                    seen.add(path)
                    yield path
    if subject.root:
        for path in subject.paths.find("", "*compose*.y*ml"):
            if path not in seen and _mentions(subject.read(path) or "", subject.root):
                yield path


def _mentions(text: str, root: str) -> bool:
    return (
        re.search(
            rf"(?:context|build|dockerfile|env_file)\S*\s*(?:context:\s*)?\S*{re.escape(root.split('/')[0])}", text
        )
        is not None
    )
