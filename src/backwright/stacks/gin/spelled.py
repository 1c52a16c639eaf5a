"""What the files of a new resource call each other: functions, types, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname

from backwright.core.errors import Unsupported
from backwright.core.facts import Symbol
from backwright.kit.artifacts import FieldPlan
from backwright.kit.naming import camel
from backwright.stacks.gin.answers import STATUSES
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.layout import aligned
from backwright.stacks.gin.style import Layer

_USUAL = {"list": "List", "get": "Get", "create": "Create", "update": "Update", "delete": "Delete"}
_MADE = re.compile(r"Create|Add|Store|Insert|Post|New|Save|Register")


def requests_of(plan: GinPlan) -> dict[str, str]:
    """The types of requests: create, update, list."""
    pascal, many = plan.name.pascal, plan.name.pascal_plural
    return {"create": f"Create{pascal}Request", "update": f"Update{pascal}Request", "list": f"List{many}Query"}


def functions_of(plan: GinPlan, role: str) -> dict[str, str]:
    """What each operation is called in a layer: as the exemplar calls it, else as it calls its neighbours."""
    layer = plan.layer(role)
    names: dict[str, str] = {}
    for op in _USUAL:
        own = layer.names.get(op, "") if layer is not None else ""
        names[op] = plan.like(own) if own else _derived(plan, layer, op, role)
    return _apart(names)


def _derived(plan: GinPlan, layer: Layer | None, op: str, role: str) -> str:
    """A name made of the one for making a row: `CreateBook` gives `DeleteAsset`."""
    if layer is None:
        what = plan.name.pascal_plural if op == "list" else plan.name.pascal
        return camel(f"{_USUAL[op]}{what}")
    made = layer.names.get("create", "") or plan.sibling.endpoints["create"].chain[0].symbol.name
    verb = _MADE.search(made)
    shown = made[: verb.start()] + _USUAL[op] + made[verb.end() :] if verb is not None else _USUAL[op]
    renamed = plan.like(shown)
    if renamed == shown and layer.owner is None:
        renamed = f"{_USUAL[op]}{plan.name.pascal_plural if op == 'list' else plan.name.pascal}"
    return renamed.replace(plan.name.pascal, plan.name.pascal_plural) if op == "list" and verb is not None else renamed


def _apart(names: dict[str, str]) -> dict[str, str]:
    """No two of one name."""
    out: dict[str, str] = {}
    for op, name in names.items():
        out[op] = name if name not in out.values() else f"{name}{'All' if op == 'list' else _USUAL[op]}"
    return out


def receiver(plan: GinPlan, layer: Layer) -> str:
    """The receiver of a method of a layer: `(h *AssetHandler) `; `""` for plain functions."""
    if not layer.receiver:
        return ""
    return f"({receiver_name(plan, layer)} {plan.like(layer.receiver.split()[1])}) "


def receiver_name(plan: GinPlan, layer: Layer) -> str:
    """What a method calls the value that it is called on: never as its context."""
    old = layer.receiver.split()[0] if layer.receiver else ""
    new = plan.like(old)
    if len(old) == 1 and old == plan.sibling.name.camel[:1]:
        new = layer.role[0]
    return new if new not in {plan.answers.context, "ctx"} else layer.role[0]


def held(plan: GinPlan, upper: Layer, lower: Layer) -> str:
    """How a layer calls the one below it: `h.assets.`, `service.`. Raises Unsupported where it cannot be told."""
    if lower.owner is None:
        folder = dirname(plan.paths[lower.role])
        same = folder == dirname(plan.paths[upper.role])
        return "" if same else f"{plan.sources.package_of(folder)}."
    wanted = {lower.owner.name, *([lower.face.name] if lower.face is not None else [])}
    if upper.owner is not None:
        for field in upper.owner.fields:
            if field.annotation.lstrip("*").rpartition(".")[2] in wanted:
                name = field.name or field.annotation.lstrip("*").rpartition(".")[2]
                return f"{receiver_name(plan, upper)}.{plan.like(name)}."
    raise Unsupported(
        f"it was not found how {upper.path} reaches {lower.owner.name}: no field of {upper.owner.name if upper.owner else 'it'} holds one",
        where=upper.path,
    )


def database(plan: GinPlan, layer: Layer, *, asking: bool = True) -> str:
    """How a layer reaches the database, with the context of the request where functions here are given one."""
    old = plan.house.database
    head = layer.receiver.split()[0] if layer.receiver else ""
    shown = f"{receiver_name(plan, layer)}{old.removeprefix(head)}" if head and old.startswith(f"{head}.") else old
    return f"{shown}.WithContext(ctx)" if asking and layer.takes_context else shown


def key_type(plan: GinPlan, owner: FieldPlan | None) -> str:
    """The type of the key of users."""
    return owner.target.key_type if owner is not None and owner.target is not None else "uint"


def needs_user(plan: GinPlan, op: str) -> bool:
    """Whether an operation needs to know who asks."""
    if plan.owner is None:
        return False
    return op == "create" or op in plan.owner.ops or (op == "list" and plan.owner.list_own)


# --- errors ------------------------------------------------------------------------------------------------------------


def reference_status(plan: GinPlan) -> int:
    """What a request is answered that refers to what is not there."""
    return next((s for s in (422, 400) if s in plan.answers.failures), plan.answers.invalid)


def needed(plan: GinPlan) -> dict[str, int]:
    """What can go wrong with this resource, and the status of each."""
    found = {"conflict": 409, "in_use": 409}
    if {"get", "update", "delete"} & set(plan.operations):
        found["missing"] = 404
    if any(f.target is not None for f in plan.columns):
        found["reference"] = reference_status(plan)
    if plan.owner is not None and set(plan.owner.ops) & set(plan.operations):
        found["forbidden"] = 403
    return found


def own_errors(plan: GinPlan) -> dict[str, tuple[str, str]]:
    """The errors that the project has none for: their names, and what they say."""
    one = plan.name.human
    unique = [f.spec.name.replace("_", " ") for f in plan.fields if f.spec.unique]
    taken = f"{plan.a} {one} with this {unique[0]}" if unique else f"this {one}"
    said = {
        "conflict": (f"Err{plan.name.pascal}Exists", f"{taken} exists already"),
        "in_use": (f"Err{plan.name.pascal}InUse", f"the {one} is in use"),
        "reference": (f"Err{plan.name.pascal}Reference", f"the {one} refers to what is not there"),
        "forbidden": (f"Err{plan.name.pascal}Forbidden", f"the {one} belongs to somebody else"),
    }  # fmt: skip
    mapped = plan.answers.failures
    return {k: said[k] for k, s in needed(plan).items() if k in said and not (plan.answers.mapper and s in mapped)}


def error(plan: GinPlan, what: str, path: str) -> str:
    """An error, as a file makes it. `what` is missing, conflict, in_use, reference or forbidden."""
    status = needed(plan).get(what, 0)
    known = plan.answers.failures.get(status, "") if plan.answers.mapper else ""
    if what == "missing":
        return plain(plan, known, path) if known else "gorm.ErrRecordNotFound"
    if what not in needed(plan):
        return "err"
    if known:
        texts = {
            "conflict": "this exists already",
            "in_use": "it is in use",
            "reference": "what it refers to is not there",
        }
        return f'fmt.Errorf("%w: {texts.get(what, "it belongs to somebody else")}", {plain(plan, known, path)})'
    return plan.type_of(own_errors(plan)[what][0], "model", path)


def plain(plan: GinPlan, name: str, path: str) -> str:
    """A name without its package where the file is part of that."""
    package, _, last = name.rpartition(".")
    known = known_packages(plan)
    return last if known.get(package) == plan.sources.module_of(dirname(path)) else name


def mapped(plan: GinPlan) -> bool:
    """Whether the project's own function answers all that can go wrong here."""
    return bool(plan.answers.mapper) and set(needed(plan).values()) <= set(plan.answers.failures)


