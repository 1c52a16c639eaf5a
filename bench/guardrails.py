"""What do all guardrails cost, beside twenty rules of ast-grep and of semgrep on the same files?

    python bench/guardrails.py FOLDER                    the Python packages that bench/facts.py downloads, as one backend
    python bench/guardrails.py FOLDER --tree REPOSITORY  a copy of a repository of your own instead
    python bench/guardrails.py FOLDER --lines 100000     the first packages only, until so many lines

Ours is `check` in four cases: with no cache at all; with the facts of all files and no answer, which is what the rules and all they ask for
cost; with one file edited; with nothing changed. The peers (`ast-grep`, `semgrep`, those that are there) scan the files with the rules in
`bench/facts/`, on as many processors as they like. Processor seconds, user and system, all child processes included; the least of --rounds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from facts import HERE, Took, downloaded, run

CHECK = [sys.executable, "-m", "backwright.surfaces.cli", "check", ".", "--format", "json"]
MAIN = """from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> str:
    return "home"
"""
MANIFEST = '[project]\nname = "big"\nversion = "1"\ndependencies = ["fastapi", "sqlalchemy"]\n'


def laid_out(packages: Path, lines: int, target: Path) -> None:
    """The packages side by side as a backend, so that their imports lead to each other."""
    (target / "main.py").write_text(MAIN)
    (target / "pyproject.toml").write_text(MANIFEST)
    written = 0
    for package in sorted(packages.iterdir()):
        for source in sorted(package.rglob("*.py")):
            if written >= lines:
                return
            place = target / source.relative_to(package)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
            written += source.read_bytes().count(b"\n")


def tracked(root: Path) -> list[Path]:
    """The Python files of a repository, made of the folder where it is none."""
    if not (root / ".git").exists():
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run(["git", "add", "-A"], cwd=root, check=True, stderr=subprocess.DEVNULL)
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=root, check=True, capture_output=True, text=True)
    return [root / name for name in listed.stdout.split("\0") if name]


def cases(root: Path, files: list[Path]) -> Iterator[tuple[str, Callable[[], None]]]:
    """What is measured, and what is done before it."""
    cache = root / ".backwright" / "cache"

    def nothing() -> None:
        pass

    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    def unanswered() -> None:
        for kept in ("answers", "printed"):
            shutil.rmtree(cache / kept, ignore_errors=True)

    def edited() -> None:
        middle = files[len(files) // 2]
        middle.write_bytes(middle.read_bytes() + b"\n# edited\n")

    yield "check, cold", cold
    yield "check, facts cached", unanswered
    yield "check, one file edited", edited
    # What was edited within two seconds may change again unseen, so that no answer is kept yet.
    subprocess.run(["sleep", "3"], check=True)
    run(CHECK, root)
    yield "check, nothing changed", nothing


def peers(root: Path) -> Iterator[tuple[str, list[str]]]:
    """The others that are on the search path."""
    known = {
        "ast-grep, 20 rules": ["ast-grep", "scan", "--rule", str(HERE / "python.yml"), "--json=stream", str(root)],
        "semgrep, 20 rules": [
            *("semgrep", "scan", "--metrics=off", "--disable-version-check", "--json", "--quiet"),
            *("--config", str(HERE / "python.semgrep.yml"), str(root)),
        ],
    }
    for name, argv in known.items():
        if shutil.which(argv[0]):
            yield name, argv
        else:
            print(f"{argv[0]} is not installed: left out")


def least(root: Path, argv: list[str], before: Callable[[], None], rounds: int) -> Took:
    """The cheapest of some calls."""

    def once() -> Took:
        before()
        return run(argv, root)

    return min(once() for _ in range(rounds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--lines", type=int, default=10**9)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        root = Path(temporary)
        if given.tree:
            shutil.copytree(given.tree, root, dirs_exist_ok=True, symlinks=True)
        else:
            laid_out(downloaded("python", given.folder), given.lines, root)
        files = tracked(root)
        lines = sum(path.read_bytes().count(b"\n") for path in files if path.is_file())
        print(f"{lines} lines, {len(files)} files; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{'':<26}{'CPU s':>8}{'a M lines':>11}{'wall':>8}{'MB':>7}")
        for name, before in cases(root, files):
            _row(name, least(root, CHECK, before, given.rounds), lines)
        for name, argv in peers(root):
            _row(name, least(root, argv, lambda: None, given.rounds), lines)
    return 0


def _row(name: str, took: Took, lines: int) -> None:
    print(
        f"{name:<26}{took.cpu:>8.2f}{took.cpu / lines * 1e6:>11.2f}{took.wall:>8.1f}{took.memory:>7.0f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
