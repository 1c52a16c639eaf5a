"""What tests of rules and of the engine stand on: a project made of a few files, read as the product reads one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from backwright.core.archmap import ArchMap
from backwright.core.facts import Fact, Import
from backwright.core.stack import Stack
from backwright.engine.placing import components
from backwright.engine.projects import module_name, source_roots
from backwright.frameworks.fastapi.routes import routes
from backwright.frameworks.sqlalchemy.tables import tables as sqlalchemy_tables
from backwright.frameworks.sqlmodel.tables import tables as sqlmodel_tables
from backwright.kit.cases import Build
from backwright.kit.index import FactIndex
from backwright.languages.python.extract import extract


def _build(files: Mapping[str, str]) -> tuple[FactIndex, ArchMap]:
    sources = {path: text for path, text in files.items() if path.endswith(".py")}
    read = {path: extract(path, text.encode(), "") for path, text in sources.items()}
    imports = {
        path: [f.module for f in file.facts if isinstance(f, Import) and not f.level] for path, file in read.items()
    }
    roots = frozenset(source_roots(sorted(sources), [], {}, imports))
    named = {path: msgspec.structs.replace(file, module=module_name(path, roots)) for path, file in read.items()}
    texts = {path: text for path, text in files.items() if path not in sources}
    index = FactIndex(named, texts=texts, paths=files)
    for derive in (routes, sqlalchemy_tables, sqlmodel_tables):
        index = index.with_added({path: tuple[Fact, ...](facts) for path, facts in derive(index).items()})
    return index, ArchMap(root="", stack=Stack(""), components=components(index))


@pytest.fixture(scope="session")
def build() -> Build:
    """Makes the facts and the map of a small project, path to text."""
    return _build
