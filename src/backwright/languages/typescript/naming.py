"""Modules are files: named relative to each other, through path aliases of tsconfig.json, or by the package of a workspace."""

from __future__ import annotations

import json
import re
from posixpath import basename, dirname, join, normpath
from typing import Any

from backwright.core.facts import Import
from backwright.kit.linking import Tree

_DEEP = 5  # configurations that extend each other
_SUFFIX = re.compile(r"\.(d\.ts|tsx?|jsx?|mts|cts|mjs|cjs)$")
_COMMENTS = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')


def read_json(text: str) -> dict[str, Any]:
    """A JSON object with comments and trailing commas; empty where it is none."""
    for pattern in (_COMMENTS, _TRAILING):
        text = pattern.sub(lambda m: m[1] or "", text)
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class TypeScriptNaming:
    """A module is its path without suffix; `index` is its folder."""

    reexports = True

    def __init__(self, tree: Tree) -> None:
        self._aliases: list[tuple[str, str, str]] = []  # folder it counts in, prefix, folder it stands for
        self._bases: list[tuple[str, str]] = []  # folder it counts in, folder that plain names start from
        for path, text in tree.texts.items():
            if basename(path).startswith(("tsconfig", "jsconfig")) and path.endswith(".json"):
                self._configured(dirname(path), path, read_json(text), tree)
            elif basename(path) == "package.json":
                manifest = read_json(text)
                self._package(dirname(path), manifest)
                self._private(dirname(path), manifest)
        self._aliases.sort(key=lambda alias: (-len(alias[0]), -len(alias[1])))

    def _configured(self, folder: str, path: str, config: dict[str, Any], tree: Tree, depth: int = 0) -> None:
        """The names that a configuration gives in `folder`, those of the configurations that it extends after its own."""
        self._named(folder, dirname(path), config)
        given = config.get("extends")
        for base in given if isinstance(given, list) else (given,):
            place = self._extended(dirname(path), base, tree) if isinstance(base, str) and depth < _DEEP else ""
            if place:
                self._configured(folder, place, read_json(tree.texts[place]), tree, depth + 1)

    def _extended(self, folder: str, base: str, tree: Tree) -> str:
        """The file that `extends` means: by its place, or in a package of the workspace."""
        if base.startswith("."):
            places = [_normal(join(folder, base))]
        else:
            places = [path for path in tree.texts if f"/{path}".endswith(f"/{base.partition('/')[2]}")]
            places += [f"{path}.json" for path in places]
        for place in places:
            for found in (place, f"{place}.json", f"{place}/tsconfig.json"):
                if found in tree.texts:
                    return found
        return ""

    def _named(self, inside: str, folder: str, config: dict[str, Any]) -> None:
        """`paths` and `baseUrl` of the configuration in `folder`, for what lies in `inside`."""
        options = config.get("compilerOptions")
        if not isinstance(options, dict):
            return
        base = options.get("baseUrl")
        root = _normal(join(folder, base)) if isinstance(base, str) else folder
        if isinstance(base, str):
            self._bases.append((inside, root))
        paths = options.get("paths")
        for alias, places in paths.items() if isinstance(paths, dict) else ():
            place = places[0] if isinstance(places, list) and places else None
            if isinstance(alias, str) and isinstance(place, str):
                self._aliases.append((inside, alias.rstrip("*"), _normal(join(root, place.rstrip("*")))))

    def _private(self, folder: str, manifest: dict[str, Any]) -> None:
        """`imports` of a package, which begin with `#`: `"#controllers/*": "./app/controllers/*.js"`."""
        listed = manifest.get("imports")
        for alias, place in listed.items() if isinstance(listed, dict) else ():
            if isinstance(place, dict):
                place = next(
                    (place[key] for key in ("types", "development", "default", "import") if key in place), None
                )
            if isinstance(alias, str) and isinstance(place, str):
                target = place.partition("*")[0] if "*" in place else place
                self._aliases.append((folder, alias.rstrip("*"), _normal(join(folder, target))))

    def _package(self, folder: str, manifest: dict[str, Any]) -> None:
        name = manifest.get("name")
        if not folder or not isinstance(name, str) or not name:
            return
        main = manifest.get("main") or manifest.get("types")
        source = join(folder, "src") if isinstance(main, str) and "src" not in main else folder
        self._aliases.append(("", f"{name}/", folder))
        self._aliases.append(("", name, join(folder, main) if isinstance(main, str) and "src" in main else source))

    def module(self, path: str, declared: str) -> str:
        return _module(path)

    def absolute(self, path: str, item: Import) -> str:
        module = item.module
        if item.level:
            return _module(_normal(join(dirname(path), module))) or "."
        for folder, prefix, target in self._aliases:
            inside = not folder or path.startswith(folder + "/")
            if inside and (module == prefix or (prefix.endswith("/") and module.startswith(prefix))):
                return _module(_normal(join(target, module[len(prefix) :])))
        return module

    def places(self, path: str, module: str) -> list[str]:
        """Where a plain name may lead with `baseUrl`."""
        return [_module(_normal(join(root, module))) for folder, root in self._bases if path.startswith(folder)]


def _normal(path: str) -> str:
    plain = normpath(path)
    return "" if plain == "." else plain


def _module(path: str) -> str:
    plain = _SUFFIX.sub("", path)
    folder, _, name = plain.rpartition("/")
    return folder if name == "index" else plain
