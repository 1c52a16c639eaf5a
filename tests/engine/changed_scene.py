"""Changes of what exists, planned in the sample services as the command line plans them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from sample_scene import Samples

from backwright.app.plan import decide
from backwright.app.request import understand
from backwright.core.change import ChangeSet


def planned(samples: Samples, name: str, *tokens: str, settings: Mapping[str, str] | None = None) -> ChangeSet:
    """The change for the words of a grammar."""
    project = samples.project(name)
    understood, rest = understand(
        project.index, tokens=tokens, file="", words="", options={}, settings=dict(settings or {})
    )
    return decide(project, understood, rest)


def lines(change: ChangeSet) -> dict[str, list[str]]:
    """The lines that go and come, by file; of new files all."""
    out = {}
    for edit in change.edits:
        before, after = (edit.before or "").splitlines(), (edit.after or "").splitlines()
        unified = difflib.unified_diff(before, after, lineterm="", n=0)
        out[edit.path] = [line for line in unified if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return out


def migration(change: ChangeSet) -> str:
    return next(e.after or "" for e in change.edits if "revision" in (e.after or "") and e.before is None)
