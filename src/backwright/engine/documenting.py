"""Docstrings for new code, where the house has them: told from names, since what is new says no more than they do."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import Documentation
from backwright.kit.index import FactIndex

_MODULES = {
    "model": "The entity {human}.",
    "schema": "Requests and answers about {humans}.",
    "schema_read": "Answers about {humans}.",
    "repository": "Data access for {humans}.",
    "service": "The rules of {humans}.",
    "router": "The endpoints of {humans}.",
    "test": "Tests of the endpoints of {humans}.",
    "unit": "Tests of the rules of {humans}.",
}
_NAMES = {
    "__init__": "Keep what the methods work with.",
    "payload": "Return a request that is fit to be accepted.",
    "created": "Create one over the API.",
    "refuse_null": "Refuse null where there has to be a value.",
}
# Possessive: a long run of comments and empty lines is gone through once.
_DOCSTRING = re.compile(r"""(?:\s*+#[^\n]*+\n)*+\s*+[rR]?(?:\"{3}|'{3}|")""")
_SAMPLE = 60  # files whose first lines are looked at


def documentation_of(index: FactIndex, tests: frozenset[str], read: Callable[[str], str]) -> Documentation:
    """What most modules, classes and functions have a docstring for, in the code and in its tests."""
    classes, functions, cases = [], [], []
    for found in index.all_symbols():
        symbol = found.symbol
        if symbol.name.startswith("_") or symbol.kind == "variable":
            continue
        if found.path in tests:
            if symbol.name.startswith("test"):
                cases.append(bool(symbol.doc))
        elif symbol.kind == "class":
            classes.append(bool(symbol.doc))
        else:
            functions.append(bool(symbol.doc))
    own = [p for p in index.files if p not in tests and not p.endswith("__init__.py")][:_SAMPLE]
    return Documentation(
        modules=_most([_has_docstring(read(p)) for p in own]),
        classes=_most(classes),
        functions=_most(functions),
        test_modules=_most([_has_docstring(read(p)) for p in sorted(tests) if "test_" in p][:_SAMPLE]),
        tests=_most(cases),
    )


def _most(found: list[bool]) -> bool:
    return sum(found) * 3 > len(found) * 2


def _has_docstring(text: str) -> bool:
    return _DOCSTRING.match(text) is not None


def words_of(plan: ResourcePlan) -> dict[str, str]:
    """What the names of a resource's classes mean."""
    human = f"{'an' if plan.name.human[:1] in 'aeiou' else 'a'} {plan.name.human}"
    new = f"a new {plan.name.human}"
    return {
        "get": f"Return one {plan.name.human}.",
        "list_page": f"Return a page of {plan.name.human_plural}, and how many there are.",
        **dict.fromkeys(("add", "insert", "add_new"), f"Store {new}."),
        **dict.fromkeys(("save", "persist", "save_changes"), f"Store what has changed about {human}."),
        **dict.fromkeys(("remove", "delete", "delete_row"), f"Delete {human}."),
        "create": f"Create {human}.",
        "update": f"Change {human}; what is left out stays.",
        plan.schemas["create"]: f"What {new} is made of.",
        plan.schemas["update"]: f"What may change about {human}; what is left out stays.",
        plan.schemas["read"]: f"{human.capitalize()} as it is answered.",
        plan.class_name: f"{human.capitalize()} as it is stored.",
    }


def module_words(plan: ResourcePlan) -> dict[str, str]:
    """What the files of a resource hold, by role."""
    return {role: text.format(human=plan.name.human, humans=plan.name.human_plural) for role, text in _MODULES.items()}


def document(
    source: str, wanted: Documentation, words: Mapping[str, str], *, module: str, is_test: bool, width: int
) -> str:
    """The source with the docstrings it lacks. `words` by name; `module` is the docstring of a whole new file, `""` for none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    lines = source.splitlines()
    found: list[tuple[int, str]] = []
    for node in _definitions(tree):
        if not _wanted(node, wanted, is_test=is_test) or ast.get_docstring(node) is not None:
            continue
        first = node.body[0]
        indent = " " * first.col_offset
        start = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
        text = _shortened(words.get(node.name) or _told(node.name), width - len(indent) - 6)
        blank = "\n" if isinstance(node, ast.ClassDef) else ""
        found.append((start - 1, f'{indent}"""{text}"""{blank}'))
    for at, text in sorted(found, reverse=True):
        lines[at:at] = text.split("\n")
    if module and ast.get_docstring(tree) is None and (wanted.test_modules if is_test else wanted.modules):
        lines[:0] = [f'"""{_shortened(module, width - 6)}"""', ""]
    return "\n".join(lines) + "\n"


_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _definitions(tree: ast.Module) -> list[_Definition]:
    """Public classes and functions, methods among them, what stands inside functions not."""
    out: list[_Definition] = []
    for node in tree.body:
        if isinstance(node, _Definition):
            out.append(node)
            if isinstance(node, ast.ClassDef):
                out += [inner for inner in node.body if isinstance(inner, _Definition)]
    return [node for node in out if not node.name.startswith("_") or node.name == "__init__"]


def _wanted(node: _Definition, wanted: Documentation, *, is_test: bool) -> bool:
    if is_test:
        return wanted.tests
    return wanted.classes if isinstance(node, ast.ClassDef) else wanted.functions


def _told(name: str) -> str:
    """`get_voucher_by_code` is "Get voucher by code"."""
    if name in _NAMES:
        return _NAMES[name]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    text = " ".join(spaced.lower().split("_")).strip()
    return f"{text[:1].upper()}{text[1:]}."


def _shortened(text: str, room: int) -> str:
    words = text.rstrip(".").split()
    while len(" ".join(words)) + 1 > room and len(words) > 1:
        words.pop()
    return " ".join(words) + "."
