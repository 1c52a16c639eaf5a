"""Commands in the sandbox: what they can do, what they cannot, and how it is told how they ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.adapters.sandbox import (
    Attendance,
    Sandbox,
    Space,
    Tier,
    bubblewrap,
    open_sandbox,
    places_of_program,
    probing,
)
from backwright.adapters.sandbox.probing import find_tier, try_tiers
from backwright.adapters.shell import Completed
from backwright.core.errors import MachineError, ToolMissing, UsageError
from backwright.core.permissions import Bounds, Permissions

Try = Callable[..., Completed]
PYTHON = "/usr/bin/python3"


def sandboxes() -> list[Tier]:
    """The tiers of this machine: the best, and Landlock where the best is bubblewrap."""
    best = try_tiers()
    second = try_tiers(())
    return [tier for tier in (best, second) if tier.name != "none"]


TIERS = {tier.name: tier for tier in sandboxes()}


def needs(name: str) -> Tier:
    """The tier; without it a test is skipped by name, and fails where everything must be there."""
    if name not in TIERS:
        if os.environ.get("CI"):
            raise AssertionError(f"no {name} here: {try_tiers().because}")
        pytest.skip(f"no {name} here")
    return TIERS[name]


@pytest.fixture(params=["bubblewrap", "landlock"])
def tier(request: pytest.FixtureRequest) -> Tier:
    return needs(request.param)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    place = tmp_path / "copy"
    place.mkdir()
    return place


def trying(tier: Tier, copy: Path, permissions: Permissions | None = None, **space: object) -> Try:
    """Runs commands in `copy`."""
    sandbox = Sandbox(tier, permissions or Permissions())
    call = sandbox.call_in(Space(writable=(copy,), **space))  # type: ignore[arg-type]

    def run(*argv: str, timeout: float = 30, attended: Attendance | None = None, **env: str) -> Completed:
        return call(
            argv, cwd=copy, env={"PATH": os.environ["PATH"], **env}, timeout=timeout, attended=attended or Attendance()
        )

    return run


# -- how it is told ------------------------------------------------------------------------------------------------------
def test_what_a_command_says_and_how_it_ends(tier: Tier, copy: Path) -> None:
    run = trying(tier, copy)
    assert run("sh", "-c", "echo out; echo err >&2; exit 3").exit_code == 3
    assert run("sh", "-c", "echo out; echo err >&2").output == "out\nerr\n"
    assert run("sh", "-c", "kill -9 $$").exit_code == -9
    missing = run("no-such-program")
    assert missing.exit_code is None
    assert "no-such-program: No such file" in missing.output
    assert run("sleep", "30", timeout=0.5).timed_out


def test_a_sandbox_that_cannot_start_is_no_command_that_failed(copy: Path) -> None:
    run = trying(needs("bubblewrap"), copy, relays={5000: Path("/nowhere/socket")})
    with pytest.raises(
        MachineError, match="the sandbox could not start: bwrap: Can't find source path /nowhere/socket"
    ):
        run("true")


def test_somebody_can_listen_give_words_and_stop_it(tier: Tier, copy: Path) -> None:
    run, heard = trying(tier, copy), list[bytes]()
    done = run("sh", "-c", "cat; echo aside >&2", attended=Attendance(heard=heard.append, given=b"hello", apart=True))
    assert (b"".join(heard), done.output, done.errors.strip()) == (b"hello", "hello", "aside")
    stop = iter(["", "", "enough"])
    done = run("sleep", "30", attended=Attendance(why_stop=lambda: next(stop, "enough")))
    assert (done.stopped, done.exit_code == 0, done.seconds < 10) == ("enough", False, True)


def test_nothing_outlives_its_command(tier: Tier, copy: Path) -> None:
    program = "import os,time\nif not os.fork():\n os.setsid()\n if not os.fork():\n  time.sleep(4.3)\n  open('late','w')\n os._exit(0)"
    assert trying(tier, copy)(PYTHON, "-c", program).exit_code == 0
    assert "time.sleep(4.3)" not in "".join(_command_lines())
    assert not (copy / "late").exists()


def _command_lines() -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(place.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


# -- what it can -----------------------------------------------------------------------------------------------------------
def test_it_writes_the_copy_has_a_home_and_a_temporary_folder(tier: Tier, copy: Path) -> None:
    run = trying(tier, copy, home={".tool/settings": b"kept"})
    done = run("sh", "-c", "cat $HOME/.tool/settings; touch $HOME/a ${TMPDIR:-/tmp}/b made && echo fine")
    assert done.output == "keptfine\n"
    assert (copy / "made").exists()


def test_it_reads_what_it_is_given_and_cannot_write_it(tier: Tier, copy: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "data").write_text("given\n")
    run = trying(tier, copy, readable=(tools,))
    assert run("cat", str(tools / "data")).output == "given\n"
    assert run("sh", "-c", f"echo more >> {tools / 'data'}").exit_code != 0
    assert (tools / "data").read_text() == "given\n"
    granted = trying(tier, copy, Permissions(read=(str(tools),)))
    assert granted("cat", str(tools / "data")).output == "given\n"


def test_what_is_kept_within_the_copy_cannot_be_written(copy: Path) -> None:
    for folder in ("packages", "packages/.cache"):
        (copy / folder).mkdir()
    run = trying(needs("bubblewrap"), copy, kept=(copy / "packages",), open=(copy / "packages/.cache",))
    assert run("touch", "packages/x").exit_code != 0
    assert run("touch", "packages/.cache/x", "y").exit_code == 0


def test_servers_of_tests_run_on_a_loopback_of_their_own(copy: Path) -> None:
    program = "import socket; s=socket.create_server(('127.0.0.1',0)); c=socket.create_connection(s.getsockname()); print('connected')"
    run = trying(needs("bubblewrap"), copy)
    assert run(PYTHON, "-c", program).output == "connected\n"
    assert trying(needs("bubblewrap"), copy, Permissions(network="none"))(PYTHON, "-c", program).exit_code != 0


def test_a_port_inside_leads_to_a_socket_outside(copy: Path, tmp_path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "door"))
    server.listen()

    def echo() -> None:
        for _ in range(2):
            one, _ = server.accept()
            with one:
                while data := one.recv(65536):
                    one.sendall(data.upper())

    threading.Thread(target=echo, daemon=True).start()
    program = (
        "import socket\nfor n in (3, 1000000):\n c=socket.create_connection(('127.0.0.1',7777)); c.sendall(b'a'*n); c.shutdown(1)\n"
        " got=b''\n while d:=c.recv(65536): got+=d\n print(got==b'A'*n)"
    )
    run = trying(needs("bubblewrap"), copy, relays={7777: tmp_path / "door"})
    assert run(PYTHON, "-c", program).output == "True\nTrue\n"
    assert run("no-such-program").exit_code == 127
    server.close()


def test_a_host_on_the_network_of_the_machine_only_where_it_is_granted(copy: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 3); print('there')"
        )
        assert trying(needs("bubblewrap"), copy)(PYTHON, "-c", program).exit_code != 0
        granted = trying(needs("bubblewrap"), copy, Permissions(network="host"))
        assert granted(PYTHON, "-c", program).output == "there\n"


def test_our_own_interpreter_is_found_through_all_its_links(copy: Path) -> None:
    python = Path(sys.executable)
    run = trying(needs("bubblewrap"), copy, readable=tuple(places_of_program(python)))
    assert run(str(python), "-c", "import ssl, sqlite3; print('fine')").output == "fine\n"


# -- what it cannot --------------------------------------------------------------------------------------------------------
def test_what_is_ours_is_not_there(tier: Tier, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-of-ours")
    (tmp_path / "secret").write_text("canary-of-ours")
    run = trying(tier, copy)
    looks = (
        f"env; cat /proc/*/environ; cat {tmp_path}/secret ~/.ssh/* /etc/shadow; ls /root /home/*; cat /proc/1/environ"
    )
    assert "canary" not in run("sh", "-c", looks).output
    assert run("cat", "/etc/shadow").exit_code != 0


FORKS = "import os,time\nfor _ in range(40):\n if not os.fork(): time.sleep(9); os._exit(0)\ntime.sleep(9)"
EATS = "import os,time\nfor _ in range(3):\n if not os.fork():\n  x=b'x'*(100<<20); time.sleep(9); os._exit(0)\ntime.sleep(9)"
WRITES = "import time\nfor n in range(80): open(str(n),'wb').write(b'x'*(1<<20)); time.sleep(.05)"


@pytest.mark.parametrize(
    ("bounds", "program", "why"),
    [
        (Bounds(processes=20), FORKS, "20 processes"),
        (Bounds(memory=200 << 20), EATS, "200 MiB of memory"),
        (Bounds(growth=30 << 20), WRITES, "wrote more than 30 MiB"),
    ],
    ids=["processes", "memory", "disk"],
)
def test_what_uses_up_too_much_is_stopped(tier: Tier, copy: Path, bounds: Bounds, program: str, why: str) -> None:
    done = trying(tier, copy, Permissions(bounds=bounds))(PYTHON, "-c", program)
    assert why in done.stopped
    assert done.exit_code != 0
    assert done.seconds < 9


def test_each_process_has_limits(tier: Tier, copy: Path) -> None:
    bounds = Bounds(cpu=1, memory=300 << 20, file_size=1 << 20, open_files=64)
    run = trying(tier, copy, Permissions(bounds=bounds))
    assert run(PYTHON, "-c", "while True: pass").exit_code not in (0, None)
    assert "MemoryError" in run(PYTHON, "-c", "bytearray(400 << 20)").output
    assert run(PYTHON, "-c", "open('large', 'wb').write(b'x' * (2 << 20))").exit_code != 0
    assert "Too many open files" in run(PYTHON, "-c", "[open('/dev/null') for _ in range(99)]").output
    limits = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    assert run(PYTHON, "-c", limits).output == "(0, 0)\n"


def test_a_command_that_fills_its_temporary_folder_fills_nothing_else(copy: Path) -> None:
    run = trying(needs("bubblewrap"), copy, Permissions(bounds=Bounds(temporary=1 << 20)))
    assert "No space left" in run("sh", "-c", "head -c 3000000 /dev/zero > /tmp/much").output
    assert "No space left" in run("sh", "-c", "head -c 300000000 /dev/zero > $HOME/much").output


# -- which tier ------------------------------------------------------------------------------------------------------------
def test_the_tier_is_kept_until_the_machine_changes(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    started = time.monotonic()
    first = find_tier(environ)
    tried = time.monotonic() - started
    started = time.monotonic()
    assert find_tier(environ) == first
    assert time.monotonic() - started < tried / 3
    assert find_tier(environ, ()).name != "bubblewrap"  # another program, another answer
    (tmp_path / "backwright" / "sandbox.json").write_text("{")
    assert find_tier(environ) == first


def test_the_bubblewrap_that_is_installed_with_us_holds_as_well(tmp_path: Path) -> None:
    needs("bubblewrap")
    ours = [program for program in bubblewrap.programs() if program != bubblewrap.PROGRAM]
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert try_tiers((old, *ours)) == Tier("bubblewrap", program=str(ours[0]))


def test_an_old_bubblewrap_is_no_tier_a_and_it_is_said_why(tmp_path: Path) -> None:
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\necho 'bwrap: Unknown option --disable-userns' >&2\nexit 1\n")
    old.chmod(0o755)
    tier = try_tiers((old,))
    assert tier.name != "bubblewrap"
    assert "Unknown option --disable-userns" in tier.because


def test_without_a_sandbox_nothing_runs_unless_a_person_says_that_the_machine_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from backwright.adapters import sandbox as package

    monkeypatch.setattr(package, "find_tier", lambda: Tier("none", because="no user namespaces"))
    with pytest.raises(ToolMissing, match="no user namespaces") as refused:
        open_sandbox()
    assert refused.value.exit_code == 3
    external = open_sandbox(Permissions(external=True))
    assert external.is_external
    assert "external" in external.describe()


@pytest.mark.parametrize("place", ["/", "/etc", "~", "~/.ssh", "~/.aws/credentials", "relative"])
def test_no_grant_shows_what_is_secret(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (".ssh", ".aws"):
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="a sandbox cannot be given this to read"):
        open_sandbox(Permissions(read=(str(Path(place).expanduser()),)))


SOMEBODY = """
import os
from backwright.adapters.sandbox import probing
assert os.getuid() == 65534
print(probing.try_tiers().name, probing.try_tiers([]).name)
"""


def test_it_holds_for_somebody_without_rights_too() -> None:
    """What root runs here is run by nobody: an interpreter that everybody may start, with our packages."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    needs("bubblewrap")
    root = Path(probing.__file__).parents[3]
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{root}:{packages}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
    }
    argv = [PYTHON, "-c", SOMEBODY]
    done = subprocess.run(
        argv, user=65534, group=65534, extra_groups=[], env=env, cwd="/", capture_output=True, text=True
    )
    if "ModuleNotFoundError" in done.stderr or "ImportError" in done.stderr:
        pytest.skip("our packages are where nobody else may look, or for another Python")
    assert done.stdout.split() == ["bubblewrap", "landlock" if "landlock" in TIERS else "none"], done.stderr
