"""Telling one state of a project from another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from backwright.kit.index import FactIndex


def digest_with(index: FactIndex, texts: Mapping[str, str | None]) -> str:
    """Of all that can be found in the state that has these texts of some files, without reading it; None is an absent file.

    The same state has the same digest whichever of its files are given.
    """
    absent = {path for path, text in texts.items() if text is None}
    changed = {path: _of(text) for path, text in texts.items() if text is not None}
    files = {path: facts.sha256 for path, facts in index.files.items()} | changed
    known = {path: sha for path, sha in changed.items() if path in index.texts}
    others = {path: _of(text) for path, text in index.texts.items()} | known
    templates = {path: _of(text) for path, text in index.templates.items()}
    paths = sorted({*index.paths, *texts} - absent)
    state = [sorted((path, sha) for path, sha in one.items() if path not in absent) for one in (files, others)]
    whole = repr((state, sorted(templates.items()), paths))
    return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()


def _of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
