"""Rules meet code that nobody finished: they may find nothing, they may not fail."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.engine.checking import check
from backwright.engine.registry import Registry
from backwright.kit.cases import Build, Example, read_page

REGISTRY = Registry()
EXAMPLES: list[Example] = [e for rule in REGISTRY.rules for e in read_page(REGISTRY.page(rule)).examples]
HEAD = """
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.orm import Session

router = APIRouter()
"""

HOSTILE = [
    "x = x\ndef f(x=x): return f(f(x))\n",
    "def f():\n    a = b\n    b = a\n    for a in b:\n        b = a.c(b)\n    return execute(f'{a}{b}')\n",
    "class A(A): pass\nclass B(C): pass\nclass C(B):\n    def f(self): return self.f().f()\n",
    "from a import *\nfrom . import x\nimport x.y.z\n",
    "def f(*a, **k):\n    return [*a, *[b for b in b]]\n",
    "lambda: (yield)\n",
    "session.execute(" * 60 + ")" * 60 + "\n",
    "a" + ".b" * 400 + "()\n",
    "x = " + " + ".join(["'a'"] * 400) + "\n",
    "a = " * 800 + "1\n",
    "async def f(session):\n    async for x in session:\n        async with x as y:\n            await y[x](*x, **y)\n",
    "def (:\n  ''' %s {\n",
    "\ufeffsession.execute(f'{x}')\n",
    "try:\n    x = 1\nexcept* E as e:\n    session.execute(f'select {e}')\nelse:\n    x = 2\n",
    # values made of each other, again and again: all ways through it are more than can be gone
    "def f(session, a, b):\n"
    + "    if a:\n        a = f'{a}{b}'\n    else:\n        b += a\n" * 60
    + "    session.execute(f'SELECT {a} {b}')\n",
    "match x:\n    case {'a': y, **z} if y:\n        session.execute(f'{z}')\n",
    # lists that hold each other, a text that grows hundreds of times, one of a thousand pieces
    "def f(a, b):\n    a.append(b)\n    b.append(a)\n    return f'SELECT a FROM b WHERE c IN ({a})'\n",
    "def f(a):\n    s = 'SELECT a FROM b'\n"
    + "    s = f'{s} {a}'\n" * 400
    + "    return f'SELECT a FROM b WHERE c = {s}'\n",
    "s = 'SELECT a FROM b WHERE c = ' + " + " + ".join(["x"] * 400) + "\n",
]
HEAD_TYPESCRIPT = """
import { Router } from "express";
import { model, Schema } from "mongoose";

const User = model("User", new Schema({ password: String }));
const router = Router();
"""

HOSTILE_TYPESCRIPT = [
    "router.get('/a', async (req, res) => { const a = b; const b = a; res.json(a); });\n",
    "router.post('/a', async (req, res) => { const { ...x } = req.body; delete x; delete x[y]; res.json(await User.find(x)); });\n",
    "router.get('/a', f);\nfunction f(req, res) { return f(f(req, res)); }\n",
    "router.get('/a', async (req, res) => { for (const u of await User.find()) { await u.populate(); u.populate('a').get('b'); } });\n",
    "router.get('/a', async (req, res) => { let a = req.query.a, b = '';\n"
    + "if (a) { a = `${a}${b}`; } else { b += a; }\n" * 60
    + "res.json(await pool.query(`SELECT ${a} ${b}`)); });\n",
    "router.route().post();\nrouter.get();\nrouter.post('/x', , (req) => {\n",
    "await Promise.all();\nawait Promise.all([Promise.all([User.create({}, { transaction })])]);\n",
    "exports.a = exports.b = f();\nmodule.exports.c = module.exports;\nexports.d = exports.d(exports.d);\n",
    "res.cookie();\nres.cookie('token');\ncors();\nsession({});\nconst o = o;\nres.cookie('token', t, o);\n",
    "@Injectable() class A extends A { a = {}; f(@Body() @Query() { x }: any, ...y) { this.a[y] = y; return this.f(this); } }\n",
    "class A { constructor(private a: B) {} m() { return this.a.m(); } }\n"
    "class B { constructor(private b: A) {} m() { return this.b.m(); } }\n",
    "@Resolver(() => A) class R { @ResolveField() a(@Parent() { id }) { return this.a(id); } @Query(() => [A]) q() {} }\n",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_no_rule_fails_on_hostile_code(build: Build, source: str) -> None:
    index, archmap = build({"app/a.py": HEAD + source, "app/b.py": source})
    assert check(REGISTRY.rules, index, archmap).crashes == ()


@pytest.mark.parametrize("source", HOSTILE_TYPESCRIPT)
def test_no_rule_fails_on_hostile_typescript(build: Build, source: str) -> None:
    tree = {"src/a.routes.ts": HEAD_TYPESCRIPT + source, "src/b.service.ts": source, "src/c.js": source}
    index, archmap = build({"package.json": "{}", **tree})
    assert check(REGISTRY.rules, index, archmap).crashes == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(EXAMPLES), st.data())
def test_no_rule_fails_on_code_with_lines_missing(build: Build, example: Example, data: st.DataObject) -> None:
    tree = {}
    for path, text in example.files.items():
        lines = text.splitlines(keepends=True)
        gone = data.draw(st.sets(st.integers(0, max(0, len(lines) - 1)), max_size=4), label=path)
        tree[path] = "".join(line for i, line in enumerate(lines) if i not in gone)
    index, archmap = build(tree)
    found = check(REGISTRY.rules, index, archmap)
    assert found.crashes == ()
    assert len(found.rules) == len(REGISTRY.rules)
