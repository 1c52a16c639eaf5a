"""How many planted violations are found: each of `planted.toml` in real services that are clean there.

    python bench/quality/inject.py --checkouts DIR [--each 2] [--rule BW301] [--misses]

Every folder of DIR is a checkout. A violation is planted alone, at up to `--each` places a service, and counts as found
where its rule has a new finding on one of the lines that are marked, or on the head of their function. Rules that keep
silent about the style of a whole service are not asked where the service has that style: its own findings of that rule show it.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from planting import Function, Service, Site

from backwright.app.config import Config
from backwright.app.guardrails import guard
from backwright.app.project import Project, open_project
from backwright.core.errors import BackwrightError
from backwright.engine.checking import new_findings

MARK = "# planted"
LARGEST = 600  # files of a service
_HOLE = re.compile(r"\{(\w+)\}")


def planted(service: Service, plant: dict[str, Any], site: Site) -> str | None:
    """The file's text with the violation; None where a name that it needs is not to be had."""
    names = site.names
    wanted = set(
        _HOLE.findall(
            "".join(str(plant.get(k, "")) for k in ("top", "code", "end")).replace("{{", "").replace("}}", "")
        )
    )
    if not wanted <= set(names) or _own_module(service, plant, site):
        return None
    lines = service.texts[site.path].splitlines()
    if plant.get("end"):
        lines += ["", "", *plant["end"].format_map(names).splitlines()]
    if "class" in names:
        lines = _in_class(service, lines, site, plant["code"].format_map(names))
    elif plant.get("code") and site.function is not None:
        if plant.get("downgrade"):
            lines = _downgrade(service, lines, site, plant["downgrade"])
        lines = _in_function(lines, site.function, plant["code"].format_map(names))
    top = str(plant.get("top", "")).format_map(names).splitlines()
    at = _after_docstring(service, site.path)
    text = "\n".join([*lines[:at], *top, *lines[at:]]) + "\n"
    return text if _is_python(text) else None


def _is_python(text: str) -> bool:
    """Names of modules that are no identifiers cannot be imported."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _own_module(service: Service, plant: dict[str, Any], site: Site) -> bool:
    """Whether the import would be of the file itself."""
    own = service.module(site.path)
    return f"from {own} import" in str(plant.get("top", "")).format_map(defaultdict(str, site.names))


def _in_function(lines: list[str], function: Function, code: str) -> list[str]:
    body = function.body[1:] if _is_text(function.body[0]) and len(function.body) > 1 else function.body
    first = body[0]
    at = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]) - 1
    return [*lines[:at], *(" " * first.col_offset + line for line in code.splitlines()), *lines[at:]]


def _in_class(service: Service, lines: list[str], site: Site, code: str) -> list[str]:
    node = next(c for p, c in service.models if p == site.path and c.name == site.names["class"])
    last = node.body[-1].end_lineno or node.lineno
    return [*lines[:last], *(f"    {line}" for line in code.splitlines()), *lines[last:]]


def _downgrade(service: Service, lines: list[str], site: Site, code: str) -> list[str]:
    """The migration with a downgrade that only says this; it stands below `upgrade`."""
    tree = service.trees[site.path]
    node = next(f for f in tree.body if isinstance(f, Function) and f.name == "downgrade")
    return [*lines[: node.body[0].lineno - 1], f"    {code}", *lines[node.end_lineno or len(lines) :]]


def _is_text(node: Any) -> bool:
    return isinstance(getattr(getattr(node, "value", None), "value", None), str)


def _after_docstring(service: Service, path: str) -> int:
    body = service.trees[path].body
    at = 0
    for node in body:
        future = getattr(node, "module", "") == "__future__"
        if not (future or (node is body[0] and _is_text(node))):
            break
        at = node.end_lineno or at
    return at


def _marked(text: str) -> set[int]:
    """The marked lines, and those with the names of the functions that hold them."""
    marked = {n for n, line in enumerate(text.splitlines(), 1) if MARK in line}
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, Function)]
    heads = {f.lineno for f in functions if any(f.lineno <= n <= (f.end_lineno or 0) for n in marked)}
    return marked | heads


def trials(project: Project, plants: Sequence[dict[str, Any]], each: int, seed: int) -> Iterator[tuple[str, str, bool]]:
    """Rule, place and whether it was found, for every violation that could be planted."""
    service = Service({p: project.read(p) or "" for p in project.index.files if p.endswith(".py")})
    before = guard(project)
    for number, plant in enumerate(plants):
        rule = plant["rule"]
        if plant.get("house") and any(f.rule == rule for f in before.findings):
            continue
        sites = list(service.sites(plant["at"]))
        random.Random(f"{seed} {number} {project.folder.name}").shuffle(sites)
        made = 0
        for site in sites:
            text = planted(service, plant, site)
            if text is None or made == each:
                continue
            made += 1
            alone = replace(project, config=replace(project.config, select=(rule,)))
            now = guard(alone, alone.with_texts({site.path: text}))
            marked = _marked(text)
            new = [f for f in new_findings(now.findings, before.findings) if f.rule == rule]
            found = any(marked & set(range(f.span.line, (f.span.end_line or f.span.line) + 1)) for f in new)
            others = ", ".join(f"{f.rule}:{f.span.line}" for f in new_findings(now.findings, before.findings))
            where = "; ".join(f"{n}: {text.splitlines()[n - 1].strip()}" for n in sorted(marked)[:3])
            yield rule, f"{site.path} ({plant['at']}, plant {number + 1}) {where} [{others}]", found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkouts", type=Path, required=True)
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--rule", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    plants = tomllib.loads((Path(__file__).parent / "planted.toml").read_text(encoding="utf-8"))["plant"]
    plants = [p for p in plants if p["rule"].startswith(options.rule)]
    counts: dict[str, list[bool]] = defaultdict(list)
    services = 0
    for folder in sorted(p for p in options.checkouts.iterdir() if p.is_dir()):
        try:
            with open_project(folder, Config()) as project:
                if len(project.index.files) > LARGEST:
                    continue
                started = time.monotonic()
                services += 1
                for rule, place, found in trials(project, plants, options.each, options.seed):
                    counts[rule].append(found)
                    if options.misses and not found:
                        print(f"missed {rule} {folder.name} {place}")
                print(f"{folder.name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
        except BackwrightError as error:
            print(f"{folder.name}: {error.message}", file=sys.stderr)
    print(f"{'rule':8}{'planted':>8}{'found':>7}{'rate':>7}   {services} services")
    for rule, found in sorted(counts.items()):
        print(f"{rule:8}{len(found):>8}{sum(found):>7}{sum(found) / len(found):>7.2f}")
    every = [f for found in counts.values() for f in found]
    if every:
        print(f"{'all':8}{len(every):>8}{sum(every):>7}{sum(every) / len(every):>7.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
