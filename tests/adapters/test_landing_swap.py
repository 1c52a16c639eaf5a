"""What recovery reads off the two names, state by state: also those that only an unlucky moment brings about."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwright.adapters import landing_rename, landing_swap
from backwright.adapters.landing_swap import Swap, clear, put, stage, take_back
from backwright.adapters.landing_tree import Odd, Root

OLD, NEW, MINE, MINE_TOO = b"old", b"new", b"mine", b"mine too"
NAME, TEMP = "app/file.py", ".bw-1-0"
MODIFY, CREATE, DELETE = (OLD, NEW), (None, NEW), (OLD, None)


class Place:
    """A file, our second name beside it, and what was set aside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept: list[tuple[str, bytes | Odd]] = []
        (root / "app").mkdir()

    def put(self, now: bytes | None, beside: bytes | None) -> None:
        for name, content in ((NAME, now), (f"app/{TEMP}", beside)):
            (self.root / name).unlink(missing_ok=True)
            if content is not None:
                (self.root / name).write_bytes(content)

    def keep(self, path: str, content: bytes | Odd) -> None:
        self.kept.append((path, content))

    @property
    def now(self) -> bytes | None:
        return (self.root / NAME).read_bytes() if (self.root / NAME).exists() else None

    @property
    def others(self) -> list[str]:
        return [path.name for path in (self.root / "app").iterdir() if path.name != "file.py"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(
    ("kind", "now", "beside", "result", "aside"),
    [
        # not swapped yet
        (MODIFY, OLD, NEW, OLD, None),
        (CREATE, None, NEW, None, None),
        (DELETE, OLD, None, OLD, None),
        # swapped
        (MODIFY, NEW, OLD, OLD, None),
        (CREATE, NEW, None, None, None),
        (DELETE, None, OLD, OLD, None),
        # the user saved before the swap, so theirs came out
        (MODIFY, NEW, MINE, MINE, None),
        (DELETE, None, MINE, MINE, None),
        # the user saved before the swap, which was then never made
        (MODIFY, MINE, NEW, MINE, None),
        (CREATE, MINE, NEW, MINE, None),
        # the user saved or removed after the swap
        (MODIFY, MINE, OLD, MINE, None),
        (CREATE, MINE, None, MINE, None),
        (DELETE, MINE, OLD, MINE, None),
        (MODIFY, None, OLD, None, None),
        (MODIFY, None, NEW, None, None),
        # killed while giving back, when the user's text had just come out
        (MODIFY, OLD, MINE, MINE, None),
        (CREATE, None, MINE, MINE, None),
        # the user saved twice, or where we cannot tell: the name has one text, the other is set aside
        (MODIFY, MINE, MINE_TOO, MINE, MINE_TOO),
        (CREATE, MINE, MINE_TOO, MINE, MINE_TOO),
        (DELETE, MINE, MINE_TOO, MINE, MINE_TOO),
        (DELETE, OLD, MINE, OLD, MINE),
        # our second name was cleaned away
        (MODIFY, NEW, None, OLD, None),
        (DELETE, None, None, OLD, None),
        (MODIFY, OLD, None, OLD, None),
        (CREATE, None, None, None, None),
    ],
)
def test_take_back(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    kind: tuple[bytes | None, bytes | None],
    now: bytes | None,
    beside: bytes | None,
    result: bytes | None,
    aside: bytes | None,
    native: bool,
) -> None:
    if not native:
        monkeypatch.setattr(landing_rename, "_native", lambda *_: False)
    place.put(now, beside)
    swap = Swap(NAME, *kind, 0o644, TEMP)
    with Root(place.root) as root:
        take_back(root, swap, place.keep)
        take_back(root, swap, place.keep)
    assert place.now == result
    assert place.others == []
    assert place.kept == ([(NAME, aside)] if aside is not None else [])


def test_hard_links_keep_what_was_saved_in_place_when_a_kill_comes_between(place: Place) -> None:
    """The old file is only known by the spare name then, and holds more than the journal."""
    swap = Swap(NAME, *MODIFY, 0o644, TEMP)
    place.put(NEW, None)
    (place.root / "app" / swap.spare).write_bytes(MINE)
    with Root(place.root) as root:
        take_back(root, swap, place.keep)
    assert place.now == MINE
    assert place.others == []


def test_a_draft_that_a_kill_cut_short_is_written_again(place: Place) -> None:
    place.put(NEW, None)
    swap = Swap(NAME, OLD, NEW, 0o644, TEMP)
    (place.root / "app" / swap.draft).write_bytes(OLD[:1])
    with Root(place.root) as root:
        take_back(root, swap, place.keep)
    assert place.now == OLD
    assert place.others == []


@pytest.mark.parametrize("kind", [MODIFY, CREATE, DELETE])
def test_a_save_in_the_moment_of_giving_back_stays(
    place: Place, monkeypatch: pytest.MonkeyPatch, kind: tuple[bytes | None, bytes | None]
) -> None:
    swap = Swap(NAME, *kind, 0o644, TEMP)
    place.put(kind[0], None)
    real = landing_swap._backwards

    def save_first(directory: int, name: str, swap: Swap) -> None:
        (place.root / NAME).write_bytes(MINE)
        real(directory, name, swap)

    monkeypatch.setattr(landing_swap, "_backwards", save_first)
    with Root(place.root) as root:
        stage(root, swap)
        put(root, swap)
        take_back(root, swap, place.keep)
    assert place.now == MINE
    assert place.others == []
    assert place.kept == []


def test_what_is_no_file_is_left_beside(place: Place) -> None:
    place.put(NEW, None)
    (place.root / "app" / TEMP).symlink_to("elsewhere")
    with Root(place.root) as root:
        clear(root, Swap(NAME, OLD, NEW, 0o644, TEMP), place.keep)
    assert place.others == [TEMP]
    assert place.kept == [(NAME, Odd("a symbolic link"))]


def test_a_directory_that_is_gone_or_a_link_is_left_alone(place: Place, tmp_path: Path) -> None:
    swap = Swap(NAME, OLD, NEW, 0o644, TEMP)
    (place.root / "app").rmdir()
    with Root(place.root) as root:
        take_back(root, swap, place.keep)
        (place.root / "app").symlink_to(tmp_path)
        (tmp_path / "file.py").write_bytes(NEW)
        (tmp_path / TEMP).write_bytes(OLD)
        take_back(root, swap, place.keep)
    assert (tmp_path / "file.py").read_bytes() == NEW
