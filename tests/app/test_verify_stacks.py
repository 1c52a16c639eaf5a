"""`verify` of backends that are not read in depth: the project's own scripts and tools, in a private copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from app_scene import Watching, config_of, content, git

from backwright.app.results import VerifyResult
from backwright.app.verify import verify_repository
from backwright.core.errors import ToolMissing, UsageError

SLIM = {
    "composer.json": '{"require": {"slim/slim": "^4"}, "require-dev": {"phpunit/phpunit": "^10"}}',
    "composer.lock": "{}",
    "phpunit.xml": "<phpunit/>",
    ".gitignore": "/vendor\n",
    "public/index.php": "<?php\nuse Slim\\Factory\\AppFactory;\n$app = AppFactory::create();\n"
    "$app->get('/users', function ($request, $response) { return $response; });\n$app->run();\n",
    "tests/UserTest.php": "<?php\nuse PHPUnit\\Framework\\TestCase;\nclass UserTest extends TestCase {}\n",
}
PHPUNIT = """#!/bin/sh
echo "in $(pwd)" >> vendor/.cache/log
[ -n "$API_TOKEN" ] && echo "a secret was passed on" && exit 1
[ -f public/index.php ] && echo "OK (3 tests, 5 assertions)"
"""


def project(root: Path, files: dict[str, str], programs: dict[str, str]) -> Path:
    for path, text in {**files, **programs}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for path in programs:
        (root / path).chmod(0o755)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


def slim(root: Path, phpunit: str = PHPUNIT) -> Path:
    made = project(root, SLIM, {"vendor/bin/phpunit": phpunit})
    (root / "vendor/.cache").mkdir()
    return made


def proved(root: Path, python: str = "") -> VerifyResult:
    watching = Watching()
    return verify_repository(root, config_of(root), python=python, consent=watching.consent, progress=watching)


def test_a_php_service_is_proved_by_its_own_test_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    root = slim(tmp_path / "users")
    before = content(root)
    found = proved(root)
    assert {r.step: (r.outcome, r.detail) for r in found.verdict.results} == {
        "tests": ("passed", "3 tests ran"),
        "guardrails": ("passed", "nothing new"),
    }
    assert found.verdict.ok
    assert found.contract.source == "discovered"
    assert content(root) == before
    assert list((root / "vendor/.cache").iterdir()) == []  # it ran, and wrote, in the copy


def test_a_runner_that_runs_nothing_proves_nothing(tmp_path: Path) -> None:
    found = proved(slim(tmp_path / "users", "#!/bin/sh\necho 'Tests: 0, Assertions: 0.'\n"))
    first = found.verdict.results[0]
    assert (first.step, first.outcome, first.detail) == ("tests", "failed", "no test ran")
    assert not found.verdict.ok


def test_without_dependencies_it_says_how_to_install_them(tmp_path: Path) -> None:
    root = slim(tmp_path / "users")
    shutil.rmtree(root / "vendor")
    with pytest.raises(ToolMissing, match="there is no vendor") as caught:
        proved(root)
    assert caught.value.hints == ("install them: composer install",)
    with pytest.raises(UsageError, match="--python"):
        proved(root, python="/usr/bin/python3")


EXPRESS = {
    "package.json": '{"scripts": {"lint": "eslint .", "test": "node --test"}, "dependencies": {"express": "^4"},'
    ' "devDependencies": {"eslint": "^9"}}',
    "package-lock.json": "{}",
    ".gitignore": "node_modules\n",
    "src/app.js": "const express = require('express')\nconst app = express()\n"
    "app.get('/users', (req, res) => res.json([]))\napp.listen(3000)\n",
    "test/users.test.js": "const { test } = require('node:test')\nconst express = require('express')\n"
    "test('lists', () => { if (express() !== 1) throw new Error('no') })\n",
}
ESLINT = """#!/bin/sh
echo "src/app.js:2:7: 'app' is never used"
exit 1
"""


@pytest.mark.skipif(not all(map(shutil.which, ("node", "npm"))), reason="Node.js is not installed")
def test_a_node_service_is_proved_by_its_scripts(tmp_path: Path) -> None:
    module = {"node_modules/express/index.js": "module.exports = () => 1\n"}
    root = project(tmp_path / "users", {**EXPRESS, **module}, {"node_modules/.bin/eslint": ESLINT})
    found = {r.step: r for r in proved(root).verdict.results}
    assert (found["tests"].outcome, found["tests"].detail) == ("passed", "1 test ran")
    assert found["tests"].command == "npm run test"
    assert found["lint"].outcome == "failed"
    assert "src/app.js: 'app' is never used" in (found["lint"].problems or ())
    assert [p.name for p in (root / "node_modules/.bin").iterdir()] == ["eslint"]
