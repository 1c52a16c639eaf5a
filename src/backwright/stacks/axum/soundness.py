"""Whether new Rust can be read and is declared: refused by place where it is not, never handed over broken."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.languages.rust.extract import extract
from backwright.stacks.axum.decide import AxumPlan

_REPORT = "the plan is not handed over, since it would not compile; please report it with these lines"


def refuse_unsound(edits: Sequence[Edit], plan: AxumPlan) -> None:
    """Raises Unsupported naming the first file that does not parse, or that no other file declares or mounts."""
    for edit in edits:
        if edit.path.endswith(".rs") and extract(edit.path, (edit.after or "").encode(), "").errors:
            raise _unspelled(edit, "the new text cannot be read")
    texts = {e.path: e.after or "" for e in edits}
    for role in ("handlers", "service", "data", "model", "requests"):
        path = plan.paths[role]
        if path and not _declared(path, texts, plan):
            raise _unspelled(
                next(e for e in edits if e.path == path),
                "it was not found where the module of its neighbour is declared",
            )
    if not any(_mounts(edit, plan) for edit in edits):
        raise Unsupported("it was not found where the routes of the exemplar are mounted", where=plan.sibling.handlers)


def _declared(path: str, texts: dict[str, str], plan: AxumPlan) -> bool:
    folder, _, name = path.rpartition("/")
    if name == "mod.rs":
        folder, _, name = folder.rpartition("/")
    stem = name.removesuffix(".rs")
    declared = re.compile(rf"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+{re.escape(stem)}\s*[;{{]", re.MULTILINE)
    homes = [f"{folder}/mod.rs", f"{folder}.rs", f"{folder}/lib.rs", f"{folder}/main.rs"]
    return any(declared.search(texts.get(p) or plan.sources.read(p)) for p in homes)


def _mounts(edit: Edit, plan: AxumPlan) -> bool:
    """Whether an edit adds routes to a file that had others, or nests the new router."""
    if edit.before is None or edit.after is None:
        return False
    added = set(edit.after.splitlines()) - set(edit.before.splitlines())
    return any(re.search(r"\.(?:route|nest|merge)\(", line) for line in added) or any(
        re.search(rf"\b{plan.name.snake}\w*::\w*rout", line) for line in added
    )


def _unspelled(edit: Edit, why: str) -> Unsupported:
    hints = (f"it was to be written like {edit.like}",) if edit.like else ()
    return Unsupported(
        f"this project's way of writing cannot be imitated: {why}", where=edit.path, hints=(*hints, _REPORT)
    )
