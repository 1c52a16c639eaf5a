"""The functions of an action, each made like the one that changes the row there: endpoint, service, repository."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.core.facts import Table
from backwright.core.request import EndpointChange
from backwright.engine.spellings.endpoint_chain import Chain, Chains, Step
from backwright.frameworks.fastapi.action import Handler, header, refusal
from backwright.frameworks.fastapi.mounting import emit_error_classes
from backwright.frameworks.sqlalchemy.transition import Writing, failed, statement, statement_imports, writing_of
from backwright.kit.actions import participle
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.house import House
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import refs_of_source
from backwright.kit.transitions import Transition
from backwright.kit.union_style import in_style_of
from backwright.languages.python.places import line_starts
from backwright.languages.python.slicing import CALL, HERE

_CHANGES = r"(?:partial_update|partially_update|update|edit|patch|modify|change|put|save|delete|remove|destroy)"
_LEFT = "the action {0}"


@dataclass(frozen=True)
class Action:
    """What is asked for, decided, with the functions it is made like."""

    change: EndpointChange
    name: NameForms
    path: str
    table: Table
    transition: Transition
    chain: Chain
    house: House
    index: FactIndex
    now: str
    now_imports: tuple[str, ...]
    handler: Handler

    @property
    def entity(self) -> Definition:
        return Definition(self.path, self.index.symbols(self.path)[self.table.entity])


class ActionCode:
    """Spells the functions of one action."""

    def __init__(self, action: Action, chains: Chains) -> None:
        self.action = action
        self.chains = chains
        self.steps = action.chain.steps
        bottom = action.chain.bottom
        self.row = _row(bottom)
        self.session = chains.session(bottom)
        self.store = None if self.session else chains.stores(bottom)
        if not self.session and self.store is None:
            raise Unsupported(f"how `{bottom.name}` reaches the database could not be found", where=bottom.where)
        if not self.row:
            raise Unsupported(f"`{bottom.name}` loads no row before it changes it", where=bottom.where)
        self.rules = self._rules()

    def _rules(self) -> int:
        """Which function answers a refusal: the deepest that refuses anything by now."""
        for number in range(len(self.steps) - 1, 0, -1):
            if self.chains.raises(self.steps[number]):
                return number
        return 0

    def emissions(self) -> Iterator[Emission]:
        """The new functions, from the endpoint down."""
        for number, step in enumerate(self.steps):
            source, imports = self._function(number, step)
            yield self._placed(step, source, imports)
        if self.store is not None:
            yield self._stored(self.store)
        yield from self._errors()

    # -- one function ------------------------------------------------------------------------------------------------
    def _function(self, number: int, step: Step) -> tuple[str, tuple[str, ...]]:
        imports: list[str] = []
        lines: list[str] = []
        for line in step.cut.body.splitlines():
            lead = line[: len(line) - len(line.lstrip())]
            if line.strip() == HERE:
                lines += textwrap.indent(self._transition(number, step, imports), lead).splitlines()
            else:
                lines.append(line)
        body = _about(self.action.change.action, "\n".join(lines))
        if step.cut.call is not None:
            body = self._further(number, step, body, imports)
        body = self._ended(number, step, body)
        body = _without_idle(body)
        imports += [r.line for r in refs_of_source(self.action.index, step.path, body)] if step.home != step.path else []
        head = self._head(number, step, imports)
        return self._whole(number, step, head, body), tuple(imports)

    def _transition(self, number: int, step: Step, imports: list[str]) -> str:
        """The change of the state, and what happens where there was none."""
        refused = self._refused(number, step, imports)
        if self.store is not None:
            a = "await " if self._store_is_async(self.store) else ""
            holder = self.chains.holder(step, self.store)
            return f"if not {a}{holder}.{self._name_in(self.store)}({self.row}):\n{textwrap.indent(refused, '    ')}"
        writing = self._writing(step.home, self.session, is_async=_is_async(step, self.session), text=step.text)
        imports += [*statement_imports(writing), *self.action.now_imports]
        made = statement(self.action.transition, self.action.table, writing, self.row, self.action.now)
        return f"{made}\nif {failed(writing)}:\n{textwrap.indent(refused, '    ')}"

    def _refused(self, number: int, step: Step, imports: list[str]) -> str:
        if number > self.rules:
            return "return None" if self._answers() else "return False"
        raised = self.chains.raised(self.steps[self.rules])
        text, needed = refusal(self.action.house, raised, self._message(), self.action.table.entity, f"{self.row}.{self._key()}")
        imports += needed
        return text

    def _message(self) -> str:
        done = participle(self.action.change.action).replace("_", " ")
        sources = self.action.transition.sources
        if self.action.transition.kind in {"enum", "text"} and sources:
            listed = " or ".join(s.lower().replace("_", " ") for s in sources)
            return f"Only {listed} {self.action.name.human_plural} can be {done}"
        return f"{self.action.name.human.capitalize()} is {done} already"

    def _key(self) -> str:
        return next((c.name for c in self.action.table.columns if c.primary_key), "id")

    def _writing(self, path: str, session: str, *, is_async: bool, text: str) -> Writing:
        action = self.action
        return writing_of(action.index, path, action.entity, action.transition, session, is_async=is_async, text=text)

    def _answers(self) -> bool:
        """Whether the function at the bottom gives back what it changed."""
        body = self.action.chain.bottom.cut.body
        return re.search(r"^\s*return \S", body[body.find(HERE) :], re.MULTILINE) is not None or self.action.chain.deletes

    def _further(self, number: int, step: Step, body: str, imports: list[str]) -> str:
        """With the call of the new function further down; the rules answer where that refuses."""
        below = self.steps[number + 1]
        call = self._call(step, below, imports)
        if number != self.rules:
            return body.replace(CALL, call)
        lead, line = next((m.group(1), m.group(0)) for m in [re.search(rf"^([ \t]*).*{CALL}.*$", body, re.MULTILINE)] if m)
        a = "await " if f"await {CALL}" in line else ""
        refused = textwrap.indent(self._refused(number, step, imports), "    ")
        if not self._answers():
            checked = f"if not {a}{call}:\n{refused}"
            return body.replace(line, textwrap.indent(checked, lead))
        var = participle(self.action.change.action)
        taken = {n.id for n in ast.walk(step.node) if isinstance(n, ast.Name)} | {a.arg for a in ast.walk(step.node) if isinstance(a, ast.arg)}
        var = var if var not in taken and var.isidentifier() else f"{var}_{self.action.name.snake}"
        checked = textwrap.indent(f"{var} = {a}{call}\nif {var} is None:\n{refused}", lead)
        rest = line.replace(f"{a}{CALL}", var)
        again = re.fullmatch(rf"\s*(\w+) = {var}", rest)
        if again and re.search(rf"^\s*return {again.group(1)}$", body, re.MULTILINE):
            body = re.sub(rf"^(\s*)return {again.group(1)}$", rf"\1return {var}", body, flags=re.MULTILINE)
            return body.replace(f"{line}\n", f"{checked}\n")
        return body.replace(line, f"{checked}\n{rest}")

    def _call(self, step: Step, below: Step, imports: list[str]) -> str:
        assert step.cut.call is not None
        call = copy.deepcopy(step.cut.call)
        handed = set(step.cut.handed)
        args = [a for a in call.args if not _names(a) & handed]
        keywords = [w for w in call.keywords if not _names(w.value) & handed]
        if not self.action.chain.deletes and len(call.args) + len(call.keywords) - len(args) - len(keywords) != 1:
            raise Unsupported(f"`{ast.unparse(call.func)}` is given more than one part of the request", where=f"{step.path}:{call.lineno}")
        new = self.name_of(below)
        if isinstance(call.func, ast.Attribute):
            call.func.attr = new
        else:
            call.func = ast.Name(new, ast.Load())
            if step.path != below.home:
                imports.append(f"from {self.action.index.module(below.home)} import {new}")
        call.args, call.keywords = args, keywords
        return ast.unparse(call)

    def _ended(self, number: int, step: Step, body: str) -> str:
        """With the end that a function needs which was made like a deletion, and fresh values where nothing loads them."""
        bottom = number == len(self.steps) - 1
        if not bottom:
            return body
        a = "await " if self.session and _is_async(step, self.session) else ""
        if self.action.chain.deletes:
            stored = ""
            if self.session:
                commit = f"{a}{self.session}.commit()\n" if self.action.house.session.commits == "explicit" else ""
                stored = f"{commit}{a}{self.session}.refresh({self.row})\n"
            return f"{body}\n{stored}return {self.row}"
        if not self._answers() and number > self.rules:
            body = f"{body}\nreturn True"
        if self.session and "refresh" not in body and a and not self._refreshes(step):
            fresh = f"{a}{self.session}.refresh({self.row})"
            if re.search(r"^\s*await .*\.commit\(\)$", body, re.MULTILINE):
                return re.sub(r"^(\s*)(await .*\.commit\(\))$", rf"\1\2\n\1{fresh}", body, count=1, flags=re.MULTILINE)
            return re.sub(r"^(\s*)return ", rf"\1{fresh}\n\1return ", body, count=0, flags=re.MULTILINE) if body.count("return ") == 1 else body
        return body

    def _refreshes(self, step: Step) -> bool:
        for call in (n for n in ast.walk(step.node) if isinstance(n, ast.Call)):
            found = self.chains.target(step.path, step.name, call)
            node = self.chains.sources.node((found.path, found.symbol.qualname)) if found is not None else None
            if node is not None and "refresh" in ast.unparse(node):
                return True
        return False

    # -- heads and places --------------------------------------------------------------------------------------------
    def name_of(self, step: Step) -> str:
        """What the new function is called: the old one's name with the verb of the action."""
        old, verb = step.node.name, self.action.change.action
        lead = re.match(r"_*", old)
        bare = re.sub(rf"(?:(?<=_)|^){_CHANGES}(?=_|$)", verb, old, count=1)
        new = bare if bare != old else f"{lead.group() if lead else ''}{verb}_{self.action.name.snake}"
        own = step.owner.symbol.qualname if step.owner is not None else step.name.rpartition(".")[0]
        full = f"{own}.{new}" if own else new
        if full in self.action.index.symbols(step.home):
            raise Unsupported(f"`{full}` is there already", where=f"{step.home}:{self.action.index.symbols(step.home)[full].loc.line}")
        return new

    def _head(self, number: int, step: Step, imports: list[str]) -> str:
        node = copy.deepcopy(step.node)
        _drop(node.args, step.parameter)
        optional = self.rules < number
        returns = ast.unparse(node.returns) if node.returns is not None else ""
        if self.action.chain.deletes and number:
            returns = self._writing(step.home, "", is_async=False, text="").entity if returns else ""
        if returns and optional:
            returns = in_style_of(step.text, f"{returns} | None") if self._answers() else "bool"
        if number == 0 and self.action.chain.deletes:
            returns = self.action.handler.returns
        arguments = ast.unparse(node.args)
        for variable, known in step.generics:
            arguments, returns = (re.sub(rf"\b{variable}\b", known, t) for t in (arguments, returns))
        if step.home != step.path:
            imports += [r.line for r in refs_of_source(self.action.index, step.path, f"{arguments} {returns}")]
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        answer = f" -> {returns}" if returns else ""
        name = self.name_of(step)
        return f"{word} {name}({arguments}){answer}:"

    def _whole(self, number: int, step: Step, head: str, body: str) -> str:
        decorators = [f"@{ast.get_source_segment(step.text, d)}" for d in step.node.decorator_list]
        if number == 0:
            decorators = header(self.action.handler, step.node, step.text, self.name_of(step))
        doc = _documentation(step.node, self.action.change.action, self.action.name)
        parts = [*decorators, head, *([textwrap.indent(doc, "    ")] if doc else []), textwrap.indent(body, "    ")]
        return "\n".join(parts)

    def _placed(self, step: Step, source: str, imports: tuple[str, ...]) -> Splice:
        because = _LEFT.format(self.action.change.action)
        if step.owner is not None and (step.home != step.path or step.owner.symbol.qualname != step.name.rpartition(".")[0]):
            return self._into(step.owner, source, imports)
        starts = line_starts(step.text)
        start = starts[step.node.lineno - 1] + step.node.col_offset
        end = starts[(step.node.end_lineno or 1) - 1] + (step.node.end_col_offset or 0)
        return Splice(step.path, start, end, source, because, "define", imports)

    def _into(self, owner: Definition, source: str, imports: tuple[str, ...]) -> Splice:
        """At the end of a class."""
        because = _LEFT.format(self.action.change.action)
        text = self.chains.sources.source(owner.path)
        node = self.chains.sources.nodes(owner.path).get(owner.symbol.qualname)
        assert text is not None and isinstance(node, ast.ClassDef), "the class was found in its file"
        last = node.body[-1]
        starts = line_starts(text.text)
        start = starts[last.lineno - 1] + last.col_offset
        end = starts[(last.end_lineno or 1) - 1] + (last.end_col_offset or 0)
        if isinstance(last, ast.Pass):
            return Splice(owner.path, start, end, textwrap.indent(source, " " * last.col_offset).strip(), because, "in", imports)
        return Splice(owner.path, start, end, source, because, "define", imports)

    def _errors(self) -> Iterator[Emission]:
        """The class of a conflict, where the project has none yet."""
        raised = self.chains.raised(self.steps[self.rules])
        if "HTTPException" not in (ast.unparse(raised) if raised is not None else ""):
            yield from emit_error_classes(self.action.house, frozenset({409}))

    # -- a repository of its own -------------------------------------------------------------------------------------
    def _stored(self, store: Definition) -> Splice:
        """The statement in the class that has the session, where the rules stand in another."""
        action = self.action
        session = self.chains.session_of(store)
        is_async = self._store_is_async(store)
        source = self.chains.sources.source(store.path)
        writing = self._writing(store.path, session, is_async=is_async, text=source.text if source else "")
        a, word = ("await ", "async def") if is_async else ("", "def")
        made = statement(action.transition, action.table, writing, action.name.snake, action.now)
        lines = [made]
        if action.chain.deletes or not self._saved():
            commits = self._commits(store)
            lines += [f"{a}{session}.commit()"] if commits else []
            lines += [f"{a}{session}.refresh({action.name.snake})"]
        lines.append(f"return {'bool(changed)' if writing.query else 'changed is not None'}")
        head = f"{word} {self._name_in(store)}(self, {action.name.snake}: {writing.entity}) -> bool:"
        doc = ""
        if any(s.doc for n, s in action.index.symbols(store.path).items() if n.startswith(f"{store.symbol.qualname}.")):
            doc = f'    """{action.change.action.replace("_", " ").capitalize()} a row, unless another request was faster."""\n'
        text = f"{head}\n{doc}{textwrap.indent(chr(10).join(lines), '    ')}"
        return self._into(store, text, (*statement_imports(writing), *action.now_imports))

    def _commits(self, store: Definition) -> bool:
        """Whether this class commits what it changes."""
        known = (store, *self.action.index.bases(store))
        nodes = (self.chains.sources.nodes(d.path).get(d.symbol.qualname) for d in known)
        return self.action.chain.deletes and any(".commit()" in ast.unparse(n) for n in nodes if n is not None)

    def _saved(self) -> bool:
        """Whether what follows the change stores and loads it."""
        step = self.action.chain.bottom
        return "refresh" in step.cut.body or self._refreshes(step)

    def _name_in(self, store: Definition) -> str:
        verb = self.action.change.action
        known = self.action.index.symbols(store.path)
        names = (verb, f"{verb}_{self.action.name.snake}")
        return next((n for n in names if f"{store.symbol.qualname}.{n}" not in known), names[-1])

    def _store_is_async(self, store: Definition) -> bool:
        return self.action.house.session.is_async


