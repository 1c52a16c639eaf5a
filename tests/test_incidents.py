"""The lessons of other tools' incidents: what the source must not have, and that the page names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from backwright.surfaces.cli.root import cli

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"
PAGE = TESTS.parent / "docs" / "reference" / "incidents.md"
NAMED = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE.read_text())
OPENERS = {"webbrowser", "pty"}
SHELLS = {"system", "popen", "startfile", "getoutput", "getstatusoutput"}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_named_test_is_there(file: str, name: str) -> None:
    text = (TESTS / file).read_text()
    assert f"\ndef {name}(" in text if name else "\ndef test_" in text


def test_every_lesson_is_held() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| R")]
    assert [row.split("|")[1].strip() for row in rows] == [f"R{n}" for n in range(1, 17)]
    assert all(re.search(r"`[\w/]+\.py", row.split("|")[4]) for row in rows)


def test_no_shell_and_no_opener() -> None:
    """R2."""
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                names = {node.module or ""}
            shell = isinstance(node, ast.keyword) and node.arg == "shell"
            called = (
                isinstance(node, ast.Attribute)
                and node.attr in SHELLS
                and ast.unparse(node.value) in ("os", "subprocess")
            )
            if names & OPENERS or shell or called:
                found.append(f"{path.name}:{getattr(node, 'lineno', 0)}")
    assert found == []


def options(command: click.Command, context: click.Context) -> list[str]:
    inner = command.list_commands(context) if isinstance(command, click.Group) else []
    below = [command.get_command(context, name) for name in inner] if isinstance(command, click.Group) else []
    own = [text for option in command.params if isinstance(option, click.Option) for text in option.opts]
    return own + [text for one in below if one for text in options(one, context)]


def test_no_option_skips_permissions() -> None:
    """R11: another program cannot turn off what holds commands; `--sandbox=external` says what it does, and is recorded."""
    known = options(cli, click.Context(cli))
    assert "--sandbox" in known
    assert [
        o for o in known if re.search(r"(?i)skip|yolo|danger|trust|bypass|unsafe-(?!fixes)|no-sandbox|full-auto", o)
    ] == []
