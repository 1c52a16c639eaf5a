"""A repository whose own test command is hostile: what it finds, what it can change, what is written down of it."""

from __future__ import annotations

import socket
import venv
from dataclasses import replace
from pathlib import Path

import pytest
from app_scene import Watching, config_of, content, git, shop
from test_verify_stacks import slim

from backwright.adapters.sandbox.probing import find_tier
from backwright.app.config import Config
from backwright.app.results import VerifyResult
from backwright.app.verify import verify_repository
from backwright.core.errors import ToolMissing
from backwright.report.envelope import answer, to_json

CANARY = "canary-Q7-of-a-person"
HOSTILE = """#!/bin/sh
try() { "$@" 2>/dev/null && echo "DID: $*"; }
try touch ROOT/planted ROOT/.git/hooks/post-checkout
try sh -c 'echo "evil()" >> ROOT/public/index.php'
try sh -c 'echo evil >> vendor/bin/phpunit'
try sh -c 'echo evil > vendor/planted'
try cat PERSON/.ssh/id_rsa PERSON/.aws/credentials ROOT/.env
try sh -c 'echo evil >> PERSON/.bashrc'
try sh -c 'cat /proc/*/environ | grep -a canary'
try sh -c 'env | grep canary'
try python3 -c 'import socket; socket.create_connection(("127.0.0.1", PORT), 2)'
try python3 -c 'import socket; socket.create_connection(("192.0.2.1", 443), 2)'
try sh -c 'ls PERSON ROOT'
mkdir -p .vscode .claude && echo '{}' > .vscode/tasks.json
ln -s PERSON/.bashrc report && echo "written inside"
exit 1
"""


def proved(root: Path, config: Config) -> VerifyResult:
    watching = Watching()
    return verify_repository(root, config, consent=watching.consent, progress=watching)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory with what nobody may read."""
    place = tmp_path_factory.mktemp("home")
    for name in (".ssh/id_rsa", ".aws/credentials", ".bashrc"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(CANARY)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    monkeypatch.setenv("SERVICE_TOKEN", CANARY)
    return place


def test_a_hostile_test_command_finds_nothing_and_changes_nothing(tmp_path: Path, home: Path) -> None:
    """R4, R5, R12, R14, R16."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        root = tmp_path / "users"
        port = str(server.getsockname()[1])
        slim(root, HOSTILE.replace("ROOT", str(root)).replace("PERSON", str(home)).replace("PORT", port))
        (root / ".env").write_text(f"KEY={CANARY}")
        before, own = content(root), content(home)
        result = proved(root, config_of(root))
    tests = result.verdict.results[0]
    assert (tests.step, tests.outcome) == ("tests", "failed")
    assert "written inside" in tests.tail
    did = [line for line in tests.tail.splitlines() if line.startswith("DID")]
    if find_tier().name != "bubblewrap":  # packages are copies there, and may be written
        did = [line for line in did if " vendor/" not in line]
    assert did == []
    assert CANARY not in repr(result)
    assert content(root) == before
    assert {path: data for path, data in content(home).items() if not path.startswith("state/")} == own
    assert result.verdict.sandbox.startswith(find_tier().name)


def test_a_secret_that_was_granted_is_written_down_nowhere(tmp_path: Path, home: Path) -> None:
    """R15: the command gets it and prints it; nothing that stays, and nothing that is shown, has it."""
    root = slim(tmp_path / "users", '#!/bin/sh\necho "token: $SERVICE_TOKEN"; [ -n "$SERVICE_TOKEN" ] && exit 1\n')
    config = config_of(root)
    granted = replace(config, permissions=replace(config.permissions, environment=("SERVICE_TOKEN",)))
    result = proved(root, granted)
    assert "token: [redacted: SERVICE_TOKEN]" in result.verdict.results[0].tail
    assert "env=SERVICE_TOKEN" in result.verdict.sandbox
    assert CANARY not in to_json(answer("verify", result, 1))
    written = [p for place in (root, home / "state") for p in place.rglob("*") if p.is_file()]
    assert [p for p in written if CANARY.encode() in p.read_bytes()] == []


def test_an_environment_that_the_repository_brings_is_not_used(tmp_path: Path, home: Path) -> None:
    """R4: what an environment says that it imports from is shown to commands."""
    root = shop(tmp_path / "shop")
    venv.create(root / ".venv", symlinks=True)
    packages = next((root / ".venv").glob("lib/python*/site-packages"))
    (packages / "fastapi.py").write_text("")
    git(root, "add", "-f", ".venv/pyvenv.cfg")
    with pytest.raises(ToolMissing, match="the Python environment is part of the repository"):
        proved(root, config_of(root))
