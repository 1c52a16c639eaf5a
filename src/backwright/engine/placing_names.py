"""What the names of a file, of its classes and of its folders suggest that it is for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.engine.placing_signs import LAYERED, PLAIN, Signs, signs_of, tokens_of
from backwright.kit.index import FactIndex

_DOUBLES = frozenset({"mock", "mocks", "__mocks__", "fake", "fakes", "stub", "stubs"})  # of layers, for tests


@dataclass(frozen=True)
class Name:
    """The role that names suggest, `""` for none; `around` is what the folders alone say."""

    role: str = ""
    because: str = ""
    around: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the file or its classes say so, not only the folders."""
        return not self.because.startswith("its folder")


def name_of(index: FactIndex, path: str) -> Name:
    """By the file's own name first, then by its classes', then by its folders'."""
    signs = signs_of(index.files[path].language)
    name = basename(path)
    stem = name[: name.rfind(".")]
    if any(part in _DOUBLES for part in path.split("/")) or (tokens_of(stem) or ("",))[0] in _DOUBLES:
        return Name("aside", f"a double of {name}")
    around, folder = signs.foldered(path)
    role = signs.named(stem)
    if role and not _yields(role, stem, signs, around, is_beside=basename(dirname(path)) == folder):
        return Name(role, f"its name {name}", around)
    if not role:
        classes = [s.name.rpartition(".")[2] for s in index.symbols(path).values() if s.kind == "class" and not s.scope]
        classes = [c for c in classes if c == stem] or classes
        called = Counter(role for role in map(signs.named, classes) if role in LAYERED)
        role, count = called.most_common(1)[0] if called else ("", 0)
        if count * 2 > len(classes) and (role != "schema" or _only_declares(index, path)):
            return Name(role, f"its class {next(c for c in classes if signs.named(c) == role)}", around)
    return Name(around, f"its folder {folder}", around) if around else Name()


def _only_declares(index: FactIndex, path: str) -> bool:
    """Whether a file has more classes than functions and methods of its own."""
    kinds = Counter(s.kind for s in index.symbols(path).values() if not PLAIN.match(s.name))
    return kinds["function"] + kinds["method"] <= kinds["class"]


def _yields(role: str, stem: str, signs: Signs, around: str, *, is_beside: bool) -> bool:
    """Whether the folders count more than a file's own name, which may be what the service is about, or no layer's."""
    if around not in LAYERED or around == role:
        return False
    tokens = tokens_of(stem)
    is_thing = tokens[-1] in signs.things and (len(tokens) == 1 or role == "job")
    return is_thing or (role not in LAYERED and around not in {"model", "job"} and is_beside)
