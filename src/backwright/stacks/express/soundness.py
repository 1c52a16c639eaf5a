"""Whether new TypeScript can be read and finds what it imports: refused by place where it does not, never handed over broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from posixpath import dirname, normpath

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.core.facts import FileFacts, Import, Symbol
from backwright.kit.index import FactIndex
from backwright.languages.typescript.extract import extract

_REPORT = "the plan is not handed over, since it would not run; please report it with these lines"
_SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs")


def refuse_unsound(edits: Sequence[Edit], index: FactIndex, read: Callable[[str], str]) -> None:
    """Raises Unsupported naming the first file that does not parse, or an import that finds nothing."""
    texts = {e.path: e.after or "" for e in edits}
    made = {e.path: extract(e.path, (e.after or "").encode(), "") for e in edits if e.path.endswith(_SUFFIXES)}
    for edit in edits:
        facts = made.get(edit.path)
        if facts is None:
            continue
        if facts.errors:
            raise _unspelled(edit, "the new text cannot be read")
        known = {(i.module, i.name) for i in index.imports(edit.path)} if edit.before is not None else set()
        for item in (f for f in facts.facts if isinstance(f, Import)):
            if item.module.startswith(".") and (item.module, item.name) not in known:
                problem = _missing(edit.path, item, made, index, lambda path: texts.get(path) or read(path))
                if problem:
                    raise _unspelled(edit, problem)


def _missing(
    path: str, item: Import, made: Mapping[str, FileFacts], index: FactIndex, text: Callable[[str], str]
) -> str:
    base = normpath(f"{dirname(path)}/{item.module}")
    stems = [base, base.rpartition(".")[0]] if base.endswith(_SUFFIXES) else [base]
    candidates = [c for stem in stems for s in ("", *_SUFFIXES, "/index.ts", "/index.js") for c in (f"{stem}{s}",)]
    target = next((c for c in candidates if c in made or c in index.files), "")
    if not target:
        known = {
            normpath(f"{dirname(p)}/{i.module}")
            for p in index.files
            for i in index.imports(p)
            if i.module.startswith(".")
        }
        return "" if base in known else f"nothing is at {item.module}"
    if item.name in {"", "*", "default"}:
        return ""
    facts = made[target].facts if target in made else index.facts(target)
    bound = {f.name for f in facts if isinstance(f, Symbol)} | {f.alias for f in facts if isinstance(f, Import)}
    star = any(isinstance(f, Import) and f.name in {"*", ""} for f in facts)
    typed = re.search(rf"\b(?:type|interface|enum)\s+{re.escape(item.name)}\b", text(target))
    return "" if item.name in bound or star or typed else f"{target} has no {item.name}"


def _unspelled(edit: Edit, why: str) -> Unsupported:
    hints = (f"it was to be written like {edit.like}",) if edit.like else ()
    return Unsupported(
        f"this project's way of writing cannot be imitated: {why}", where=edit.path, hints=(*hints, _REPORT)
    )
