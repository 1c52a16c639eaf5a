"""Whether the row that a new reference names is there: asked where the resource is created and updated, as the house asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from backwright.core.archmap import RouteInfo
from backwright.core.errors import Unsupported
from backwright.engine.siblings import Resource, operation_of
from backwright.engine.spelling import Task
from backwright.engine.spellings.endpoint_chain import Chains, Step
from backwright.engine.spellings.endpoint_store import beside
from backwright.engine.spellings.field_code import Code
from backwright.frameworks.fastapi.logic import Logic, error_imports
from backwright.frameworks.sqlalchemy.queries import query_fragments
from backwright.kit.artifacts import Emission, FieldPlan, Splice, Target
from backwright.kit.field_edit import FieldEdit
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import forms
from backwright.kit.spelling import KEY_TYPES, TYPE_IMPORTS
from backwright.languages.python.scopes import own_nodes
from backwright.languages.python.signatures import Text, parameters
from backwright.languages.python.slicing import Slice

_DEEP = 5
_VALUE = "VALUE_"  # stands for the key that was sent
_WHOLE = frozenset({"model_dump", "dict", "model_copy", "copy", "items"})
_CREATES, _UPDATES = "create", "update"


@dataclass(frozen=True)
class Placed:
    """Where the question stands: the function, and the call in it that leads further down (None at the bottom)."""

    step: Step
    call: ast.Call | None
    below: Step | None
    operation: str


@dataclass(frozen=True)
class ReferenceChecks:
    """The checks of one new reference."""

    task: Task
    edit: FieldEdit
    field: FieldPlan
    resource: Resource
    code: Code

    @property
    def target(self) -> Target:
        assert self.field.target is not None, "only references are checked"
        return self.field.target

    @cached_property
    def chains(self) -> Chains:
        return Chains(self.task)

    @cached_property
    def found(self) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
        """The places, and why there is none where one is missing."""
        placed: list[Placed] = []
        why: list[str] = []
        for info in self.resource.routes:
            operation = operation_of(info, self.resource.name)
            if operation not in (_CREATES, _UPDATES) or not self._takes_it(info):
                continue
            try:
                place = self._placed(info, operation)
                self._missing(place, "", set())  # what cannot be asked there is said, and nothing else is given up
                _first_whole_use(place.step)
                placed.append(place)
            except Unsupported as refused:
                why.append(f"{info.route.method} {info.route.path}: {refused.message} ({refused.where})")
        return tuple(placed), tuple(why)

    def gaps(self) -> Iterator[str]:
        """Where nothing asks: what the database refuses is the answer there."""
        for why in self.found[1]:
            yield f"`{self.field.attr}` of a row that is not there is refused by the database alone: {why}"

    def emissions(self) -> Iterator[Emission]:
        done: set[tuple[str, str]] = set()
        made: set[tuple[str, str]] = set()
        for placed in self.found[0]:
            if (placed.step.path, placed.step.name) in done:
                continue
            done.add((placed.step.path, placed.step.name))
            yield from self._spelled(placed, made)

    def answers(self) -> dict[str, str]:
        """What is raised by operation where the row is not there."""
        return {p.operation: self._raised(p.step, f"{p.step.parameter}.{self.field.attr}")[0] for p in self.found[0]}

    # -- where -------------------------------------------------------------------------------------------------------
    def _takes_it(self, info: RouteInfo) -> bool:
        """Whether what an endpoint is sent has the field."""
        name = self.chains.body(info)
        symbol = self.task.index.symbols(info.path).get(info.route.handler)
        param = next((p for p in symbol.params if p.name == name), None) if symbol is not None else None
        for word in re.findall(r"[A-Za-z_][\w.]*", param.annotation) if param is not None else ():
            kind = self.task.index.resolve(info.path, word)
            if kind is not None and (kind.path, kind.symbol.qualname) in self.code.owners:
                return True
        return False

    def _placed(self, info: RouteInfo, operation: str) -> Placed:
        """Raises Unsupported where the request cannot be followed to what stores it."""
        where = f"{info.path}:{info.route.loc.line}"
        node = self.chains.function(info.path, info.route.handler)
        if node is None:
            raise Unsupported("its handler could not be read", where=where)
        steps = [(self._step(info.path, info.route.handler, node, self.chains.body(info)), True)]
        calls: list[ast.Call] = []
        while len(steps) < _DEEP:
            following = self._below(*steps[-1])
            if following is None:
                break
            call, below, whole = following
            calls.append(call)
            steps.append((below, whole))
        able = [i for i, (step, whole) in enumerate(steps) if whole and not self._shared(step)]
        best = next((i for i in reversed(able) if self._refuses(steps[i][0])), able[0] if able else None)
        if best is None:
            raise Unsupported("no function of this resource alone holds what it is sent", where=where)
        if best + 1 == len(steps):
            return Placed(steps[best][0], None, None, operation)
        return Placed(steps[best][0], calls[best], steps[best + 1][0], operation)

    def _step(self, path: str, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str) -> Step:
        source = self.chains.sources.source(path)
        assert source is not None, "the function was found in it"
        return Step(path, name, node, source.text, parameter, Slice())

    def _below(self, step: Step, whole: bool) -> tuple[ast.Call, Step, bool] | None:
        """The call that what was sent, or the row made of it, goes down by; whether it is what was sent, as it came."""
        tainted = _made_of(step)
        calls = sorted(
            (n for n in own_nodes(step.node) if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset)
        )
        for call in calls:
            given: list[tuple[int | str, ast.expr]] = list(enumerate(call.args))
            given += [(w.arg or "", w.value) for w in call.keywords]
            handed = next(((at, value) for at, value in given if _uses(value, tainted)), None)
            found = self.chains.target(step.path, step.name, call) if handed is not None else None
            if handed is None or found is None or found.symbol.kind not in {"function", "method"}:
                continue
            node = self.chains.function(found.path, found.symbol.qualname)
            if node is None or found.symbol.name.startswith("__") or self.chains.makes_answers(found):
                continue
            if found.path == step.path and found.symbol.scope == step.name.rpartition(".")[0]:
                continue  # a part of the same layer
            name = _received(node, handed[0])
            if name:
                below = self.chains.owned(step, call, found, self._step(found.path, found.symbol.qualname, node, name))
                as_it_came = whole and isinstance(handed[1], ast.Name) and handed[1].id == step.parameter
                return call, below, as_it_came
        return None

    def _shared(self, step: Step) -> bool:
        """Whether a function serves other entities as well: that of a base, or of whatever entity its class is for."""
        if step.owner is not None and step.home != step.path:
            return True
        declared = step.name.rpartition(".")[0]
        if step.owner is not None and step.owner.symbol.qualname != declared:
            return True
        return re.search(r"\b(?:self|cls)\.model\b", ast.unparse(step.node)) is not None

    def _refuses(self, step: Step) -> bool:
        """Whether a function refuses what it is asked, other than for what the database refuses."""
        caught = {n for h in ast.walk(step.node) if isinstance(h, ast.ExceptHandler) for n in ast.walk(h)}
        if any(isinstance(n, ast.Raise) and n.exc is not None and n not in caught for n in ast.walk(step.node)):
            return True
        for call in (n for n in own_nodes(step.node) if isinstance(n, ast.Call) and n not in caught):
            found = self.chains.target(step.path, step.name, call)
            if found is None or found.path != step.path:
                continue
            node = self.chains.function(found.path, found.symbol.qualname)
            inner = (
                {n for h in ast.walk(node) if isinstance(h, ast.ExceptHandler) for n in ast.walk(h)} if node else set()
            )
            if node and any(isinstance(n, ast.Raise) and n.exc is not None and n not in inner for n in ast.walk(node)):
                return True
        return False

    # -- how ---------------------------------------------------------------------------------------------------------
    def _spelled(self, placed: Placed, made: set[tuple[str, str]]) -> Iterator[Emission]:
        step = placed.step
        value = f"{step.parameter}.{self.field.attr}"
        missing, emissions = self._missing(placed, value, made)
        guard = f"{value} is not None and " if self.field.spec.nullable or placed.operation == _UPDATES else ""
        raised, imports = self._raised(step, value)
        statement = _first_whole_use(step)
        text = Text(step.text)
        at, indent = text.start(statement), " " * statement.col_offset
        check = f"if {guard}{missing}:\n{indent}    {raised}\n{indent}"
        yield Splice(step.path, at, at, check, f"the {self.target.name.human} has to be there", "in", imports)
        yield from emissions

    def _missing(self, placed: Placed, value: str, made: set[tuple[str, str]]) -> tuple[str, list[Emission]]:
        """The condition, and the function that it asks."""
        step, below = placed.step, placed.below
        wait = "await " if isinstance(step.node, ast.AsyncFunctionDef) and self.edit.house.session.is_async else ""
        session = self.chains.session(step)
        if below is None or placed.call is None:
            if not session:
                raise Unsupported(f"how `{step.name}` reaches the database could not be found", where=step.where)
            entity, imports = self._called(step.path)
            nothing = Splice(step.path, 0, 0, "", "the entity that it asks for", "in", imports)
            return f"{wait}{session}.get({entity}, {value}) is None", [nothing]
        handed = self._handed(placed.call, below)
        name = f"{self.field.relation}_exists"
        if below.owner is None:
            name = f"{self.edit.name.snake}_{name}"
        named = any(a.arg is not None for a in placed.call.keywords) and bool(below.node.args.kwonlyargs)
        arguments = [*handed, f"{self.field.attr}={value}" if named else value]
        function = placed.call.func
        imports = ()
        if isinstance(function, ast.Attribute):
            called = f"{ast.unparse(function.value)}.{name}"
        else:
            called, imports = name, (f"from {self.task.index.module(below.path)} import {name}",)
        emissions: list[Emission] = [Splice(step.path, 0, 0, "", "who is asked", "in", imports)] if imports else []
        home = below.owner.path if below.owner is not None else below.path
        key = (home, name)
        if key not in made:
            made.add(key)
            emissions.append(self._exists(below, name, is_async=bool(wait)))
        return f"not {wait}{called}({', '.join(arguments)})", emissions

    def _handed(self, call: ast.Call, below: Step) -> list[str]:
        """The session, where functions below are handed it."""
        session = self.chains.session(below)
        names = [p.arg for p in parameters(below.node)]
        if not session:
            raise Unsupported(f"how `{below.name}` reaches the database could not be found", where=below.where)
        if session not in names:
            return []
        by_name = next((w for w in call.keywords if w.arg == session), None)
        if by_name is not None:
            return [f"{session}={ast.unparse(by_name.value)}"]
        bound = names[1:] if names[:1] in (["self"], ["cls"]) else names
        at = bound.index(session)
        if at >= len(call.args):
            raise Unsupported(f"what `{below.name}` takes for its session is not known", where=below.where)
        return [ast.unparse(call.args[at])]

    def _exists(self, below: Step, name: str, *, is_async: bool) -> Emission:
        """A function beside the one that stores the row, in its style."""
        node = below.node
        session = self.chains.session(below)
        given = next((p for p in parameters(node) if p.arg == session), None)
        typed = node.returns is not None or any(p.annotation is not None for p in parameters(node))
        own = [p.arg for p in parameters(node)][:1] if below.owner is not None else []
        first = own if own in (["self"], ["cls"]) else []
        if given is not None:
            note = f": {ast.unparse(given.annotation)}" if given.annotation is not None else ""
            first = [*first, *(["*"] if given in node.args.kwonlyargs else []), f"{session}{note}"]
        key = KEY_TYPES[self.target.key_python]
        first.append(f"{self.field.attr}: {key}" if typed else self.field.attr)
        plain_kw = given is not None and given not in node.args.kwonlyargs and node.args.kwonlyargs
        if plain_kw:
            first.insert(len(first) - 1, "*")
        head = f"{'async ' if is_async else ''}def {name}({', '.join(first)}){' -> bool' if typed else ''}:"
        doc = f'    """Whether there is such a {self.target.name.human}."""\n' if ast.get_docstring(node) else ""
        wait = "await " if is_async else ""
        home = below.owner.path if below.owner is not None else below.path
        entity, imports = self._called(home)
        body = f"    return {wait}{session}.get({entity}, {self.field.attr}) is not None"
        marks = "".join(
            f"@{ast.unparse(d)}\n" for d in node.decorator_list if ast.unparse(d) in {"staticmethod", "classmethod"}
        )
        because = f"whether a {self.target.name.human} is there"
        return beside(self.chains, below, f"{marks}{head}\n{doc}{body}", because, (*TYPE_IMPORTS, *imports))

    def _raised(self, step: Step, value: str) -> tuple[str, tuple[str, ...]]:
        """What the house answers where another reference of this resource is wrong, else what it answers to what is missing."""
        plan = self.edit.resource
        imitated = next(filter(None, (self._imitated(p.step) for p in self.found[0])), "")
        if imitated:
            return imitated.replace(_VALUE, value), tuple(error_imports(plan))
        logic = Logic(plan, query_fragments(plan, "session"), data=step.parameter)
        named = self.target.name.human.capitalize()
        return (
            logic.raising(404, f"{named} not found", entity=self.target.entity, key=value),
            tuple(error_imports(plan)),
        )

    def _called(self, path: str) -> tuple[str, tuple[str, ...]]:
        """How a file calls the entity that is referred to, and the import that it needs for that."""
        index, entity = self.task.index, self.target.entity
        spelled = (entity, *(f"{i.alias or i.name}.{entity}" for i in index.imports(path) if i.alias or i.name))
        for name in spelled:
            found = index.resolve(path, name)
            if found is not None and (found.path, found.symbol.name) == (self.target.path, entity):
                return name, ()
        return entity, (() if path == self.target.path else (self.target.ref.line,))

    def _imitated(self, step: Step) -> str:
        """`raise HTTPException(400, "No such project")` about the new reference."""
        for column in self.edit.table.columns:
            if not column.foreign_key:
                continue
            bare = column.foreign_key.rpartition(".")[0].rpartition(".")[2]
            other = next((t.entity for _, t in self.task.index.tables() if t.table.rpartition(".")[2] == bare), "")
            for node in (n for n in own_nodes(step.node) if isinstance(n, ast.If) and not n.orelse):
                asked = ast.unparse(node.test)
                if f".{column.name}" not in asked or ("None" not in asked and "not " not in asked):
                    continue
                raised = node.body[0]
                if len(node.body) != 1 or not isinstance(raised, ast.Raise) or raised.exc is None or not other:
                    continue
                text = Text(step.text).source(raised)
                text = re.sub(rf"\b\w+\.{column.name}\b|\b\w+\[['\"]{column.name}['\"]\]", _VALUE, text)
                pattern = pattern_of(text, forms(other))
                made = fill(pattern, self.target.name)
                named = {n.id for n in ast.walk(ast.parse(made)) if isinstance(n, ast.Name)} - {_VALUE}
                known = {n.id for n in ast.walk(raised) if isinstance(n, ast.Name)} - {step.parameter}
                if pattern != text.replace("{", "{{").replace("}", "}}") and named <= known and column.name not in made:
                    return made
        return ""


def _uses(node: ast.AST, names: set[str]) -> bool:
    """Whether one of the values is used as a whole, or dumped; a field of it is not."""
    if isinstance(node, ast.Attribute):
        return _uses(node.value, names) if not isinstance(node.value, ast.Name) or node.attr in _WHOLE else False
    if isinstance(node, ast.Name):
        return node.id in names
    return any(_uses(child, names) for child in ast.iter_child_nodes(node))


def _made_of(step: Step) -> set[str]:
    """What was sent, what is made of it, and the rows that are changed by it."""
    tainted = {step.parameter}
    for node in own_nodes(step.node):
        if isinstance(node, ast.Assign) and _uses(node.value, tainted):
            tainted |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.For) and _uses(node.iter, tainted):
            tainted |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            row, *values = node.args
            tainted |= {row.id} if isinstance(row, ast.Name) and any(_uses(v, tainted) for v in values) else set()
    return tainted


def _received(node: ast.FunctionDef | ast.AsyncFunctionDef, at: int | str) -> str:
    """The parameter that an argument arrives as."""
    if isinstance(at, str):
        return at
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
    return names[at] if at < len(names) else ""


def _first_whole_use(step: Step) -> ast.stmt:
    """The first statement that uses what was sent as a whole: above it everything is still as it was."""
    block: list[ast.stmt] = list(step.node.body)
    while True:
        found = next((s for s in block if _uses(s, {step.parameter})), None)
        if found is None:
            raise Unsupported(f"`{step.name}` makes nothing of what it is sent", where=step.where)
        if not isinstance(found, ast.With | ast.AsyncWith) or any(_uses(i, {step.parameter}) for i in found.items):
            return found
        block = found.body
