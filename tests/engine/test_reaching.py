"""Which files the code of a file leads to."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.core.facts import FileFacts
from backwright.engine.nearby import Imports, spelt
from backwright.engine.reaching import reached
from backwright.engine.registry import Registry
from backwright.kit.index import FactIndex

_LANGUAGES = {suffix: language for language in Registry().languages for suffix in language.suffixes}


def _reached(files: Mapping[str, str], seed: str, at_most: int = 99) -> tuple[str, ...]:
    facts: dict[str, FileFacts] = {}
    for path, text in files.items():
        language = _LANGUAGES[path[path.rfind(".") :]]
        facts[path] = language.extract(path, text.encode(), path.removesuffix(".py").replace("/", "."))
    index = FactIndex(facts)
    return reached(seed, facts, Imports({p: [spelt(item) for item in index.imports(p)] for p in facts}), at_most)


_PYTHON = {
    "app/api.py": "from app import services\nfrom app.store import Store\n\n"
    "async def place(store: Store):\n    services.notify()\n    store.save()\n",
    "app/services.py": "from app.mail import send\nfrom app.slow import wait\n\n"
    "def notify():\n    send()\n\ndef other():\n    wait()\n",
    "app/mail.py": "from .base import Mailer\n\ndef send():\n    Mailer().send()\n",
    "app/base.py": "class Mailer:\n    def send(self): ...\n",
    "app/store.py": "from app.rows import insert\nfrom app.slow import wait\n\nclass Store:\n"
    "    def save(self):\n        insert()\n\n    def drop(self):\n        wait()\n",
    "app/rows.py": "def insert(): ...\n",
    "app/slow.py": "def wait(): ...\n",
    "app/main.py": "from app import api\n",
}


def test_what_is_called_however_far_and_not_what_stands_beside_it() -> None:
    near = _reached(_PYTHON, "app/api.py")
    assert set(near) == {*_PYTHON} - {"app/main.py", "app/slow.py"}
    assert near[0] == "app/api.py"
    assert "app/slow.py" in _reached(
        _PYTHON | {"app/api.py": _PYTHON["app/api.py"] + "    store.drop()\n"}, "app/api.py"
    )
    assert _reached(_PYTHON, "app/api.py", 3) == near[:3]


def test_names_that_are_passed_on() -> None:
    files = {
        "a/api.py": "from a.all import run\n\ndef f():\n    run()\n",
        "a/all.py": "from a.inner import *\n",
        "a/inner.py": "from a.work import run\n",
        "a/work.py": "def run(): ...\n",
    }
    assert _reached(files, "a/api.py") == tuple(files)
    circle = {"a/x.py": "from a.y import *\nrun()\n", "a/y.py": "from a.x import *\n"}
    assert set(_reached(circle, "a/x.py")) == set(circle)


def test_other_languages() -> None:
    typescript = {
        "src/routes.ts": "import { OrderService } from './service'\n"
        "export function place(s: OrderService) { return s.place() }\n",
        "src/service.ts": "import { save } from './store'\nexport class OrderService { place() { return save() } }\n",
        "src/store.ts": "export function save() {}\n",
        "src/far.ts": "export function far() {}\n",
    }
    assert _reached(typescript, "src/routes.ts") == ("src/routes.ts", "src/service.ts", "src/store.ts")
    go = {
        "shop/api.go": "package shop\n\nfunc Place(s *Store) { s.Save(); notify() }\n",
        "shop/store.go": "package shop\n\ntype Store struct{}\n",
        "shop/save.go": "package shop\n\nfunc (s *Store) Save() {}\n",
        "shop/mail.go": "package shop\n\nfunc notify() {}\n",
        "other/far.go": "package other\n\nfunc notify() {}\n",
    }
    assert set(_reached(go, "shop/api.go")) == {*go} - {"other/far.go"}
