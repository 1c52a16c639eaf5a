"""What a template of Django reads of the variables that a view gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backwright.core.facts import Loc

_TOKEN = re.compile(r"\{\{-?\s*(?P<shown>[\w.]+)(?P<given>[^}]*)|\{%-?\s*(?P<tag>\w+)\s*(?P<rest>[^%]*?)-?%\}")
_FOR = re.compile(r"(?P<targets>\w+(?:\s*,\s*\w+)*)\s+in\s+(?P<iterable>[\w.]+)")
_NAME = re.compile(r"(?<![\w.'\"|])[A-Za-z_]\w*(?:\.\w+)+")
_WITH = re.compile(r"(?P<name>\w+)=(?P<value>[\w.]+)|(?P<old>[\w.]+)\s+as\s+(?P<new>\w+)")
_INCLUDED = re.compile(r"['\"](?P<name>[^'\"]+)['\"]")
_REGROUP = re.compile(r"(?P<rows>[\w.]+)\s+by\s+.*\bas\s+(?P<name>\w+)")
_GROUPS = "<groups>"
_MAX_DEPTH = 3
_NOT_ROWS = frozenset({"forloop", "request", "form", "block", "loop", "messages", "perms", "settings"})

_PAGE = re.compile(r"(.*/)?templates/.*\.(html|txt)")

Path = tuple[str, ...]


def is_template(path: str) -> bool:
    """Whether a file is a page that views fill in."""
    return _PAGE.fullmatch(path) is not None


@dataclass(frozen=True)
class Shown:
    """A dotted name in a template, as the variable of the view and the names behind it."""

    path: str
    loc: Loc
    root: str
    names: Path


class Templates:
    """The templates of one project by the names that views give."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._by_name: dict[str, str] = {}
        self._texts = texts
        for path in sorted(texts):
            _, found, name = f"/{path}".rpartition("/templates/") if "/jinja2/" not in path else ("", "", "")
            if found:
                self._by_name.setdefault(name, path)
        self._last: dict[str, list[str]] = {}
        for path in sorted(texts):
            self._last.setdefault(path.rpartition("/")[2], []).append(path)
        self._known: dict[str, tuple[Shown, ...]] = {}

    def reads(self, name: str) -> tuple[Shown, ...]:
        """Everything that a template, and what it includes, shows or decides on."""
        if name not in self._known:
            self._known[name] = tuple(self._in(name, {}, 0))
        return self._known[name]

    def _below(self, name: str) -> str:
        """The one page that ends in a name: folders of templates may lie below `templates`."""
        found = [path for path in self._last.get(name.rpartition("/")[2], ()) if path.endswith(f"/{name}")]
        return found[0] if len(found) == 1 and "/" in name else ""

    def _in(self, name: str, held: Mapping[str, Path], depth: int) -> Iterator[Shown]:
        path = self._by_name.get(name) or self._below(name)
        text = self._texts.get(path, "")
        if not text or depth > _MAX_DEPTH:
            return
        scopes: list[dict[str, Path]] = [dict(held)]
        for token in _TOKEN.finditer(text):
            here = scopes[-1]
            if token["shown"]:
                for dotted in (token["shown"], *_NAME.findall(token["given"])):
                    yield from _shown(path, text, token.start(), dotted, here)
                continue
            tag, rest = token["tag"], token["rest"]
            for match in _NAME.finditer(rest):
                yield from _shown(path, text, token.start(), match[0], here)
            if tag == "for":
                scopes.append({**here, **_walked(rest, here)})
            elif tag == "regroup" and (grouped := _REGROUP.match(rest)) is not None:
                here[grouped["name"]] = (*_meant(grouped["rows"], here), _GROUPS)
            elif tag == "with":
                scopes.append({**here, **_named(rest, here)})
            elif tag in {"endfor", "endwith"} and len(scopes) > 1:
                scopes.pop()
            elif tag == "include" and (included := _INCLUDED.match(rest)) is not None:
                yield from self._in(included["name"], {**here, **_named(rest, here)}, depth + 1)


def _shown(path: str, text: str, at: int, dotted: str, held: Mapping[str, Path]) -> Iterator[Shown]:
    names = _meant(dotted, held)
    if len(names) > 1 and names[0] not in _NOT_ROWS:
        line = text.count("\n", 0, at) + 1
        yield Shown(path, Loc(line, 1, line, 1, at, at), names[0], names[1:])


def _meant(dotted: str, held: Mapping[str, Path]) -> Path:
    first, *rest = dotted.split(".")
    names = (*held.get(first, (first,)), *rest)
    if _GROUPS in names:  # `for group in groups` and `group.list`: the rows themselves
        at = names.index(_GROUPS)
        if names[at : at + 3] == (_GROUPS, "", "list"):
            return (*names[:at], *names[at + 3 :])
    return names


def _walked(rest: str, held: Mapping[str, Path]) -> dict[str, Path]:
    """`for order in orders`: `order` is what `orders` holds, marked by an empty name."""
    found = _FOR.match(rest)
    if found is None or "," in found["targets"]:
        return dict.fromkeys(re.findall(r"\w+", found["targets"]), ("forloop",)) if found is not None else {}
    return {found["targets"]: (*_meant(found["iterable"], held), "")}


def _named(rest: str, held: Mapping[str, Path]) -> dict[str, Path]:
    out: dict[str, Path] = {}
    for match in _WITH.finditer(rest):
        if match["name"]:
            out[match["name"]] = _meant(match["value"], held)
        else:
            out[match["new"]] = _meant(match["old"], held)
    return out
