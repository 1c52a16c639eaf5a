"""Coding agents told about us: the files as they were before, plus ours; and nothing of ours afterwards."""

from __future__ import annotations

import json
import tomllib
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


def test_the_skill_is_short_and_known_to_every_vendor(tmp_path: Path) -> None:
    assert set(agent_names()) == {"claude", "codex", "cursor", "gemini", "opencode", "qwen"}
    assert all(vendor.entry for vendor in vendors().values())
    root = shop(tmp_path / "shop")
    set_up_agents(root, ["claude"], remove=False, write=True)
    text = (root / ".claude/skills/backwright/SKILL.md").read_text()
    assert len(text) / 3.5 < 1500  # tokens
