"""Files are told apart by what their code does, in every language, also where folders are called otherwise."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from backwright.core.archmap import ROLES
from backwright.engine.placing import components
from backwright.engine.placing_signs import matches
from patterns_scene import read_project

CASES = sorted((Path(__file__).parent / "layers").glob("*.toml"))
SIGNS = sorted((Path(__file__).parents[2] / "src" / "backwright" / "knowledge" / "layers").glob("*.toml"))
NO_ROLES = {
    "aside",
    "data",
}  # what keeps a name from counting, and what speaks for a repository where nothing else does


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_roles(case: Path) -> None:
    service = tomllib.loads(case.read_text(encoding="utf-8"))
    files = service["files"]
    found = {c.path: c for c in components(read_project(files), files.get)}
    said = {path: "+".join((c.role, *c.also)) for path, c in found.items()}
    assert {path: said.get(path, "-") for path in service["roles"]} == service["roles"]
    assert all(bool(c.because) == bool(c.role) for c in found.values())


@pytest.mark.parametrize("page", SIGNS, ids=lambda page: page.stem)
def test_signs_give_known_roles(page: Path) -> None:
    known = tomllib.loads(page.read_text(encoding="utf-8"))
    roles = {sign["role"] for sign in known.get("sign", ())}
    roles |= {role for table in ("words", "names", "folders") for role in known.get(table, {})}
    assert roles <= {*ROLES, *NO_ROLES}


@pytest.mark.parametrize("page", SIGNS, ids=lambda page: page.stem)
def test_a_place_alone_says_why(page: Path) -> None:
    for sign in tomllib.loads(page.read_text(encoding="utf-8")).get("sign", ()):
        assert "because" in sign or not sign.keys() <= {"role", "uses", "files"}, sign


def test_a_name_needs_code_that_fits() -> None:
    files = {"go.mod": "module x", "service/limits.go": "package service\n\nconst Limit = 3\n"}
    assert [c.role for c in components(read_project(files))] == [""]


def test_files_that_nobody_reads_have_no_role() -> None:
    files = {"go.mod": "module x", "sql/orders.sql": "CREATE TABLE orders (id int);"}
    assert components(read_project(files)) == ()
    assert [c.role for c in components(read_project(files), files.get)] == ["migration"]


def test_long_signatures_take_no_time() -> None:
    long = f"context.Context, {'Request' * 1000} -> {'Response' * 1000}"
    started = time.process_time()
    assert matches(long, ("context.Context, *Request* -> *Response*error*",)) == ""
    assert time.process_time() - started < 2


def test_what_a_repository_stores_is_no_model_if_it_says_otherwise() -> None:
    files = {
        "package.json": "{}",
        "src/a.repository.ts": "import { A } from './a.dto';\nexport class ARepository {\n  save(a: A) {}\n}\n",
        "src/a.dto.ts": "export class A {\n  id: number;\n}\n",
    }
    assert {c.path: c.role for c in components(read_project(files))} == {
        "src/a.dto.ts": "schema",
        "src/a.repository.ts": "repository",
    }
