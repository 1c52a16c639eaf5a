"""How well stacks are recognised, against labels: `bench/stacks.py CHECKOUTS LABELS… [--split dev] [-v]`.

CHECKOUTS is a folder with one checkout a repository, called `owner+name`, at the commit that its label names. LABELS are files such as
`bench/quality/stacks.jsonl`: one repository a line. Nothing is fetched. Prints the accuracy per field and, with `-v`, every miss.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from backwright.core.stack import Stack
from backwright.engine.stacking import find_stacks

SINGLE = {
    "language": "language",
    "framework": "framework",
    "api_framework": "api",
    "orm": "orm",
    "query_layer": "queries",
    "migration": "migrations",
    "validation": "validation",
    "test": "tests",
    "package_manager": "package_manager",
}
SEVERAL = {
    "auth": ("auth",),
    "lint": ("linter", "formatter", "types"),
    "database": ("database",),
    "queue_cache": ("queue", "cache"),
    "api_style": ("style",),
}
_SKIPPED = {".git", "node_modules"}
_IMPLIED = {"types:typescript"}  # a compiler, which nobody lists among the linters


def listing(root: Path) -> list[str]:
    """All files below a folder."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        inner = os.path.relpath(folder, root)
        found += [name if inner == "." else f"{inner}/{name}" for name in names]
    return sorted(found)


def stacks_of(root: Path) -> tuple[tuple[Stack, ...], float]:
    """The stacks of a checkout, and the CPU seconds that finding them took."""

    def read(path: str) -> str | None:
        try:
            with (root / path).open("rb") as file:
                return file.read(1_000_000).decode("utf-8", "replace")
        except OSError:
            return None

    files = listing(root)
    started = time.process_time()
    return find_stacks(files, read), time.process_time() - started


def judge(label: dict[str, Any], stacks: Sequence[Stack]) -> Iterator[tuple[str, float, str]]:
    """Field, score from 0 to 1, and what was wrong."""
    backends = [s for s in stacks if s.kind == "backend"]
    roots = sorted(s.root or "." for s in backends)
    if label["kind"] != "backend":
        yield "negatives", float(not backends), f"took for backends: {roots}"
        main = next(iter(stacks), None)
        if main is not None:
            yield from _single("language", label, main)
            yield from _single("package_manager", label, main)
            yield from _single("test", label, main)
        return
    wanted = [sorted(label["all_backends"]), *map(sorted, label["accept"].get("all_backends", []))]
    yield "sub_project_roots", float(roots in wanted), f"{roots}, wanted {wanted[0]}"
    others = {s.root or ".": s.kind for s in stacks}
    for other in label["other_projects"]:
        kind = others.get(other["root"])
        yield "other_projects", float(kind == other["kind"]), f"{other['root']} is {kind}, wanted {other['kind']}"
    acceptable = [label["root"], *label["accept"].get("root", [])]
    stack = next((s for r in acceptable for s in backends if (s.root or ".") == r), backends[0] if backends else None)
    if stack is None:
        yield from ((field, 0.0, "no backend found") for field in (*SINGLE, *SEVERAL))
        return
    for field in SINGLE:
        yield from _single(field, label, stack)
    for field, kinds in SEVERAL.items():
        found = {p.id for p in stack.parts if p.kind in kinds and f"{p.kind}:{p.id}" not in _IMPLIED}
        asked, extra = set(label[field]), set(filter(None, label["accept"].get(field, [])))
        hits = len(found & asked)
        precision = (hits + len(found & extra - asked)) / len(found) if found else 1.0
        recall = hits / len(asked) if asked else 1.0
        score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        yield f"{field} (F1)", score, f"{sorted(found)}, wanted {sorted(asked)}"


def _single(field: str, label: dict[str, Any], stack: Stack) -> Iterator[tuple[str, float, str]]:
    found = (*stack.ids(SINGLE[field]), None)[0]
    wanted = [label[field], *label["accept"].get(field, [])]
    wanted = [w if w != "next" else "nextjs" for w in wanted]
    yield field, float(found in wanted), f"{found}, wanted {wanted[0]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--split", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    scores: dict[str, list[float]] = defaultdict(list)
    seconds = 0.0
    missing = []
    for line in (line for path in options.labels for line in path.read_text(encoding="utf-8").splitlines()):
        label = json.loads(line)
        if options.split and label["split"] != options.split:
            continue
        root = options.checkouts / label["repo"].replace("/", "+", 1)
        if not root.is_dir():
            missing.append(label["repo"])
            continue
        stacks, spent = stacks_of(root)
        seconds += spent
        for field, score, why in judge(label, stacks):
            scores[field].append(score)
            if options.verbose and score < 1:
                print(f"{label['repo']}: {field}: {why}")
    for field, found in scores.items():
        print(f"{field:20} {sum(found) / len(found):6.3f}   of {len(found)}")
    print(f"{seconds:.1f} s of CPU" + (f"; no checkout of {', '.join(missing)}" if missing else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
