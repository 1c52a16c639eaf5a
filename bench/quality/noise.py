"""How much of what is found in respected code is false: findings that were judged by reading, and what is found today.

    python bench/quality/noise.py MIRRORS                 what is found in each repository, and how it was judged
    python bench/quality/noise.py MIRRORS --sample 100    so many findings with their code, drawn by lot, at most eight of a rule
    python bench/quality/noise.py MIRRORS --errors        all errors with their code

MIRRORS holds bare repositories as OWNER+NAME/repo. `noise.jsonl` begins with the repositories, each with the commit and the folder that is
checked (the whole, where it is ""); none of their code is part of this repository. Behind them stand the judged findings, known by their
fingerprints: `true` where a reviewer who knows the code would want to be told, `false` where not, `open` where that depends on what the
code does not say; each with a word why where it is not true. All rules are on, those that are off by default too.

False errors are to be at most one in 2,000 lines. Findings that nobody has judged are counted apart.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mirrors import read_commit

NOISE = Path(__file__).with_name("noise.jsonl")
SOURCES = {".py", ".ts", ".tsx", ".js", ".mjs", ".go", ".rs", ".java", ".kt", ".cs", ".rb", ".php", ".ex", ".exs"}
OF_ONE_RULE = 8
AROUND = 5  # lines shown before and after a finding
CHECK = [sys.executable, "-m", "backwright.surfaces.cli", "check", ".", "--format", "jsonl", "--select", "ALL"]


class Repository(NamedTuple):
    """A repository at one commit; `folder` is what is checked of it."""

    repo: str
    commit: str
    folder: str = ""


def read() -> tuple[list[Repository], dict[str, dict[str, str]]]:
    """The repositories, and what was judged by repository and fingerprint."""
    rows = [json.loads(text) for text in NOISE.read_text(encoding="utf-8").splitlines()]
    listed = [Repository(**row) for row in rows if "commit" in row]
    judged: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if "judged" in row:
            judged[row["repo"]][row["fingerprint"]] = row["judged"]
    return listed, judged


def exported(mirrors: Path, repository: Repository, target: Path) -> Path:
    """The files of a commit as a repository of their own; the folder that is checked."""
    for path, content in read_commit(mirrors / repository.repo / "repo", repository.commit, lambda path: True).items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    subprocess.run(["git", "add", "-A", "-f"], cwd=target, check=True, stderr=subprocess.DEVNULL)
    return target / repository.folder


def lines_in(folder: Path) -> int:
    """Lines of source code."""
    return sum(
        path.read_bytes().count(b"\n") for path in folder.rglob("*") if path.suffix in SOURCES and path.is_file()
    )


def findings(folder: Path) -> list[dict[str, Any]]:
    """What all rules find."""
    process = subprocess.run(CHECK, cwd=folder, capture_output=True, text=True, check=False)
    rows = [json.loads(text) for text in process.stdout.splitlines()]
    if process.returncode not in (0, 1) or not rows:
        raise SystemExit(f"check failed: {process.stderr}")
    return [row for row in rows if "severity" in row]


def shown(root: Path, finding: dict[str, Any]) -> Iterator[str]:
    """A finding with the lines around it and the chain that led there."""
    span = finding["span"]
    yield f"{finding['rule']} {finding['severity']} {span['path']}:{span['line']} {finding['message']}"
    text = (root / span["path"]).read_text(encoding="utf-8", errors="replace").splitlines()
    first = max(0, span["line"] - 1 - AROUND)
    yield from (f"   {n + 1:>5} {text[n][:150]}" for n in range(first, min(len(text), span["line"] + AROUND)))
    for step in finding["related"]:
        yield f"      {step['span']['path']}:{step['span']['line']} {step['message']}"
    yield f"      {json.dumps({'fingerprint': finding['fingerprint'], 'judged': '', 'why': ''})}"


def drawn(found: list[tuple[str, dict[str, Any]]], count: int) -> list[tuple[str, dict[str, Any]]]:
    """Some findings by lot, always the same ones of the same findings."""
    order = sorted(found, key=lambda pair: (pair[0], pair[1]["fingerprint"]))
    random.Random(count).shuffle(order)
    of_rule: Counter[str] = Counter()
    chosen = []
    for repo, finding in order:
        if of_rule[finding["rule"]] < OF_ONE_RULE and len(chosen) < count:
            of_rule[finding["rule"]] += 1
            chosen.append((repo, finding))
    return sorted(chosen, key=lambda pair: (pair[1]["rule"], pair[0]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    listed, judged = read()
    totals: Counter[str] = Counter()
    by_rule: dict[str, Counter[str]] = defaultdict(Counter)
    to_read: list[tuple[str, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as temporary:
        print(f"{'repository':<42}{'lines':>9}{'found':>7}{'errors':>8}{'false':>7}{'unjudged':>10}")
        for repository in listed:
            root = Path(temporary) / repository.repo
            root.mkdir()
            folder = exported(given.mirrors, repository, root)
            found, lines = findings(folder), lines_in(folder)
            words = [(f, judged[repository.repo].get(f["fingerprint"], "")) for f in found]
            errors = [word for f, word in words if f["severity"] == "error"]
            for finding, word in words:
                by_rule[finding["rule"]][word or "unjudged"] += 1
            row = {"lines": lines, "found": len(found), "errors": len(errors), "false": errors.count("false")}
            row["unjudged"] = errors.count("")
            totals.update(row)
            print(f"{repository.repo:<42}{lines:>9}" + _counts(row), flush=True)
            to_read += [(repository.repo, f) for f, w in words if given.sample or (f["severity"] == "error" and not w)]
        print(f"{'all':<42}{totals['lines']:>9}" + _counts(totals))
        for rule, counts in sorted(by_rule.items()):
            print(
                f"{rule}  " + ", ".join(f"{counts[w]} {w}" for w in ("true", "false", "open", "unjudged") if counts[w])
            )
        for repo, finding in drawn(to_read, given.sample) if given.sample else to_read if given.errors else ():
            print(f"\n## {repo} " + "\n".join(shown(Path(temporary) / repo, finding)))
    return 0 if totals["false"] * 2000 <= totals["lines"] else 1


def _counts(row: dict[str, int]) -> str:
    return f"{row['found']:>7}{row['errors']:>8}{row['false']:>7}{row['unjudged']:>10}"


if __name__ == "__main__":
    sys.exit(main())
