"""How small context packs are, and whether they hold every symbol that the real change needed.

    python bench/quality/packs.py MIRRORS [--split dev|held-out|later] [-v]

MIRRORS holds bare repositories as OWNER+NAME/repo; none of their code is part of this repository. `packs.jsonl` names commits that
somebody made; the request is the commit's message. The pack is composed on the tree before the commit, and sees nothing of the change.

*share*: tokens of the pack over those of the files that the commit changed (as they were) with what these import; *own*: over those
of the files that the pack itself shows symbols or outlines of, with what these import.
*needed*: symbols of the tree before that the commit refers to: those that enclose a changed line, and those that an added line
names, where the name leads to one of the project's own symbols. *held*: of these, those that the pack shows or names with their file;
*shown*: those whose declaration it shows.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mirrors import read_commit

from backwright.agent.packing import Source, compose
from backwright.app.config import load
from backwright.app.project import open_backend
from backwright.core.acting import Pack
from backwright.core.errors import BackwrightError
from backwright.core.request import Understood
from backwright.engine.request_difficulty import with_difficulty
from backwright.engine.tokens import tokens_of
from backwright.kit.index import FactIndex

ROWS = Path(__file__).with_name("packs.jsonl")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_STRING = re.compile(r"(\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?:#|//).*$")
_NAME = re.compile(r"(\.?)([A-Za-z_]\w{2,})")
_NEW = re.compile(
    r"^\s*(?:export |async |public |private |static )*(?:def|class|func|function|const|let|var|type|interface)\b(?: \([^)]*\))? ?(\w+)"
)
_BUILT_IN = {name for kind in (str, list, dict, set, bytes, int, object) for name in dir(kind)}


@dataclass(frozen=True)
class Row:
    """A commit; `root` is the folder of the backend."""

    repo: str
    commit: str
    split: str
    root: str = ""


Key = tuple[str, str]


def rows(split: str) -> Iterator[Row]:
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        row = Row(**json.loads(line))
        if split in ("", row.split):
            yield row


def _git(repository: Path, *arguments: str) -> str:
    argv = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(argv, capture_output=True, check=True).stdout.decode("utf-8", "replace")


def needed(index: FactIndex, diff: str, root: str) -> set[Key]:
    """The symbols before the commit that its diff refers to."""
    by_name: defaultdict[str, list[Key]] = defaultdict(list)
    for definition in index.all_symbols():
        by_name[definition.symbol.name].append((definition.path, definition.symbol.qualname))
    new = {match[1] for line in diff.splitlines() if line.startswith("+") and (match := _NEW.match(line[1:]))}
    found: set[Key] = set()
    path = ""
    for line in diff.splitlines():
        if line.startswith("--- "):
            path = line[6:] if line.startswith("--- a/") else ""
        elif line.startswith("+++ "):
            after = line[6:]
        elif hunk := _HUNK.match(line):
            if path in index.files:
                found |= set(_enclosing(index, path, int(hunk[1]), int(hunk[2] or 1)))
        elif line.startswith("+") and (path or after) and _is_source(after, index):
            found |= set(_named(index, path or after, line[1:], by_name, new))
    return {key for key in found if key[0].startswith(root)}


def _is_source(path: str, index: FactIndex) -> bool:
    return Path(path).suffix in {Path(known).suffix for known in index.files}


def _enclosing(index: FactIndex, path: str, first: int, count: int) -> Iterator[Key]:
    """The innermost function or class around changed lines; an insertion counts where it is within.

    What lies within a function has no name that leads to it: the function counts.
    """
    last = first + max(count, 1) - 1
    beside = index.symbols(path)
    around = [
        symbol
        for symbol in beside.values()
        if symbol.kind != "variable"
        and (symbol.scope not in beside or beside[symbol.scope].kind == "class")
        and symbol.loc.line <= first
        and last <= symbol.loc.end_line
        and not (count == 0 and first == symbol.loc.end_line)
    ]
    if around:
        yield path, min(around, key=lambda symbol: symbol.loc.end_line - symbol.loc.line).qualname


def _named(index: FactIndex, path: str, line: str, by_name: Mapping[str, list[Key]], new: set[str]) -> Iterator[Key]:
    line = re.sub(r"^\s*from \S+ import ", "import ", line)  # where modules lie is no name of a symbol
    line = _STRING.sub(" ", line)
    for match in _NAME.finditer(line):
        dot, name = match.groups()
        places = by_name.get(name, [])
        if name in new or not places:
            continue
        if dot:
            # `pkg.Func` of Go is at the top of a file of that package; elsewhere that would be a module's, which is imported.
            package = line[: match.start()].endswith(Path(places[0][0]).parent.name)
            member = "." in places[0][1] or (path.endswith(".go") and package)
            if len(places) == 1 and member and name not in _BUILT_IN and len(name) > 4:
                yield from places
            continue
        known = index.resolve(path, name)
        if known is not None:
            yield known.path, known.symbol.qualname
        elif "import" in line and sum("." not in q for _, q in places) == 1:
            yield next(key for key in places if "." not in key[1])


def holds(pack: Pack, key: Key, *, shown: bool = False) -> bool:
    """Whether the pack has a symbol below its file; with `shown` its declaration, not only its name."""
    path, name = key
    word = re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\b")
    texts = [part.text for part in pack.parts if re.split(r"[: ]", part.title)[0] == path]
    signed, named = _around(pack, path)
    seen = any(word.search(text) for text in [signed, *(text.partition("also: ")[0] for text in texts)])
    return seen or (not shown and any(word.search(text) for text in [named, *texts]))


def _around(pack: Pack, path: str) -> tuple[str, str]:
    """What the part about the neighbourhood shows and names of a file."""
    signed, named, folder, file = [], "", "", ""
    for line in (line for part in pack.parts if part.kind == "around" for line in part.text.splitlines()):
        if line.endswith("/") and not line.startswith(" "):
            folder = "" if line == "./" else line
        elif line.startswith("    "):
            signed += [line] if folder + file == path else []
        else:
            file, _, names = line.strip().partition(":")
            named += names if folder + file == path else ""
    return "\n".join(signed), named


class Judged(NamedTuple):
    """`touched`, `shown`: tokens of the files that the commit changes, and that the pack is about, each with their imports."""

    pack: Pack
    touched: int
    shown: int
    needed: set[Key]
    request: str


def judged(mirrors: Path, row: Row) -> Judged:
    """The pack for a commit, and what is known of it afterwards."""
    repository = mirrors / row.repo.replace("/", "+") / "repo"
    request = _git(repository, "log", "-1", "--format=%B", row.commit).strip()
    request = re.sub(r"(?im)^(?:co-authored-by|signed-off-by|change-id|https?://).*$", "", request).strip()
    diff = _git(repository, "diff", "-U0", "-w", "--no-renames", f"{row.commit}^", row.commit)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in read_commit(repository, f"{row.commit}^", lambda _: True).items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        subprocess.run(["git", "init", "-q", folder], check=True)  # a backend in a folder belongs to the whole
        place = Path(folder) / row.root
        with open_backend(place, load(place)) as project:
            source = Source(project.index, project.archmap, project.read)
            understood = with_difficulty(Understood("unknown", words=request))
            pack = compose(understood, source)
            changed = {line[6:] for line in diff.splitlines() if line.startswith("--- a/")} & set(project.index.files)
            told = {re.split(r"[: ]", part.title)[0] for part in pack.parts if part.kind in ("symbol", "outline")}

            def cost(files: set[str]) -> int:
                near = files | {e.target for e in project.archmap.edges if e.source in files}
                return sum(tokens_of(project.read(path) or "") for path in near)

            return Judged(pack, cost(changed), cost(told), needed(project.index, diff, row.root), request)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--split", default="", choices=("", "dev", "held-out", "later"))
    parser.add_argument("-v", action="store_true", dest="verbose")
    given = parser.parse_args()
    shares, owns, whole, all_held, all_shown, all_needed = [], [], 0, 0, 0, 0
    print(
        f"{'commit':<38} {'room':>5} {'pack':>6} {'files':>7} {'share':>6} {'own':>5} {'shown':>5} {'held':>4} {'needed':>6}"
    )
    for row in rows(given.split):
        try:
            pack, cost, own, wanted, request = judged(given.mirrors, row)
        except BackwrightError as error:
            print(f"{row.repo} {row.commit[:8]}: {error.message}")
            shares.append(1.0)
            owns.append(1.0)
            continue
        held = {key for key in wanted if holds(pack, key)}
        shares.append(pack.tokens / cost)
        owns.append(pack.tokens / max(own, 1))
        whole += held == wanted
        shown = sum(holds(pack, key, shown=True) for key in wanted)
        all_held, all_shown, all_needed = all_held + len(held), all_shown + shown, all_needed + len(wanted)
        name = f"{row.repo} {row.commit[:8]}"
        costs = f"{pack.budget:>5} {pack.tokens:>6} {cost:>7} {shares[-1]:>6.0%} {owns[-1]:>5.0%}"
        print(f"{name:<38} {costs} {shown:>5} {len(held):>4} {len(wanted):>6}", flush=True)
        if given.verbose:
            print(f"    {request.splitlines()[0]}")
            print("".join(f"    missing {path} {name}\n" for path, name in sorted(wanted - held)), end="")
            print("    " + ", ".join(f"{part.kind} {part.title} {part.tokens}" for part in pack.parts))
    within, own_within = (sum(share <= 0.25 for share in some) for some in (shares, owns))
    print(
        f"within 25 % of the files changed and their imports: {within} of {len(shares)} packs; of their own: {own_within}"
    )
    print(f"{all_held} of {all_needed} needed symbols held, {all_shown} shown; {whole} packs hold all of theirs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
