"""Operations of GraphQL as routes: method QUERY, MUTATION or SUBSCRIPTION, the operation's name as path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.facts import Fact, Loc, Route, StringLiteral
from backwright.frameworks.graphql.code import declared
from backwright.frameworks.graphql.resolvers import Resolvers
from backwright.frameworks.graphql.sdl import offered
from backwright.kit.index import FactIndex
from backwright.kit.linking import within_any
from backwright.kit.testfiles import is_test_file

# Packages of servers: a schema alone may be somebody else's, kept by a client.
SERVERS = (
    *("graphql", "@apollo/server", "apollo-server", "apollo-server-express", "apollo-server-core", "apollo-server-koa"),
    *("apollo-server-fastify", "apollo-server-lambda", "graphql-yoga", "mercurius", "@graphql-tools", "graphql-tools"),
    *("express-graphql", "graphql-http", "type-graphql", "@nestjs/graphql", "@nestjs/apollo", "@pothos/core", "nexus"),
    *("strawberry", "strawberry_django", "graphene", "graphene_django", "ariadne", "tartiflette", "async_graphql"),
    *("juniper", "github.com/99designs/gqlgen", "github.com/graph-gophers/graphql-go", "com.netflix.graphql"),
    *("org.springframework.graphql", "graphql.kickstart", "org.eclipse.microprofile.graphql", "HotChocolate"),
    *("GraphQL", "Absinthe", "Absinthe.Schema", "Types.BaseObject", "GraphQL.Schema"),
)
_SCHEMAS = (".graphql", ".graphqls", ".gql")


def operations(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Route facts per file: by the schema in the code, or by a schema of its own with the functions that resolve it."""
    serving = [
        p for p in index.files if any(within_any(i.module, SERVERS) for i in index.imports(p)) or _based(index, p)
    ]
    if not serving:
        return {}
    out: dict[str, dict[tuple[str, str], Route]] = {}
    coded = {(route.method, route.path) for path, route in declared(index, serving) if _add(out, path, route)}
    resolvers = Resolvers(index)
    for path, schema, line in _schemas(index):
        for method, name, at in offered(schema):
            if (method, name) in coded:
                continue
            resolver = resolvers.of(method, name)
            loc = Loc(line + at - 1, 1, line + at - 1, 1, 0, 0)
            where, handler, place = resolver if resolver is not None else (path, "", loc)
            _add(out, where, Route(method, name, handler, place, complete=True))
    return {path: tuple(found.values()) for path, found in out.items()}


def _based(index: FactIndex, path: str) -> bool:
    """Where names are loaded without an import: whether a class descends from the library's."""
    return index.files[path].language == "ruby" and any(
        within_any(base, SERVERS) for symbol in index.symbols(path).values() for base in symbol.bases
    )


def _add(out: dict[str, dict[tuple[str, str], Route]], path: str, route: Route) -> bool:
    known = out.setdefault(path, {})
    known.setdefault((route.method, route.path), route)
    return True


def _schemas(index: FactIndex) -> Iterator[tuple[str, str, int]]:
    """The schemas of a project: files, and texts in the code; each with the line it begins in."""
    for path, text in index.texts.items():
        if path.endswith(_SCHEMAS) and not is_test_file(path):
            yield path, text, 1
    for path in index.files:
        for fact in index.facts(path) if not is_test_file(path) else ():
            if isinstance(fact, StringLiteral) and "type " in fact.value and "{" in fact.value:
                yield path, fact.value, fact.loc.line
