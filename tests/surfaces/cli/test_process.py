"""The command line as a process: closed pipes, full disks, signals, a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stage


def test_a_closed_pipe_changes_no_exit_code(stage: Stage, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.replace("ACT", "return results.checked('error')"))
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, str(program), "check"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, "Traceback" in ended.stderr, "Exception" in ended.stderr) == (1, False, False)


@pytest.mark.parametrize("event", ["edited", "ending"])
def test_a_hook_that_cannot_work_does_not_stop_an_agent(tmp_path: Path, event: str) -> None:
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "-C", str(tmp_path / "gone"), "hook", event]
    ended = subprocess.run(argv, input="{}", capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "does not exist" in ended.stderr


def test_a_full_disk_is_an_error(stage: Stage, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.replace("ACT", "return results.checked()"))
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, str(program), "check"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 3
    assert ended.stderr == "error: cannot write the answer: No space left on device\n"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_interrupts_and_the_verb_tidies_up(stage: Stage, tmp_path: Path, sent: signal.Signals) -> None:
    tidy = tmp_path / "tidy"
    act = "print('ready', file=sys.stderr, flush=True); time.sleep(30)"
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.replace("ACT", f"try: {act}\n    finally: pathlib.Path({str(tidy)!r}).touch()"))
    with subprocess.Popen([sys.executable, str(program), "check"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(sent)
        assert process.stderr.read() == "error: interrupted\n"
        assert process.wait(10) == 130
    assert tidy.exists()


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_progress_on_a_terminal_is_one_line_that_goes_away(stage: Stage, tmp_path: Path, term: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        _PROGRAM.replace("backwright.app.check", "backwright.app.verify")
        .replace("check_repository", "verify_repository")
        .replace(
            "ACT",
            "p = kwargs['progress']; p.started('tests', 'pytest')\n"
            "    time.sleep(1.2); p.finished('tests', 'passed', 1.2)\n"
            "    return results.verified('passed')",
        )
    )
    terminal, theirs = os.openpty()
    environ = {**os.environ, "TERM": term}
    subprocess.run(
        [sys.executable, str(program), "verify"],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environ,
        timeout=60,
        check=True,
    )
    os.close(theirs)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)
    if term == "dumb":
        assert shown == "ok tests  passed, 1.2 s\r\n"
    else:
        assert "\r\x1b[Ktests  0 s  pytest" in shown
        assert "\r\x1b[Ktests  1 s  pytest" in shown
        assert "\n" not in shown
        assert shown.endswith("\r\x1b[K")


_PROGRAM = f"""
import sys, time, types, pathlib
sys.path.insert(0, {str(Path(__file__).parent)!r})
import surface_results as results
from backwright.surfaces.cli.root import cli

def check_repository(*args, **kwargs):
    ACT

sys.modules["backwright.app.check"] = types.ModuleType("backwright.app.check")
sys.modules["backwright.app.check"].check_repository = check_repository
cli.main()
"""


@pytest.mark.parametrize("protocol", ["lsp", "resident"])
def test_what_one_server_takes_another_refuses(tmp_path: Path, protocol: str) -> None:
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "-C", str(tmp_path), "serve", protocol, "--read-only"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"`serve {protocol}` takes no options of `serve mcp`" in done.stderr
