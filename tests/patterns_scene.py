"""Small projects in any language, read as the product reads them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backwright.app.bootstrap import registry, with_frameworks
from backwright.core.facts import Table
from backwright.engine.projects import module_name
from backwright.kit.index import FactIndex


def read_project(files: Mapping[str, str]) -> FactIndex:
    """The index of a project, path to text; what no language reads is a manifest."""
    languages = {suffix: language for language in registry().languages for suffix in language.suffixes}
    read = {}
    for path, text in files.items():
        language = languages.get(path[path.rfind(".") :])
        if language is not None:
            facts = language.extract(path, text.encode(), "")
            named = module_name(path, frozenset({""})) if language.name == "python" else facts.module
            read[path] = msgspec.structs.replace(facts, module=named)
    texts = {path: text for path, text in files.items() if path not in read}
    return with_frameworks(FactIndex(read, texts=texts, paths=tuple(files)))


def routes_of(files: Mapping[str, str]) -> list[str]:
    """`METHOD path handler` of every route, sorted."""
    return sorted(f"{route.method} {route.path} {route.handler}" for _, route in read_project(files).routes())


def tables_of(files: Mapping[str, str]) -> dict[str, Table]:
    """Every entity by its name."""
    return {table.entity: table for _, table in read_project(files).tables()}