def _is_async(step: Step, session: str) -> bool:
    """Whether the session is waited for where the step uses it, or where it is asynchronous at all."""
    return isinstance(step.node, ast.AsyncFunctionDef) and (f"await {session}" in step.text or "AsyncSession" in step.text)


def _row(step: Step) -> str:
    """The variable that holds what is changed."""
    body = step.cut.body
    again = re.search(rf"^\s*(\w+) = (?:await )?{re.escape(step.cut.row)}\.(?:first|one_or_none|one)\(\)", body, re.MULTILINE) if step.cut.row else None
    if again:
        return again.group(1)
    if step.cut.row and re.fullmatch(r"\w+", step.cut.row):
        return step.cut.row
    checked = re.search(r"^\s*if (?:not (\w+)|(\w+) (?:is|==) None):", body, re.MULTILINE)
    return (checked.group(1) or checked.group(2)) if checked else ""


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _drop(arguments: ast.arguments, name: str) -> None:
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


def _documentation(node: ast.FunctionDef | ast.AsyncFunctionDef, action: str, name: NameForms) -> str:
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


def _about(action: str, body: str) -> str:
    """With the verb of the action in the texts that tell a person what was refused."""
    verb = action.replace("_", " ")
    return re.sub(
        r"""(["'])(?=[^"'\n]* )[^"'\n]*\1""",
        lambda text: re.sub(r"\b(?:update|edit|modify|delete|remove)\b", verb, text.group()),
        body,
    )


def _without_idle(body: str) -> str:
    """Without assignments of plain values that nothing reads any more."""
    tree = ast.parse(textwrap.dedent(body))
    read = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    lines = body.splitlines()
    for node in reversed(tree.body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id not in read:
            if not any(isinstance(n, ast.Await) for n in ast.walk(node)) and node.targets[0].id != "changed":
                del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)
