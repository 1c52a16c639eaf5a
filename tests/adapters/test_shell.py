"""Running programs: what they get, what is kept of them, and that they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.adapters.shell import OUTPUT_LIMIT, Completed, clean_environment, printable, run
from backwright.core.errors import MachineError

PYTHON = sys.executable


def python(code: str, tmp_path: Path, timeout: float = 30, limit: int = OUTPUT_LIMIT) -> Completed:
    return run((PYTHON, "-u", "-c", code), cwd=tmp_path, env=clean_environment({}), timeout=timeout, limit=limit)


def is_gone(pid: int) -> bool:
    """A signal takes a moment to arrive: looks for two seconds."""
    for _ in range(100):
        listed = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not listed.strip() or listed.startswith("Z"):
            return True
        time.sleep(0.02)
    return False


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def test_exit_code_and_both_streams_in_order(tmp_path: Path) -> None:
    done = python(
        "import sys; print('a', flush=True); print('b', file=sys.stderr, flush=True); print('c'); sys.exit(3)", tmp_path
    )
    assert (done.exit_code, done.output, done.timed_out, done.truncated) == (3, "a\nb\nc\n", False, False)
    assert done.tail(2) == "b\nc"


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    done = run((PYTHON, "-c", "import sys; print(sys.argv[1:])", "$HOME", "a;b", "*"), cwd=tmp_path, env={}, timeout=30)
    assert done.output == "['$HOME', 'a;b', '*']\n"


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path, timeout=10).output == "''\n"


@pytest.mark.parametrize("argv", [("no-such-program-here",), ("/",), ("a\0b",)])
def test_a_program_that_cannot_start_is_no_exception(argv: tuple[str, ...], tmp_path: Path) -> None:
    done = run(argv, cwd=tmp_path, env={"PATH": os.defpath}, timeout=5)
    assert done.exit_code is None
    assert done.output


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MachineError):
        run(("true",), cwd=tmp_path / "gone", env={}, timeout=5)


def test_time_is_up_for_the_whole_group(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    started = time.monotonic()
    done = python(code, tmp_path, timeout=1)
    assert done.timed_out
    assert done.exit_code == -signal.SIGKILL
    assert time.monotonic() - started < 10
    assert is_gone(int(done.output.split()[0]))


def test_a_child_that_stays_behind_is_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
    )
    started = time.monotonic()
    done = python(code, tmp_path, timeout=30)
    assert (done.exit_code, done.timed_out) == (0, False)
    assert time.monotonic() - started < 10
    assert is_gone(int(done.output))


def test_an_interrupt_of_ours_ends_the_group_first(tmp_path: Path) -> None:
    """A program of its own runs `run` and is sent SIGINT while the child sleeps."""
    note = tmp_path / "pid"
    inner = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    outer = (
        "import sys; from pathlib import Path; from backwright.adapters.shell import run\n"
        f"run((sys.executable, '-c', {inner!r}), cwd=Path('/'), env={{}}, timeout=60)\n"
    )
    process = subprocess.Popen([PYTHON, "-c", outer], stderr=subprocess.PIPE)
    child = int(wait_for(note))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in errors
    assert is_gone(child)


def test_of_a_long_output_both_ends_are_kept(tmp_path: Path) -> None:
    done = python("for i in range(20000): print(f'line {i:05}')", tmp_path, limit=4096)
    assert done.truncated
    assert done.output.startswith("line 00000\n")
    assert done.output.endswith("line 19999\n")
    assert "bytes left out]" in done.output
    assert len(done.output) < 4300


def test_an_output_within_the_limit_is_whole(tmp_path: Path) -> None:
    done = python("print('x' * 4095)", tmp_path, limit=4096)
    assert (done.output, done.truncated) == ("x" * 4095 + "\n", False)


def test_only_what_is_needed_of_our_environment_is_passed_on() -> None:
    kept = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C"}
    secret = {
        "AWS_SECRET_ACCESS_KEY": "k",
        "GITHUB_TOKEN": "t",
        "DATABASE_URL": "postgresql://prod",
        "SSH_AUTH_SOCK": "/s",
    }
    always = {"CI": "1", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert clean_environment({"STEP": "1"}, kept | secret | {"PYTHONPATH": "/x"}) == kept | always | {"STEP": "1"}


def test_our_own_virtual_environment_is_not_the_projects() -> None:
    own = str(Path(sys.prefix) / "bin")
    env = clean_environment({}, {"PATH": f"{own}:/usr/bin", "VIRTUAL_ENV": sys.prefix})
    assert env["PATH"] == ("/usr/bin" if sys.prefix != sys.base_prefix else f"{own}:/usr/bin")
    assert clean_environment({}, {"PATH": "/bin", "VIRTUAL_ENV": "/other"})["VIRTUAL_ENV"] == "/other"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m\x1b]0;title\x07!", "red!"),
        ("10%\r50%\r100%\nnext\r\n", "100%\nnext\n"),
        ("a\x08b\x00\u202ec\tD\n", "a\\x08b\\x00\\u202ec\tD\n"),
        ("\x1b", "\\x1b"),
    ],
)
def test_output_cannot_steer_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(max_size=200))
def test_no_control_character_is_left(text: str) -> None:
    shown = printable(text)
    assert not [
        c for c in shown if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or "\u202a" <= c <= "\u202e"
    ]
