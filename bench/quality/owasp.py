"""How ours and its peers do on the OWASP Benchmark for Python: SQL injection, weak hashes, weak randomness.

    python bench/quality/owasp.py CHECKOUT [--peers BIN] [-v]

CHECKOUT is a checkout of OWASP-Benchmark/BenchmarkPython, which is not part of this repository; BIN is the folder with the
commands `ruff`, `bandit` and `semgrep`, those of them that are there (`semgrep` with the rules in `semgrep-owasp.yml`).
A test counts as found where the tool reports one of the rules below in its file. Youden's index is the rate of found
vulnerable tests less the rate of found harmless ones: 1 is perfect, 0 is chance. A file that cannot be read is an error.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from backwright.engine.checking import check
from backwright.engine.registry import Registry
from rules import read

# Category: our rule, ruff's, bandit's, and the id in semgrep-owasp.yml.
RULES = {
    "sqli": ("BW301", "S608", "B608", "sqli"),
    "hash": ("BW501", "S324", "B324", "hash"),
    "weakrand": ("BW502", "S311", "B311", "weakrand"),
}
Found = set[tuple[str, str]]  # rule, name of the test


def expected(checkout: Path) -> dict[str, dict[str, bool]]:
    """Category to test to whether it is vulnerable."""
    out: dict[str, dict[str, bool]] = {category: {} for category in RULES}
    for file in sorted(checkout.glob("expectedresults-*.csv")):
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines()):
            if row[1] in out:
                out[row[1]][row[0]] = row[2] == "true"
    return out


def ours(checkout: Path, tests: Iterable[str]) -> tuple[Found, list[str]]:
    """What our rules report, and the files that they could not read whole."""
    wanted = set(tests)
    paths = [p for p in checkout.rglob("*.py") if p.stem in wanted or p.parent.name != "testcode"]
    index, archmap = read({p.relative_to(checkout).as_posix(): p.read_bytes() for p in paths})
    chosen = [rule for rule in Registry().rules if rule.id in {own for own, *_ in RULES.values()}]
    result = check(chosen, index, archmap)
    problems = [f"{path} has syntax errors" for path, file in index.files.items() if file.errors]
    problems += [crash.message for crash in result.crashes]
    return {(f.rule, Path(f.span.path).stem) for f in result.findings}, problems


def _run(*command: str | Path) -> str:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False).stdout


def ruff(program: Path, folder: Path) -> Found:
    rules = ",".join(own[1] for own in RULES.values())
    text = _run(
        program, "check", "--isolated", "--target-version=py312", f"--select={rules}", "--output-format=json", folder
    )
    return {(f["code"], Path(f["filename"]).stem) for f in json.loads(text)}


def bandit(program: Path, folder: Path) -> Found:
    rules = ",".join(own[2] for own in RULES.values())
    text = _run(program, "-q", "-r", "-f", "json", "-t", rules, folder)
    answer = json.loads(text)
    if answer["errors"]:
        print(f"bandit could not read {len(answer['errors'])} files", file=sys.stderr)
    return {(f["test_id"], Path(f["filename"]).stem) for f in answer["results"]}


def semgrep(program: Path, folder: Path) -> Found:
    rules = Path(__file__).with_name("semgrep-owasp.yml")
    text = _run(
        program,
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        "--no-git-ignore",
        "--config",
        rules,
        folder,
    )
    return {(f["check_id"].rpartition(".")[2], Path(f["path"]).stem) for f in json.loads(text)["results"]}


PEERS = {"ruff": (1, ruff), "bandit": (2, bandit), "semgrep": (3, semgrep)}


def score(found: Found, rule: str, tests: Mapping[str, bool]) -> tuple[float, list[str], list[str]]:
    """Youden's index with the missed and the falsely reported tests."""
    missed = [t for t, bad in tests.items() if bad and (rule, t) not in found]
    false = [t for t, bad in tests.items() if not bad and (rule, t) in found]
    bad = sum(tests.values())
    return (bad - len(missed)) / bad - len(false) / (len(tests) - bad), missed, false


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    truth = expected(options.checkout)
    if not all(truth.values()):
        parser.error(f"{options.checkout} is no checkout of the OWASP Benchmark for Python")
    found, problems = ours(options.checkout, (t for tests in truth.values() for t in tests))
    results = {"backwright": (0, found)}
    for name, (column, run) in PEERS.items() if options.peers else ():
        if (options.peers / name).exists():
            results[name] = column, run(options.peers / name, options.checkout / "testcode")
    print(f"{'':<12}" + "".join(f"{category:>24}" for category in RULES))
    for name, (column, reported) in results.items():
        cells = []
        for category, tests in truth.items():
            youden, missed, false = score(reported, RULES[category][column], tests)
            bad = sum(tests.values())
            cells.append(f"{youden:>6.3f} ({bad - len(missed)}/{bad}, {len(false)} false)")
            if options.verbose and name == "backwright":
                print(f"{category}: missed {missed}, false {false}", file=sys.stderr)
        print(f"{name:<12}" + "".join(f"{cell:>24}" for cell in cells))
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
