"""Files of ours that a person asked for by name, written in one step that can be undone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from backwright.adapters import landing
from backwright.adapters.files import RepositoryTree
from backwright.adapters.landing import Landed
from backwright.adapters.state import open_state
from backwright.core.change import ChangeSet, Edit


def settle(tree: RepositoryTree, edits: Sequence[Edit], *, prefix: str, title: str, author: str) -> Landed:
    """Land these edits, protected files too: who names them means them. The id begins with `prefix`. Raises as `landing.land`."""
    base = {e.path: hashlib.sha256(e.before.encode()).hexdigest() if e.before is not None else "" for e in edits}
    digest = hashlib.sha256(repr([(e.path, e.before, e.after) for e in edits]).encode()).hexdigest()
    change = ChangeSet(f"{prefix}{digest[:8]}", title, tuple(edits), author, base)
    return landing.land(tree.root, open_state(tree.root), change, allow_protected=True)
