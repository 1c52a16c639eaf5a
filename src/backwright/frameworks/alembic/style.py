"""Alembic: where the versions live, what the head is, how the files are named."""

from __future__ import annotations

import configparser
import re
from posixpath import basename, dirname, join, normpath

from backwright.kit.house import MigrationStyle
from backwright.kit.index import FactIndex


def migration_style(index: FactIndex) -> MigrationStyle | None:
    """None when the project does not use Alembic."""
    directory, template = _configured(index)
    revisions = _revisions(index)
    if revisions:
        folders = [dirname(path) for path, _, _ in revisions]
        directory = max(set(folders), key=folders.count)
    if not directory:
        return None
    own = [(p, r, d) for p, r, d in revisions if dirname(p) == directory]
    downs = {d for _, _, down in own for d in down}
    heads = tuple(sorted(r for _, r, _ in own if r not in downs))
    exemplar = next((p for p, r, _ in own if r in heads), "")
    symbols = index.symbols(exemplar)
    return MigrationStyle(
        directory=directory,
        head=heads[0] if len(heads) == 1 else None,
        heads=heads,
        file_template=template,
        numbered=bool(own) and all(re.fullmatch(r"\d{1,6}", r) for _, r, _ in own),
        typed=bool(symbols.get("upgrade") and symbols["upgrade"].returns) if exemplar else True,
        exists=bool(own),
    )


def _configured(index: FactIndex) -> tuple[str, str]:
    """(versions directory, file template) from alembic.ini or pyproject.toml."""
    for path, text in index.texts.items():
        if basename(path) != "alembic.ini":
            continue
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        section = parser["alembic"] if parser.has_section("alembic") else {}
        location = str(section.get("script_location", "alembic")).replace("%(here)s", ".").split(":")[-1]
        versions = str(section.get("version_locations", "")).split()
        template = str(section.get("file_template", "%%(rev)s_%%(slug)s"))
        base = dirname(path)
        if versions:
            return normpath(join(base, versions[0].replace("%(here)s", "."))), template
        folder = normpath(join(base, location, "versions"))
        if any(p.startswith(normpath(join(base, location))) for p in index.paths):
            return folder, template
    env = next(
        (p for p in index.files if basename(p) == "env.py" and any(i.module == "alembic" for i in index.imports(p))), ""
    )
    return (join(dirname(env), "versions"), "%%(rev)s_%%(slug)s") if env else ("", "")


def _revisions(index: FactIndex) -> list[tuple[str, str, tuple[str, ...]]]:
    """(path, revision, down revisions) of every migration."""
    out = []
    for path in index.files:
        symbols = index.symbols(path)
        revision, down = symbols.get("revision"), symbols.get("down_revision")
        if revision is None or down is None or revision.value is None or revision.value.kind != "string":
            continue
        if "upgrade" not in symbols:
            continue
        value = down.value
        downs: tuple[str, ...] = ()
        if value is not None and value.kind == "string":
            downs = (value.text,)
        elif value is not None and value.kind == "sequence":
            downs = tuple(p.text for p in value.parts if p.kind == "string")
        out.append((path, revision.value.text, downs))
    return out
