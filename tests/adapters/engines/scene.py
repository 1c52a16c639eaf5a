"""A small repository, a private copy of it, and what an engine tells."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backwright.adapters.engines.model.engine import ModelEngine
from backwright.adapters.engines.workplace import Chosen, Ground, Senses, Workplace
from backwright.adapters.workcopy import work_copy
from backwright.core.acting import Assignment, Limits, Proposal
from backwright.kit.index import FactIndex
from scripted_provider import say, use

FILES = {
    "app/main.py": "from app.orders import cancel\n\n\ndef run():\n    return cancel(1)\n",
    "app/orders.py": "def cancel(order):\n    return True\n",
    "tests/test_orders.py": "def test_cancel():\n    assert True\n",
    "README.md": "# Shop\n",
}

NEW = 'def cancel(order):\n    if order.shipped:\n        raise ValueError("shipped")\n    return True\n'
EDIT = use("write_edit", path="app/orders.py", old="    return True\n", new=NEW.partition("\n")[2])
DONE = say("Orders that have shipped cannot be cancelled.")


@dataclass
class Scene:
    """The user's tree in `root`, what was told, and the ground that engines work on."""

    root: Path
    ground: Ground
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)

    def tell(self, what: str, about: dict[str, object]) -> None:
        assert threading.current_thread() is threading.main_thread(), "a journal is written to by one thread"
        self.told.append((what, about))

    def heard(self, what: str) -> list[dict[str, object]]:
        return [about for kind, about in self.told if kind == what]

    def assignment(self, task: str = "cancel an order", **more: Any) -> Assignment:
        more.setdefault("limits", Limits(seconds=60, requests=20))
        return Assignment("r1", task, "unknown", "simple", self.ground.copy.root, **more)

    def intact(self) -> bool:
        """Whether the user's tree is as it was, to the byte and to the file."""
        return digests(self.root) == self.before


@contextmanager
def scene(tmp_path: Path, files: dict[str, str] | None = None) -> Iterator[Scene]:
    root = tmp_path / "shop"
    for path, text in (FILES if files is None else files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    paths = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() or path.is_symlink()]
    with work_copy(root, paths) as copy:
        yield Scene(root, Ground(copy, root), before=digests(root))


def digests(root: Path) -> dict[str, str]:
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def no_senses() -> Senses:
    return Senses(lambda texts: FactIndex({}), lambda index: (), lambda role: ())


def act(it: Scene, url: str, task: str = "cancel an order", *, model: str = "openai:scripted", **more: Any) -> Proposal:
    """ACT by the engine `model`, with the scripted provider at `url`."""
    address = url if model.startswith(("anthropic", "google")) else f"{url}/v1"
    kept, redact = more.pop("kept", None), more.pop("redact", str)
    senses = more.pop("senses", no_senses())
    engine = ModelEngine(Workplace(it.ground, senses, Chosen(model, address), kept, redact))
    return engine.act(it.assignment(task, **more), it.tell)
