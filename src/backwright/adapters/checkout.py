"""A commit's files in a private folder, without git, its filters and its hooks having a say in it."""

from __future__ import annotations

from pathlib import Path

from backwright.adapters.git import ReadOnlyGit
from backwright.adapters.landing_paths import check_path
from backwright.adapters.state import machine_error
from backwright.core.errors import UsageError


def check_out(git: ReadOnlyGit, commit: str, folder: Path) -> tuple[str, ...]:
    """Write the files of a commit below `folder`, which must be new; returns those that were left out. Raises `MachineError`.

    Left out are paths that no change may name (a commit can be made by hand), and files larger than 1 MiB.
    """
    known = git.blobs(commit)
    contents = git.contents(object_id for _, object_id in known.values())
    left = []
    try:
        folder.mkdir(parents=True)
        for path, (mode, object_id) in known.items():
            if object_id not in contents or not _is_plain(path):
                left.append(path)
                continue
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(contents[object_id])
            if mode == "100755":
                place.chmod(0o755)
    except OSError as refused:
        raise machine_error("write out a commit", refused, where=str(folder)) from refused
    return tuple(left)


def _is_plain(path: str) -> bool:
    try:
        check_path(path, allow_protected=True)
    except UsageError:
        return False
    return True
