"""The statement of an action in the class that has the session, where the rules stand in another."""

from __future__ import annotations

import ast
import textwrap

from backwright.engine.spellings.endpoint_action import Action
from backwright.engine.spellings.endpoint_chain import Chains, Step
from backwright.frameworks.sqlalchemy.transition import statement, statement_imports
from backwright.kit.artifacts import Splice
from backwright.kit.index import Definition
from backwright.languages.python.places import line_starts


def store_of(action: Action, chains: Chains, store: Definition, *, saved: bool) -> Splice:
    """The statement in the class that has the session, where the rules stand in another."""
    session = chains.session_of(store)
    is_async = action.house.session.is_async
    source = chains.sources.source(store.path)
    writing = action.writing(store.path, session, is_async=is_async, text=source.text if source else "")
    a, word = ("await ", "async def") if is_async else ("", "def")
    made = statement(action.transition, action.table, writing, action.name.snake, action.now)
    lines = [made]
    if action.chain.deletes or not saved:
        commits = _commits(action, chains, store)
        lines += [f"{a}{session}.commit()"] if commits else []
        lines += [f"{a}{session}.refresh({action.name.snake})"]
    lines.append(f"return {'bool(changed)' if writing.query or writing.counts else 'changed is not None'}")
    head = f"{word} {name_in_store(action, store)}(self, {action.name.snake}: {writing.entity}) -> bool:"
    doc = ""
    if any(s.doc for n, s in action.index.symbols(store.path).items() if n.startswith(f"{store.symbol.qualname}.")):
        doc = f'    """{action.change.action.replace("_", " ").capitalize()} a row, unless another request was faster."""\n'
    text = f"{head}\n{doc}{textwrap.indent(chr(10).join(lines), '    ')}"
    because = f"the action {action.change.action}"
    return into_class(chains, store, text, because, (*statement_imports(writing), *action.now_imports))


def _commits(action: Action, chains: Chains, store: Definition) -> bool:
    """Whether this class commits what it changes."""
    known = (store, *action.index.bases(store))
    nodes = (chains.sources.nodes(d.path).get(d.symbol.qualname) for d in known)
    return action.chain.deletes and any(".commit()" in ast.unparse(n) for n in nodes if n is not None)


def name_in_store(action: Action, store: Definition) -> str:
    verb = action.change.action
    known = action.index.symbols(store.path)
    names = (verb, f"{verb}_{action.name.snake}")
    return next((n for n in names if f"{store.symbol.qualname}.{n}" not in known), names[-1])


def beside(chains: Chains, step: Step, source: str, because: str, imports: tuple[str, ...]) -> Splice:
    """At the end of the class that a method is called on; right below a function."""
    if step.owner is not None:
        return into_class(chains, step.owner, source, because, imports)
    starts = line_starts(step.text)
    start = starts[step.node.lineno - 1] + step.node.col_offset
    end = starts[(step.node.end_lineno or 1) - 1] + (step.node.end_col_offset or 0)
    return Splice(step.path, start, end, source, because, "define", imports)


def into_class(chains: Chains, owner: Definition, source: str, because: str, imports: tuple[str, ...]) -> Splice:
    """At the end of a class."""
    text = chains.sources.source(owner.path)
    node = chains.sources.nodes(owner.path).get(owner.symbol.qualname)
    assert text is not None, "the class was found in its file"
    assert isinstance(node, ast.ClassDef), "the class was found in its file"
    last = node.body[-1]
    starts = line_starts(text.text)
    start = starts[last.lineno - 1] + last.col_offset
    end = starts[(last.end_lineno or 1) - 1] + (last.end_col_offset or 0)
    if isinstance(last, ast.Pass):
        return Splice(
            owner.path, start, end, textwrap.indent(source, " " * last.col_offset).strip(), because, "in", imports
        )
    return Splice(owner.path, start, end, source, because, "define", imports)
