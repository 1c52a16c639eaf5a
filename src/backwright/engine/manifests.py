"""Where a project declares what it needs: the line that names a distribution, and the version that is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename

from backwright.core.facts import Span

LOCKS = {"uv.lock": "uv", "poetry.lock": "Poetry", "pdm.lock": "PDM", "Pipfile.lock": "Pipenv"}
_SHORT = re.compile(r"0\.0\.\d+|\d+(?:\.\d+)?")
_REQUIREMENTS = re.compile(r"requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)")
_MANIFESTS = ("pyproject.toml", "Pipfile", "setup.cfg")


@dataclass(frozen=True)
class Declared:
    """A distribution as declared: at which place, and which version (`0.115`), `""` where none is said."""

    name: str
    span: Span
    version: str = ""


class Manifests:
    """The manifests of one project. `texts` are its configuration files, `read` reads what is not among them."""

    def __init__(
        self, root: str, texts: Mapping[str, str], paths: tuple[str, ...], read: Callable[[str], str | None]
    ) -> None:
        self._prefix = f"{root}/" if root else ""
        own = [p for p in texts if p.startswith(self._prefix)]
        above = [p for p in texts if not p.startswith(self._prefix)]
        self._texts = [(p, texts[p]) for p in (*sorted(own, key=_rank), *sorted(above, key=_rank)) if is_manifest(p)]
        present = set(paths)
        folders = [self._prefix, *_above(root)]
        self.locks = [f + name for f in folders for name in LOCKS if f + name in present]
        self._read = read
        self._locked: dict[str, str] | None = None

    def find(self, distribution: str) -> Declared | None:
        """Where this distribution is declared first."""
        wanted = re.sub(r"[-_.]+", "[-_.]+", distribution)
        pattern = re.compile(
            rf"(?i)(?<![^\s\"']){wanted}(?:\[[^\]]*\])?(?![\w/-])(?:[\"'\s]*=\s*\{{?)?(?:\s*version\s*=)?[\"'\s(]*(?:[\^~<>=!]+\s*(\d+(?:\.\d+)*))?"
        )
        for path, text in self._texts:
            for number, line in enumerate(text.splitlines(), 1):
                bare = line.partition("#")[0]
                if found := pattern.search(bare):
                    plain = re.search(r"=\s*\{?.*?(\d+(?:\.\d+)+)", bare[found.start() :]) if "=" in bare else None
                    version = self._lock(distribution) or found[1] or (plain[1] if plain else "") or ""
                    return Declared(distribution, Span(path, number), short(version))
        return None

    def python(self) -> Declared | None:
        """The version of Python that the project says it needs."""
        patterns = (
            r"^\s*requires-python\s*=\s*[\"']([^\"']+)",
            r"^\s*python\s*=\s*[\"']([^\"']+)",
            r"^\s*python_requires\s*=\s*(.+)",
        )
        for path, text in self._texts:
            for pattern in patterns:
                for number, line in enumerate(text.splitlines(), 1):
                    if found := re.search(pattern, line):
                        return Declared("python", Span(path, number), _python(found[1]))
        return None

    def _lock(self, distribution: str) -> str:
        if self._locked is None:
            self._locked = {}
            for path in self.locks[:1]:
                self._locked = dict(_locked(self._read(path) or "", path))
        return self._locked.get(re.sub(r"[-_.]+", "-", distribution).lower(), "")


def is_manifest(path: str) -> bool:
    """Whether distributions are declared in a file of this name."""
    return basename(path) in _MANIFESTS or _REQUIREMENTS.search(path) is not None


def short(version: str) -> str:
    """`0.115` of `0.115.4`."""
    found = _SHORT.match(version)
    return found.group() if found else ""


def line_of(text: str, needle: str) -> int:
    """The first line with this text, 1 where there is none."""
    return next((n for n, line in enumerate(text.splitlines(), 1) if needle in line), 1)


def _locked(text: str, path: str) -> Iterator[tuple[str, str]]:
    if basename(path) == "Pipfile.lock":
        for name, body in re.findall(r'"([\w.-]+)": \{([^{}]*)\}', text):
            if found := re.search(r'"version": "==([^"]+)"', body):
                yield name, found[1]
        return
    yield from re.findall(r'(?m)^name = "([^"]+)"\nversion = "([^"]+)"', text)


def _python(spec: str) -> str:
    found = re.search(r"3(?:\.\d+)?", spec)
    if not found:
        return ""
    return f"{found.group()}+" if spec.strip()[:1] in "^>~" else found.group()


def _rank(path: str) -> tuple[int, int, str]:
    """The project's own manifest first, the nearest first."""
    return path.count("/"), _MANIFESTS.index(basename(path)) if basename(path) in _MANIFESTS else len(_MANIFESTS), path


def _above(root: str) -> list[str]:
    parts = root.split("/") if root else []
    return ["/".join(parts[:n]) + "/" if n else "" for n in range(len(parts) - 1, -1, -1)]
