"""Coding agents told about us: the files as they were before, plus ours; and nothing of ours afterwards."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from app_scene import content, shop

from backwright.app.agents import agent_names, set_up_agents
from backwright.app.apply import undo
from backwright.core.errors import UsageError
from backwright.engine.agents import vendors


def test_all_of_them_and_out_again(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    shown = set_up_agents(root, ["all"], remove=False, write=False)
    assert shown.edits
    assert not shown.landed_id
    assert content(root) == before
    done = set_up_agents(root, ["all"], remove=False, write=True)
    assert done.landed_id
    after = content(root)
    assert set(after) - set(before) >= {".mcp.json", ".claude/skills/backwright/SKILL.md", ".codex/config.toml"}
    assert json.loads(after[".mcp.json"])["mcpServers"]["backwright"]["args"] == ["serve", "mcp"]
    assert tomllib.loads(after[".codex/config.toml"].decode())["mcp_servers"]["backwright"]["command"] == "backwright"
    again = set_up_agents(root, ["all"], remove=False, write=True)
    assert (again.edits, again.landed_id) == ((), "")
    set_up_agents(root, ["all"], remove=True, write=True)
    assert content(root) == before


def test_undone(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    done = set_up_agents(root, ["claude"], remove=False, write=True)
    undo(root, done.landed_id)
    assert content(root) == before


def test_files_of_others_keep_every_character(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    theirs = {
        ".mcp.json": '{"mcpServers": {"other": {"command": "x"}}}',
        ".claude/settings.json": '{\n\t"permissions": {"allow": ["Bash(ls)"]},\n\t"hooks": {"Stop": []}\n}\n',
        "CLAUDE.md": "# Ours\n\nBe kind.\n",
        ".codex/config.toml": 'model = "x"  # fast\n',
        "opencode.json": '{\n  // a comment\n  "theme": "x"\n}\n',
    }
    for path, text in theirs.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    done = set_up_agents(root, ["claude", "codex", "opencode"], remove=False, write=True)
    assert [note for note in done.notes if "opencode.json was left as it is" in note]
    assert (root / "opencode.json").read_text() == theirs["opencode.json"]
    assert (root / "CLAUDE.md").read_text().startswith("# Ours\n\nBe kind.\n\n<!-- backwright: begin -->\n")
    assert (root / ".codex/config.toml").read_text().startswith('model = "x"  # fast\n\n# backwright: begin\n')
    settings = json.loads((root / ".claude/settings.json").read_text())
    assert settings["permissions"] == {"allow": ["Bash(ls)"]}
    assert settings["hooks"]["Stop"][0]["hooks"][0]["command"] == "backwright hook ending"
    assert set(json.loads((root / ".mcp.json").read_text())["mcpServers"]) == {"other", "backwright"}
    set_up_agents(root, ["claude", "codex", "opencode"], remove=True, write=True)
    assert (root / "CLAUDE.md").read_text() == theirs["CLAUDE.md"]
    assert (root / ".codex/config.toml").read_text() == theirs[".codex/config.toml"]
    assert json.loads((root / ".mcp.json").read_text()) == json.loads(theirs[".mcp.json"])


def test_what_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    skill = root / ".claude/skills/backwright/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("my own words\n")
    (root / ".mcp.json").write_text('{"mcpServers": {"backwright": {"command": "mine"}}}')
    done = set_up_agents(root, ["claude"], remove=False, write=True)
    assert skill.read_text() == "my own words\n"
    assert json.loads((root / ".mcp.json").read_text()) == {"mcpServers": {"backwright": {"command": "mine"}}}
    assert len([note for note in done.notes if "left as it is" in note or "somebody else's" in note]) == 2
    set_up_agents(root, ["claude"], remove=True, write=True)
    assert skill.read_text() == "my own words\n"


def _with(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


_STOPPING = '{"hooks": {"Stop": [{"hooks": [{"command": "backwright hook ending"}, {"command": "theirs"}]}]}}'


@pytest.mark.parametrize(
    ("agent", "path", "text"),
    [
        ("claude", ".mcp.json", "{}"),
        ("claude", ".mcp.json", "[]"),
        ("claude", ".mcp.json", "3"),
        ("claude", ".mcp.json", ""),
        ("claude", ".mcp.json", "\ufeff{}"),
        ("claude", ".mcp.json", '{"mcpServers": {}}'),
        ("claude", ".mcp.json", '{"mcpServers": {"backwright": {"command": "other", "args": ["serve", "mcp"]}}}'),
        ("claude", ".mcp.json", '{"mcpServers": {"a": {}}, "mcpServers": {"backwright": {"args": ["serve", "mcp"]}}}'),
        ("claude", ".claude/settings.json", _STOPPING),
        ("claude", ".claude/settings.json", '{"hooks": {"Stop": []}, "a": 1}'),
        ("claude", "CLAUDE.md", ""),
        ("claude", "CLAUDE.md", "# Ours\n\n<!-- backwright: begin -->\ntheir own\n"),
        ("codex", ".codex/config.toml", "\n"),
        ("codex", ".codex/config.toml", "mcp_servers = 3\n"),
    ],
)
def test_nothing_of_others_is_taken_out(tmp_path: Path, agent: str, path: str, text: str) -> None:
    root = shop(tmp_path / "shop")
    _with(root, {path: text})
    set_up_agents(root, [agent], remove=True, write=True)
    assert (root / path).read_bytes() == text.encode()


def test_a_begin_without_an_end_takes_nothing_along(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    _with(root, {"CLAUDE.md": "# Ours\n\n<!-- backwright: begin -->\nprecious\n"})
    set_up_agents(root, ["claude"], remove=False, write=True)
    set_up_agents(root, ["claude"], remove=True, write=True)
    assert "precious" in (root / "CLAUDE.md").read_text()


@pytest.mark.parametrize("text", ["mcp_servers = { a = { command = 'x' } }\n", "mcp_servers = 3\n"])
def test_tables_that_cannot_be_gone_on_with(tmp_path: Path, text: str) -> None:
    root = shop(tmp_path / "shop")
    _with(root, {".codex/config.toml": text})
    done = set_up_agents(root, ["codex"], remove=False, write=True)
    assert (root / ".codex/config.toml").read_text() == text
    assert any(note.startswith(".codex/config.toml was left as it is") for note in done.notes)


def test_how_it_is_started_is_theirs_to_say(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    text = '{"mcpServers": {"backwright": {"command": "/opt/backwright", "args": ["serve", "mcp", "--read-only"]}}}'
    edited = ".claude/skills/backwright/SKILL.md"
    set_up_agents(root, ["claude"], remove=False, write=True)
    _with(root, {".mcp.json": text, edited: (root / edited).read_text().replace("Never silence", "Do silence")})
    set_up_agents(root, ["claude"], remove=False, write=True)
    assert (root / ".mcp.json").read_text() == text
    assert "Do silence" in (root / edited).read_text()
    set_up_agents(root, ["claude"], remove=True, write=True)
    assert not (root / ".mcp.json").exists()
    assert "Do silence" in (root / edited).read_text()


def test_ends_of_lines_are_theirs(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    theirs = {"CLAUDE.md": "# Ours  \r\n\r\n", ".mcp.json": '{\r\n  "a": 1\r\n}\r\n'}
    _with(root, theirs)
    set_up_agents(root, ["claude"], remove=False, write=True)
    for path in theirs:
        written = (root / path).read_bytes()
        assert written.count(b"\n") == written.count(b"\r\n") > 5
    (root / "CLAUDE.md").write_bytes((root / "CLAUDE.md").read_bytes().removesuffix(b"\r\n"))  # as some editors do
    assert set_up_agents(root, ["claude"], remove=False, write=False).edits[0].path == "CLAUDE.md"
    set_up_agents(root, ["claude"], remove=True, write=True)
    assert {path: (root / path).read_bytes().decode() for path in theirs} == theirs


def test_what_another_agent_still_reads_stays(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    set_up_agents(root, ["codex", "qwen"], remove=False, write=True)
    set_up_agents(root, ["codex"], remove=True, write=True)
    assert (root / ".agents/skills/backwright/SKILL.md").exists()
    assert (root / "AGENTS.md").exists()
    assert not (root / ".codex/config.toml").exists()
    set_up_agents(root, ["qwen"], remove=True, write=True)
    assert not (root / "AGENTS.md").exists()


def test_links_and_unknown_agents(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    with pytest.raises(UsageError, match="no agent `emacs`"):
        set_up_agents(root, ["emacs"], remove=False, write=True)
    (tmp_path / "outside.md").write_text("x")
    (root / "CLAUDE.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(UsageError, match="no plain file"):
        set_up_agents(root, ["claude"], remove=False, write=True)
    assert (tmp_path / "outside.md").read_text() == "x"
    (root / "CLAUDE.md").unlink()
    (root / "CLAUDE.md").symlink_to("CLAUDE.md")
    with pytest.raises(UsageError, match="no plain file"):
        set_up_agents(root, ["claude"], remove=False, write=True)


def test_the_skill_is_short_and_known_to_every_vendor(tmp_path: Path) -> None:
    assert set(agent_names()) == {"claude", "codex", "cursor", "gemini", "opencode", "qwen"}
    assert all(vendor.entry for vendor in vendors().values())
    root = shop(tmp_path / "shop")
    set_up_agents(root, ["claude"], remove=False, write=True)
    text = (root / ".claude/skills/backwright/SKILL.md").read_text()
    assert len(text) / 3.5 < 1500  # tokens
