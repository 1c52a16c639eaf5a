"""What shows the layer of a file: the signs of `knowledge/layers`, and the words that folders, files and classes are called by."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import translate  # its expressions do not go back and forth in long names
from functools import cache, lru_cache
from importlib.resources import files
from posixpath import basename, dirname

import msgspec

_ANY = "any"
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_EMPTY = frozenset({"impl", "default", "base", "abstract", "i", "index", "v"})  # say nothing of what a thing is for


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to see a role. What is given of `uses` and `files` must hold; of the other lists one entry is enough.

    Names are globs. Without any of the other lists, the place alone is the sign: a convention.
    """

    role: str
    because: str = ""  # in place of what is made from the entry that matched
    uses: tuple[str, ...] = ()  # beginnings of imported modules
    files: tuple[str, ...] = ()  # globs of paths, `*` crosses folders
    bases: tuple[str, ...] = ()  # of a class, also through classes of the project
    decorators: tuple[str, ...] = ()  # of a class, function or method
    derives: tuple[str, ...] = ()  # inside of `derive(…)`
    calls: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()  # the types of all parameters of a function, and of what it returns: `gin.Context -> `
    tags: tuple[str, ...] = ()  # on fields of a class

    @property
    def is_place(self) -> bool:
        return not (self.bases or self.decorators or self.derives or self.calls or self.takes or self.tags)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    languages: tuple[str, ...] = ()
    sign: tuple[Sign, ...] = ()
    words: Mapping[str, tuple[str, ...]] = {}  # of files, classes and folders
    names: Mapping[str, tuple[str, ...]] = {}  # of files and classes alone
    folders: Mapping[str, tuple[str, ...]] = {}  # of folders alone
    things: tuple[
        str, ...
    ] = ()  # words that may as well be what a service is about: a file `job` is no job among repositories


class Signs:
    """The signs and words of one language, those of any language included."""

    def __init__(self, known: Sequence[_File]) -> None:
        self.signs = tuple(sign for file in known for sign in file.sign)
        self.names = _by_word(words for file in known for words in (file.words, file.names))
        self.folders = _by_word(words for file in known for words in (file.words, file.folders))
        self.things = frozenset(word for file in known for word in file.things)
        self._known: dict[str, frozenset[int]] = {}
        self._anywhere = re.compile("|".join(translate(glob) for sign in self.signs for glob in sign.files) or "(?!)")
        self.suffixes = tuple({basename(f).rpartition("*")[2] for s in self.signs if s.is_place for f in s.files})

    def applying(self, path: str, modules: Iterable[str]) -> Iterator[Sign]:
        """The signs whose place and imports hold for a file."""
        used: set[int] = set()
        for module in modules:
            used |= self._used_by(module)
        placed = self._anywhere.fullmatch(f"/{path}") is not None
        for at, sign in enumerate(self.signs):
            if sign.uses and at not in used:
                continue
            if not sign.files or (placed and matches(f"/{path}", sign.files)):
                yield sign

    def _used_by(self, module: str) -> frozenset[int]:
        """The signs, by number, that the import of a module lets count."""
        if module not in self._known:
            begun = (at for at, sign in enumerate(self.signs) if sign.uses and module.startswith(sign.uses))
            self._known[module] = frozenset(begun)
        return self._known[module]

    def named(self, text: str) -> str:
        """The role that the name of a class or of a file suggests, by its last telling word, else by its first."""
        tokens = _telling(text)
        return _by_end(tokens, self.names) or (
            self.names.get(tokens[0], "") if tokens and tokens[0] in _LEADING else ""
        )

    def foldered(self, path: str) -> tuple[str, str]:
        """The role that the nearest telling folder suggests, and that folder; those around a `src` name projects."""
        folders = dirname(path).split("/")
        inner = folders[len(folders) - folders[::-1].index("src") :] if "src" in folders else folders
        for folder in reversed(inner):
            tokens = _telling(folder)
            role = _by_end(tokens, self.folders)
            if role in LAYERED or (role and self.folders.get("".join(tokens)) == role):
                return role, folder
        return "", ""


# methods that only read, write, check or make what a class holds
PLAIN = re.compile(
    r"[_<]|get|set|is|has|to|from(?!_request)|of|with|valid|equals|hash|builder|bind|table", re.IGNORECASE
)
LAYERED = frozenset({"router", "service", "repository", "model", "schema", "migration", "job"})
_LEADING = frozenset({"crud", "repo", "repository", "service", "schema", "model", "route"})


def _by_word(tables: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, str]:
    return {word: role for table in tables for role, words in table.items() for word in words}


def _telling(text: str) -> list[str]:
    return [token for token in tokens_of(text) if token not in _EMPTY]


def _by_end(tokens: Sequence[str], words: Mapping[str, str]) -> str:
    whole = ("".join(tokens), "".join(tokens[-2:]), *tokens[-1:])
    return next((words[word] for word in whole if word in words), "")


@lru_cache(maxsize=65536)
def tokens_of(text: str) -> tuple[str, ...]:
    """The words of a name, in lower case: `UserServiceImpl` is user, service, impl."""
    return tuple(token.lower() for token in _TOKENS.findall(text))


@lru_cache(maxsize=65536)
def matches(name: str, globs: tuple[str, ...]) -> str:
    """The first of the globs that a name fits, `""` for none."""
    return next((glob for glob, pattern in _compiled(globs) if pattern.fullmatch(name)), "")


@cache
def _compiled(globs: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((glob, re.compile(translate(glob))) for glob in globs)


@cache
def _all() -> tuple[tuple[str, _File], ...]:
    folder = files("backwright").joinpath("knowledge", "layers")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name)
    read = (msgspec.convert(tomllib.loads(entry.read_text("utf-8")), _File) for entry in found)
    return tuple((entry.name.removesuffix(".toml"), file) for entry, file in zip(found, read, strict=True))


@cache
def signs_of(language: str) -> Signs:
    """What is known for a language; for `""` what needs no source code."""
    return Signs([file for name, file in _all() if name == _ANY or language in file.languages])
