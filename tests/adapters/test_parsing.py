from __future__ import annotations

import ctypes
import os
import random
import signal
import time
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.adapters.parsing import MANY_FILES, Job, Parsed, decode_facts, encode_facts, extract_all, standing_by
from backwright.core.facts import FileFacts, Import, Loc
from backwright.kit.shapes import Language

_NOWHERE = Loc(1, 1, 1, 1, 0, 0)


def _extract(path: str, source: bytes, module: str) -> FileFacts:
    """Facts of a made-up language, in which a file can say how it wants to misbehave."""
    match source:
        case b"hang":
            while True:
                pass
        case b"hang in C":
            ctypes.CDLL(None).pause()
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"devour":
            bytearray(8 << 30)
        case b"raise":
            raise ValueError("odd \ud800 text")
        case b"recurse":
            return _extract(path, source, module)
        case b"shout":
            os.write(1, b"noise")
            os.write(2, b"noise")
        case b"leave":
            raise SystemExit(0)
        case b"interrupt":
            raise KeyboardInterrupt
    facts = tuple(Import(name, "", name, 0, "", _NOWHERE) for name in source.decode("utf-8", "replace").split())
    return FileFacts(path, "made-up", "wrong", module, facts)


MADE_UP = Language("made-up", (".mu",), 1, _extract)


def jobs_of(*sources: bytes) -> list[Job]:
    return [Job(MADE_UP, f"f{n}.mu", f"m{n}", f"sha{n}", source) for n, source in enumerate(sources)]


def test_facts_come_back_with_their_imports_and_the_hash_of_the_file() -> None:
    (number, parsed), *rest = extract_all(jobs_of(b"b a b"))
    assert (number, rest) == (0, [])
    assert (parsed.imports, parsed.skipped, parsed.settled) == (("a", "b"), "", True)
    facts = decode_facts(parsed.facts)
    assert (facts.path, facts.module, facts.sha256, len(facts.facts)) == ("f0.mu", "m0", "sha0", 3)


def test_no_jobs_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fork", lambda: pytest.fail("forked"))
    assert list(extract_all([])) == []


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"hang", "took too long"),
        (b"hang in C", "took too long"),
        (b"crash", "crashed (SIGSEGV)"),
        (b"devour", "MemoryError"),
        (b"raise", "ValueError odd"),
        (b"recurse", "RecursionError"),
        (b"leave", "SystemExit"),
        (b"interrupt", "KeyboardInterrupt"),
    ],
)
def test_a_file_that_ends_its_worker_is_skipped_and_the_others_are_not(source: bytes, why: str) -> None:
    results = dict(extract_all(jobs_of(b"a", source, b"b", source, b"c"), seconds=0.2))
    assert [bool(results[n].skipped) for n in range(5)] == [False, True, False, True, False]
    assert why in results[1].skipped
    assert not results[1].settled
    assert decode_facts(results[1].facts) == FileFacts("f1.mu", "made-up", "sha1", "m1", skipped=results[1].skipped)


def test_the_time_of_one_file_does_not_count_for_the_next() -> None:
    def slow(path: str, source: bytes, module: str) -> FileFacts:
        time.sleep(0.04)
        return FileFacts(path, "slow", "", module)

    language = Language("slow", (".s",), 1, slow)
    jobs = [Job(language, f"{n}", "", "", b"") for n in range(8)]
    assert not any(parsed.skipped for _, parsed in extract_all(jobs, seconds=0.2))


def test_many_files_are_shared_among_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(path: str, source: bytes, module: str) -> FileFacts:
        return FileFacts(path, str(os.getpid()), "", module)

    language = Language("tell", (".t",), 1, tell)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    jobs = [Job(language, f"{n}", "", "", b"") for n in range(MANY_FILES)]
    results = dict(extract_all(jobs))
    assert sorted(results) == list(range(MANY_FILES))
    assert len({decode_facts(parsed.facts).language for parsed in results.values()}) == 3
    assert [decode_facts(results[n].facts).path for n in (0, 1, 299)] == ["0", "1", "299"]
    few = extract_all(jobs[:50])
    assert len({decode_facts(parsed.facts).language for _, parsed in few}) == 1


def test_a_slow_reader_does_not_cost_a_worker_its_time() -> None:
    def large(path: str, source: bytes, module: str) -> FileFacts:
        return FileFacts(path, "large", "", module, skipped=random.Random(path).randbytes(1_500_000).hex())

    language = Language("large", (".l",), 1, large)
    results = extract_all([Job(language, f"{n}", "", "", b"") for n in range(2)], seconds=0.5)
    sizes = []
    for _, parsed in results:
        time.sleep(0.7)
        sizes.append(len(decode_facts(parsed.facts).skipped))
    assert sizes == [3_000_000] * 2


def test_leaving_early_ends_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    children = []
    fork = os.fork

    def remember() -> int:
        pid = fork()
        children.append(pid)
        return pid

    monkeypatch.setattr("os.fork", remember)
    begin = time.monotonic()
    results: Iterator[tuple[int, Parsed]] = extract_all(jobs_of(b"a", b"hang"), seconds=60)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begin < 30
    assert len(children) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(children[0], 0)


def test_nothing_of_a_worker_reaches_the_output(capfd: pytest.CaptureFixture[str]) -> None:
    print("before", end="")  # noqa: T201 - left in the buffer, for a worker to flush by mistake
    list(extract_all(jobs_of(b"raise", b"crash", b"shout", b"a")))
    assert capfd.readouterr() == ("before", "")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([b"a", b"b c", b"crash", b"raise"]), max_size=8))
def test_every_job_has_one_result(sources: list[bytes]) -> None:
    results = list(extract_all(jobs_of(*sources)))
    assert sorted(number for number, _ in results) == list(range(len(sources)))
    for number, parsed in results:
        assert bool(parsed.skipped) == (sources[number] in {b"crash", b"raise"})


def test_facts_survive_encoding() -> None:
    facts = _extract("ünï.mu", b"a b", "m")
    assert decode_facts(encode_facts(facts)) == facts
    assert msgspec.msgpack.encode(facts) != encode_facts(facts)


@pytest.mark.parametrize("bad", [b"crash", b"devour", b"raise", b"recurse", b"leave", b"interrupt"])
def test_a_worker_that_stays_is_followed_by_another_where_a_file_ends_it(bad: bytes) -> None:
    with standing_by([MADE_UP]):
        alone = dict(extract_all(jobs_of(b"a b")))
        results = dict(extract_all(jobs_of(b"a b", bad, b"shout")))
        assert dict(extract_all(jobs_of(b"a b"))) == alone
    assert results[0] == alone[0] == dict(extract_all(jobs_of(b"a b")))[0]
    assert not results[1].settled
    assert results[1].skipped.startswith(("the parser failed", "the parser crashed"))
    assert results[2].imports == ("shout",)


def test_a_worker_that_stays_takes_no_longer_than_others_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backwright.adapters.parsing.SECONDS", 0.2)
    with standing_by([MADE_UP]):
        results = dict(extract_all(jobs_of(b"hang in C", b"a")))
    assert (results[0].skipped, results[1].imports) == ("took too long to parse", ("a",))


def test_a_worker_that_stays_is_one_process_and_ends_with_who_asks() -> None:
    told = Language("told", (".mu",), 1, lambda path, _, module: FileFacts(path, "told", "", f"{os.getpid()}"))
    with standing_by([told]):
        made = [
            decode_facts(parsed.facts).module
            for _ in range(3)
            for _, parsed in extract_all([Job(told, "a", "", "", b"")])
        ]
    assert len(set(made)) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(made[0]), 0)
