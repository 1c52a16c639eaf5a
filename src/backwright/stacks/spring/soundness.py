"""Whether new Java can be read: refused by place where it cannot, never handed over broken."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.languages.java.extract import extract

_REPORT = "the plan is not handed over, since it would not run; please report it with these lines"


def refuse_unsound(edits: Sequence[Edit]) -> None:
    """Raises Unsupported naming the first file that does not parse though it did before."""
    for edit in edits:
        if not edit.path.endswith(".java"):
            continue
        facts = extract(edit.path, (edit.after or "").encode(), "")
        before = extract(edit.path, edit.before.encode(), "").errors if edit.before is not None else 0
        if facts.errors > before:
            hints = (f"it was to be written like {edit.like}",) if edit.like else ()
            raise Unsupported(
                "this project's way of writing cannot be imitated: the new text cannot be read",
                where=edit.path,
                hints=(*hints, _REPORT),
            )
