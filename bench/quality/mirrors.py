"""Files of single commits of bare repositories, which benches read without a checkout."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

LARGEST = 1024 * 1024  # bytes of a file; copies of repositories may be without larger ones


def read_commit(repository: Path, commit: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The content of the wanted files of a commit by path. Links, submodules and files above `LARGEST` are left out."""
    git = ["git", "--git-dir", str(repository)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-l", "-z", commit], capture_output=True, check=True).stdout
    names: dict[str, str] = {}
    for row in listed.decode("utf-8", "replace").split("\0"):
        about, _, path = row.partition("\t")
        mode, _, name, size = (about.split() + [""] * 4)[:4]
        if mode.startswith("100") and size.isdigit() and int(size) <= LARGEST and wanted(path):
            names[path] = name
    asked = "".join(f"{name}\n" for name in names.values()).encode()
    answer = subprocess.run([*git, "cat-file", "--batch"], input=asked, capture_output=True, check=True).stdout
    files: dict[str, bytes] = {}
    at = 0
    for path in names:
        end = answer.index(b"\n", at)
        size_there = int(answer[at:end].split()[2])
        files[path] = answer[end + 1 : end + 1 + size_there]
        at = end + size_there + 2
    return files
