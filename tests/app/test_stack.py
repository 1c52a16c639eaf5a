"""`stack`, `stack set` and `stack check` on small repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from app_scene import config_of, git, shop

from backwright.app.apply import undo
from backwright.app.map import map_repository
from backwright.app.stack import read_stack
from backwright.app.stack_set import check_stack, set_stack
from backwright.core.change import Question
from backwright.core.errors import BackwrightError, NeedsPerson, NothingToDo, UsageError
from backwright.engine.contract import read_contract

EXPRESS = {
    "package.json": json.dumps(
        {
            "name": "shop",
            "private": True,
            "scripts": {"test": "jest", "lint": "eslint ."},
            "dependencies": {"express": "^4.19.0", "mongoose": "^8.1.0", "joi": "17"},
            "devDependencies": {"jest": "29", "eslint": "9", "prettier": "3"},
        },
        indent=2,
    ),
    "src/app.js": "const express = require('express')\nconst app = express()\napp.listen(3000)\n",
    "src/orders/order.routes.js": (
        "const router = require('express').Router()\n\n"
        "// Only for those who are signed in\n"
        "router.post(\n  '/',\n  auth('orders'),\n  async (req, res) => {\n    res.status(201).send(await create(req.body))\n  }\n)\n\n"
        "module.exports = router\n"
    ),
    "src/orders/order.model.js": (
        "const mongoose = require('mongoose')\n\nconst order = new mongoose.Schema({\n  name: String,\n  total: Number,\n})\n"
    ),
    "src/orders/order.validation.js": "const Joi = require('joi')\n\nconst create = Joi.object({\n  name: Joi.string(),\n})\n",
    "tests/order.test.js": "test('creates', async () => {\n  const made = await post('/orders')\n  expect(made.status).toBe(201)\n})\n",
}


def repository(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    return root


def test_stack_of_a_repository(tmp_path: Path) -> None:
    root = repository(
        tmp_path, {**EXPRESS, "web/package.json": '{"dependencies": {"vue": "3"}}', "web/a.ts": "import 'vue'"}
    )
    result = read_stack(root)
    assert [(s.root, s.kind) for s in result.stacks] == [("", "backend"), ("web", "frontend")]
    assert result.stacks[0].name("framework") == "Express"


def test_set_writes_what_check_accepts(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    result = set_stack(root, overwrite=False)
    names = {"stack.yaml", "stack.schema.json", "tech-stack.md", "snippets.md", "api-template.js"}
    assert set(result.written) == {f"stack/{name}" for name in names}
    text = (root / "stack/stack.yaml").read_text()
    manifest = yaml.safe_load(text)
    assert manifest["framework"] == "express"
    assert manifest["orm"] == "mongoose"
    assert manifest["source"] == "detected"
    assert manifest["verify"]["tests"] == "npm run test"
    assert manifest["verify"]["format"] == "npx prettier --check ."
    contract = read_contract(text, "stack/stack.yaml")
    assert contract is not None
    assert [step.name for step in contract.steps] == ["format", "lint", "tests", "raw_sql"]
    assert check_stack(root).problems == ()
    assert set_stack(root, overwrite=False).written == ()


def test_snippets_are_the_repository_s_own(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    set_stack(root, overwrite=False)
    page = (root / "stack/snippets.md").read_text()
    assert "`src/orders/order.routes.js:3`" in page
    assert "auth('orders')" in page
    assert "new mongoose.Schema({\n  name: String,\n  total: Number,\n})" in page
    assert "Joi.object({" in page
    assert "expect(made.status).toBe(201)\n})" in page
    assert "src/orders/order.routes.js" in (root / "stack/api-template.js").read_text().splitlines()[0]
    assert "None" not in page


def test_set_keeps_what_is_there_and_shows_it(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    mine = "language: node\nframework: express\n"
    (root / "stack").mkdir()
    (root / "stack/stack.yaml").write_text(mine)
    kept = set_stack(root, overwrite=False)
    assert kept.written == ()
    assert kept.kept["stack/stack.yaml"][0] == mine
    assert (root / "stack/stack.yaml").read_text() == mine
    assert not (root / "stack/snippets.md").exists()
    assert "stack/stack.yaml" in set_stack(root, overwrite=True).written


def test_a_manifest_that_differs_is_a_visible_conflict(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    (root / "stack").mkdir()
    (root / "stack/stack.yaml").write_text("language: node\nframework: express\norm: prisma\ndatabase: mongodb\n")
    (problem,) = check_stack(root).problems
    assert problem.where == "stack/stack.yaml:3"
    assert "`prisma`" in problem.message
    assert "mongoose" in problem.message
    assert read_stack(root).problems == (problem,)


def test_what_the_project_does_not_tell_the_manifest_does(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    (root / "stack").mkdir()
    (root / "stack/stack.yaml").write_text("language: node\nmigration: migrate-mongo\n")
    migrations = read_stack(root).stacks[0].first("migrations")
    assert migrations is not None
    assert (migrations.name, str(migrations.evidence[0])) == ("migrate-mongo", "stack/stack.yaml:2")


def test_check_sees_that_a_snippet_s_source_changed(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    set_stack(root, overwrite=False)
    (root / "src/orders/order.model.js").write_text("// moved\nconst mongoose = require('mongoose')\n")
    (root / "tests/order.test.js").unlink()
    messages = [p.message for p in check_stack(root).problems]
    assert messages == [
        "src/orders/order.model.js no longer reads as the snippet",
        "the snippet's file tests/order.test.js is not there any more",
    ]


def test_several_backends_must_be_chosen_from(tmp_path: Path) -> None:
    files = {f"{name}/{path}": text for name in ("shop", "mail") for path, text in EXPRESS.items()}
    root = repository(tmp_path, files)
    with pytest.raises(UsageError, match="2 backends") as error:
        set_stack(root, overwrite=False)
    assert error.value.hints == ("cd mail", "cd shop")
    assert set(set_stack(root / "shop", overwrite=False).written) >= {"shop/stack/stack.yaml"}


def test_no_backend_is_said_with_what_there_is(tmp_path: Path) -> None:
    root = repository(tmp_path, {"package.json": '{"dependencies": {"react": "18"}}', "a.jsx": "import 'react'"})
    with pytest.raises(NothingToDo) as error:
        set_stack(root, overwrite=False)
    assert error.value.hints == ("the top folder is: frontend",)
    with pytest.raises(NothingToDo):
        check_stack(repository(tmp_path / "b", EXPRESS))


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    root = repository(tmp_path / "a", EXPRESS)
    (tmp_path / "elsewhere").mkdir()
    (root / "stack").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackwrightError):
        set_stack(root, overwrite=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_map_shows_the_stack_of_what_it_cannot_read_yet(tmp_path: Path) -> None:
    echo = {
        "go.mod": "module example.com/shop\n\ngo 1.22\n\nrequire github.com/labstack/echo/v4 v4.12.0\n",
        "main.go": (
            'package main\n\nimport "github.com/labstack/echo/v4"\n\nfunc main() {\n\tr := echo.New()\n'
            '\tr.GET("/orders", list)\n\tr.Start(":80")\n}\n\nfunc list(c echo.Context) error { return c.JSON(200, nil) }\n'
        ),
    }
    root = repository(tmp_path, echo)
    result = map_repository(root, config_of(root))
    assert result.archmap.stack.name("framework") == "Echo"
    assert [p.code for p in result.problems] == ["BW-W003"]


def test_the_contract_that_was_discovered_is_written(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", config="")
    set_stack(root, overwrite=False)
    text = (root / "stack/stack.yaml").read_text()
    manifest = yaml.safe_load(text)
    assert (manifest["framework"], manifest["orm"], manifest["migration"]) == ("fastapi", "sqlalchemy", "alembic")
    assert manifest["verify"]["migrations"] == "builtin"
    assert read_contract(text, "stack/stack.yaml") is not None
    page = (root / "stack/snippets.md").read_text()
    assert "This repository has none yet" not in page.split("## Model")[1].split("##")[0]


def test_what_set_wrote_is_undone_as_any_change(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    written = set_stack(root, overwrite=False)
    assert written.landed_id
    undo(root, written.landed_id)
    assert not (root / "stack").exists()


def test_files_that_git_ignores_are_not_written_over_unseen(tmp_path: Path) -> None:
    root = repository(tmp_path, {**EXPRESS, ".gitignore": "stack/\n", "stack/tech-stack.md": "mine\n"})
    assert set_stack(root, overwrite=False).kept["stack/tech-stack.md"][0] == "mine\n"
    assert (root / "stack/tech-stack.md").read_text() == "mine\n"


def test_what_is_no_text_is_not_written_over(tmp_path: Path) -> None:
    root = repository(tmp_path, EXPRESS)
    (root / "stack").mkdir()
    (root / "stack/snippets.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="plain UTF-8"):
        set_stack(root, overwrite=True)
    assert (root / "stack/snippets.md").read_bytes() == b"\xff\xfe\x00"


TWO_ORMS = {
    **EXPRESS,
    "package.json": EXPRESS["package.json"].replace('"dependencies": {', '"dependencies": {"typeorm": "0.3", ', 1),
    **{f"src/other/entity{n}.js": "const { Entity } = require('typeorm')\n" for n in range(3)},
    **{f"src/orders/model{n}.js": "const mongoose = require('mongoose')\n" for n in range(3)},
}


def test_what_the_project_leaves_open_is_asked(tmp_path: Path) -> None:
    root = repository(tmp_path, TWO_ORMS)
    (group,) = read_stack(root).stacks[0].undecided
    assert {claim.id for claim in group} == {"mongoose", "typeorm"}
    with pytest.raises(NeedsPerson) as nobody:
        set_stack(root, overwrite=False)
    assert set(nobody.value.hints) == {"--set orm=mongoose", "--set orm=typeorm"}
    assert not (root / "stack").exists()
    asked = []

    def ask(question: Question) -> str:
        asked.append(question.key)
        return "typeorm"

    set_stack(root, overwrite=False, ask=ask)
    assert asked == ["orm"]
    assert yaml.safe_load((root / "stack/stack.yaml").read_text())["orm"] == "typeorm"


def test_the_manifest_settles_what_the_project_leaves_open(tmp_path: Path) -> None:
    root = repository(tmp_path, {**TWO_ORMS, "stack/stack.yaml": "language: node\norm: typeorm\n"})
    result = read_stack(root)
    assert result.problems == ()
    assert result.stacks[0].undecided == ()
    assert result.stacks[0].ids("orm") == ("typeorm", "mongoose")


def test_an_answer_must_agree_with_the_project(tmp_path: Path) -> None:
    root = repository(tmp_path, TWO_ORMS)
    with pytest.raises(UsageError, match="not prisma"):
        set_stack(root, overwrite=False, answers={"orm": "prisma"})
    with pytest.raises(UsageError, match="no field"):
        set_stack(root, overwrite=False, answers={"colour": "red"})
    set_stack(root, overwrite=False, answers={"orm": "mongoose", "migration": "migrate-mongo"})
    manifest = yaml.safe_load((root / "stack/stack.yaml").read_text())
    assert (manifest["orm"], manifest["migration"]) == ("mongoose", "migrate-mongo")


def test_two_lock_files_are_a_question_unless_the_manifest_names_one(tmp_path: Path) -> None:
    locks = {"package-lock.json": "{}", "yarn.lock": ""}
    (group,) = read_stack(repository(tmp_path / "a", {**EXPRESS, **locks})).stacks[0].undecided
    assert [claim.id for claim in group] == ["npm", "yarn"]
    named = EXPRESS["package.json"].replace("{", '{"packageManager": "yarn@4.1.0", ', 1)
    stack = read_stack(repository(tmp_path / "b", {**EXPRESS, **locks, "package.json": named})).stacks[0]
    assert (stack.undecided, stack.ids("package_manager")) == ((), ("yarn",))
