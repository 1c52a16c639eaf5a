"""BW901: what the models declare, the migrations make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.django.migrations import migrations_of_django
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.operations import migrations
from backwright.kit.shapes import Rule
from backwright.rules.schema import _declared_in_typescript, _declared_models, _declared_tables

_VOICE = Voice("BW901", "model-without-migration", "error")


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Columns and tables of the models that the migrated schema has not, where both can be told for sure."""
    yield from _declared_tables.compared(index, archmap, _VOICE)
    yield from _declared_models.compared(index, archmap, _VOICE)
    yield from _declared_in_typescript.compared(index, archmap, _VOICE)


def step(before: FactIndex, now: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Columns that a change adds to models without any migration, where what the migrations make cannot be told."""
    if not _migrations(now) or _migrations(before) != _migrations(now):
        return
    for read in (_declared_tables.declared, _declared_models.declared):
        had: dict[str, set[str]] = defaultdict(set)
        for one in read(before, archmap):
            had[one.entity].add(one.column)
        said: set[str] = set()
        for new in read(now, archmap):
            what = f"{new.entity}.{new.column}" if new.entity in had else new.entity
            if new.column not in had.get(new.entity, ()) and what not in said:
                said.add(what)
                yield _VOICE.finding(
                    new.path,
                    new.loc,
                    f"`{what}` comes with this change, and no migration does",
                    scope=new.entity,
                    text=what,
                    help="let the migration tool write one, and commit it with the model",
                )


def _migrations(index: FactIndex) -> dict[str, str]:
    """Every migration, with the digest of its text."""
    paths = [m.path for m in migrations(index).all] + [m.path for m in migrations_of_django(index).all()]
    return {path: index.files[path].sha256 for path in paths}


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check, step)
