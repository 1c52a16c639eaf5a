"""The extension of VS Code is built and packaged as its README says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from backwright.surfaces.lsp.spelling import SHOW

EXTENSION = Path(__file__).parents[3] / "editors" / "vscode"


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_it_is_built_and_packaged(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "*.vsix"))
    for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "package"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (packaged,) = folder.glob("*.vsix")
    with zipfile.ZipFile(packaged) as archive:
        assert {"extension/package.json", "extension/dist/extension.js"} <= set(archive.namelist())
        assert SHOW in archive.read("extension/dist/extension.js").decode()


def test_a_workspace_cannot_say_what_is_started() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text())
    assert manifest["contributes"]["configuration"]["properties"]["backwright.command"]["scope"] == "machine"
    source = (EXTENSION / "src" / "extension.ts").read_text()
    assert not re.search(r"workspaceValue|workspaceFolderValue|\.get<", source)
