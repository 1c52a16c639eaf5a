"""Other agents as engines, with an agent of our own that behaves as badly as we like, in the real sandbox."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scene import FILES, Scene, no_senses, scene

from backwright.adapters.engines.keeping import Transcript
from backwright.adapters.engines.vendors.engine import VendorEngine
from backwright.adapters.engines.vendors.listening import Listener
from backwright.adapters.engines.vendors.profile import Meaning, Profile, Upstream, profiles
from backwright.adapters.engines.workplace import Chosen, Workplace
from backwright.adapters.sandbox import open_sandbox
from backwright.core.acting import Limits, Proposal
from backwright.core.errors import NeedsPerson, ToolMissing, UsageError
from scripted_provider import Step, provider, say

PROFILE = Profile(
    title="Robot",
    program="robot",
    argv=("--json",),
    review=("--look",),
    model=("--model", "{model}"),
    upstream=Upstream("https://robot.example/v1", ("ROBOT_KEY",), "ROBOT_URL", {"authorization": "Bearer {key}"}),
    environment={"ROBOT_API": "{url}"},
    home={".robot/config.json": '{"url": "{url}"}'},
    events=(
        Meaning({"type": "hello"}, session="id"),
        Meaning({"type": "says"}, text="text"),
        Meaning({"type": "does"}, each="calls", where={"kind": "tool"}, tool="name", about=("input.path",)),
        Meaning({"type": "end", "ok": {"all": True}}, input="usage.in", output="usage.out", dollars="usage.usd"),
        Meaning({"type": "end", "ok": {"all": False}}, error="why"),
    ),
)
PRELUDE = """#!{python} -I
import json, os, subprocess, sys, time, urllib.error, urllib.request
from pathlib import Path

task = sys.stdin.read()


def line(**body):
    print(json.dumps(body), flush=True)


def ask():
    request = urllib.request.Request(os.environ["ROBOT_API"] + "/chat/completions", data=b"{{}}", method="POST")
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


"""


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> None:
    try:
        if not open_sandbox().has_network:
            pytest.skip("no bubblewrap")
    except ToolMissing as error:
        pytest.skip(error.message)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made
        assert made.intact()


def robot(it: Scene, body: str) -> Path:
    """Its folder, which is the PATH."""
    folder = it.root.parent / "agents"
    folder.mkdir(exist_ok=True)
    program = folder / "robot"
    program.write_text(PRELUDE.format(python=Path(sys.base_prefix) / "bin/python3") + body)
    program.chmod(0o755)
    return folder


def engine(it: Scene, body: str, url: str, model: str = "", **place: Any) -> VendorEngine:
    environ = {"PATH": str(robot(it, body)), "ROBOT_KEY": "canary-key", "ROBOT_URL": f"{url}/v1"}
    return VendorEngine("robot", PROFILE, Workplace(it.ground, no_senses(), Chosen(model), **place), environ)


def act(it: Scene, body: str, *steps: Step, task: str = "do it", **more: Any) -> tuple[Proposal, Any]:
    more.setdefault("limits", Limits(seconds=20, requests=10))
    model, kept = more.pop("model", ""), more.pop("kept", None)
    with provider(*(steps or (say("ok"),))) as played:
        return engine(it, body, played.url, model, kept=kept).act(it.assignment(task, **more), it.tell), played


GOOD = """
line(type="hello", id="s-1")
ask()
line(type="does", calls=[{"kind": "text"}, {"kind": "tool", "name": "write", "input": {"path": "app/orders.py"}}])
Path("app/orders.py").write_text("changed = True\\n")
line(type="says", text="Changed \\x1b[31morders.")
line(type="end", ok={"all": True}, usage={"in": 11, "out": 7, "usd": 0.25})
"""


def test_a_good_agent(it: Scene, tmp_path: Path) -> None:
    body = (
        GOOD
        + "Path('seen.txt').write_text(task + Path.home().joinpath('.robot/config.json').read_text() + ' '.join(sys.argv[1:]))\n"
    )
    proposal, played = act(it, body, model="robot:big", kept=tmp_path / "kept", protocol="PROTOCOL")
    assert proposal.ended == "finished"
    assert proposal.change is not None
    assert [edit.path for edit in proposal.change.edits] == ["app/orders.py", "seen.txt"]
    assert proposal.change.author == "agent:robot"
    seen = proposal.change.edits[1].after or ""
    for words in ("PROTOCOL", "do it", "http://127.0.0.1:8377", "--json --model big"):
        assert words in seen, words
    assert proposal.message == "Changed orders."
    assert proposal.session == "s-1"
    usage = proposal.usage
    assert (usage.requests, usage.input_tokens, usage.output_tokens, usage.dollars) == (1, 11, 7, 0.25)
    assert it.heard("tool") == [{"tool": "write", "about": "app/orders.py"}]
    assert it.heard("request") == [{"number": 1, "status": 200}]
    assert played.headers[0]["authorization"] == "Bearer canary-key"
    assert played.paths == ["/v1/chat/completions"]
    kept = [json.loads(line) for line in (tmp_path / "kept/act-1.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in kept] == ["prompt", "event", "event", "event", "event"]


def test_what_it_says_of_itself_counts_for_nothing(it: Scene) -> None:
    proposal, _ = act(it, "ask()\nline(type='says', text='I changed 12 files, all tests pass.')\n")
    assert (proposal.ended, proposal.change) == ("finished", None)


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(0)\n",
        "ask()\nprint('{' * 5000)\nprint('null')\nprint('[1]')\nline(type=['x'])\nline(type='does', calls=7)\n",
        "ask()\nsys.stdout.buffer.write(b'\\xff\\xfe\\x00' * 1000)\n",
        "ask()\nline(type='end', ok={'all': True}, usage={'in': -5, 'out': 'x', 'usd': True})\n",
        "os.kill(os.getpid(), 9)\n",
    ],
)
def test_an_agent_that_says_nonsense_changes_nothing(it: Scene, body: str) -> None:
    proposal, _ = act(it, body)
    assert proposal.ended in ("finished", "refused")
    assert proposal.change is None
    assert (proposal.usage.input_tokens, proposal.usage.dollars) == (0, None)


def test_an_agent_that_does_not_end_is_ended_with_its_children(it: Scene) -> None:
    body = """
