"""How often the rules are right: on their own planted examples, and on real code that somebody has judged.

    python bench/quality/rules.py                                   the examples on the rules' pages
    python bench/quality/rules.py --checkouts DIR --labels FILE     each folder of DIR, against the labels
    python bench/quality/rules.py --checkouts DIR --labels FILE --sample 15
                                                                    adds findings to judge: up to 15 a rule, verdict "?"

A label is a line `repository <tab> rule <tab> fingerprint <tab> verdict <tab> path:line <tab> message`; the verdict is
`true`, `false` or `?`. A fingerprint survives moved lines, so labels stay good as long as the code does. Recall on real
code is not measured here: it needs code whose faults are known.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from backwright.app.bootstrap import with_frameworks
from backwright.core.archmap import ArchMap
from backwright.core.facts import FileFacts, Import
from backwright.core.findings import Finding
from backwright.core.stack import Stack
from backwright.engine.checking import check
from backwright.engine.placing import components
from backwright.engine.projects import module_name, source_roots
from backwright.engine.registry import Registry
from backwright.kit.cases import read_page
from backwright.kit.django.templates import is_template
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Language

LEFT_OUT = {".git", "node_modules", ".venv", "venv", "__pycache__"}
TEXTS = (".sql", ".toml", ".ini", ".cfg", ".yml", ".yaml", ".env", ".txt", ".html")
LARGEST = 500_000  # bytes of a file
Label = tuple[str, str, str]  # repository, rule, fingerprint


@dataclass
class Score:
    """What was found and what should have been."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    unjudged: int = 0

    def row(self) -> str:
        found = self.right + self.wrong
        precision = f"{self.right / found:.2f}" if found else "-"
        wanted = self.right + self.missed
        recall = f"{self.right / wanted:.2f}" if wanted else "-"
        return f"{precision:>9} {recall:>7} {self.right:>6} {self.wrong:>6} {self.missed:>7} {self.unjudged:>9}"


def read(files: Mapping[str, bytes]) -> tuple[FactIndex, ArchMap]:
    """The facts and the map of a tree, as the product makes them."""
    languages = judged_languages()
    facts: dict[str, FileFacts] = {}
    for path, source in files.items():
        for language in languages:
            if path.endswith(language.suffixes):
                facts[path] = _extracted(language.name, path, source)
    imports = {p: [f.module for f in file.facts if isinstance(f, Import) and not f.level] for p, file in facts.items()}
    roots = frozenset(source_roots(sorted(facts), [], {}, imports))
    named = {p: msgspec.structs.replace(f, module=module_name(p, roots)) for p, f in facts.items()}
    others = {p: source.decode("utf-8", "replace") for p, source in files.items() if p not in facts}
    templates = {p: text for p, text in others.items() if is_template(p)}
    texts = {p: text for p, text in others.items() if not p.endswith(".html")}
    index = with_frameworks(FactIndex(named, texts=texts, paths=files, templates=templates))
    return index, ArchMap(root="", stack=Stack(""), components=components(index))


@lru_cache(maxsize=20_000)
def _extracted(language: str, path: str, source: bytes) -> FileFacts:
    """The facts of a file, kept: states of one repository have most files in common."""
    return _languages()[language].extract(path, source, "")


@cache
def _languages() -> dict[str, Language]:
    return {one.name: one for one in Registry().languages}


def judged_languages() -> list[Language]:
    """The languages that some rule claims."""
    claimed = {name for rule in Registry().rules for name in rule.languages}
    return [language for language in Registry().languages if language.name in claimed]


def on_examples() -> dict[str, Score]:
    """Each rule on the examples of its page."""
    registry = Registry()
    scores: dict[str, Score] = defaultdict(Score)
    for rule in registry.rules:
        score = scores[rule.id]
        for example in read_page(registry.page(rule)).examples:
            index, archmap = read({path: text.encode() for path, text in example.files.items()})
            found = [(f.span.path, f.span.line) for f in rule.check(index, archmap)]
            for id_, place in example.expected:
                if id_ != rule.id:
                    continue
                if place in found:
                    found.remove(place)
                    score.right += 1
                else:
                    score.missed += 1
            score.wrong += len(found)
    return scores


