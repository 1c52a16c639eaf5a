"""From an understood request to a ChangeSet on a Spring project. Nothing is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping

from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import Unsupported
from backwright.core.request import Understood
from backwright.engine.planning import refuse_open
from backwright.kit.decided import refuse_parameters
from backwright.kit.index import FactIndex
from backwright.stacks.spring.bodies import body_texts
from backwright.stacks.spring.controller import controller_text, refuse_controller
from backwright.stacks.spring.decide import SpringPlan, decide_resource
from backwright.stacks.spring.entity import entity_text, enum_texts, repository_text
from backwright.stacks.spring.failures import swallowing
from backwright.stacks.spring.guarding import guarded
from backwright.stacks.spring.migration import migration_path, migration_text, stamp
from backwright.stacks.spring.service import interface_text, refused_repositories, service_text, statuses
from backwright.stacks.spring.soundness import refuse_unsound
from backwright.stacks.spring.style import SpringHouse
from backwright.stacks.spring.tests import test_text, untested_because


def plan_resource(
    understood: Understood,
    house: SpringHouse,
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
    refuse_controller(plan)
    paging = plan.house.paging
    refuse_parameters(plan, (paging.at, paging.size, *(("sort", "pageable") if paging.kind == "pageable" else ())))
    _refuse(plan)
    edits = tuple(_edits(plan))
    refuse_unsound(edits)
    digest = hashlib.sha256("\0".join(f"{re.sub(r'[0-9]{12,14}', '', e.path)}\0{e.after}" for e in edits).encode())
    return ChangeSet(
        id=digest.hexdigest()[:4],
        title=f"add resource {plan.name.pascal}, the way this repository adds resources",
        edits=edits,
        author="blueprint:resource",
        base={e.path: hashlib.sha256(e.before.encode()).hexdigest() if e.before is not None else "" for e in edits},
        assumptions=(*understood.assumptions, *decided.assumptions),
        questions=questions,
        notes=tuple(_notes(plan)),
        created=stamp(),
        request=understood.words,
        tests=tuple(e.path for e in edits if e.path == plan.paths.get("test")),
    )


def _refuse(plan: SpringPlan) -> None:
    """Raises Unsupported for an error that this project has no way to say, or a reference to what nothing finds."""
    for status in sorted(statuses(plan)):
        if status not in plan.house.failures:
            raise Unsupported(
                f"no exception of this project becomes status {status}, and its handler of all others would hide Spring's own",
                where=swallowing(plan.index, plan.sources) or plan.sibling.controller.path,
                hints=(f"an exception of its own with a handler that answers {status} would do",),
            )
    for entity, where in refused_repositories(plan):
        raise Unsupported(f"{entity} has no Spring Data repository that a reference could be looked up in", where=where)


def _edits(plan: SpringPlan) -> Iterator[Edit]:
    sibling, paths = plan.sibling, plan.paths
    yield Edit(
        paths["entity"], None, entity_text(plan), "the entity", sibling.entity.path, f"{len(plan.columns)} columns"
    )
    for path, text in enum_texts(plan):
        yield Edit(path, None, text, "its values", "", "an enum")
    if plan.house.migrations is not None:
        yield Edit(
            migration_path(plan), None, migration_text(plan), "the table", "", f"{len(plan.columns)} columns of its own"
        )
    yield Edit(
        paths["repository"], None, repository_text(plan), "asks the database", sibling.repository.path, "1 interface"
    )
    for role, path, text in body_texts(plan):
        because = "what is answered" if role == "response" else "what requests may hold"
        yield Edit(path, None, text, because, "", f"{len(plan.fields)} fields")
    if sibling.service is not None:
        if sibling.implementation is not None:
            yield Edit(
                paths["service"], None, interface_text(plan), "what can be done", sibling.service.path, "1 interface"
            )
        made = sibling.implementation or sibling.service
        role = "implementation" if sibling.implementation is not None else "service"
        yield Edit(paths[role], None, service_text(plan), "does it", made.path, f"{len(plan.operations)} methods")
    yield Edit(
        paths["controller"],
        None,
        controller_text(plan),
        "answers requests",
        sibling.controller.path,
        f"{len(plan.operations)} handlers",
    )
    changed = guarded(plan)
    if changed is not None:
        path, before, after = changed
        added = len(after.splitlines()) - len(before.splitlines())
        yield Edit(
            path, before, after, "who may send requests", "", f"{added:+d} {'line' if abs(added) == 1 else 'lines'}"
        )
    if not untested_because(plan):
        like = plan.house.tests.path if plan.house.tests is not None else ""
        yield Edit(paths["test"], None, test_text(plan), "its tests", like, "tests")


def _notes(plan: SpringPlan) -> Iterator[str]:
    """What was chosen or left out: said, never in silence."""
    if plan.sibling.table.entity and not plan.request.names:
        name = plan.sibling.controller.symbol.name
        yield f"{name} is sent the entity itself; the new resource has classes for what is sent and answered"
    if plan.house.migrations is None:
        yield "there are no migrations here: the table is made by Hibernate, as those of the other entities are"
    if plan.listing.paginate and "list" in plan.operations and plan.house.envelope is None:
        yield "lists are answered as Spring's Page, with the rows in `content`"
    if plan.is_patch:
        yield "an update changes what is sent; what is sent as null is cleared where it may be"
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    if plan.house.build.tool == "maven" and plan.house.migrations is not None:
        yield "Flyway has no way down in its free edition: what is proved is that the migration applies"
