"""What would have to change before a tree is listed, or reads, in another way: its files, its folders, what git goes by."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from backwright.adapters.files import RepositoryTree, has_settled
from backwright.adapters.printed import Links, Stamp, stamp, stamp_of
from backwright.adapters.state import JOURNAL_NAME, STATE_NAME

Watched = dict[str, Stamp | None]


def watch(tree: RepositoryTree) -> tuple[Watched, Links] | None:
    """The stamps of all that decides about a tree; None where a change could go unseen.

    These are: each listed file; each folder that git looks into, for what comes and goes; each file with ignore rules, also
    one that is ignored itself; git's index and where its HEAD is; a landing that was left half way. Paths are relative to
    the root, those of git absolute.
    """
    deciding = tree.git.deciding_files() if tree.git else ()
    if not deciding:
        return None
    watched: Watched = {path: stamp_of(status) for path, status in tree.stats().items()}
    top = str(tree.root)
    for folder in _folders(tree):
        watched[folder or "."] = stamp(f"{top}/{folder}" if folder else top)
        rules = f"{folder}/.gitignore" if folder else ".gitignore"
        if rules not in watched and (
            own := stamp(f"{top}/{rules}")
        ):  # where there is none, the folder tells of a new one
            watched[rules] = own
    watched.update((str(path), stamp(str(path))) for path in deciding)
    if not all(s is None or has_settled(max(s[2], s[3]), tree.listed_at) for s in watched.values()):
        return None
    for folder in _upwards(tree.project):  # recovering comes first, and is no part of the listing
        for name in (JOURNAL_NAME, f"{JOURNAL_NAME}-wal"):
            path = f"{folder}{STATE_NAME}/{name}"
            watched[path] = stamp(f"{top}/{path}")
    return watched, tuple(_links(tree))


def _folders(tree: RepositoryTree) -> Iterator[str]:
    """Each folder that git looks into, be there a file in it or not."""
    known = {""}
    for path in tree.files():
        folder = path.rpartition("/")[0]
        while folder not in known:
            known.add(folder)
            folder = folder.rpartition("/")[0]
    pending = sorted(known)
    while pending:
        yield from pending
        inner = [path for folder in pending for path in _inner(str(tree.root), folder) if path not in known]
        ignored = tree.git.ignored(inner) if tree.git else set()
        pending = [path for path in inner if path not in ignored]
        known.update(pending)


def _inner(top: str, folder: str) -> Iterator[str]:
    prefix = f"{folder}/" if folder else ""
    try:
        with os.scandir(f"{top}/{folder}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and entry.name not in (".git", STATE_NAME):
                    yield prefix + entry.name
    except OSError:
        return


def _upwards(folder: str) -> Iterator[str]:
    """This folder and those it is in, each with a slash at its end, the root as `""`."""
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]
    yield ""


def _links(tree: RepositoryTree) -> Iterator[tuple[str, str, Stamp | None]]:
    for path, status in tree.stats().items():
        if stat.S_ISLNK(status.st_mode):
            place = f"{tree.root}/{path}"
            target = os.path.realpath(place)
            yield place, target, stamp(target)
