"""How many real faults are found where somebody later fixed them, and how many findings go away with the fix.

    python bench/quality/pairs.py MIRRORS [--split dev|held-out] [--rule BW303] [-v]

MIRRORS holds bare repositories as OWNER+NAME/repo; none of their code is part of this repository. `pairs.jsonl` names fix
commits, chosen by what their messages say and not by what is found: repository, commit, the files and lines (before the fix) that it
changed, the rules that speak of the fault, and whether a loop in the same function reads what the fix loads. Nobody has sorted out those
whose message promises more than they do. A pair is *found* if before the fix a finding of these rules (its place or one
of its notes) lies within `NEAR` lines of one of them, and is gone after it; it *still fires* if every such finding is still there.
Repositories are either for development or held out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from backwright.core.findings import Finding
from backwright.engine.checking import check
from backwright.engine.registry import Registry
from backwright.kit.testfiles import is_test_file
from rules import LARGEST, TEXTS, read

NEAR = 25
PAIRS = Path(__file__).with_name("pairs.jsonl")
LEFT_OUT = ("node_modules/", "/migrations/", "/static/", "/locale/")


@dataclass(frozen=True)
class Pair:
    """A fix: `places` are files and lines before it."""

    repo: str
    commit: str
    places: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    same_function: bool
    split: str


def pairs() -> Iterator[Pair]:
    for text in PAIRS.read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        places = tuple((path, line) for path, line in row["places"])
        yield Pair(**{**row, "places": places, "rules": tuple(row["rules"])})


def tree(repository: Path, commit: str) -> Mapping[str, bytes]:
    """The files of one commit that facts are made of; tests and migrations are left out, rules do not speak of them."""
    git = ["git", "-C", str(repository)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-l", "-z", commit], capture_output=True, check=True).stdout.decode(
        "utf-8", "replace"
    )
    wanted: dict[str, str] = {}
    for row in listed.split("\0"):
        about, _, path = row.partition("\t")
        fields = about.split()
        if len(fields) < 4 or not fields[3].isdigit() or int(fields[3]) > LARGEST:
            continue
        if (
            path.endswith((".py", *TEXTS))
            and not is_test_file(path)
            and not any(part in f"/{path}" for part in LEFT_OUT)
        ):
            wanted[path] = fields[2]
    given = "".join(f"{blob}\n" for blob in wanted.values()).encode()
    raw = subprocess.run([*git, "cat-file", "--batch"], input=given, capture_output=True, check=True).stdout
    files: dict[str, bytes] = {}
    at = 0
    for path in wanted:
        end = raw.index(b"\n", at)
        size = int(raw[at:end].split()[2])
        files[path] = raw[end + 1 : end + 1 + size]
        at = end + size + 2
    return files


def findings(repository: Path, commit: str, rules: frozenset[str]) -> tuple[Finding, ...]:
    index, archmap = read(tree(repository, commit))
    result = check([rule for rule in Registry().rules if rule.id in rules], index, archmap)
    for crash in result.crashes:
        print(f"{repository}@{commit}: {crash.message}", file=sys.stderr)
    return result.findings


def is_near(finding: Finding, pair: Pair) -> bool:
    spans = [finding.span, *(note.span for note in finding.related)]
    return any(s.path == path and abs(s.line - line) <= NEAR for s in spans for path, line in pair.places)


def judge(mirrors: Path, pair: Pair) -> str:
    """`found`, `missed`, or `still fires`."""
    repository = mirrors / pair.repo.replace("/", "+") / "repo"
    rules = frozenset(pair.rules)
    before = [f for f in findings(repository, f"{pair.commit}^", rules) if is_near(f, pair)]
    if not before:
        return "missed"
    after = Counter(f.fingerprint for f in findings(repository, pair.commit, rules))
    had = Counter(f.fingerprint for f in before)
    return "found" if any(after[print_] < count for print_, count in had.items()) else "still fires"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--split", choices=("dev", "held-out"))
    parser.add_argument("--rule", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    scores: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for pair in pairs():
        if options.split not in (None, pair.split) or (options.rule and options.rule not in pair.rules):
            continue
        verdict = judge(options.mirrors, pair)
        kind = "one function" if pair.same_function else "across"
        scores["+".join(pair.rules), kind, pair.split][verdict] += 1
        if options.verbose:
            print(
                f"{verdict:<12} {kind:<13} {pair.repo} {pair.commit[:10]} {pair.places[0][0]}:{pair.places[0][1]}",
                file=sys.stderr,
            )
    print(f"{'rules':<14} {'kind':<13} {'split':<9} {'pairs':>6} {'found':>6} {'missed':>7} {'still fires':>12}")
    for (rules, kind, split), score in sorted(scores.items()):
        print(
            f"{rules:<14} {kind:<13} {split:<9} {score.total():>6} {score['found']:>6} {score['missed']:>7} {score['still fires']:>12}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
