"""From an understood request to a ChangeSet on an Express project. Nothing is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from backwright.core.change import ENDPOINT_WITHOUT_TEST, ChangeSet, Edit
from backwright.core.errors import Unsupported
from backwright.core.request import Understood
from backwright.engine.planning import refuse_open
from backwright.kit.decided import refuse_parameters
from backwright.kit.index import FactIndex
from backwright.stacks.express.answers import list_response
from backwright.stacks.express.controller import controller_text, refuse_handlers
from backwright.stacks.express.decide import ExpressPlan, decide_resource
from backwright.stacks.express.emptying import emptied
from backwright.stacks.express.errors import refuse_errors
from backwright.stacks.express.routes import mounted, routes_text
from backwright.stacks.express.schema import migration_name, migration_text, schema_with
from backwright.stacks.express.service import service_text
from backwright.stacks.express.soundness import refuse_unsound
from backwright.stacks.express.style import ExpressHouse
from backwright.stacks.express.tests import test_text, untested_because
from backwright.stacks.express.validation import schema_text


def plan_resource(
    understood: Understood,
    house: ExpressHouse,
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
    refuse_parameters(plan, (plan.house.paging.at, plan.house.paging.size))
    refuse_handlers(plan)
    refuse_errors(plan)
    edits = tuple(_edits(plan, datetime.now(UTC).strftime("%Y%m%d%H%M%S")))
    refuse_unsound(edits, index, plan.sources.read)
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
        leaves=(ENDPOINT_WITHOUT_TEST,) if untested_because(plan) else (),
    )


def _edits(plan: ExpressPlan, stamp: str) -> Iterator[Edit]:
    sibling, paths = plan.sibling, plan.paths
    schema = plan.sources.read(plan.house.schema)
    fields = len(plan.columns)
    yield _changed(plan.house.schema, schema, schema_with(plan, schema), "the model")
    yield Edit(migration_name(plan, stamp), None, migration_text(plan), "the table", "", f"{fields} columns of its own")
    yield Edit(
        paths["schema"],
        None,
        schema_text(plan),
        "what requests may hold",
        _like(plan, "schema"),
        f"{len(plan.fields)} fields",
    )
    yield Edit(
        paths["service"],
        None,
        service_text(plan),
        "asks the database",
        sibling.service,
        f"{len(plan.operations)} functions",
    )
    yield Edit(
        paths["controller"],
        None,
        controller_text(plan),
        "answers requests",
        sibling.controller,
        f"{len(plan.operations)} handlers",
    )
    yield Edit(paths["routes"], None, routes_text(plan), "its routes", sibling.routes, f"{len(plan.operations)} routes")
    path, text = mounted(plan)
    yield _changed(path, plan.sources.read(path), text, "its router is mounted")
    if not untested_because(plan):
        yield Edit(paths["test"], None, test_text(plan), "its tests", plan.house.tests, "tests")
        for path, before, after in emptied(plan):
            yield _changed(path, before, after, "tests empty its table too")


def _like(plan: ExpressPlan, role: str) -> str:
    return next((p for p in plan.index.files if p != plan.paths[role] and plan.like(p) == plan.paths[role]), "")


def _changed(path: str, before: str, after: str, because: str) -> Edit:
    added = len(after.splitlines()) - len(before.splitlines())
    return Edit(path, before, after, because, "", f"{added:+d} {'line' if abs(added) == 1 else 'lines'}")


def _notes(plan: ExpressPlan) -> Iterator[str]:
    """What was chosen or left out: said, never in silence."""
    _, chosen = list_response(plan)
    if chosen and "list" in plan.operations:
        yield chosen
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    if plan.listing.search and plan.house.provider == "sqlite":
        yield "`%` and `_` in a search match anything on SQLite, since Prisma gives LIKE no way to escape them there"
    if any(re.search(r"swagger|openapi", p, re.IGNORECASE) for p in plan.index.files):
        yield "the OpenAPI description of this project is not extended"
