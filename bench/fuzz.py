"""No bytes may stop it: mutated real manifests and sources through the stack's detection and the facts of every language.

    python bench/fuzz.py --seconds 600 REPOSITORY...     so much processor time, on files of these folders
    python bench/fuzz.py --seed 7 --only 1234 REPOSITORY...     one input again, written to ./fuzzed

Each input is one or two real files, changed: bits flipped, parts cut, doubled, nested, mixed with other files or with bytes that are no
text. A child process reads it, so that a crash of a parser written in C is seen too. An input fails where anything is raised, where the
process dies, or where it takes more than --limit (10) seconds of processor time. Exit code 1 with failures; the last line counts.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import struct
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from mmap import mmap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from backwright.adapters.decoding import decode
from backwright.engine.registry import Registry
from backwright.engine.stack_knowledge import ecosystems
from backwright.engine.stacking import find_stacks
from backwright.kit.shapes import Language

BATCH = 200  # inputs a child reads
MAX_SEED_BYTES = 60_000
PER_KIND = 150  # files of each suffix or manifest name that are mutated
NASTY = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\r", b"\x1a", b"\x00" * 64, "𝔘‮é".encode(), b"%s%n", b"${", b"{{",
    b"]]>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"\\u0000", b'"""', b"'''", b"`", b"1e999", b"-" * 400, b"9" * 400, b"\t" * 400,
)  # fmt: skip
OPENERS = (b"(", b"[", b"{", b"a(", b"<a>", b"[[", b'{"a":', b"x = [", b"if a:\n ", b"do ", b"#{", b"!", b"- ", b"a.b.")


def seeds(folders: Sequence[Path], languages: Sequence[Language]) -> dict[str, list[tuple[str, bytes]]]:
    """Real files by what they are: a suffix of a language, or the name of a manifest."""
    suffixes = {suffix for language in languages for suffix in language.suffixes}
    manifests = {name for ecosystem in ecosystems() for name in ecosystem.manifests if "/" not in name}
    exact = {name for name in manifests if "*" not in name}
    endings = tuple(name.lstrip("*") for name in manifests if name.startswith("*"))
    found: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            kind = path.name if path.name in exact or path.name.endswith(endings) else path.suffix
            if (kind != path.suffix or kind in suffixes) and path.is_file() and not path.is_symlink():
                kind = path.suffix if path.name.endswith(endings) else kind
                found[kind].append((path.name, path.read_bytes()[:MAX_SEED_BYTES]))
    chooser = random.Random(0)
    return {kind: chooser.sample(files, min(len(files), PER_KIND)) for kind, files in sorted(found.items())}


def mutated(data: bytes, others: Sequence[tuple[str, bytes]], chooser: random.Random) -> bytes:
    """The same file, changed in one to six ways."""
    out = bytearray(data)
    for _ in range(chooser.randint(1, 6)):
        at = chooser.randint(0, len(out))
        end = min(len(out), at + chooser.choice((1, 3, 20, 400, 5000)))
        match chooser.randrange(9):
            case 0 if out:
                for _ in range(chooser.randint(1, 40)):
                    out[chooser.randrange(len(out))] ^= 1 << chooser.randrange(8)
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end] * chooser.choice((1, 2, 50))
            case 3:
                out[at:at] = chooser.choice(NASTY)
            case 4:
                out[at:at] = chooser.choice(OPENERS) * chooser.choice((3, 100, 20_000))
            case 5:
                other = chooser.choice(others)[1]
                start = chooser.randint(0, len(other))
                out[at:end] = other[start : start + chooser.choice((10, 300, 4000))]
            case 6:
                del out[at:]
            case 7:
                out[at:at] = chooser.randbytes(chooser.choice((1, 16, 300)))
            case _:
                words = bytes(out).split(b" ")
                chooser.shuffle(words)
                out = bytearray(b" ".join(words[:4000]))
        del out[1_000_000:]
    return bytes(out)


def inputs(number: int, seed: int, corpus: dict[str, list[tuple[str, bytes]]]) -> tuple[str, dict[str, bytes]]:
    """What input `number` is: its kind and its files."""
    chooser = random.Random(f"{seed}:{number}")
    kinds = list(corpus)
    kind = kinds[number % len(kinds)]
    files = {}
    for chosen in dict.fromkeys((kind, chooser.choice(kinds))):
        name, data = chooser.choice(corpus[chosen])
        files[name] = mutated(data, corpus[chooser.choice(kinds)], chooser)
    return kind, files


def read_all(files: dict[str, bytes], languages: Sequence[Language]) -> None:
    """What a call of the program does with these files. Raises what it must not."""
    for name, data in files.items():
        for language in languages:
            if name.endswith(language.suffixes):
                language.extract(name, data, "")
    texts = {name: decode(data).text for name, data in files.items()}
    find_stacks(sorted(texts), texts.get)


def child(first: int, seed: int, corpus: dict[str, list[tuple[str, bytes]]], limit: float, shared: mmap) -> None:
    """Read a batch; the place of the input at hand is left where the parent sees it."""
    languages = Registry().languages
    resource.setrlimit(resource.RLIMIT_DATA, (3_000_000_000, 3_000_000_000))
    for number in range(first, first + BATCH):
        shared[:8] = struct.pack("q", number)
        kind, files = inputs(number, seed, corpus)
        signal.setitimer(signal.ITIMER_VIRTUAL, limit)  # kills where a signal cannot be handled in time
        try:
            read_all(files, languages)
        except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
            print(f"FAILED {number} ({kind})\n{traceback.format_exc()}", flush=True)
            os._exit(1)
    os._exit(0)


def batches(
    seed: int, corpus: dict[str, list[tuple[str, bytes]]], seconds: float, limit: float
) -> Iterator[tuple[int, int]]:
    """For each child: the number after the last input it read, and its status."""
    shared = mmap(-1, 8)
    number = 0
    used = resource.getrusage
    while used(resource.RUSAGE_CHILDREN).ru_utime + used(resource.RUSAGE_CHILDREN).ru_stime < seconds:
        process = os.fork()
        if process == 0:
            child(number, seed, corpus, limit, shared)
        _, status = os.waitpid(process, 0)
        at = struct.unpack("q", shared[:8])[0]
        yield at, status
        number = at + 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=10)
    parser.add_argument("--only", type=int, default=-1)
    options = parser.parse_args()
    corpus = seeds(options.folders, Registry().languages)
    if options.only >= 0:
        kind, files = inputs(options.only, options.seed, corpus)
        Path("fuzzed").mkdir(exist_ok=True)
        for name, data in files.items():
            (Path("fuzzed") / name).write_bytes(data)
        started = time.process_time()
        read_all(files, Registry().languages)
        print(f"{kind}: {', '.join(files)} in ./fuzzed, read in {time.process_time() - started:.2f} s")
        return 0
    read: Counter[str] = Counter()
    failed = []
    before = 0
    for at, status in batches(options.seed, corpus, options.seconds, options.limit):
        kinds = list(corpus)
        read.update(kinds[number % len(kinds)] for number in range(before, at + 1))
        before = at + 1
        if status:
            how = "raised" if os.WIFEXITED(status) else signal.Signals(os.WTERMSIG(status)).name
            failed.append(at)
            print(f"input {at} ({kinds[at % len(kinds)]}): {how}", flush=True)
    print("  ".join(f"{kind} {count}" for kind, count in sorted(read.items())))
    print(f"{sum(read.values())} inputs of {len(read)} kinds, {len(failed)} failed, seed {options.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
