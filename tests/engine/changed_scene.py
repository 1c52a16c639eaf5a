"""Changes of what exists, planned in the sample services as the command line plans them."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Mapping
from pathlib import Path

from sample_scene import REPOS, Samples

from backwright.app.config import Config
from backwright.app.plan import decide
from backwright.app.project import open_project
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


def flat(folder: Path, texts: Mapping[str, str]) -> Samples:
    """The flat sample with further files, or others in place of its own."""
    samples = Samples(folder)
    root = folder / "tracker_flat"
    shutil.copytree(REPOS / "tracker_flat", root, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    for path, text in texts.items():
        (root / path).write_text(text)
    samples.known["tracker_flat"] = samples.open_ones.enter_context(open_project(root, Config()))
    return samples
