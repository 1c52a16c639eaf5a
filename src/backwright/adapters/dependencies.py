"""What a package manager has installed beside a project, brought into a private copy of it.

Such folders (`node_modules`, `vendor`, `deps`) are ignored by git and so no part of the copy. They hold tens of thousands
of files that nobody means to change, so the copy gets hard links to them where the file system allows, and copies where it
does not. Hidden folders at their top, where tools keep what they generate and cache, are always copied.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from backwright.adapters.state import machine_error

_LINKED_THOUGH_HIDDEN = frozenset({".bin", ".pnpm"})


def lend_dependencies(
    original: Path,
    copy: Path,
    places: Iterable[str],
    folders: Sequence[str],
    *,
    link: bool = True,
    caches: Sequence[str] = (),
) -> tuple[str, ...]:
    """Bring `folders` of each of these places (relative to the tree) from `original` into `copy`; those that it found.

    Where nobody keeps commands from writing what is lent, it must not be a `link`. `caches` are folders at the top of each
    that are made where they are missing, since tools write there. What the copy has already is left as it is. Raises
    `MachineError` where the copy cannot be written.
    """
    lent = []
    for place in sorted(set(places)):
        for name in folders:
            source, target = original / place / name, copy / place / name
            if source.is_symlink() or not source.is_dir() or target.exists() or not (copy / place).is_dir():
                continue
            try:
                _lend(source, target, original, copy, link=link)
                for cache in caches:
                    (target / cache).mkdir(exist_ok=True)
            except OSError as refused:
                where = refused.filename if isinstance(refused.filename, str) else ""
                raise machine_error("bring the dependencies into the private copy", refused, where=where) from refused
            lent.append((Path(place) / name).as_posix())
    return tuple(lent)


def _lend(source: Path, target: Path, original: Path, copy: Path, *, link: bool) -> None:
    device = copy.stat().st_dev if link else -1
    for folder, names, files in os.walk(source):
        inside = Path(folder).relative_to(source)
        place = target / inside
        place.mkdir(parents=True, exist_ok=True)
        own = _is_generated(inside)
        for name in list(names):
            if os.path.islink(f"{folder}/{name}"):  # noqa: PTH114 - tens of thousands of them
                names.remove(name)
                files.append(name)
        for name in files:
            _bring(f"{folder}/{name}", f"{place}/{name}", original, copy, device=-1 if own else device)


def generated(lent: Path) -> tuple[Path, ...]:
    """The folders of a lent one that are copies, where tools write."""
    return tuple(sorted(place for place in lent.iterdir() if place.is_dir() and _is_generated(Path(place.name))))


def _is_generated(inside: Path) -> bool:
    top = inside.parts[:1]
    return bool(top) and top[0].startswith(".") and top[0] not in _LINKED_THOUGH_HIDDEN


def _bring(source: str, target: str, original: Path, copy: Path, *, device: int) -> None:
    """One file: a link where it is on this device, else a copy. Links stay links, those into the tree lead into the copy."""
    found = os.lstat(source)
    if stat.S_ISLNK(found.st_mode):
        end = os.readlink(source)  # noqa: PTH115 - tens of thousands of them, as above
        if end.startswith(f"{original}/"):
            end = f"{copy}/{end[len(str(original)) + 1 :]}"
        os.symlink(end, target)  # noqa: PTH211 - as above
    elif stat.S_ISREG(found.st_mode) and (found.st_dev != device or not _linked(source, target)):
        shutil.copy2(source, target, follow_symlinks=False)


def _linked(source: str, target: str) -> bool:
    """Whether a hard link could be made: a file of somebody else, or one with too many, has to be copied."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True
