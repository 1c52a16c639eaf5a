"""Real command lines of other agents, headless in the sandbox, against the scripted provider. Who is not installed is skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scene import FILES, Scene, no_senses, scene

from backwright.adapters.engines.vendors import ENGINES
from backwright.adapters.engines.vendors.engine import VendorEngine
from backwright.adapters.engines.workplace import Chosen, Workplace
from backwright.adapters.sandbox import open_sandbox
from backwright.core.acting import Limits, Proposal
from backwright.core.errors import ToolMissing
from scripted_provider import Step, provider, say, use

NEW = "def cancel(order):\n    return not order.shipped\n"
PATCH = "*** Begin Patch\n*** Update File: app/orders.py\n@@\n def cancel(order):\n-    return True\n"
PATCH += "+    return not order.shipped\n*** End Patch\n"


def missing(name: str) -> str:
    if shutil.which(name) is None:
        return f"{name} is not installed"
    try:
        return "" if open_sandbox().has_network else "no bubblewrap"
    except ToolMissing as error:
        return error.message


def steps(name: str, root: Path) -> tuple[Step, ...]:
    path = str(root / "app/orders.py")
    edit: tuple[Step, ...]
    match name:
        case "claude":
            edit = (use("Read", file_path=path), use("Write", file_path=path, content=NEW))
        case "codex":
            edit = (use("exec_command", cmd=f"apply_patch <<'EOF'\n{PATCH}EOF\n"),)
        case "opencode":
            edit = (use("read", filePath=path), use("write", filePath=path, content=NEW))
        case _:
            edit = (use("read_file", file_path=path), use("write_file", file_path=path, content=NEW))
    return (*edit, say("Orders that have shipped are kept."))


def act(it: Scene, name: str, url: str, kept: Path | None = None, **more: object) -> Proposal:
    sources = {"ANTHROPIC_BASE_URL": url, "OPENAI_BASE_URL": f"{url}/v1", "GOOGLE_GEMINI_BASE_URL": url}
    keys = {"ANTHROPIC_API_KEY": "canary-key", "OPENAI_API_KEY": "canary-key", "GEMINI_API_KEY": "canary-key"}
    model = "gemini-2.5-pro" if name == "gemini" else "scripted"
    place = Workplace(it.ground, no_senses(), Chosen(f"{name}:{model}"), kept)
    engine = replace(ENGINES[name](place), environ={"PATH": os.environ["PATH"], **sources, **keys})
    assert isinstance(engine, VendorEngine)
    more.setdefault("limits", Limits(seconds=60, requests=15))
    return engine.act(it.assignment("keep orders that have shipped", **more), it.tell)


@pytest.fixture(params=sorted(ENGINES))
def name(request: pytest.FixtureRequest) -> str:
    found = str(request.param)
    if missing(found):
        pytest.skip(missing(found))
    return found


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made
        assert made.intact()


def test_it_completes_a_change(it: Scene, name: str, tmp_path: Path) -> None:
    with provider(*steps(name, it.ground.copy.root)) as played:
        proposal = act(it, name, played.url, tmp_path / "kept")
    assert proposal.ended == "finished", proposal.message
    assert proposal.change is not None, proposal.message
    (edit,) = proposal.change.edits
    assert (edit.path, edit.before, edit.after) == ("app/orders.py", FILES["app/orders.py"], NEW)
    assert proposal.message == "Orders that have shipped are kept."
    assert proposal.session
    assert proposal.usage.requests == len(it.heard("request")) >= 2
    assert proposal.usage.input_tokens > 0
    assert it.heard("tool")
    assert "keep orders that have shipped" in played.everything
    keys = {value for headers in played.headers for value in headers.values() if "canary" in value}
    assert keys  # the broker added it; nothing else knows it
    assert "canary-key" not in (tmp_path / "kept/act-1.jsonl").read_text()


def test_a_loop_ends_at_the_requests(it: Scene, name: str) -> None:
    with provider(steps(name, it.ground.copy.root)[0]) as played:
        proposal = act(it, name, played.url, limits=Limits(60, 6))
    assert proposal.ended == "limit" or "Loop detected" in proposal.message  # Gemini counts as well
    assert len(played.requests) <= 6


def test_a_provider_that_fails_is_no_success(it: Scene, name: str) -> None:
    with provider(Step(status=500)) as played:
        proposal = act(it, name, played.url, limits=Limits(25, 10))
    assert proposal.ended in ("unreachable", "limit")
    assert proposal.change is None


def test_a_review_writes_nothing(it: Scene, name: str) -> None:
    with provider(*steps(name, it.ground.copy.root)) as played:
        proposal = act(it, name, played.url, read_only=True)
    assert proposal.change is None
    assert (it.ground.copy.root / "app/orders.py").read_text() == FILES["app/orders.py"]


def test_what_it_writes_elsewhere_is_not_there(it: Scene, name: str, tmp_path: Path) -> None:
    if name != "codex":
        pytest.skip("has no shell here")
    home = Path.home()
    words = f"touch {tmp_path}/out /etc/bw {home}/bw; env; cat {home}/.ssh/* /proc/1/environ; mkdir -p .git/hooks; touch .git/hooks/x"
    links = "ln -s /etc/passwd app/link.py; touch app/good.py; mkdir -p .claude; echo {} > .claude/settings.json; ls /; curl -m 2 http://1.1.1.1"
    with provider(use("exec_command", cmd=words), use("exec_command", cmd=links), say("done")) as played:
        proposal = act(it, name, played.url, scope=("app/**",))
    assert not (tmp_path / "out").exists()
    assert not Path("/etc/bw").exists()
    assert not (home / "bw").exists()
    assert "canary" not in played.everything
    assert proposal.change is not None
    assert [edit.path for edit in proposal.change.edits] == ["app/good.py"]
    assert {one.path for one in proposal.dropped} == {".git", ".claude/settings.json", "app/link.py"}


def test_its_time_is_up(it: Scene, name: str) -> None:
    with provider(Step(text="late", hang=30)) as played:
        proposal = act(it, name, played.url, limits=Limits(seconds=4, requests=10))
    assert proposal.ended == "limit"
    assert proposal.usage.seconds < 12
