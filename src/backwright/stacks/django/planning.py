"""From an understood request to a ChangeSet on a Django project: decide, spell, weave. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backwright.core.change import ENDPOINT_WITHOUT_TEST, ChangeSet
from backwright.core.errors import Unsupported
from backwright.core.ports import Formatter
from backwright.core.request import Understood
from backwright.engine.planning import woven
from backwright.engine.spelling import Spelled
from backwright.engine.weaving import Words
from backwright.kit.artifacts import Emission
from backwright.kit.django.house import DjangoHouse
from backwright.kit.index import FactIndex
from backwright.stacks.django.conflicts import answered, can_conflict, emit_conflicts
from backwright.stacks.django.decide import DjangoPlan, decide_resource
from backwright.stacks.django.migration import emit_migration
from backwright.stacks.django.model import emit_admin, emit_model
from backwright.stacks.django.mounting import emit_mounts
from backwright.stacks.django.serializer import emit_serializer
from backwright.stacks.django.tests import emit_tests, untested_because
from backwright.stacks.django.view import emit_views, view_names


def plan_resource(
    understood: Understood,
    house: DjangoHouse,
    index: FactIndex,
    *,
    read: Callable[[str], str | None],
    formatter: Formatter,
    settings: Mapping[str, str],
    **_: object,
) -> ChangeSet:
    """What else a stack is given only other kinds of requests need.

    Raises NeedsPerson with open questions of level high, Unsupported for what cannot be spelled, UsageError for bad requests.
    """
    feature = understood.feature
    assert feature is not None, "the caller hands over resources only"
    refuse_house(house)
    decided = decide_resource(feature, house, index, lambda path: read(path) or "", settings)
    plan = decided.plan
    made = Spelled(
        title=f"add resource {plan.name.pascal}, the way this repository adds resources",
        emissions=lambda: _emissions(plan),
        house=house,
        assumptions=decided.assumptions,
        questions=decided.questions,
        notes=lambda: (*decided.notes, *_gaps(plan)),
        leaves=lambda: (ENDPOINT_WITHOUT_TEST,) if untested_because(plan) else (),
        words=Words(_words(plan)),
        decision=decided,
    )
    return woven(understood, made, index, author="resource", read=read, formatter=formatter)


def _words(plan: DjangoPlan) -> dict[str, str]:
    """What docstrings say, where the house has them."""
    human, humans = plan.name.human, plan.name.human_plural
    an = "an" if human[:1] in "aeiou" else "a"
    return {
        plan.class_name: f"{an.capitalize()} {human}.",
        plan.serializer: f"{humans.capitalize()} as they are sent and answered.",
        **dict.fromkeys(view_names(plan).values(), f"The endpoints of {humans}."),
        "filter_queryset": "Return the rows in an order that leaves none equal.",
        "get_queryset": "Return the rows that this user may see.",
        "perform_create": "Store who owns the row.",
        "update": "Store what was sent.",
        "make_user": "Make a user to sign in as.",
        "client_of": "Return a client, signed in as a user.",
        "values": f"Return what {an} {human} is made of.",
        "make": f"Make {an} {human}.",
        "rows": "Return the rows of a list.",
        "url_of": "Return the address of a row.",
    }


def refuse_house(house: DjangoHouse) -> None:
    """Raises Unsupported for a project that has nothing to imitate, or nothing that can be."""
    for what, where in house.unspelled:
        hints = ("viewsets and generic views with a ModelSerializer can be",)
        raise Unsupported(f"{what}, which cannot be imitated", where=where, hints=hints)
    if house.sibling is None:
        raise Unsupported(
            "this project has no resource to imitate: no viewset or generic view of a model is mounted",
            where=house.root or "manage.py",
            hints=("write the first one by hand, and the next can be planned",),
        )


def _emissions(plan: DjangoPlan) -> Iterator[Emission]:
    yield from emit_model(plan)
    yield from emit_migration(plan)
    yield from emit_serializer(plan)
    yield from emit_views(plan)
    yield from emit_mounts(plan)
    yield from emit_admin(plan)
    yield from emit_conflicts(plan)
    yield from emit_tests(plan)


def _gaps(plan: DjangoPlan) -> Iterator[str]:
    """What a whole resource has and this plan does not: said, never left out in silence."""
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    settings = plan.house.settings
    if can_conflict(plan) and (answered(plan) or settings is None or not settings.rest_line):
        yield "whether the exception handler here answers IntegrityError and ProtectedError was not looked at"
