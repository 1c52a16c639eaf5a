"""What the settings of a Django project say: its apps, and how REST framework is configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backwright.core.facts import Expr
from backwright.kit.django.house import SettingsFile
from backwright.kit.index import FactIndex
from backwright.kit.rendering import source_of
from backwright.kit.testfiles import is_test_file


def settings_file(index: FactIndex, read: Callable[[str], str]) -> SettingsFile | None:
    """The file that lists the project's own apps; with several the one that lists most of them."""
    found = []
    for path in index.files:
        symbols = index.symbols(path)
        if is_test_file(path):
            continue
        lists = [s.value for n, s in symbols.items() if n.endswith("APPS") and s.value is not None]
        elements = [e for value in lists for e in _elements(value)]
        if elements:
            own = sum(
                index.path_of(e.text.partition(".apps.")[0]) != "" or _is_package(index, e.text) for e in elements
            )
            found.append((own, path, elements))
    if not found:
        return None
    _, path, elements = max(found, key=lambda f: (f[0], len(f[2]), f[1]))
    rest_path = next((p for p in (path, *index.files) if "REST_FRAMEWORK" in index.symbols(p)), "")
    rest = index.symbols(rest_path)["REST_FRAMEWORK"] if rest_path else None
    keys: dict[str, tuple[str, ...]] = {}
    last = ""
    if rest is not None and rest.value is not None and rest.value.kind == "mapping":
        for key, part in zip(rest.value.keys, rest.value.parts, strict=False):
            keys[key] = tuple(_texts(part))
        if rest.value.parts:
            at = rest.value.parts[-1].loc
            text = read(rest_path).encode()
            start = text.rfind(b"\n", 0, at.start) + 1
            last = text[start : at.end].decode(errors="replace").strip()
    return SettingsFile(
        path=path,
        apps=tuple((e.text, e.loc) for e in elements),
        rest=keys,
        rest_line=rest.loc.line if rest is not None and rest_path == path else 0,
        rest_last=last,
    )


def _is_package(index: FactIndex, module: str) -> bool:
    return any(f.module.startswith(f"{module}.") for f in index.files.values())


def _elements(value: Expr) -> Iterator[Expr]:
    """The texts of a list, also of lists that are added to each other."""
    if value.kind == "string":
        yield value
    elif value.kind in {"sequence", "concatenation", "binary"}:
        for part in value.parts:
            yield from _elements(part)


def _texts(value: Expr) -> Iterator[str]:
    if value.kind in {"string", "constant"}:
        yield value.text
    elif value.kind == "sequence":
        for part in value.parts:
            yield from _texts(part)
    else:
        yield source_of(value)
