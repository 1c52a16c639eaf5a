"""One revision on top of the present head: its name, its file, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from backwright.core.errors import Unsupported
from backwright.frameworks.alembic.migration import file_name
from backwright.kit.artifacts import Emission, Piece
from backwright.kit.house import MigrationStyle
from backwright.kit.templates import render


def revision_of(
    style: MigrationStyle | None,
    imports: set[str],
    up: Sequence[str],
    down: Sequence[str],
    words: tuple[str, str, str],
    seed: str,
) -> Iterator[Emission]:
    """`words` are its title, the slug of its file and its summary. Raises Unsupported without a single head to stand on."""
    if style is None:
        return
    if not style.exists:
        raise Unsupported("there is no migration yet that this one could follow", where=style.directory)
    if style.head is None:
        raise Unsupported(
            f"there are {len(style.heads)} migration heads ({', '.join(style.heads)}), so a new migration has no place to stand",
            where=style.directory,
            hints=("merge them first: alembic merge heads",),
        )
    imports |= {"from alembic import op", "import sqlalchemy as sa"}
    if style.typed:
        imports.add("from collections.abc import Sequence")
    if not any("sa." in line for line in (*up, *down)):
        imports.discard("import sqlalchemy as sa")
    title, slug, summary = words
    now = datetime.now(UTC)
    revision = _revision(style, seed)
    body = render(
        "alembic/steps.py.jinja",
        title=title,
        revision=revision,
        down=style.head,
        created=now.strftime("%Y-%m-%d %H:%M:%S.%f"),
        imports=sorted(imports, key=lambda line: (not line.startswith("from collections"), line)),
        typed=style.typed,
        up=up,
        back=down,
    )
    path = f"{style.directory}/{file_name(style, revision, slug, now)}.py"
    yield Piece("migration", path, (), body, "up and down", "", summary)


def _revision(style: MigrationStyle, seed: str) -> str:
    assert style.head is not None
    if style.numbered:
        return str(int(style.head) + 1).zfill(len(style.head))
    return sha256(seed.encode()).hexdigest()[:12]
