"""How long do the verbs take: cold, with nothing changed, with one file changed?

    python bench/speed.py                       --help, map, check and plan on the sample service, and on one of 200 files
    python bench/speed.py REPOSITORY...         on copies of repositories of yours
    python bench/speed.py --lines 10000 100000  map and check on so many lines of installed packages: growth and memory

Each figure is the least of --rounds (10), in milliseconds: processor time (user and system, children included), which a busy machine
disturbs least, and wall time. `cold` has no cache at all. Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import backwright

SAMPLE = Path(__file__).parents[1] / "tests" / "repos" / "shop_layered"
PLAN = ("plan", "resource", "Widget", "name:str(200)", "price:decimal(10,2)", "--paginate")
VERBS = {"--help": ("--help",), "stack": ("stack",), "map": ("map",), "check": ("check",), "plan": PLAN}
BARS = {"--help": 150, "stack": 150, "map": 300, "check": 300, "plan": 1000}  # wall milliseconds with nothing changed
SETTLED = 2.2  # seconds after which a change is told by the file's time
MAIN = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\ndef home() -> str:\n    return 'home'\n"


class Took(NamedTuple):
    """Milliseconds, MB of the largest process, and the exit code."""

    cpu: float
    wall: float
    memory: float
    code: int


def run(root: Path, arguments: Sequence[str]) -> Took:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", "from backwright.surfaces.cli.__main__ import main; main()", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    kilo = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Took((used.ru_utime + used.ru_stime) * 1000, wall * 1000, used.ru_maxrss / kilo, process.returncode)


def least(rounds: int, once: Callable[[], Took]) -> Took:
    took = [once() for _ in range(rounds)]
    return Took(min(t.cpu for t in took), min(t.wall for t in took), took[0].memory, took[0].code)


def measure(root: Path, verbs: Iterable[str], rounds: int) -> Iterator[tuple[str, Took, Took, Took]]:
    """Verb, cold, with nothing changed, with one file changed before each call."""
    changing = max(root.rglob("*.py"), key=lambda path: (path.stat().st_size < 8_000, path.stat().st_size))
    original = changing.read_bytes()
    numbers = iter(range(10**6))

    def cold(verb: str) -> Took:
        shutil.rmtree(root / ".backwright", ignore_errors=True)
        return run(root, VERBS[verb])

    def changed(verb: str) -> Took:
        changing.write_bytes(original + f"\n# {next(numbers)}\n".encode())
        return run(root, VERBS[verb])

    for verb in verbs:
        first = least(max(1, rounds // 4), partial(cold, verb))
        time.sleep(SETTLED)
        run(root, VERBS[verb])
        warm = least(rounds, partial(run, root, VERBS[verb]))
        after = least(max(1, rounds // 2), partial(changed, verb))
        changing.write_bytes(original)
        yield verb, first, warm, after


def report(name: str, root: Path, verbs: Sequence[str], rounds: int) -> bool:
    """A table row for each verb; whether all bars were kept."""
    sources = list(root.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in sources)
    good = True
    for verb, cold, warm, changed in measure(root, verbs, rounds):
        bar = BARS[verb]
        kept = warm.wall <= bar
        good = good and kept
        figures = "".join(f"{t.cpu:>8.0f}{t.wall:>8.0f}" for t in (cold, warm, changed))
        verdict = f"{'ok' if kept else 'OVER'} {bar}" if warm.code in (0, 1) else f"exit {warm.code}"
        print(f"{name:<16}{len(sources):>7}{lines:>9}  {verb:<7}{figures}{cold.memory:>7.0f}  {verdict}", flush=True)
    return good


def committed(root: Path) -> Path:
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
        subprocess.run([*git, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return root


def copied(source: Path, target: Path) -> Path:
    left_out = shutil.ignore_patterns("__pycache__", ".venv", ".backwright", "node_modules", ".*_cache")
    shutil.copytree(source, target, ignore=left_out, symlinks=True)
    return target if (target / ".git").exists() else committed(target)


def grown(target: Path, files: int) -> Path:
    """The sample service with so many files: its suppliers again and again, under other names."""
    shutil.copytree(SAMPLE, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    one = [path for path in target.rglob("*.py") if "supplier" in path.name or path.name == "deps.py"]
    one = [path for path in one if "migrations" not in path.parts]
    missing = files - sum(1 for _ in target.rglob("*.py"))
    words = [f"depot{number}x" for number in range(missing // len(one) + 1)]
    for word in words:
        for path in one:
            name = f"deps_{word}.py" if path.name == "deps.py" else path.name.replace("supplier", word)
            text = path.read_text().replace("supplier", word).replace("Supplier", word.capitalize())
            path.with_name(name).write_text(text.replace("app.api.deps", f"app.api.deps_{word}"))
    router = target / "app/api/router.py"
    text = router.read_text().replace("suppliers, ", f"{', '.join(f'{word}s' for word in words)}, suppliers, ")
    router.write_text(text + "".join(f"api_router.include_router({word}s.router)\n" for word in words))
    return committed(target)


def packages(target: Path, lines: int) -> Path:
    """So many lines of the standard library and of what is installed, as a service."""
    (target / "app").mkdir(parents=True)
    (target / "app/main.py").write_text(MAIN)
    (target / "pyproject.toml").write_text('[project]\nname = "big"\nversion = "1"\ndependencies = ["fastapi"]\n')
    folders = [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))]
    sources = [path for folder in folders for path in sorted(folder.rglob("*.py")) if "test" not in path.parts]
    for number, source in enumerate(cycle(sources)):
        if lines <= 0:
            break
        content = source.read_bytes()
        lines -= content.count(b"\n")
        folder = target / "app" / f"part{number // 200}"
        folder.mkdir(exist_ok=True)
        (folder / f"{source.stem}_{number}.py").write_bytes(content)
    return committed(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="*", type=Path)
    parser.add_argument("--lines", nargs="+", type=int, default=[], help="sizes of code to grow to")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    compileall.compile_dir(str(Path(str(backwright.__file__)).parent), quiet=2)  # as an installer leaves it
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'':<41}" + "".join(f"{name:>16}" for name in ("cold", "warm", "one changed")))
    print(f"{'repository':<16}{'files':>7}{'lines':>9}  {'verb':<7}" + f"{'cpu':>8}{'wall':>8}" * 3 + f"{'MB':>7}  bar")
    good = True
    with tempfile.TemporaryDirectory(prefix="bw-speed-") as place:
        folder = Path(place)
        for number in options.lines:
            good &= report(f"{number} lines", packages(folder / str(number), number), ("map", "check"), options.rounds)
            shutil.rmtree(folder / str(number))
        for repository in options.repositories:
            root = copied(repository.resolve(), folder / repository.resolve().name)
            good &= report(root.name, root, tuple(VERBS), options.rounds)
        if not options.lines and not options.repositories:
            good &= report("sample", copied(SAMPLE, folder / "sample"), tuple(VERBS), options.rounds)
            good &= report("sample, grown", grown(folder / "grown", 200), tuple(VERBS)[1:], options.rounds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
