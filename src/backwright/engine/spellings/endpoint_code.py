"""The functions of an action, each made like the one that changes the row there: endpoint, service, repository."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.engine.spellings.endpoint_action import Action
from backwright.engine.spellings.endpoint_chain import Chains, Step, row_of
from backwright.engine.spellings.endpoint_store import into_class, name_in_store, store_of
from backwright.engine.spellings.endpoint_text import (
    about,
    documentation,
    drop,
    is_async,
    names,
    with_parameter,
    without_idle,
)
from backwright.frameworks.fastapi.action import header, refusal
from backwright.frameworks.fastapi.admission import owner_checks
from backwright.frameworks.fastapi.mounting import emit_error_classes
from backwright.frameworks.sqlalchemy.transition import failed, statement, statement_imports
from backwright.kit.actions import participle
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.references import refs_of_source
from backwright.kit.rendering import source_of
from backwright.kit.union_style import in_style_of
from backwright.languages.python.places import line_starts
from backwright.languages.python.slicing import CALL, HERE

_CHANGES = r"(?:partial_update|partially_update|update|edit|patch|modify|change|put|save|delete|remove|destroy)"


class ActionCode:
    """Spells the functions of one action."""

    def __init__(self, action: Action, chains: Chains) -> None:
        self.action = action
        self.chains = chains
        self.steps = action.chain.steps
        bottom = action.chain.bottom
        self.row = row_of(bottom)
        self.session = chains.session(bottom)
        self.store = None if self.session else chains.stores(bottom)
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
            yield store_of(self.action, self.chains, self.store, saved=self._saved())
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
        body = self._admitted(number, step, about(self.action.change.action, "\n".join(lines)), imports)
        if step.cut.call is not None:
            body = self._further(number, step, body, imports)
        body = self._ended(number, step, body)
        body = without_idle(body)
        imports += (
            [r.line for r in refs_of_source(self.action.index, step.path, body)] if step.home != step.path else []
        )
        head = self._head(number, step, imports)
        bound = {line.split()[-1]: line for line in reversed(imports)}
        return self._whole(number, step, head, body), tuple(dict.fromkeys(bound[line.split()[-1]] for line in imports))

    def _checks_owner(self) -> int:
        """Which function asks whose the row is: the endpoint where it has the row, else the one with the rules."""
        return 0 if len(self.steps) == 1 or self._row_at_endpoint() else self.rules

    def _row_at_endpoint(self) -> str:
        """The row that the endpoint hands on."""
        call = self.steps[0].cut.call
        given = [*call.args, *(w.value for w in call.keywords)] if call is not None else []
        names = {n.id for g in given if isinstance(n := g, ast.Name)}
        body = self.steps[0].cut.body
        loaded = [n for n in names if re.search(rf"^\s*{n} = ", body, re.MULTILINE)]
        typed = [
            a.arg
            for a in (*self.steps[0].node.args.args, *self.steps[0].node.args.kwonlyargs)
            if a.arg in names and a.annotation is not None and self._is_row(ast.unparse(a.annotation))
        ]
        return next(iter((*loaded, *typed)), "")

    def _is_row(self, annotation: str) -> bool:
        alias = self.action.index.resolve(self.steps[0].path, annotation)
        return re.search(rf"\b{self.action.table.entity}\b", annotation) is not None or (
            alias is not None
            and alias.symbol.value is not None
            and self.action.table.entity in source_of(alias.symbol.value)
        )

    def _admitted(self, number: int, step: Step, body: str, imports: list[str]) -> str:
        """With the check of the owner that the action asks for, or without the one that it does not."""
        admission = self.action.handler.admission
        if admission.dropped:
            lines = body.splitlines()
            for node in reversed(list(owner_checks(body, self.action.index, self.action.house))):
                del lines[node.lineno - 1 : node.end_lineno]
            return "\n".join(lines)
        if not admission.owned or number != self._checks_owner():
            return body
        row = self._row_at_endpoint() if number == 0 and len(self.steps) > 1 else self.row
        house = self.action.house
        raised = self.chains.raised(self.steps[self.rules])
        text, needed = refusal(
            house, raised, 403, "Not enough permissions", self.action.table.entity, f"{row}.{self._key()}"
        )
        user = admission.user if number == 0 else "current_user"
        test = house.auth.admin_test.format(user=user)
        admin = f" and not {f'({test})' if ' ' in test else test}" if test else ""
        imports += [*needed, *admission.imports]
        check = f"if {row}.{admission.owned} != {user}.{house.auth.user_key}{admin}:\n    {text}"
        marks = [
            i
            for i, line in enumerate(body.splitlines())
            if "changed = " in line or CALL in line or ".scalar(" in line or line.startswith("if not ")
        ]
        lines = body.splitlines()
        at = next((i for i in marks if "changed = " in lines[i] or CALL in lines[i] or self._names_store(lines[i])), 0)
        return "\n".join([*lines[:at], check, *lines[at:]])

    def _names_store(self, line: str) -> bool:
        return self.store is not None and f".{name_in_store(self.action, self.store)}({self.row})" in line

    def _transition(self, number: int, step: Step, imports: list[str]) -> str:
        """The change of the state, and what happens where there was none."""
        refused = self._refused(number, step, imports)
        if self.store is not None:
            a = "await " if self.action.house.session.is_async else ""
            holder = self.chains.holder(step, self.store)
            return f"if not {a}{holder}.{name_in_store(self.action, self.store)}({self.row}):\n{textwrap.indent(refused, '    ')}"
        writing = self.action.writing(step.home, self.session, is_async=is_async(step, self.session), text=step.text)
        imports += [*statement_imports(writing), *self.action.now_imports]
        made = statement(self.action.transition, self.action.table, writing, self.row, self.action.now)
        return f"{made}\nif {failed(writing)}:\n{textwrap.indent(refused, '    ')}"

    def _refused(self, number: int, step: Step, imports: list[str]) -> str:
        if number > self.rules:
            return "return None" if self._answers() else "return False"
        raised = self.chains.raised(self.steps[self.rules])
        here = self.row if number == len(self.steps) - 1 else self._row_at_endpoint() or self.row
        text, needed = refusal(
            self.action.house, raised, 409, self._message(), self.action.table.entity, f"{here}.{self._key()}"
        )
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

    def _answers(self) -> bool:
        """Whether the function at the bottom gives back what it changed."""
        body = self.action.chain.bottom.cut.body
        return (
            re.search(r"^\s*return \S", body[body.find(HERE) :], re.MULTILINE) is not None or self.action.chain.deletes
        )

    def _further(self, number: int, step: Step, body: str, imports: list[str]) -> str:
        """With the call of the new function further down; the rules answer where that refuses."""
        below = self.steps[number + 1]
        call = self._call(step, below, imports)
        if number != self.rules:
            return body.replace(CALL, call)
        lead, line = next(
            (m.group(1), m.group(0)) for m in [re.search(rf"^([ \t]*).*{CALL}.*$", body, re.MULTILINE)] if m
        )
        a = "await " if f"await {CALL}" in line else ""
        refused = textwrap.indent(self._refused(number, step, imports), "    ")
        if not self._answers():
            checked = f"if not {a}{call}:\n{refused}"
            return body.replace(line, textwrap.indent(checked, lead))
        var = participle(self.action.change.action)
        taken = {n.id for n in ast.walk(step.node) if isinstance(n, ast.Name)} | {
            a.arg for a in ast.walk(step.node) if isinstance(a, ast.arg)
        }
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
        args = [a for a in call.args if not names(a) & handed]
        keywords = [w for w in call.keywords if not names(w.value) & handed]
        if not self.action.chain.deletes and len(call.args) + len(call.keywords) - len(args) - len(keywords) != 1:
            raise Unsupported(
                f"`{ast.unparse(call.func)}` is given more than one part of the request",
                where=f"{step.path}:{call.lineno}",
            )
        new = self.name_of(below)
        if isinstance(call.func, ast.Attribute):
            call.func.attr = new
        else:
            call.func = ast.Name(new, ast.Load())
            if step.path != below.home:
                imports.append(f"from {self.action.index.module(below.home)} import {new}")
        call.args, call.keywords = args, keywords
        if self.action.handler.admission.owned and self.steps.index(below) <= self._checks_owner():
            user = self.action.handler.admission.user if step is self.steps[0] else "current_user"
            call.keywords.append(ast.keyword("current_user", ast.Name(user, ast.Load())))
        return ast.unparse(call)

    def _ended(self, number: int, step: Step, body: str) -> str:
        """With the end that a function needs which was made like a deletion, and fresh values where nothing loads them."""
        bottom = number == len(self.steps) - 1
        if not bottom:
            return body
        a = "await " if self.session and is_async(step, self.session) else ""
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
            return (
                re.sub(r"^(\s*)return ", rf"\1{fresh}\n\1return ", body, count=0, flags=re.MULTILINE)
                if body.count("return ") == 1
                else body
            )
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
            raise Unsupported(
                f"`{full}` is there already", where=f"{step.home}:{self.action.index.symbols(step.home)[full].loc.line}"
            )
        return new

    def _head(self, number: int, step: Step, imports: list[str]) -> str:
        node = copy.deepcopy(step.node)
        drop(node.args, step.parameter)
        optional = self.rules < number
        returns = ast.unparse(node.returns) if node.returns is not None else ""
        if self.action.chain.deletes and number:
            returns = self.action.writing(step.home, "", is_async=False, text="").entity if returns else ""
        if returns and optional:
            returns = in_style_of(step.text, f"{returns} | None") if self._answers() else "bool"
        if number == 0 and self.action.chain.deletes:
            returns = ""
        arguments = ast.unparse(node.args)
        arguments = self._with_user(number, step, arguments, imports)
        for variable, known in step.generics:
            arguments, returns = (re.sub(rf"\b{variable}\b", known, t) for t in (arguments, returns))
        if step.home != step.path:
            imports += [r.line for r in refs_of_source(self.action.index, step.path, f"{arguments} {returns}")]
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        answer = f" -> {returns}" if returns else ""
        name = self.name_of(step)
        return f"{word} {name}({arguments}){answer}:"

    def _with_user(self, number: int, step: Step, arguments: str, imports: list[str]) -> str:
        """The parameters, with the guard that the action asks for and whoever asks."""
        admission = self.action.handler.admission
        if number == 0:
            for old, new in admission.replaced:
                arguments = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, arguments) if new else arguments
            imports += admission.imports
            extra = admission.parameter
        else:
            user = self.action.house.auth.user
            wanted = admission.owned and number <= self._checks_owner()
            extra = f"current_user: {user.name if user is not None else 'Any'}" if wanted else ""
            imports += admission.imports if extra else ()
        return with_parameter(arguments, extra) if extra else arguments

    def _whole(self, number: int, step: Step, head: str, body: str) -> str:
        decorators = [f"@{ast.get_source_segment(step.text, d)}" for d in step.node.decorator_list]
        if number == 0:
            decorators = header(self.action.handler, step.node, step.text, self.name_of(step))
        doc = documentation(step.node, self.action.change.action, self.action.name)
        parts = [*decorators, head, *([textwrap.indent(doc, "    ")] if doc else []), textwrap.indent(body, "    ")]
        return "\n".join(parts)

    def _placed(self, step: Step, source: str, imports: tuple[str, ...]) -> Splice:
        because = f"the action {self.action.change.action}"
        if step.owner is not None and (
            step.home != step.path or step.owner.symbol.qualname != step.name.rpartition(".")[0]
        ):
            return into_class(self.chains, step.owner, source, f"the action {self.action.change.action}", imports)
        starts = line_starts(step.text)
        start = starts[step.node.lineno - 1] + step.node.col_offset
        end = starts[(step.node.end_lineno or 1) - 1] + (step.node.end_col_offset or 0)
        return Splice(step.path, start, end, source, because, "define", imports)

    def _saved(self) -> bool:
        """Whether what follows the change stores and loads it."""
        step = self.action.chain.bottom
        return "refresh" in step.cut.body or self._refreshes(step)

    def _errors(self) -> Iterator[Emission]:
        """The class of a conflict, where the project has none yet."""
        raised = self.chains.raised(self.steps[self.rules])
        if "HTTPException" not in (ast.unparse(raised) if raised is not None else ""):
            owned = {403} if self.action.handler.admission.owned else set()
            yield from emit_error_classes(self.action.house, {409, *owned})
