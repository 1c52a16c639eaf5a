"""What a process that stays is asked about its repository: plain values in, plain values out.

A question names what it asks, and may bring the texts of files that are not saved yet. What cannot be answered is a
`problem` in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from backwright.app.bootstrap import registry
from backwright.app.config import find_root
from backwright.app.fixing import is_sound, mended
from backwright.app.hooks import after_edit, folder_of, read_payload
from backwright.app.live import LiveRepository
from backwright.core.archmap import ArchMap
from backwright.core.errors import BackwrightError, NothingToDo
from backwright.core.stack import Stack
from backwright.engine.explaining import explain
from backwright.engine.lenses import ways
from backwright.engine.mending import mend
from backwright.engine.silencing import silencing

Question = Mapping[str, Any]


def answer(live: LiveRepository, question: Question) -> dict[str, Any]:
    """The answer to one question; of what can be expected nothing is raised."""
    asked = _ASKED.get(str(question.get("ask")))
    if asked is None:
        return {"problem": "nobody here answers that"}
    try:
        with _held(live, question.get("unsaved")):
            return asked(live, question)
    except NothingToDo:  # no source of a backend: nothing is wrong with it
        return {}
    except BackwrightError as error:
        return {"problem": error.message}
    except (KeyError, TypeError, ValueError):
        return {"problem": "that was asked in a wrong way"}


def _edited(live: LiveRepository, question: Question) -> dict[str, Any]:
    """What there is to say of the event of an agent; a problem where it is about another repository."""
    event, folder = (bytes.fromhex(question[name]).decode("utf-8", "surrogateescape") for name in ("event", "folder"))
    payload = read_payload(event)
    if find_root(folder_of(payload, Path(folder))) != live.root:
        return {"problem": "that is another repository"}
    said = after_edit(payload, Path(folder), live)
    return {"text": said.text, "stop": said.stop}


def _findings(live: LiveRepository, question: Question) -> dict[str, Any]:
    return {"findings": msgspec.to_builtins(live.findings(_path(question)))}


def _fix(live: LiveRepository, question: Question) -> dict[str, Any]:
    """The new texts of the files that the fix of a finding changes; with `ignore` of a comment that silences it."""
    path, wanted = _path(question), str(question["fingerprint"])
    found = [f for f in live.findings(path) if f.fingerprint == wanted and f.span.line == int(question["line"])]
    if question.get("ignore"):
        found = list(silencing(found, live.read, ""))
        made = mend(found[:1], live.read, sound=is_sound)
    else:
        projects = [replace(project, index=index) for project, index in live.states(path)]
        made = mended(projects, found[:1], live.read, "unsafe")
    return {"texts": dict(made.texts), "refused": [reason for _, reason in made.refused]}


def _routes(live: LiveRepository, question: Question) -> dict[str, Any]:
    path = _path(question)
    out: list[Any] = []
    for project, index in live.states(path):
        archmap = ArchMap(root=project.root, stack=Stack(project.root), components=project.components)
        out += msgspec.to_builtins(list(ways(index, archmap, path)))
    return {"routes": out}


def _rule(_: LiveRepository, question: Question) -> dict[str, Any]:
    page = explain(str(question["rule"]), registry().rules, registry().page)
    return {"title": page.title, "markdown": page.markdown}


_ASKED: Mapping[str, Callable[[LiveRepository, Question], dict[str, Any]]] = {
    "edited": _edited,
    "findings": _findings,
    "fix": _fix,
    "routes": _routes,
    "rule": _rule,
}


def _path(question: Question) -> str:
    path = question["path"]
    if not isinstance(path, str):
        raise TypeError(path)
    return path


@contextmanager
def _held(live: LiveRepository, unsaved: object) -> Iterator[None]:
    """For one question, files read as the one who asks has them."""
    given = {str(p): str(text) for p, text in unsaved.items()} if isinstance(unsaved, Mapping) else {}
    for path, text in given.items():
        live.hold(path, text)
    try:
        yield
    finally:
        for path in given:
            live.hold(path, None)
