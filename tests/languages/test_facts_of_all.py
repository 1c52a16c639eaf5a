"""What each language says of the same small piece of code: symbols, calls, loops, texts that are put together, settings, tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from backwright.core import facts
from backwright.core.facts import Assign, Branch, Call, Catch, Expr, Loop, Raise, Setting, Symbol
from backwright.engine.registry import Registry

SERVICES = {path.suffix: path for path in (Path(__file__).parent / "services").iterdir()}
LANGUAGES = {language.name: language for language in Registry().languages if language.name not in {"python", "scala"}}
ASYNC = {"typescript", "csharp", "rust", "kotlin"}


@cache
def service(name: str) -> tuple[object, ...]:
    """The facts of the service `UserService` in one language."""
    language = LANGUAGES[name]
    path = next(SERVICES[suffix] for suffix in language.suffixes if suffix in SERVICES)
    read = language.extract(path.name, path.read_bytes(), "")
    assert read.errors == 0
    return read.facts


def of_kind(name: str, kind: type) -> list[object]:
    return [fact for fact in service(name) if isinstance(fact, kind)]


def words(expr: Expr) -> set[str]:
    """Every text and name in an expression."""
    found = {expr.text} if expr.text else set()
    return found.union(*(words(part) for part in expr.parts))


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_class_with_its_methods(name: str) -> None:
    symbols = [s for s in of_kind(name, Symbol) if isinstance(s, Symbol)]
    assert any(s.kind == "class" and s.name.rpartition(".")[2] == "UserService" for s in symbols)
    methods = {s.name.lower().replace("_", ""): s for s in symbols if s.scope.rpartition(".")[2] == "UserService"}
    assert {"find", "rename"} <= set(methods)
    find = methods["find"]
    assert [p.name for p in find.params][-1].lstrip("$") == "id"
    assert find.body is not None
    assert find.body.end_line > find.body.line


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_call_in_a_loop_knows_its_loop(name: str) -> None:
    loops = {fact.loc.start for fact in of_kind(name, Loop) if isinstance(fact, Loop)}
    looped = [c for c in of_kind(name, Call) if isinstance(c, Call) and "touch" in c.expr.parts[0].dotted().lower()]
    assert looped
    assert all(call.loop in loops for call in looped)


@pytest.mark.parametrize("name", LANGUAGES)
def test_texts_put_together_are_no_plain_texts(name: str) -> None:
    kinds = {"interpolation", "concatenation"}
    queries = [
        c for c in of_kind(name, Call) if isinstance(c, Call) and c.expr.parts[0].dotted().lower().endswith("query")
    ]
    built = [arg for call in queries for arg in call.expr.positional() if arg.kind in kinds or arg.text == "format!"]
    formatted = [c for c in queries if any("format" in w.lower() or "printf" in w.lower() for w in words(c.expr))]
    assert built or formatted
    assert any("select" in word for call in queries for word in words(call.expr))


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_is_read_from_the_environment(name: str) -> None:
    assert "DATABASE_URL" in {s.name for s in of_kind(name, Setting) if isinstance(s, Setting)}


@pytest.mark.parametrize("name", LANGUAGES)
def test_conditions_and_assignments(name: str) -> None:
    assert of_kind(name, Branch)
    assert any(isinstance(a, Assign) and a.target.dotted().lstrip("@$") == "user" for a in of_kind(name, Assign))


@pytest.mark.parametrize("name", sorted(set(LANGUAGES) - {"go", "rust"}))
def test_what_is_thrown_and_caught(name: str) -> None:
    assert of_kind(name, Raise)
    caught = [c for c in of_kind(name, Catch) if isinstance(c, Catch)]
    assert caught
    assert name in {"typescript"} or any("Error" in t or "Exception" in t for c in caught for t in c.types)


@pytest.mark.parametrize("name", sorted(ASYNC))
def test_what_is_awaited(name: str) -> None:
    methods = [s for s in of_kind(name, Symbol) if isinstance(s, Symbol) and s.is_async]
    assert methods
    assert name == "kotlin" or any(isinstance(c, Call) and c.awaited for c in of_kind(name, Call))


@pytest.mark.parametrize("name", LANGUAGES)
def test_tests_are_known(name: str) -> None:
    assert of_kind(name, facts.Test)  # by its name here it would be taken for a test itself
