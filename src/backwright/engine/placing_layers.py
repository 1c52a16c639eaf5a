"""The roles of files of any language: by what the code does, by the conventions of its framework, by names last."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.core.archmap import Component
from backwright.core.facts import Symbol
from backwright.engine.placing_evidence import Evidence, Seen
from backwright.engine.placing_names import Name, name_of
from backwright.engine.placing_signs import LAYERED, signs_of
from backwright.kit.aside import is_setup
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

Read = Callable[[str], str | None]

_MARKERS = re.compile(r"__init__\.py|mod\.rs|index\.[cm]?[jt]s|package-info\.java|doc\.go")
_VALIDATES = re.compile(r"_?(is_?)?valid", re.IGNORECASE)
_QUERIES = re.compile(r"(?m)^--[ \t]*name:[ \t]*\w+[ \t]+:\w+")
_CHANGES = re.compile(r"(?im)^[ \t]*(create|alter|drop)[ \t]+(\w+[ \t]+){0,3}?(table|type|sequence|schema|index)\b")
_STEREOTYPES = ("repository", "service")
_NOT_SCHEMAS = frozenset({*_STEREOTYPES, "config", "error", "aside"})
_FEW = 3  # routes that the file which makes the application may have of its own


@dataclass(frozen=True)
class Placed:
    """The roles of a file, the first one first."""

    role: str = ""
    because: str = ""
    also: tuple[str, ...] = ()


_NOWHERE = Placed()


def layers(index: FactIndex, read: Read | None = None) -> tuple[Component, ...]:
    """Every file with its roles; role `""` where nothing says. `read` gives the text of files that are no source code."""
    evidence = Evidence(index)
    placed = {path: _placed(index, path, evidence) for path in index.files}
    placed.update(_unsaid(placed, "model", evidence.kept(_of_role(placed, "repository"))))
    placed.update(_unsaid(placed, "schema", evidence.spoken(_of_role(placed, "router"))))
    placed.update(_packages(index, placed))
    out = [
        Component(path, found.role, index.files[path].module, found.because, index.files[path].lines, found.also)
        for path, found in placed.items()
    ]
    return tuple(sorted((*out, *others(index, read)), key=lambda c: c.path))


def others(index: FactIndex, read: Read | None) -> Iterator[Component]:
    """Files that are no source code and still a layer: migrations in SQL, schemas of an ORM, templates of answers."""
    signs = signs_of("")
    inside = f"{index.root}/" if index.root else ""
    for path in index.paths:
        if not path.endswith((".sql", *signs.suffixes)) or path in index.files or not path.startswith(inside):
            continue
        if is_test_file(path):
            continue
        found = next(iter(signs.applying(path, ())), None)
        if found is not None and found.role != "aside":
            yield Component(path, found.role, "", found.because)
        elif found is None and path.endswith(".sql"):
            text = (read(path) if read is not None else None) or ""
            changed = _CHANGES.search(text)
            if changed is not None:
                yield Component(path, "migration", "", f"it says {' '.join(changed[0].split())}")
            elif _QUERIES.search(text):
                yield Component(path, "repository", "", "queries that code is made from")


# -- one file ----------------------------------------------------------------------------------------------------------
def _placed(index: FactIndex, path: str, evidence: Evidence) -> Placed:
    if is_test_file(path):
        return Placed("test", "it stands among the tests")
    seen = evidence.of(path)
    if "aside" in seen:
        return _NOWHERE
    name = name_of(index, path)
    if "migration" in seen or name.role == "migration":
        return Placed("migration", seen["migration"].because if "migration" in seen else name.because)
    found = _router(path, evidence, seen, name.role)
    if found is not None:
        return found
    if "job" in seen:
        return Placed("job", seen["job"].because)
    if name.role == "job" and _fits(index, path, "job") and not _mostly_declares(index, path):
        return Placed("job", name.because)
    return _declaring(index, path, evidence, seen, name) or _by_name(index, path, seen, name)


def _router(path: str, evidence: Evidence, seen: dict[str, Seen], named: str) -> Placed | None:
    held, registered = len(evidence.handlers.get(path, ())), evidence.registered[path]
    if "app" in seen and held < _FEW and named != "router":
        return Placed("app", seen["app"].because)
    if held and "job" not in seen:
        return Placed("router", f"{held} of its functions {'is' if held == 1 else 'are'} mounted as routes")
    if registered and "job" not in seen:
        return Placed("router", f"it mounts {registered} route{'' if registered == 1 else 's'}")
    return Placed("router", seen["router"].because) if "router" in seen and named != "aside" else None


def _declaring(index: FactIndex, path: str, evidence: Evidence, seen: dict[str, Seen], name: Name) -> Placed | None:
    """What the declarations of a file make it."""
    tables = evidence.tables[path]
    for role in sorted(_STEREOTYPES, key=lambda r: -seen[r].count if r in seen else 0):
        if role in seen:
            return Placed(role, seen[role].because, ("model",) if tables else ())
    schema = seen.get("schema")
    if tables or "model" in seen:
        because = f"it declares {tables} table{'' if tables == 1 else 's'}" if tables else seen["model"].because
        if name.role == "repository" and name.is_own:
            return Placed("repository", f"{name.because}, and it declares tables", ("model",))
        return Placed("model", because, ("schema",) if schema is not None else ())
    if schema is not None and name.role == "model" and name.around != "schema" and not evidence.tables:
        return Placed("model", f"{name.because}, and no file declares tables")
    if schema is not None and _mostly_declares(index, path) and name.role not in _NOT_SCHEMAS:
        return Placed("schema", schema.because)
    if name.role in LAYERED:
        return None
    return next((Placed(role, seen[role].because) for role in ("config", "error", "app") if role in seen), None)


def _top(index: FactIndex, path: str) -> list[Symbol]:
    """What a file has of its own; what a module or namespace encloses counts."""
    return [s for s in index.symbols(path).values() if s.kind != "method" and (not s.scope or s.kind == "class")]


def _mostly_declares(index: FactIndex, path: str) -> bool:
    top = _top(index, path)
    functions = sum(s.kind == "function" and not s.name.startswith("<") for s in top)
    return functions * 2 <= len(top)


def _by_name(index: FactIndex, path: str, seen: dict[str, Seen], name: Name) -> Placed:
    if _is_marker(index, path):
        return _NOWHERE
    if name.role not in {"", "aside"} and _fits(index, path, name.role):
        if name.role == "model" and _only_shapes(index, path):
            return Placed("schema", "it declares only shapes")
        return Placed(name.role, name.because)
    if "data" in seen and name.role != "aside" and not is_setup(path):
        return Placed("repository", seen["data"].because)
    return _NOWHERE


def _fits(index: FactIndex, path: str, role: str) -> bool:
    """Whether a file has the kind of code that its name promises; of one that was not read nobody knows."""
    if index.files[path].skipped or index.files[path].errors:
        return True
    symbols = index.symbols(path).values()
    if role in {"router", "service", "repository", "job"}:
        made = (s.value is not None and s.value.kind == "call" and role == "router" for s in symbols)
        return any(made) or any(s.kind != "variable" for s in symbols)
    if role in {"model", "schema"}:
        declares = (
            s.kind == "class" or (s.kind == "variable" and s.value is not None and s.value.parts) for s in symbols
        )
        return any(declares) or (role == "schema" and any(_VALIDATES.match(s.name) for s in symbols))
    return bool(symbols)


def _only_shapes(index: FactIndex, path: str) -> bool:
    top = _top(index, path)
    return (
        index.files[path].language == "typescript" and bool(top) and all(s.kind == "class" and s.is_shape for s in top)
    )


# -- what only the whole shows -----------------------------------------------------------------------------------------
def _of_role(placed: dict[str, Placed], role: str) -> list[str]:
    return [path for path, found in placed.items() if found.role == role]


def _unsaid(placed: dict[str, Placed], role: str, because: dict[str, str]) -> dict[str, Placed]:
    """What others say of files that say nothing themselves."""
    return {path: Placed(role, why) for path, why in because.items() if not placed[path].role}


def _packages(index: FactIndex, placed: dict[str, Placed]) -> dict[str, Placed]:
    """A file that only stands for its folder has the role of what is in it."""
    by_folder: dict[str, Counter[str]] = defaultdict(Counter)
    for path, found in placed.items():
        if not _MARKERS.fullmatch(basename(path)):
            by_folder[dirname(path)][found.role] += 1
    out = {}
    for path, found in placed.items():
        if found.role or not _is_marker(index, path):
            continue
        roles = by_folder.get(dirname(path), Counter())
        role, count = roles.most_common(1)[0] if roles else ("", 0)
        if role in LAYERED and count * 3 >= sum(roles.values()) * 2:
            out[path] = Placed(role, f"it stands for a folder of these: {dirname(path)}")
    return out


def _is_marker(index: FactIndex, path: str) -> bool:
    """Whether a file stands for its folder, without code of its own; what it passes on is none."""
    symbols = index.symbols(path).values()
    return bool(_MARKERS.fullmatch(basename(path))) and all(s.kind == "variable" and _passes_on(s) for s in symbols)


def _passes_on(symbol: Symbol) -> bool:
    value = symbol.value
    return (
        symbol.name == "__all__" or value is None or value.dotted() == "require()" or value.kind in {"mapping", "name"}
    )
