"""From an understood request to a ChangeSet on a Gin project. Nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from posixpath import dirname

from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import Unsupported, UsageError
from backwright.core.request import Understood
from backwright.engine.planning import refuse_open
from backwright.kit.decided import refuse_parameters, refuse_words
from backwright.kit.index import FactIndex
from backwright.stacks.gin.answering import list_answer
from backwright.stacks.gin.columns import is_null
from backwright.stacks.gin.decide import GinPlan, decide_resource
from backwright.stacks.gin.entity import entity_text, requests_text
from backwright.stacks.gin.formatting import formatted
from backwright.stacks.gin.functions import face_text, layer_text, own_face
from backwright.stacks.gin.imitating import renamed_path
from backwright.stacks.gin.importing import document, with_imports
from backwright.stacks.gin.migration import migrated
from backwright.stacks.gin.soundness import refuse_unsound
from backwright.stacks.gin.style import GinHouse
from backwright.stacks.gin.tests import test_edit, untested_because
from backwright.stacks.gin.wiring import Wiring

_METHODS = {"AfterFind", "Changes", "UnmarshalJSON"}
_BECAUSE = {
    "model": "the entity",
    "requests": "what requests may hold",
    "repository": "asks the database",
    "service": "does what is asked for",
    "handler": "answers requests",
    "routes": "its routes",
}


def plan_resource(
    understood: Understood,
    house: GinHouse,
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
    _refuse_fields(plan)
    edits = tuple(_edits(plan))
    refuse_unsound(edits, plan)
    digest = hashlib.sha256("\0".join(f"{e.path}\0{e.after}" for e in edits).encode())
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
        tests=tuple(e.path for e in edits if e.path.endswith("_test.go") and e.before is None),
    )


def _refuse_fields(plan: GinPlan) -> None:
    refuse_words(plan, plan.house.dialect)
    refuse_parameters(plan, plan.answers.page)
    for field in plan.fields:
        if field.attr in _METHODS:
            raise UsageError(
                f"a field cannot be called '{field.spec.name}': the new types have a function {field.attr}",
                hints=(f"for example {plan.name.snake}_{field.spec.name}",),
            )
        if field.spec.has_default and field.spec.default is not None and is_null(field):
            raise Unsupported(
                f"the field `{field.spec.name}` may be null and has a default: Go could not tell which was meant"
            )


def _edits(plan: GinPlan) -> Iterator[Edit]:
    wiring = Wiring(plan)
    wiring.follow()
    like: dict[str, str] = {layer.role: layer.path for layer in plan.house.layers}
    like["model"] = plan.sibling.model
    texts: dict[str, list[str]] = {}
    because: dict[str, list[str]] = {}
    for role, text in _parts(plan):
        texts.setdefault(plan.paths[role], []).append(text)
        because.setdefault(plan.paths[role], []).append(_BECAUSE[role])
    for path, text in wiring.own.items():
        home = _home(plan, path, texts)
        texts.setdefault(home, []).append(text)
        because.setdefault(home, []).append(_BECAUSE["routes"])
        like.setdefault(home, path)
    for layer, _face in own_face(plan):
        home = renamed_path(layer.face_path, plan.sibling.name, plan.name, plan.case)
        if home == layer.face_path or home in plan.index.paths:
            raise Unsupported("this file holds the interfaces of several resources", where=layer.face_path)
        texts.setdefault(home, []).append(face_text(plan, layer))
        because.setdefault(home, []).append("what others know it by")
    by_path = {plan.paths[role]: old for role, old in like.items() if role in plan.paths}
    for path, parts in texts.items():
        old = by_path.get(path) or like.get(path, "")
        shown = document(plan, path, "\n\n".join(parts), old or plan.sibling.model)
        yield Edit(path, None, shown, "; ".join(because[path]), old, f"{len(shown.splitlines())} lines")
    changed = wiring.texts()
    for edit in migrated(plan):
        if edit.path in changed:
            raise Unsupported(
                "models are listed and handlers are made in one file, which cannot be changed twice", where=edit.path
            )
        yield _imported(plan, edit) if edit.path.endswith(".go") else edit
    for path, text in changed.items():
        before = plan.sources.read(path)
        after = with_imports(plan, path, before, text)
        added = len(after.splitlines()) - len(before.splitlines())
        yield Edit(path, before, after, "it is made and mounted", "", f"{added:+d} lines")
    if not untested_because(plan):
        yield test_edit(plan)


def _parts(plan: GinPlan) -> Iterator[tuple[str, str]]:
    yield "model", entity_text(plan)
    yield "requests", requests_text(plan)
    for layer in plan.house.layers:
        yield layer.role, layer_text(plan, layer.role)


def _home(plan: GinPlan, path: str, texts: Mapping[str, list[str]]) -> str:
    """The file of the new routes: that of the handlers where the exemplar's stand with its handlers."""
    for layer in plan.house.layers:
        if layer.path == path:
            return plan.paths[layer.role]
    found = renamed_path(path, plan.sibling.name, plan.name, plan.case)
    if found == path:
        found = f"{dirname(path)}/{plan.name.snake}_routes.go".lstrip("/")
    if found in plan.index.paths:
        raise Unsupported(f"there is a file {found} already, which the new routes would have to be in", where=found)
    return found


def _imported(plan: GinPlan, edit: Edit) -> Edit:
    after = with_imports(plan, edit.path, edit.before or "", formatted(edit.after or ""))
    return Edit(edit.path, edit.before, after, edit.because, edit.like, edit.summary)


def _notes(plan: GinPlan) -> Iterator[str]:
    """What was chosen or left out: said, never in silence."""
    _, chosen = list_answer(plan)
    if chosen and "list" in plan.operations:
        yield chosen
    why = untested_because(plan)
    if why:
        yield f"the endpoints get no tests: {why}"
    if any(f.type == "decimal" for f in plan.fields):
        yield "decimals are float64 in Go and NUMERIC in the database: more decimals than asked for are refused"
    if plan.house.migrations.kind == "gorm" and any(f.spec.unique for f in plan.fields) and _soft(plan):
        yield "rows are only marked as deleted here, and keep their unique values"
    if any(
        "@Summary" in plan.sources.comment_above(e.chain[0].path, e.chain[0].symbol)
        for e in plan.sibling.endpoints.values()
    ):
        yield "the OpenAPI comments of handlers are not written"


def _soft(plan: GinPlan) -> bool:
    return any("DeletedAt" in c.type for c in plan.sibling.table.columns)
