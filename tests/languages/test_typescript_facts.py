"""What TypeScript has of its own: `delete`, CommonJS exports of calls, guards of `route()`."""

from __future__ import annotations

from backwright.core.facts import Assign, Symbol
from backwright.kit.cases import Build
from backwright.kit.handlers import handlers
from backwright.languages.typescript.extract import extract


def test_delete_is_an_assignment_of_nothing() -> None:
    facts = extract("a.ts", b"function f(user) {\n  delete user.password;\n  !user.name;\n}\n", "").facts
    found = [(f.op, f.target.dotted(), f.value.text) for f in facts if isinstance(f, Assign)]
    assert found == [("delete", "user.password", "undefined")]


def test_an_exported_call_is_a_variable_of_the_module() -> None:
    facts = extract("a.js", b"exports.list = wrap(async (req, res) => {});\nexports.limit = 3;\n", "").facts
    assert [f.name for f in facts if isinstance(f, Symbol) and f.kind == "variable"] == ["list"]


def test_routes_of_exported_calls_and_of_chains_have_handlers_and_guards(build: Build) -> None:
    index, archmap = build(
        {
            "package.json": "{}",
            "orders.controller.js": "const { wrap } = require('./wrap');\nexports.remove = wrap(async (req, res) => { res.end(); });\n",
            "orders.routes.js": (
                "const express = require('express');\n"
                "const { remove } = require('./orders.controller');\n"
                "const router = express.Router();\n"
                "router.route('/orders/:id').delete(protect, remove);\n"
                "module.exports = router;\n"
            ),
        }
    )
    assert [(h.path, h.route.method, h.route.auth) for h in handlers(index, archmap)] == [
        ("orders.controller.js", "DELETE", ("protect",))
    ]
