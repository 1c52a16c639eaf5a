"""How a resource is spelled: each emitter once, tied together where one needs what another knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.blueprints.resource.decide import Decision
from backwright.core.change import ENDPOINT_WITHOUT_TEST
from backwright.core.errors import Unsupported
from backwright.engine.documenting import module_words, words_of
from backwright.engine.housing_default import default_house
from backwright.engine.spelling import Decide, Spelled, Task, refuse_foreign
from backwright.engine.weaving import Words
from backwright.frameworks.alembic.foundation import emit_environment
from backwright.frameworks.alembic.migration import emit_migration
from backwright.frameworks.fastapi import service
from backwright.frameworks.fastapi.conflicts import answers_conflicts
from backwright.frameworks.fastapi.foundation import emit_errors, emit_mount, emit_session_alias
from backwright.frameworks.fastapi.router import router_emitter
from backwright.frameworks.fastapi.service import Access, service_emitter
from backwright.frameworks.pydantic.fields import create_line, has_emails, not_null, support, update_line
from backwright.frameworks.pydantic.foundation import emit_page
from backwright.frameworks.pydantic.schemas import emit_schemas
from backwright.frameworks.pytest.foundation import emit_fixtures
from backwright.frameworks.pytest.tests import emit_tests, untested_because
from backwright.frameworks.pytest.unit import Spelling, unit_emitter
from backwright.frameworks.sqlalchemy import repository
from backwright.frameworks.sqlalchemy.foundation import emit_database, emit_entities
from backwright.frameworks.sqlalchemy.model import emit_model
from backwright.frameworks.sqlalchemy.queries import list_params, query_fragments, sort_table
from backwright.frameworks.sqlalchemy.repository import emit_repository, repository_fragments
from backwright.frameworks.sqlmodel.models import models_emitter
from backwright.kit.artifacts import Emission, Insertion, Piece, ResourcePlan, SchemaSpelling
from backwright.kit.house import House
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import forms

_ACCESS = Access(query_fragments, repository_fragments, list_params, sort_table)
_CALLS = Spelling(
    service.method_name,
    repository.method_name,
    repository.finder_name,
    repository.exists_name,
    service.body_name,
    service.module_name,
    service.module_import,
    service.instance_name,
    service.instance_import,
)
_SPELLING = SchemaSpelling(create_line, update_line, support, not_null, has_emails)


def spell(task: Task, decide: Decide) -> Spelled:
    """Raises Unsupported for what cannot be spelled, UsageError for bad requests."""
    feature = task.understood.feature
    assert feature is not None, "the blueprint accepts resources only"
    refuse_foreign(task)
    house = task.house
    if house.sibling is None:
        house = default_house(task.index, house, lambda path: task.read(path) or "")
    _refuse_unknown(house)
    decision: Decision = decide(feature, house, task.index, task.settings)
    plan = decision.plan
    return Spelled(
        title=_title(plan),
        emissions=lambda: _emissions(plan),
        house=house,
        words=Words(words_of(plan), module_words(plan)),
        assumptions=decision.assumptions,
        questions=decision.questions,
        notes=lambda: (*decision.notes, *_gaps(plan)),
        leaves=lambda: (ENDPOINT_WITHOUT_TEST,) if untested_because(plan) else (),
        decision=decision,
    )


def _gaps(plan: ResourcePlan) -> Iterator[str]:
    """What a whole resource has and this plan does not: said, never left out in silence."""
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    router = plan.house.router
    if plan.house.sibling is not None and router.own_router and router.registration is None:
        yield f"no statement was found that mounts the router of {plan.house.sibling.router_path}: see how it is reached"
    if plan.house.migration is None and plan.house.sibling is not None:
        yield "there is no migration: this project does not use Alembic"


def _title(plan: ResourcePlan) -> str:
    way = "the way this repository adds resources" if plan.house.sibling is not None else "in the built-in architecture"
    return f"add resource {plan.name.pascal}, {way}"


def _refuse_unknown(house: House) -> None:
    for why in house.unspelled:
        raise Unsupported(
            f"the endpoints of {house.sibling.entity if house.sibling is not None else 'this project'} cannot be imitated: {why}",
            where=house.sibling.router_path if house.sibling is not None else "",
            hints=("endpoints that use a session, a repository or a service with a repository can be",),
        )
    if house.session.dependency.module == "" and house.sibling is not None:
        raise Unsupported(
            "how a database session arrives in this project could not be found (no dependency gives a Session)",
            where=house.sibling.router_path,
            hints=("FastAPI with `Depends` and SQLAlchemy or SQLModel sessions is supported",),
        )
    if house.schema.pydantic == 1:
        raise Unsupported("schemas of pydantic 1 are not supported", hints=("migrate to pydantic 2 first",))


def _emissions(plan: ResourcePlan) -> Iterator[Emission]:
    yield from emit_database(plan)
    yield from emit_errors(plan)
    yield from emit_page(plan)
    yield from emit_session_alias(plan)
    if plan.house.model.orm == "sqlmodel":
        yield from models_emitter(_SPELLING)(plan)
        if plan.paths["schema"] != plan.paths["model"]:
            yield from emit_schemas(plan)
    else:
        yield from emit_model(plan)
        yield from emit_schemas(plan)
    yield from collected(plan)
    yield from emit_repository(plan)
    yield from service_emitter(_ACCESS)(plan)
    yield from router_emitter(_ACCESS)(plan)
    yield from emit_mount(plan)
    yield from emit_entities(plan)
    yield from emit_environment(plan)
    yield from emit_migration(plan)
    yield from emit_fixtures(plan)
    yield from emit_tests(plan, deletes_refused=answers_conflicts(plan))
    yield from unit_emitter(_CALLS)(plan)


def collected(plan: ResourcePlan) -> Iterator[Emission]:
    """The new entity in the files that gather all entities, imported as the exemplar is.

    Where that is a file of the exemplar's own, such as the `__init__.py` of its feature, the new resource gets one too.
    """
    sibling = plan.house.sibling
    if sibling is None:
        return
    name = forms(sibling.mounted or sibling.snake)
    given_away: dict[str, dict[str, str]] = {}
    for place in plan.house.collectors:
        found = re.match(r"from\s+(\S+)\s+import\s+\(?(.*?)\)?$", place.statement, re.DOTALL)
        if found is None:
            line, names = fill(pattern_of(place.statement, name), plan.name), []
        else:
            filled = [
                fill(pattern_of(n.strip(), name), plan.name)
                for n in found.group(2).replace("\n", " ").split(",")
                if n.strip()
            ]
            names = [
                n
                for n in filled
                if n.split()[0] in _made(plan) and n.split()[0] not in place.statement.replace(",", " ").split()
            ]
            router = fill(plan.house.router.variable, plan.name)
            names += [n for n in filled if n.split()[0] == router and pattern_of(n, plan.name) != n]
            line = f"from {fill(pattern_of(found.group(1), name), plan.name)} import {', '.join(names)}"
            if not names:
                continue
        own = fill(pattern_of(place.path, name), plan.name)
        if own != place.path:
            given_away.setdefault(own, {}).update({n.split()[-1]: line for n in names})
            continue
        exported = " ".join(n.split()[-1] for n in names)
        yield Insertion(
            place.path,
            "import",
            line + place.imported,
            "it is known to the package",
            place.line,
            place.statement,
            exported=exported,
        )
    for own, lines in given_away.items():
        listed = "\n".join(f'    "{n}",' for n in sorted(lines))
        yield Piece("package", own, tuple(lines.values()), f"__all__ = [\n{listed}\n]", "what the package gives away")


def _made(plan: ResourcePlan) -> set[str]:
    """Every name that the new files bring, modules included."""
    house = plan.house
    names = {plan.class_name, *plan.schemas.values(), *(f.enum for f in plan.fields if f.enum)}
    for style in (house.repository, house.service):
        names |= {fill(t, plan.name) for t in (style.name, style.instance) if t and style.form != "inline"}
    if house.pages.own:
        names.add(fill(house.pages.own, plan.name))
    return names | {plan.modules[r].rpartition(".")[2] for r in plan.paths if r in plan.modules}