subprocess.Popen(['sleep', '3333'], start_new_session=True)
while True:
    line(type='says', text='on and on')
    time.sleep(0.05)
"""
    started = time.monotonic()
    proposal, _ = act(it, body, limits=Limits(seconds=2, requests=10))
    assert proposal.ended == "limit"
    assert time.monotonic() - started < 8
    running = [Path(f"/proc/{p.name}/cmdline") for p in Path("/proc").iterdir() if p.name.isdigit()]
    assert not any(b"3333" in one.read_bytes() for one in running if one.exists())


def test_an_agent_that_asks_without_end_is_stopped_at_the_requests(it: Scene) -> None:
    proposal, played = act(it, "while True:\n    ask()\n", limits=Limits(seconds=20, requests=5))
    assert proposal.ended == "limit"
    assert "5 requests" in proposal.message
    assert len(played.requests) == 5 == proposal.usage.requests
    assert proposal.usage.seconds < 10


def test_an_agent_that_floods_its_output_is_not_heard_for_ever(it: Scene) -> None:
    body = "sys.stdout.write('x' * 30_000_000)\nline()\nfor n in range(30_000):\n    line(type='says', text=str(n))\nask()\n"
    proposal, _ = act(it, body)
    assert proposal.ended == "finished"
    assert len(it.heard("text")) <= 20_000


@pytest.mark.parametrize(
    ("status", "ended"), [(429, "quota"), (503, "unreachable"), (401, "refused"), (400, "refused"), (200, "finished")]
)
def test_how_the_provider_ended_it(it: Scene, status: int, ended: str) -> None:
    step = say("ok") if status == 200 else Step(status=status)
    body = """
request = urllib.request.Request(os.environ["ROBOT_API"] + "/chat/completions", data=b'{"tools": [1]}', method="POST")
try:
    urllib.request.urlopen(request)
except urllib.error.HTTPError:
    pass
"""
    assert act(it, body, step)[0].ended == ended


def test_nobody_at_the_address_is_unreachable(it: Scene) -> None:
    proposal = engine(it, "ask()\n", "http://127.0.0.1:9").act(it.assignment(), it.tell)
    assert proposal.ended == "unreachable"


def test_it_can_write_and_reach_nothing_else(it: Scene, tmp_path: Path) -> None:
    body = f"""
import socket
for path in ({str(tmp_path / "out")!r}, {str(it.root / "app/orders.py")!r}, "/etc/bw", "/usr/bw"):
    try:
        Path(path).write_text("x")
    except OSError:
        pass
