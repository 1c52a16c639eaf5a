from __future__ import annotations

import os
import random
import signal
import sqlite3
from pathlib import Path

import pytest

from backwright.adapters.cache import Entry, FactCache, Status, Stored


def entry(path: str, sha256: str = "s", *, maker: str = "m", body: bytes = b"body", skipped: str = "") -> Entry:
    return Entry(path, Status(1, 2, 3, 4, 5), sha256, maker, Stored("a\nb", skipped, body))


def saved(root: Path, *entries: Entry, notes: dict[str, str] | None = None) -> None:
    with FactCache.open(root) as cache:
        assert cache.usable
        cache.save(entries, (), notes or {})


def test_what_is_saved_is_there_next_time(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py"), entry("ü\n.py", skipped="binary"), notes={"n": "v"})
    with FactCache.open(tmp_path) as cache:
        files = cache.files()
        assert set(files) == {"a.py", "ü\n.py"}
        assert files["a.py"] == (Status(1, 2, 3, 4, 5), "s", "m", Stored("a\nb", "", b"body"))
        assert cache.find("a.py", "s", "m") == Stored("a\nb", "", b"body")
        assert [cache.find("a.py", "s", "x"), cache.find("a.py", "x", "m"), cache.find("x", "s", "m")] == [None] * 3
        assert (cache.note("n"), cache.note("other")) == ("v", "")


def test_a_file_that_changed_keeps_its_earlier_facts_for_the_way_back(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py", "one", body=b"1"))
    saved(tmp_path, entry("a.py", "two", body=b"2"))
    with FactCache.open(tmp_path) as cache:
        assert cache.files()["a.py"].facts.body == b"2"
        assert cache.find("a.py", "one", "m") == Stored("a\nb", "", b"1")
        cache.save([Entry("a.py", Status(9, 9, 9, 9, 9), "one", "m", None)], (), {})
        assert (cache.files()["a.py"].sha256, cache.files()["a.py"].status.size) == ("one", 9)
        cache.save([], ["a.py"], {})
        assert cache.files() == {}


def test_two_processes_may_save_the_same(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py"))
    saved(tmp_path, entry("b.py"), entry("a.py"))
    with FactCache.open(tmp_path) as cache:
        assert set(cache.files()) == {"a.py", "b.py"}


def test_git_ignores_the_cache(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py"))
    assert (tmp_path / ".backwright/.gitignore").read_text() == "*\n"


def test_another_schema_is_replaced(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py"))
    database = sqlite3.connect(tmp_path / ".backwright/cache/facts.db")
    database.execute("ALTER TABLE files ADD COLUMN extra")
    database.execute('CREATE VIEW "odd "" name" AS SELECT 1')
    database.execute("CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END")
    database.close()
    with FactCache.open(tmp_path) as cache:
        assert cache.usable
        assert cache.files() == {}
        cache.save([entry("b.py")], (), {})
        assert set(cache.files()) == {"b.py"}


@pytest.mark.parametrize("damage", [b"not a database" * 100, b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database_is_replaced(tmp_path: Path, damage: bytes) -> None:
    saved(tmp_path, entry("a.py"))
    path = tmp_path / ".backwright/cache/facts.db"
    path.write_bytes(damage)
    with FactCache.open(tmp_path) as cache:
        assert cache.files() == {}
        cache.save([entry("b.py")], (), {})
    with FactCache.open(tmp_path) as cache:
        assert set(cache.files()) == {"b.py"}


def test_a_row_of_wrong_types_is_not_believed(tmp_path: Path) -> None:
    saved(tmp_path, entry("a.py"), entry("b.py"))
    database = sqlite3.connect(tmp_path / ".backwright/cache/facts.db", isolation_level=None)
    database.execute("UPDATE facts SET body = 'text' WHERE path = 'a.py'")
    database.close()
    with FactCache.open(tmp_path) as cache:
        assert set(cache.files()) == {"b.py"}
        assert cache.find("a.py", "s", "m") is None


def test_random_damage_never_raises_and_never_gives_a_wrong_type(tmp_path: Path) -> None:
    source = random.Random(7)
    saved(tmp_path, *(entry(f"{n}.py", body=source.randbytes(50)) for n in range(60)), notes={"n": "v"})
    path = tmp_path / ".backwright/cache/facts.db"
    sound = path.read_bytes()
    for _ in range(60):
        damaged = bytearray(sound)
        for _ in range(source.choice([1, 8, 100])):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        path.write_bytes(damaged)
        with FactCache.open(tmp_path) as cache:
            for name, known in cache.files().items():
                kinds = [type(value) for value in (name, *known.status, *known.facts)]
                assert kinds == [str, int, int, int, int, int, str, str, bytes]
            cache.find("1.py", "s", "m")
            cache.save([entry("b.py")], ["2.py"], {"n": "v"})


def test_without_a_place_to_write_nothing_is_remembered_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backwright.adapters.cache.open_state_if_possible", lambda root: None)
    cache = FactCache.open(tmp_path)
    cache.save([entry("a.py")], ["b.py"], {"n": "v"})
    assert (cache.usable, cache.files(), cache.find("a.py", "s", "m"), cache.note("n")) == (False, {}, None, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", [".backwright", ".backwright/cache", ".backwright/cache/facts.db", ".backwright/cache/facts.db-wal"]
)
def test_a_link_in_place_of_the_cache_is_not_followed(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "repo", tmp_path / "outside"
    outside.mkdir()
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(outside if "." not in Path(name).name[1:] else outside / "file")
    cache = FactCache.open(root)
    cache.save([entry("a.py")], (), {})
    assert not cache.usable
    assert list(outside.iterdir()) == []


def test_the_oldest_facts_go_when_it_grows_too_large_those_of_present_files_last(tmp_path: Path) -> None:
    limit = 400_000
    with FactCache.open(tmp_path, max_bytes=limit) as cache:
        cache.save([entry("kept.py", body=b"k" * 10_000)], (), {})
        for version in range(100):
            cache.save([entry("a.py", str(version), body=random.Random(version).randbytes(10_000))], (), {})
        assert cache.find("a.py", "0", "m") is None
        assert cache.find("a.py", "98", "m") is not None
        assert set(cache.files()) == {"kept.py", "a.py"}
        assert cache.files()["a.py"].sha256 == "99"
    assert (tmp_path / ".backwright/cache/facts.db").stat().st_size < limit * 1.5


def test_a_tree_larger_than_the_cache_loses_whole_files_never_their_truth(tmp_path: Path) -> None:
    with FactCache.open(tmp_path, max_bytes=100_000) as cache:
        cache.save([entry(f"{n}.py", str(n), body=str(n).encode() * 2000) for n in range(100)], (), {})
        left = cache.files()
        assert 0 < len(left) < 100
        assert all(known.facts.body == known.sha256.encode() * 2000 for known in left.values())


def test_a_process_that_cannot_write_gives_up_without_failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backwright.adapters.cache._BUSY", 0.05)
    saved(tmp_path, entry("a.py"))
    with FactCache.open(tmp_path) as cache:
        other = sqlite3.connect(tmp_path / ".backwright/cache/facts.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        cache.save([entry("b.py")], (), {})
        other.execute("ROLLBACK")
        other.close()
    with FactCache.open(tmp_path) as cache:
        assert set(cache.files()) == {"a.py"}


def test_processes_at_once_and_killed_ones_leave_a_sound_cache(tmp_path: Path) -> None:
    children = []
    for number in range(6):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for turn in range(1000 if number % 2 else 15):
                    with FactCache.open(tmp_path) as cache:
                        for path, known in cache.files().items():
                            assert known.facts.body == f"{path}{known.sha256}".encode() * 100
                        path = f"{(turn + number) % 7}.py"
                        sha = f"{number}-{turn}"
                        cache.save([entry(path, sha, body=f"{path}{sha}".encode() * 100)], (), {})
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    steady, killed = children[::2], children[1::2]
    assert [os.waitpid(child, 0)[1] for child in steady] == [0] * 3
    for child in killed:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with FactCache.open(tmp_path) as cache:
        assert len(cache.files()) == 7
        for path, known in cache.files().items():
            assert known.facts.body == f"{path}{known.sha256}".encode() * 100
