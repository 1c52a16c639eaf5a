"""What stands beside the code in a Rust file for tests alone is no part of it."""

from __future__ import annotations

import pytest

from backwright.core import facts as f
from backwright.languages.rust import LANGUAGE

SERVED = "pub fn served() { save(); }\n"


def facts_of(source: str) -> tuple[object, ...]:
    return LANGUAGE.extract("src/jobs.rs", source.encode(), "").facts


@pytest.mark.parametrize(
    "tests",
    [
        "#[cfg(test)]\nmod tests {\n    use super::*;\n    fn made() { insert(); }\n    #[test]\n    fn works() { made(); }\n}\n",
        '#[cfg(all(test, feature = "db"))]\nmod tests {\n    #[tokio::test]\n    async fn works() { insert(); }\n}\n',
        "#[test]\nfn works() { insert(); }\n",
        "#[cfg(test)]\nfn made() { insert(); }\n#[test]\nfn works() { made(); }\n",
    ],
)
def test_code_for_tests_leaves_the_tests_alone(tests: str) -> None:
    facts = facts_of(SERVED + tests)
    assert [fact.name for fact in facts if isinstance(fact, f.Test)] == ["works"]
    assert [fact.name for fact in facts if isinstance(fact, f.Symbol)] == ["served"]
    assert [fact.expr.parts[0].dotted() for fact in facts if isinstance(fact, f.Call)] == ["save"]


@pytest.mark.parametrize("mark", ["#[cfg(not(test))]", '#[cfg(feature = "test")]', "#[inline]"])
def test_other_code_stays(mark: str) -> None:
    facts = facts_of(f"{mark}\nmod inner {{\n    pub fn kept() {{ insert(); }}\n}}\n{mark}\nfn also() {{ save(); }}\n")
    assert {fact.name for fact in facts if isinstance(fact, f.Symbol)} >= {"kept", "also"}
