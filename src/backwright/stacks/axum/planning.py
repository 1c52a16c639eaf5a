"""From an understood request to a ChangeSet on an axum project. Nothing is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import Unsupported
from backwright.core.request import Understood
from backwright.engine.planning import refuse_open
from backwright.kit.decided import refuse_parameters, refuse_words
from backwright.kit.index import FactIndex
from backwright.stacks.axum.decide import AxumPlan, decide_resource
from backwright.stacks.axum.errors import failure, has_unique, invalid_status
from backwright.stacks.axum.handlers import handler_names, handlers_text
from backwright.stacks.axum.imports import refuse_meanings
from backwright.stacks.axum.layers import data_text, service_text
from backwright.stacks.axum.migration import down_text, file_names, up_text
from backwright.stacks.axum.model import files_of
from backwright.stacks.axum.routing import wired
from backwright.stacks.axum.soundness import refuse_unsound
from backwright.stacks.axum.style import AxumHouse
from backwright.stacks.axum.tests import test_text, untested_because


def plan_resource(
    understood: Understood,
    house: AxumHouse,
    index: FactIndex,
    *,
    read: Callable[[str], str | None],
    settings: Mapping[str, str],
    **_: object,
) -> ChangeSet:
    """What else a stack is given only other kinds of requests need.

    Raises NeedsPerson with open questions of level high, Unsupported for what cannot be spelled, UsageError for bad requests.
    """
    feature = understood.feature
    assert feature is not None, "the caller hands over resources only"
    for what, where in house.unspelled:
        raise Unsupported(what, where=where)
    decided = decide_resource(feature, house, index, lambda path: read(path) or "", settings)
    plan = decided.plan
    questions = (*understood.questions, *decided.questions)
    refuse_open(questions)
    refuse_meanings(plan)
    refuse_words(plan, "postgres")
    refuse_parameters(plan, (plan.house.paging.at, plan.house.paging.size))
    _refuse_errors(plan)
    edits = tuple(_edits(plan, datetime.now(UTC).strftime("%Y%m%d%H%M%S")))
    refuse_unsound(edits, plan)
    digest = hashlib.sha256("\0".join(f"{re.sub(r'[0-9]{14}', '', e.path)}\0{e.after}" for e in edits).encode())
    return ChangeSet(
        id=digest.hexdigest()[:4],
        title=f"add resource {plan.name.pascal}, the way this repository adds resources",
        edits=edits,
        author="blueprint:resource",
        base={e.path: hashlib.sha256(e.before.encode()).hexdigest() if e.before is not None else "" for e in edits},
        assumptions=(*understood.assumptions, *decided.assumptions),
        questions=questions,
        notes=tuple(_notes(plan)),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        request=understood.words,
        tests=tuple(e.path for e in edits if e.path == plan.paths.get("test")),
    )


def _refuse_errors(plan: AxumPlan) -> None:
    """Raises Unsupported for an error that this project has no way to say."""
    if not plan.house.failures.made:
        raise Unsupported(
            "no error was found that handlers answer with, each with its status",
            where=plan.sibling.handlers,
            hints=("an enum that becomes a response, or a pair of StatusCode and String, would do",),
        )
    wanted = {404} if {"get", "update", "delete"} & set(plan.operations) else set()
    if {"create", "update"} & set(plan.operations):
        wanted |= {invalid_status(plan)} | ({409} if has_unique(plan) else set())
    for status in sorted(wanted):
        failure(plan, status, "")


def _edits(plan: AxumPlan, stamp: str) -> Iterator[Edit]:
    sibling, paths = plan.sibling, plan.paths
    up, down = file_names(plan, stamp)
    yield Edit(up, None, up_text(plan), "the table", sibling.table.table, f"{len(plan.columns)} columns of its own")
    if down:
        yield Edit(down, None, down_text(plan), "takes the table away again", "", "the way down")
    for path, text in files_of(plan).items():
        like = next((p for p in plan.index.files if plan.like(p) == path), sibling.model)
        yield Edit(path, None, text, "what rows and requests hold", like, f"{len(plan.columns)} fields")
    if paths["data"]:
        yield Edit(paths["data"], None, data_text(plan), "asks the database", sibling.layers[-1], "queries")
    if paths["service"]:
        yield Edit(paths["service"], None, service_text(plan), "says what may happen", sibling.layers[0], "a service")
    handlers = f"{len(plan.operations)} handlers"
    yield Edit(paths["handlers"], None, handlers_text(plan), "answers requests", sibling.handlers, handlers)
    for path, before, after in wired(plan, handler_names(plan)):
        added = len(after.splitlines()) - len(before.splitlines())
        shown = f"{added:+d} {'line' if abs(added) == 1 else 'lines'}"
        yield Edit(path, before, after, "declared and mounted as its neighbour is", "", shown)
    if not untested_because(plan):
        yield Edit(paths["test"], None, test_text(plan), "its tests", plan.house.tests, "tests")


def _notes(plan: AxumPlan) -> Iterator[str]:
    """What was chosen or left out: said, never in silence."""
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    if plan.listing.paginate and "list" in plan.operations:
        yield f"sizes of a page beyond {plan.listing.page_max} are cut to it"
    if any("utoipa" in name for name in plan.house.crates):
        yield "the OpenAPI description of this project is not extended"
    macros = any(re.search(r"\bquery(?:_as|_scalar)?!\(", plan.sources.read(p)) for p in plan.sibling.layers)
    if macros:
        yield "queries are checked when they run: the macros of sqlx would need the new table while it compiles"
