"""Which files of a repository a pattern finds, below a project that has siblings of nearly the same name."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from backwright.engine.stack_paths import Paths

_FOLDERS = st.lists(st.sampled_from(["api", "api-docs", "api0", "a", "web", "db"]), max_size=4).map("/".join)
_FILES = st.lists(
    st.tuples(_FOLDERS, st.sampled_from(["app.yml", "app.toml", "x.py"])), min_size=1, max_size=30, unique=True
)


@given(_FILES, _FOLDERS)
def test_finds_what_lies_below_a_project(files: list[tuple[str, str]], root: str) -> None:
    paths = Paths(sorted(f"{folder}/{name}" if folder else name for folder, name in files))
    for name in ("app.yml", "*.toml"):
        expected = {
            f"{folder}/{file}" if folder else file
            for folder, file in files
            if fnmatchcase(file, name) and (not root or folder == root or folder.startswith(f"{root}/"))
        }
        assert set(paths.find(root, f"**/{name}")) == expected
        assert set(paths.find(root, f"**/{name}")) == expected  # the second time from what is kept
