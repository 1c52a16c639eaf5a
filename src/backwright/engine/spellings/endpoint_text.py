"""Pieces of functions as text: parameters, docstrings, what is left of a body when something of it goes."""

from __future__ import annotations

import ast
import re
import textwrap

from backwright.engine.spellings.endpoint_chain import Step
from backwright.kit.naming import NameForms


def with_parameter(arguments: str, extra: str) -> str:
    """One more parameter: before those with defaults where it has none, unless only names are taken."""
    listed = [p for p in re.split(r",\s*(?![^\[\(]*[\]\)])", arguments) if p]
    if " = " not in extra and "*" not in listed:
        at = next((i for i, p in enumerate(listed) if "=" in p), len(listed))
        return ", ".join([*listed[:at], extra, *listed[at:]])
    return ", ".join([*listed, extra])


def is_async(step: Step, session: str) -> bool:
    """Whether the session is waited for where the step uses it, or where it is asynchronous at all."""
    return isinstance(step.node, ast.AsyncFunctionDef) and (
        f"await {session}" in step.text or "AsyncSession" in step.text
    )


def names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def drop(arguments: ast.arguments, name: str) -> None:
    """Without a parameter, its default with it."""
    if not name:
        return
    plain = [*arguments.posonlyargs, *arguments.args]
    for number, given in enumerate(plain):
        if given.arg == name:
            late = number - (len(plain) - len(arguments.defaults))
            if late >= 0:
                del arguments.defaults[late]
            arguments.posonlyargs = [a for a in arguments.posonlyargs if a.arg != name]
            arguments.args = [a for a in arguments.args if a.arg != name]
    for number, given in enumerate(arguments.kwonlyargs):
        if given.arg == name:
            del arguments.kwonlyargs[number], arguments.kw_defaults[number]
            break


def documentation(node: ast.FunctionDef | ast.AsyncFunctionDef, action: str, name: NameForms) -> str:
    """A docstring in the shape of the old one, about the action."""
    old = ast.get_docstring(node, clean=False)
    if not old:
        return ""
    verb = action.replace("_", " ")
    found = re.search(r"\b(updat|edit|modif|chang|patch|delet|remov)(es|e|ies|y|ing|s)?\b", old, re.IGNORECASE)
    article = "an" if name.human[:1] in "aeiou" else "a"
    first = f"{verb.capitalize()} {article} {name.human}."
    if found and (found.group(2) or "").lower() in {"es", "s", "ies"}:
        first = f"{verb.capitalize()}s {article} {name.human}."
    around = "\n" if old.startswith("\n") else ""
    return f'"""{around}{first}{around}"""'


def about(action: str, body: str) -> str:
    """With the verb of the action in the texts that tell a person what was refused."""
    verb = action.replace("_", " ")
    return re.sub(
        r"""(["'])(?=[^"'\n]* )[^"'\n]*\1""",
        lambda text: re.sub(r"\b(?:update|edit|modify|delete|remove)\b", verb, text.group()),
        body,
    )


def without_idle(body: str) -> str:
    """Without assignments of plain values that nothing reads any more."""
    tree = ast.parse(textwrap.dedent(body))
    read = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    lines = body.splitlines()
    for node in reversed(tree.body):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        idle = isinstance(target, ast.Name) and target.id not in {*read, "changed"}
        if idle and not any(isinstance(n, ast.Await) for n in ast.walk(node)):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)