open_ = []
for host, port in (("1.1.1.1", 80), ("127.0.0.1", {0})):
    try:
        socket.create_connection((host, port), 1)
        open_.append(host)
    except OSError:
        pass
found = " ".join(open_) + json.dumps(dict(os.environ)) + str(Path({str(it.root)!r}).exists())
Path("seen.txt").write_text(found)
os.symlink("/etc/passwd", "app/link.py")
os.remove("app/main.py")
Path(".git/hooks").mkdir(parents=True)
Path(".git/hooks/post-checkout").write_text("#!/bin/sh")
Path(".claude").mkdir()
Path(".claude/settings.json").write_text("{{}}")
Path("app/blob.bin").write_bytes(b"\\0\\1")
Path("node_modules/x").mkdir(parents=True)
Path("node_modules/x/index.js").write_text("x")
Path("docs").mkdir()
Path("docs/x.md").write_text("x")
"""
    proposal, _ = act(it, body, scope=("app/**", "seen.txt"))
    assert not (tmp_path / "out").exists()
    assert proposal.change is not None
    edits = {edit.path: edit for edit in proposal.change.edits}
    assert sorted(edits) == ["app/main.py", "seen.txt"]
    assert edits["app/main.py"].after is None
    seen = edits["seen.txt"].after or ""
    assert seen.startswith("{")
    assert "canary" not in seen
    assert seen.endswith("False")
    assert {one.path for one in proposal.dropped} == {
        ".git",
        ".claude/settings.json",
        "app/link.py",
        "app/blob.bin",
        "docs/x.md",
    }


def test_a_review_finds_the_copy_read_only(it: Scene) -> None:
    body = """
try:
    Path("app/orders.py").write_text("x")
except OSError:
    line(type="says", text="read-only " + sys.argv[-1])
"""
    proposal, _ = act(it, body, read_only=True)
    assert proposal.message == "read-only --look"
    assert (it.ground.copy.root / "app/orders.py").read_text() == FILES["app/orders.py"]


def test_more_files_than_anybody_can_read_are_not_proposed(it: Scene) -> None:
    proposal, _ = act(it, "for n in range(450):\n    Path(f'app/f{n}.py').write_text('x')\n")
    assert proposal.change is not None
    assert len(proposal.change.edits) == 400
    assert "above the limit" in proposal.dropped[0].why


def test_what_is_missing_is_said_before_anything_starts(it: Scene) -> None:
    made = engine(it, "", "http://127.0.0.1:9")
    with pytest.raises(NeedsPerson, match="needs a key"):
        replace(made, environ={"PATH": made.environ["PATH"]}).act(it.assignment(), it.tell)
    with pytest.raises(ToolMissing, match="Robot is not installed"):
        replace(made, environ={"PATH": "/nowhere"}).act(it.assignment(), it.tell)
    chooser = Profile("R", "robot", (), PROFILE.upstream, environment={"CONFIG": "{model}"})
    with pytest.raises(UsageError, match="which model"):
        replace(made, profile=chooser).act(it.assignment(), it.tell)
    assert it.told == []


def test_it_says_whom_it_talks_to(it: Scene) -> None:
    described = engine(it, "", "http://127.0.0.1:4711").describe()
    assert described == "Robot (robot) in the sandbox, which reaches 127.0.0.1:4711 only"


def test_every_profile_can_be_read_and_permits_nothing_as_a_whole() -> None:
    known = profiles()
    assert {"claude", "codex", "gemini", "qwen", "opencode"} <= set(known)
    for name, profile in known.items():
        words = " ".join(profile.argv)
        assert not any(flag in words for flag in ("skip-permissions", "yolo", "bypass", "--trust")), name
        assert profile.events, name
        assert profile.upstream.address.startswith("https://"), name
        given = "".join((*profile.environment.values(), *profile.home.values()))
        assert "{url}" in given, name


def test_lines_are_understood_however_they_are_cut(it: Scene) -> None:
    lines = b"".join(json.dumps({"type": "says", "text": f"n{n}"}).encode() + b"\n" for n in range(30))
    for size in (1, 7, 64, 4096):
        it.told.clear()
        listener = Listener(PROFILE.events, it.tell, Transcript(None, str))
        for at in range(0, len(lines), size):
            listener.hear(lines[at : at + size])
        listener.end()
        assert [about["text"] for about in it.heard("text")] == [f"n{n}" for n in range(30)]
