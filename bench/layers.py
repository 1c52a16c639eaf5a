"""How well the layers of repositories are told apart, against labels: `bench/layers.py CHECKOUTS LABELS… [--split dev] [-v]`.

CHECKOUTS is a folder with one checkout a repository, called `owner+name`, at the commit that its label names. LABELS are files such as
`bench/quality/layers.jsonl`: one repository a line, with `layers`: role to globs of files (`**/` is any folders, also none). Nothing is
fetched. Prints precision, recall and F1 per role by file, over all roles that a file has and over its first alone; with `-v` what was
taken for what in every repository.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from backwright.adapters.files import open_tree
from backwright.app.config import Config
from backwright.app.map import archmap_of
from backwright.core.errors import BackwrightError

ROLES = ("router", "service", "repository", "model", "schema", "migration", "job", "test")
Roles = dict[str, tuple[str, ...]]  # by file


def expression(glob: str) -> re.Pattern[str]:
    """`*` is anything in a name, `**/` any folders, also none."""
    out, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out, at = out + "(?:[^/]+/)*", at + 3
        elif glob.startswith("**", at):
            out, at = out + ".*", at + 2
        else:
            out, at = out + ("[^/]*" if glob[at] == "*" else re.escape(glob[at])), at + 1
    return re.compile(out)


def labelled(label: Mapping[str, Any], files: Iterable[str]) -> tuple[Roles, list[str]]:
    """The roles that a label gives to files, and the globs that match none. What is a test is nothing else."""
    found: dict[str, list[str]] = defaultdict(list)
    idle = []
    for role, globs in label["layers"].items():
        for pattern, glob in ((expression(glob), glob) for glob in globs):
            hits = [path for path in files if pattern.fullmatch(path)]
            for path in hits:
                if role not in found[path]:
                    found[path].append(role)
            if not hits:
                idle.append(f"{role}: {glob}")
    return {p: ("test",) if "test" in roles else tuple(roles) for p, roles in found.items()}, idle


def predicted(root: Path, project: str) -> tuple[Roles, list[str], float]:
    """The roles that `map` gives, its files, and the CPU seconds it took."""
    started = time.process_time()
    with open_tree(root / project) as tree:
        files = list(tree.files())
        archmap = archmap_of(tree, root / project, Config())
        above = (
            "" if tree.root.resolve() == root.resolve() else f"{project}/"
        )  # a checkout without git is as deep as it is asked for
    found = {above + c.path: (c.role, *c.also) for c in archmap.components}
    return found, [above + path for path in files], time.process_time() - started


class Score:
    """Hits, false alarms and misses per role."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, wanted: Roles, found: Roles, roles: Iterable[str]) -> None:
        for path in {*wanted, *found}:
            for role in roles:
                want, have = role in wanted.get(path, ()), role in found.get(path, ())
                if want or have:
                    self.counts[role, "hit" if want and have else "miss" if want else "false"] += 1

    def of(self, role: str) -> tuple[float, float, float] | None:
        """Precision, recall, F1; None where no file is labelled so."""
        hit, false, miss = (self.counts[role, kind] for kind in ("hit", "false", "miss"))
        if not hit + miss:
            return None
        return hit / max(hit + false, 1), hit / (hit + miss), 2 * hit / (2 * hit + false + miss)

    def macro(self) -> float:
        known = [found[2] for found in map(self.of, ROLES) if found is not None]
        return sum(known) / len(known) if known else 1.0


def confusion(wanted: Roles, found: Roles, roles: Iterable[str]) -> Iterable[str]:
    """One line for every pair of what was wanted and what was found, with its files."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    counted = set(roles)
    for path in sorted({*wanted, *found}):
        want = [r for r in wanted.get(path, ()) if r in counted]
        have = found.get(path, ())
        if set(want) != counted.intersection(have):
            pairs["+".join(want) or "-", "+".join(have) or "-"].append(path)
    for (asked, got), paths in sorted(pairs.items(), key=lambda item: -len(item[1])):
        yield f"    {asked} taken for {got}: {len(paths)}: {' '.join(paths[:12])}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--split", default="")
    parser.add_argument("--only", default="", help="repositories whose name holds this")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    scores: dict[str, dict[str, Score]] = defaultdict(lambda: {"all roles": Score(), "first role": Score()})
    macros: dict[str, list[float]] = defaultdict(list)
    seconds = 0.0
    for label in (json.loads(line) for path in options.labels for line in path.read_text("utf-8").splitlines()):
        root = options.checkouts / label["repo"].replace("/", "+", 1)
        if (options.split and label["split"] != options.split) or options.only not in label["repo"]:
            continue
        if not root.is_dir() or not any(label["layers"].values()):
            continue
        try:
            found, files, spent = predicted(root, label["root"])
        except BackwrightError as error:
            print(f"{label['repo']}: {error}")
            found, files, spent = {}, [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()], 0.0
        seconds += spent
        wanted, idle = labelled(label, files)
        roles = [r for r in ROLES if r != "job" or label["layers"].get("job")]
        own = Score()
        own.add(wanted, found, roles)
        split = scores[label["split"]]
        split["all roles"].add(wanted, found, roles)
        split["first role"].add(wanted, {p: its[:1] for p, its in found.items()}, roles)
        macros[label["split"]].append(own.macro())
        print(
            f"{label['repo']:52} {label['split']:9} macro F1 {own.macro():.3f}"
            + (f"   no file: {idle}" if idle else "")
        )
        if options.verbose:
            print(*confusion(wanted, found, roles), sep="\n")
    for name, kinds in scores.items():
        for kind, score in kinds.items():
            print(f"\n{name}, {kind}, by file:")
            for role in ROLES:
                shown = score.of(role)
                if shown is not None:
                    print(f"  {role:11} precision {shown[0]:.3f}  recall {shown[1]:.3f}  F1 {shown[2]:.3f}")
            print(f"  macro F1    {score.macro():.3f}")
        print(f"{name}: mean of the repositories' macro F1 {sum(macros[name]) / len(macros[name]):.3f}")
    print(f"\n{seconds:.1f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
