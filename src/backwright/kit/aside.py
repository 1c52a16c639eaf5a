"""Code beside the service: tests, migrations, seeds, scripts and examples, which rules about serving leave alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.kit.bodies import Body, bodies
from backwright.kit.handlers import roles
from backwright.kit.index import FactIndex

_SETUP = re.compile(
    r"(^|[/_])(seeds?|seeders?|seeding|fixtures?|initial_data|init_db|populate|demo|install(er)?|scripts?|fixes|e2e[-_]tests|"
    r"bench(marks?)?|samples?|examples?|integration_tests|load_?tests?|conftest|testing|mocks?|dev)([/_.]|$)"
)

_LAYERS = {"router", "service", "repository"}  # what the map found to serve does so, though a laboratory has "samples"


def is_setup(name: str) -> bool:
    """Whether a path, or the qualified name of a function, is of code that runs once or beside the service."""
    return _SETUP.search(name) is not None


def is_aside(path: str, role: str) -> bool:
    """Whether a file is no part of what serves. `role` is the role it has in the map, `""` for none."""
    return role in {"test", "migration"} or (role not in _LAYERS and is_setup(path))


def is_command(path: str) -> bool:
    """Whether a file is a command of Django, which somebody or a timer runs beside the service."""
    return "/management/" in f"/{path}"


class Serving:
    """The files of one project that serve."""

    def __init__(self, index: FactIndex, archmap: ArchMap) -> None:
        self.index = index
        self.role = roles(archmap)

    def __contains__(self, path: str) -> bool:
        return not is_aside(path, self.role.get(path, ""))

    def functions(self) -> Iterator[Body]:
        """The functions and methods of what serves."""
        return (
            b
            for b in bodies(self.index).functions()
            if b.path in self and (self.role.get(b.path) in _LAYERS or not is_setup(b.scope))
        )
