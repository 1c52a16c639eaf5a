"""What do facts cost, beside what ast-grep needs for twenty rules on the same files?

    python bench/facts.py FOLDER                        Python and TypeScript: 10 thousand, 100 thousand lines, and all
    python bench/facts.py FOLDER --language python      one of them
    python bench/facts.py FOLDER --ast-grep PATH        a program that is not the `ast-grep` of the search path

FOLDER keeps what is downloaded: the packages in `bench/facts/packages.toml`, wheels by pip and archives by npm; nothing in them is run. The
files that Backwright leaves out (generated, minified, larger than 1 MiB) are left out for both. The rules are in `bench/facts/`.

Both start cold: no cache, but files that the system has read. Each figure is the least of --rounds (3), ours and theirs in turn: processor
seconds, user and system, all child processes included. Exit code 1 where facts cost more than the rules on all lines.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from backwright.adapters.decoding import left_out_by_content

HERE = Path(__file__).parent / "facts"
SUFFIXES = {"python": (".py",), "typescript": (".ts", ".mts", ".cts")}
ONE_FOLDER = 400  # files
READ = """
from pathlib import Path
from backwright.adapters.files import open_tree
from backwright.app.project import read_facts
with open_tree(Path.cwd()) as tree:
    print(len(read_facts(tree)))
"""


class Took(NamedTuple):
    """Processor seconds, seconds on the wall, MB of the largest process."""

    cpu: float
    wall: float
    memory: float


def run(argv: Sequence[str], folder: Path) -> Took:
    """One call of a program, which may find something wrong with the sources but must not fail."""
    process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    began = os.times().elapsed
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{argv[0]} failed: {said}")
    kilo = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Took(used.ru_utime + used.ru_stime, os.times().elapsed - began, used.ru_maxrss / kilo)


def downloaded(language: str, folder: Path) -> Path:
    """The packages of a language, unpacked below `folder`."""
    target = folder / language
    for package in tomllib.loads((HERE / "packages.toml").read_text())[language]:
        place = target / package.replace("/", "+")
        if place.exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            archive = _fetched(language, package, Path(temporary))
            unpacked = Path(temporary) / "unpacked"
            if language == "python":
                with zipfile.ZipFile(archive) as wheel:
                    wheel.extractall(unpacked)
            else:
                with tarfile.open(archive) as tar:
                    tar.extractall(unpacked, filter="data")
            target.mkdir(exist_ok=True)
            unpacked.rename(place)
    return target


def _fetched(language: str, package: str, folder: Path) -> Path:
    if language == "python":
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", "."]
    else:
        argv = ["npm", "pack", "-s", "--pack-destination", "."]
    subprocess.run([*argv, package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    [archive] = folder.iterdir()
    return archive


def sources(language: str, folder: Path) -> Iterator[bytes]:
    """What is read of a language, in an order that has all packages in each part of it."""
    found = [p for p in sorted(folder.rglob("*")) if p.name.endswith(SUFFIXES[language]) and p.is_file()]
    random.Random(len(found)).shuffle(found)
    for path in found:
        content = path.read_bytes()
        if not path.name.endswith(".d.ts") and not left_out_by_content(content):
            yield content


def laid_out(language: str, contents: Iterator[bytes], lines: int, target: Path) -> int:
    """So many lines of these sources as a repository; how many they are."""
    suffix, written = SUFFIXES[language][0], 0
    for number, content in enumerate(contents):
        if written >= lines:
            break
        place = target / f"part{number // ONE_FOLDER}" / f"file{number}{suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        written += content.count(b"\n")
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    subprocess.run(["git", "add", "-A"], cwd=target, check=True, stderr=subprocess.DEVNULL)
    return written


def measure(language: str, root: Path, program: str, rounds: int) -> tuple[Took, Took]:
    """Our cost and that of the rules."""
    ours, theirs = [], []
    rules = [program, "scan", "--rule", str(HERE / f"{language}.yml"), "--json=stream", "."]
    for _ in range(rounds):
        shutil.rmtree(root / ".backwright", ignore_errors=True)
        ours.append(run([sys.executable, "-c", READ], root))
        theirs.append(run(rules, root))
    return min(ours), min(theirs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=sorted(SUFFIXES), action="append")
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000, 10**9])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ast-grep", default="ast-grep")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which(given.ast_grep) or parser.error("ast-grep is not installed: pip install ast-grep-cli")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; seconds of processor time")
    print(
        f"{'language':<12}{'lines':>9}{'facts':>8}{'a M':>7}{'MB':>6}{'wall':>7}{'rules':>9}{'a M':>7}{'facts/rules':>13}"
    )
    good = True
    for language in given.language or SUFFIXES:
        folder = downloaded(language, given.folder)
        for wanted in given.lines:
            with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
                root = Path(temporary)
                lines = laid_out(language, sources(language, folder), wanted, root)
                ours, theirs = measure(language, root, program, given.rounds)
            million, ratio = lines / 1e6, ours.cpu / theirs.cpu
            print(
                f"{language:<12}{lines:>9}{ours.cpu:>8.2f}{ours.cpu / million:>7.1f}{ours.memory:>6.0f}{ours.wall:>7.1f}"
                f"{theirs.cpu:>9.2f}{theirs.cpu / million:>7.1f}{ratio:>13.2f}",
                flush=True,
            )
        good = good and ratio <= 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
