from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_scene import after_picture, change_of, make_tree, memory_directory, picture

from backwright.adapters.landing import land, landed, recover, undo
from backwright.adapters.state import open_state
from backwright.core.errors import StalePlan

NAMES = st.sampled_from(["a.py", "b.py", "ünï.py", "日本.py", "with space", "-dash", "'q\"", "new\nline", "x" * 255])
FOLDERS = st.lists(st.sampled_from(["app", "tests", "d ü", "v1"]), max_size=3).map("/".join)
PATHS = st.tuples(FOLDERS, NAMES).map(lambda pair: f"{pair[0]}/{pair[1]}" if pair[0] else pair[1])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(["a\r\nb\r\n", "x" * 5000])
MODES = st.sampled_from([0o644, 0o755, 0o600, 0o400])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, int], dict[str, str | None]]:
    """A tree, the modes in it, and what is wanted of some of its files and of new ones."""
    files = draw(st.dictionaries(PATHS, TEXTS, max_size=6))
    modes = {path: draw(MODES) for path in files}
    wanted: dict[str, str | None] = dict(draw(st.dictionaries(PATHS, TEXTS, max_size=4)))
    for path in files:
        what = draw(st.sampled_from(["leave", "modify", "delete"]))
        if what != "leave":
            wanted[path] = None if what == "delete" else draw(TEXTS)
    wanted = {path: text for path, text in wanted.items() if text != files.get(path)}
    if not wanted:
        wanted = {"some/where/else.py": "x"}
    return files, modes, wanted


@settings(max_examples=60, deadline=None)
@given(scenes(), st.data())
def test_lands_exactly_undoes_exactly_and_never_over_other_work(
    scene: tuple[dict[str, str], dict[str, int], dict[str, str | None]], data: st.DataObject
) -> None:
    files, modes, wanted = scene
    with memory_directory() as root:
        state = open_state(root)
        make_tree(root, files)
        for path, mode in modes.items():
            (root / path).chmod(mode)
        before = picture(root)
        change = change_of(root, wanted)

        spoilt_path = data.draw(st.sampled_from(sorted(wanted)), "edited meanwhile")
        if (root / spoilt_path).exists():
            (root / spoilt_path).chmod(0o644)
            (root / spoilt_path).write_bytes(b"edited meanwhile")
            with pytest.raises(StalePlan):
                land(root, state, change)
            assert (root / spoilt_path).read_bytes() == b"edited meanwhile"
            (root / spoilt_path).write_bytes(files[spoilt_path].encode())
            (root / spoilt_path).chmod(modes[spoilt_path])
        assert picture(root) == before

        assert land(root, state, change).paths == tuple(sorted(wanted))
        assert picture(root) == after_picture(root, before, wanted)
        assert recover(root, state) == ()
        undo(root, state, change.id)
        assert picture(root) == before
        assert [record.undone for record in landed(state)] == [True]