def on_checkouts(folder: Path) -> Iterator[tuple[str, Finding]]:
    """What all rules find in each folder, by its name."""
    for root in sorted(p for p in folder.iterdir() if p.is_dir()):
        index, archmap = read(dict(_sources(root)))
        checked = check(Registry().rules, index, archmap)
        for crash in checked.crashes:
            print(f"{root.name}: {crash.message}", file=sys.stderr)
        yield from ((root.name, finding) for finding in checked.findings)


def _sources(root: Path) -> Iterator[tuple[str, bytes]]:
    suffixes = tuple(s for language in judged_languages() for s in language.suffixes)
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if LEFT_OUT & set(inner.parts) or path.is_symlink() or not path.is_file():
            continue
        if path.name.endswith((*suffixes, *TEXTS)) and path.stat().st_size < LARGEST:
            yield inner.as_posix(), path.read_bytes()


def load(path: Path) -> dict[Label, list[str]]:
    """Labels by what they are about."""
    labels: dict[Label, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        parts = line.split("\t")
        if len(parts) >= 4 and not line.startswith("#"):
            labels[parts[0], parts[1], parts[2]] = parts[3:]
    return labels


def save(path: Path, labels: Mapping[Label, list[str]]) -> None:
    """Write the labels, sorted by rule."""
    rows = sorted(labels.items(), key=lambda item: (item[0][1], item[0][0], item[0][2]))
    text = "".join("\t".join([*key, *rest]) + "\n" for key, rest in rows)
    path.write_text("# repository\trule\tfingerprint\tverdict\tplace\tmessage\n" + text, encoding="utf-8")


def judged(found: list[tuple[str, Finding]], labels: Mapping[Label, list[str]]) -> dict[str, Score]:
    """Findings against labels; what nobody judged is counted apart. A label judges all findings of its fingerprint."""
    scores: dict[str, Score] = defaultdict(Score)
    for repository, finding in found:
        verdict = labels.get((repository, finding.rule, finding.fingerprint), ["?"])[0]
        score = scores[finding.rule]
        if verdict == "true":
            score.right += 1
        elif verdict == "false":
            score.wrong += 1
        else:
            score.unjudged += 1
    return scores


def sampled(found: list[tuple[str, Finding]], labels: dict[Label, list[str]], size: int) -> None:
    """Add findings without a label until each rule has so many, chosen the same way every time."""
    by_rule: dict[str, dict[Label, list[str]]] = defaultdict(dict)
    have: dict[str, int] = defaultdict(int)
    for _, rule, _ in labels:
        have[rule] += 1
    for repository, f in found:
        key = repository, f.rule, f.fingerprint
        if key not in labels:
            by_rule[f.rule][key] = ["?", str(f.span), f.message.replace("\t", " ")]
    for rule, waiting in by_rule.items():
        keys = sorted(waiting)
        random.Random(rule).shuffle(keys)
        labels.update({key: waiting[key] for key in keys[: max(0, size - have[rule])]})


def table(scores: Mapping[str, Score]) -> str:
    head = f"{'rule':<7} {'precision':>9} {'recall':>7} {'right':>6} {'wrong':>6} {'missed':>7} {'unjudged':>9}"
    total = Score(*(sum(getattr(s, n) for s in scores.values()) for n in ("right", "wrong", "missed", "unjudged")))
    rows = [f"{rule:<7} {scores[rule].row()}" for rule in sorted(scores)]
    return "\n".join([head, *rows, f"{'all':<7} {total.row()}"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--checkouts", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    options = parser.parse_args()
    if options.checkouts is None:
        scores = on_examples()
        print(table(scores))
        return int(any(s.wrong or s.missed for s in scores.values()))
    if options.labels is None:
        parser.error("--checkouts needs --labels")
    found = list(on_checkouts(options.checkouts))
    labels = load(options.labels)
    if options.sample:
        sampled(found, labels, options.sample)
        save(options.labels, labels)
    print(table(judged(found, labels)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