def known_packages(plan: GinPlan) -> dict[str, str]:
    """What packages are called here, to how they are imported: those of the exemplar's files, ours, and the language's."""
    found: dict[str, str] = {}
    own = {p.path for e in plan.sibling.endpoints.values() for p in e.chain} | {plan.sibling.model, plan.sibling.routes}
    for path in (*own, plan.house.migrations.exemplar):
        found |= plan.sources.imports_of(path) if path.endswith(".go") else {}
    found |= dict(plan.house.guards.imports)
    for name in plan.answers.failures.values():
        found |= {
            name.partition(".")[0]: m
            for p in plan.index.files
            if (m := plan.sources.imports_of(p).get(name.partition(".")[0]))
        }
    for role in plan.paths:
        folder = plan.folder(role)
        found[plan.sources.package_of(folder)] = plan.sources.module_of(folder)
    for target in (f.target for f in plan.columns if f.target is not None):
        folder = dirname(target.path)
        found[plan.sources.package_of(folder)] = plan.sources.module_of(folder)
    standard = {"errors": "errors", "fmt": "fmt", "http": "net/http", "json": "encoding/json", "strings": "strings",
                "strconv": "strconv", "time": "time", "context": "context", "regexp": "regexp", "bytes": "bytes",
                "httptest": "net/http/httptest", "testing": "testing"}  # fmt: skip
    others = {"gin": "github.com/gin-gonic/gin", "gorm": "gorm.io/gorm", "uuid": "github.com/google/uuid"}
    return {**found, **{k: v for k, v in others.items() if k not in found}, **standard}


def failed(plan: GinPlan, status: int, message: str) -> str:
    """The statement that refuses a request."""
    values: Mapping[str, str] = {
        "{c}": plan.answers.context,
        "{status}": f"http.{STATUSES[status]}",
        "{message}": message,
    }
    return re.sub(r"\{(?:c|status|message)\}", lambda m: values[m[0]], plan.answers.failure)


def target_type(plan: GinPlan, field: FieldPlan, path: str) -> str:
    """The entity that a field refers to, as a file names it."""
    assert field.target is not None
    folder = dirname(field.target.path)
    return (
        field.target.entity if folder == dirname(path) else f"{plan.sources.package_of(folder)}.{field.target.entity}"
    )


def symbol_text(plan: GinPlan, path: str, symbol: Symbol) -> str:
    """A declaration of the exemplar with its comment, about the new resource."""
    comment = plan.sources.comment_above(path, symbol)
    text = aligned(plan.like(plan.sources.declared(path, symbol)))
    return f"{plan.like_words(comment)}\n{text}" if comment else text
