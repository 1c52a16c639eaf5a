"""What the types of a new resource are called: as the exemplar's are."""

from __future__ import annotations

import re

from backwright.core.facts import Symbol
from backwright.kit.index import Definition
from backwright.stacks.axum.decide import AxumPlan
from backwright.stacks.axum.imports import module_of
from backwright.stacks.axum.reading import generic, pieces
from backwright.stacks.axum.siblings import Endpoint

_BODIES = re.compile(r"^(?:mut )?(\w+)\(\s*(?:mut )?(\w+)\s*\)$")


def given_to(endpoint: Endpoint, extractor: str) -> str:
    """The type that a handler takes by an extractor whose name ends so, `""` where it takes none."""
    for param in endpoint.handler.symbol.params:
        outer, arguments = generic(param.annotation)
        if outer.endswith(extractor) and arguments:
            return arguments[0].rpartition("::")[2]
    return ""


def type_names(plan: AxumPlan) -> dict[str, str]:
    """Role to type: row, create, update, list."""
    endpoints, name = plan.sibling.endpoints, plan.name
    create = given_to(endpoints["create"], "Json")
    update = given_to(endpoints["update"], "Json") if "update" in endpoints else ""
    query = given_to(endpoints["list"], "Query") if "list" in endpoints else ""
    found = {"row": name.pascal}
    found["create"] = plan.like(create) if _about(plan, create) else f"Create{name.pascal}"
    other = _about(plan, update) and update != create
    found["update"] = plan.like(update) if other else f"Update{name.pascal}"
    found["list"] = plan.like(query) if _about(plan, query) else f"List{name.pascal_plural}Query"
    return found


def _about(plan: AxumPlan, text: str) -> bool:
    return bool(text) and plan.like(text) != text


def extractor_of(plan: AxumPlan) -> str:
    """What takes a body: `Json`, or the house's own."""
    for op in ("create", "update"):
        endpoint = plan.sibling.endpoints.get(op)
        for param in endpoint.handler.symbol.params if endpoint is not None else ():
            outer, arguments = generic(param.annotation)
            if outer.endswith("Json") and len(arguments) == 1 and _BODIES.match(param.name):
                return outer
    return "Json"


def create_struct(plan: AxumPlan) -> Definition | None:
    """The exemplar's type of what is created."""
    endpoint = plan.sibling.endpoints["create"]
    return plan.index.resolve(endpoint.handler.path, given_to(endpoint, "Json"))


def derives(plan: AxumPlan) -> bool:
    """Whether rules of requests are attributes of the crate validator here."""
    found = create_struct(plan)
    if found is None or "validator" not in plan.house.crates:
        return False
    return bool(re.search(r"derive\([^)]*\bValidate\b", plan.sources.above(found.path, found.symbol)))


def custom_rule(plan: AxumPlan, function: str) -> str:
    """The attribute that names a function as a rule, as this version of validator reads it."""
    found = re.search(r'validator\s*=.*?"[\^~=]?0\.(\d+)', plan.house.crates["validator"])
    old = found is not None and int(found[1]) < 17
    return f'#[validate(custom = "{function}")]' if old else f'#[validate(custom(function = "{function}"))]'


def struct_of(plan: AxumPlan, name: str) -> Definition | None:
    """A struct of the project by its name."""
    for path in plan.index.files:
        symbol: Symbol | None = plan.index.symbols(path).get(name)
        if symbol is not None and symbol.kind == "class" and "struct" in symbol.modifiers:
            return Definition(path, symbol)
    return None


def own_types(plan: AxumPlan) -> list[tuple[str, str]]:
    """Module and name of each new type, as the exemplar's other files name its own."""
    names = type_names(plan)
    row = _module(plan, plan.sibling.name.pascal, plan.paths["model"])
    requests = _module(plan, given_to(plan.sibling.endpoints["create"], "Json"), plan.paths["requests"])
    enums = [(row, f.enum) for f in plan.fields if f.enum]
    answer = answer_type(plan)
    return [
        (row, names["row"]),
        *((requests, names[role]) for role in ("create", "update", "list")),
        *enums,
        (requests, f"{plan.name.pascal}Sort"),
        *([(requests, answer)] if answer else []),
    ]


def _module(plan: AxumPlan, name: str, path: str) -> str:
    """Where other files of the exemplar have a type from, about the new resource; its own file where that holds all."""
    found = struct_of(plan, name)
    if found is not None and plan.like(found.path.rpartition("src/")[2]) == found.path.rpartition("src/")[2]:
        return module_of(path, plan.index)
    for user in (plan.sibling.handlers, *plan.sibling.layers):
        for item in plan.index.imports(user):
            if item.name == name and item.module.split("::")[0] == "crate":
                return plan.like(item.module)
    return module_of(path, plan.index)


def answer_type(plan: AxumPlan) -> str:
    """The type of answers where rows are not answered as they are: `DepotResponse`, else `""`."""
    for op in ("get", "create", "update", "list"):
        endpoint = plan.sibling.endpoints.get(op)
        if endpoint is None:
            continue
        texts = [endpoint.handler.symbol.returns, *(d.symbol.returns for d in endpoint.below)]
        texts.append(plan.sources.body(endpoint.handler))
        for found in re.findall(r"\b([A-Z]\w*)\b", " ".join(texts)):
            about = plan.like(found) != found and found not in {plan.sibling.name.pascal}
            if about and re.search(r"(Response|Dto|DTO|View|Out|Read|Body)$", found) and struct_of(plan, found):
                return plan.like(found)
    return ""


def signature(plan: AxumPlan, definition: Definition) -> list[str]:
    """The parameters of a function as written."""
    text = plan.sources.of(definition)
    start = text.index("(", text.index(definition.symbol.name))
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return pieces(text[start + 1 : at])
    return []
