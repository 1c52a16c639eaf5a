"""How many real faults are found where somebody later fixed them, and how many findings go away with the fix.

    python bench/quality/pairs.py MIRRORS [--split dev|held-out] [--kind async] [-v]

MIRRORS holds bare repositories as OWNER+NAME/repo; none of their code is part of this repository. `pairs.jsonl` names fix
commits, chosen by what their messages say and judged by reading what they change, not by what is found: the kind of
fault, repository, commit, the files and lines (before the fix) where it should be told, whether the loop or call and what
it reaches stand in one `function` or `across` functions, and for relations the names that the fix loads. What is
`left_out`, with its reason, promises more than it does or cannot be told from source code; it is not counted. A pair is
*found* if before the fix a finding of its rules (its place or one of its notes) lies within `NEAR` lines of one of the
places, speaks of one of the names, and is gone after it; it *still fires* if every such finding is still there, and
one of them stands at the place itself. It is *told once* if only what is said once as the style of the project notes the
place, and no longer does so after the fix.
Repositories are either for development or held out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mirrors import read_commit

from backwright.core.facts import Span
from backwright.core.findings import Finding
from backwright.engine.checking import check
from backwright.engine.registry import Registry
from backwright.kit.testfiles import is_test_file
from rules import TEXTS, judged_languages, read

NEAR = 25
PAIRS = Path(__file__).with_name("pairs.jsonl")
LEFT_OUT = ("node_modules/", "/migrations/", "/static/", "/locale/")
RULES = {
    "n-plus-one": frozenset({"BW302", "BW303"}),
    "async": frozenset({"BW601"}),
    "sql-injection": frozenset({"BW301"}),
    "transaction": frozenset({"BW402"}),
    "query-in-handler": frozenset({"BW101", "BW102"}),
}


@dataclass(frozen=True)
class Pair:
    """A fix: `places` are files and lines before it, `reads` the relations that it loads."""

    kind: str
    repo: str
    commit: str
    places: tuple[tuple[str, int], ...]
    within: str
    split: str
    reads: tuple[str, ...] = ()
    left_out: str = ""


def pairs() -> Iterator[Pair]:
    for text in PAIRS.read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        places = tuple((path, line) for path, line in row["places"])
        yield Pair(**{**row, "places": places, "reads": tuple(row.get("reads", ()))})


def tree(repository: Path, commit: str, suffixes: tuple[str, ...]) -> Mapping[str, bytes]:
    """The files of one commit that facts are made of; tests and migrations are left out, rules do not speak of them."""
    suffixes = tuple(suffix for language in judged_languages() for suffix in language.suffixes)
    return read_commit(
        repository,
        commit,
        lambda path: (
            path.endswith((*suffixes, *TEXTS))
            and not is_test_file(path)
            and not any(part in f"/{path}" for part in LEFT_OUT)
        ),
    )


def suffixes_of(pair: Pair) -> tuple[str, ...]:
    """The suffixes of the languages that its places are written in."""
    found = (
        one.suffixes for one in Registry().languages if any(path.endswith(one.suffixes) for path, _ in pair.places)
    )
    return tuple(suffix for suffixes in found for suffix in suffixes)


def findings(repository: Path, commit: str, pair: Pair) -> tuple[Finding, ...]:
    rules = RULES[pair.kind]
    index, archmap = read(tree(repository, commit, suffixes_of(pair)))
    result = check([rule for rule in Registry().rules if rule.id in rules], index, archmap)
    for crash in result.crashes:
        print(f"{repository}@{commit}: {crash.message}", file=sys.stderr)
    return result.findings


def is_near(span: Span, pair: Pair) -> bool:
    return any(span.path == path and abs(span.line - line) <= NEAR for path, line in pair.places)


def told(found: Iterable[Finding], pair: Pair) -> Counter[tuple[str, str]]:
    """The findings that speak of the fault, one for each name that they mention."""
    out: Counter[tuple[str, str]] = Counter()
    for finding in found:
        text = " ".join((finding.message, finding.help, *(note.message for note in finding.related)))
        names = [name for name in pair.reads if name in text] if pair.reads else [""]
        out.update((finding.fingerprint, name) for name in names)
    return out


def judge(mirrors: Path, pair: Pair) -> str:
    """`found`, `told once`, `missed`, or `still fires`."""
    repository = mirrors / pair.repo.replace("/", "+") / "repo"
    told_before = findings(repository, f"{pair.commit}^", pair)
    near = [
        finding
        for finding in told_before
        if any(is_near(span, pair) for span in (finding.span, *(note.span for note in finding.related)))
    ]
    before = told([f for f in near if not f.covers], pair)
    style = {print_ for finding in near for print_ in finding.covers}
    if not before and not style:
        return "missed"
    told_after = findings(repository, pair.commit, pair)
    after = told(told_after, pair)
    known = {print_ for finding in told_after for print_ in (finding.fingerprint, *finding.covers)}
    if any(after[key] < count for key, count in before.items()):
        return "found"
    if before and told([f for f in near if is_near(f.span, pair) and not f.covers], pair):
        return "still fires"
    return "told once" if style - known else "missed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--split", choices=("dev", "held-out"))
    parser.add_argument("--kind", choices=sorted(RULES))
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    scores: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    left_out: Counter[str] = Counter()
    for pair in pairs():
        if options.split not in (None, pair.split) or options.kind not in (None, pair.kind):
            continue
        if pair.left_out:
            left_out[pair.kind] += 1
            continue
        verdict = judge(options.mirrors, pair)
        scores[pair.kind, pair.within, pair.split][verdict] += 1
        if options.verbose:
            place = f"{pair.places[0][0]}:{pair.places[0][1]}"
            print(f"{verdict:<12} {pair.within:<9} {pair.repo} {pair.commit[:10]} {place}", file=sys.stderr, flush=True)
    print(
        f"{'kind':<17} {'within':<9} {'split':<9} {'pairs':>6} {'found':>6} {'told once':>10} {'missed':>7} {'still fires':>12}"
    )
    for (kind, within, split), score in sorted(scores.items()):
        shown = f"{score.total():>6} {score['found']:>6} {score['told once']:>10} {score['missed']:>7} {score['still fires']:>12}"
        print(f"{kind:<17} {within:<9} {split:<9} {shown}")
    for kind, count in sorted(left_out.items()):
        print(f"{kind:<17} left out: {count}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
