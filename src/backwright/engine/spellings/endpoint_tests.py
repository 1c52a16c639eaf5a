"""Tests of an action, each made like the project's own test that changes (or deletes) such a row."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backwright.blueprints.endpoint.states import states_of
from backwright.core.archmap import RouteInfo
from backwright.engine.siblings import Resource
from backwright.engine.spellings.endpoint_code import Action
from backwright.engine.spellings.field_code import endpoint_served, routes_of
from backwright.frameworks.pytest.statuses import STATUS_IMPORTS, status_like
from backwright.frameworks.sqlalchemy.transition import name_in
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.house import TestStyle
from backwright.kit.templates import render
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.expression_types import Types
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Function, Sources, dotted
from backwright.languages.python.scopes import Scope

_OK = re.compile(r"\b(?:200|201|202|204|HTTP_20\d\w*|OK|CREATED|NO_CONTENT)\b")
_DENIED = re.compile(r"\b(?:403|HTTP_403_FORBIDDEN|FORBIDDEN)\b")
_GIVEN = frozenset({"headers", "cookies", "auth", "params"})
_ABSENT = {"int": "999999", "uuid": "{uuid.uuid4()}", "str": "missing"}


@dataclass(frozen=True)
class Asked:
    """A request that a test makes: the statements before it, the call, and what is asserted of its status."""

    path: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    before: tuple[ast.stmt, ...]
    text: str  # of the file
    call: ast.Call
    response: str
    awaited: bool
    status: str
    url: ast.expr


class ActionTests:
    """Finds what the project's tests do with a resource, and makes tests of an action from it."""

    def __init__(self, action: Action, resource: Resource, sources: Sources) -> None:
        self.action = action
        self.resource = resource
        self.types = Types(sources, ())
        self.types.endpoints = tuple(endpoint_served(self.types, i) for i in routes_of(action.index))
        self.style = action.house.tests
        self.asked = tuple(self._asked())

    def untested(self) -> str:
        """Why the action gets no tests; `""` where it does."""
        if self.style is None:
            return "this project has no tests to imitate"
        if self._success() is None:
            return f"no test of this project changes or deletes one {self.action.name.human} through its endpoint"
        if self._prepared(self._success()) is None:
            return f"no test shows how a {self.action.name.human} comes into a state that it may leave"
        return ""

    def emissions(self) -> Iterator[Emission]:
        found = self._success()
        if self.style is None or found is None or self.untested():
            return
        values = self._values(found, self.style)
        yield self._placed(found, render("pytest/action.py.jinja", **values))
        denied = next((a for a in self.asked if _DENIED.search(a.status)), None)
        if denied is not None and self._same_rules():
            call = self._call(denied)
            more = self._common(denied) | {"before": _before(denied, call), "call": call, "status": denied.status}
            yield self._placed(denied, render("pytest/refused_action.py.jinja", **more))

    def _same_rules(self) -> bool:
        return not self.action.change.access or self.action.handler.same_access

    # -- what tests do -----------------------------------------------------------------------------------------------
    def _asked(self) -> Iterator[Asked]:
        wanted: list[tuple[RouteInfo, object]] = []
        for operation in ("update", "delete"):
            info = self.resource.operation(operation)
            if info is not None and "{" in info.route.path:
                wanted.append((info, endpoint_served(self.types, info)))
        first = self.action.chain.info.route.path
        wanted.sort(key=lambda pair: pair[0].route.path != first or pair[0] != self.action.chain.info)
        scopes = [
            s
            for path in self.action.index.files
            if is_test_file(path) and path.endswith(".py")
            for s in self.types.scopes_of(path)
            if isinstance(s.node, Function) and s.node.name.startswith("test")
        ]
        for _, served in wanted:
            for scope in scopes:
                yield from self._requests(scope, served)

    def _requests(self, scope: Scope, served: object) -> Iterator[Asked]:
        function = scope.node
        assert isinstance(function, Function), "only tests are looked at"
        if any("parametrize" in ast.unparse(d) for d in function.decorator_list):
            return
        source = self.types.sources.source(scope.path)
        for number, statement in enumerate(function.body):
            for call in (n for n in ast.walk(statement) if isinstance(n, ast.Call)):
                if not isinstance(call.func, ast.Attribute) or self.types.endpoint(scope, call) != served:
                    continue
                response, said = _asserted(function.body[number:], statement, call)
                if said and source is not None and call.args:
                    before = tuple(function.body[:number])
                    awaited = any(isinstance(n, ast.Await) and n.value is call for n in ast.walk(statement))
                    yield Asked(scope.path, function, before, source.text, call, response, awaited, said, call.args[0])

    def _success(self) -> Asked | None:
        return next((a for a in self.asked if _OK.search(a.status)), None)

    # -- pieces ------------------------------------------------------------------------------------------------------
    def _common(self, found: Asked) -> dict[str, object]:
        node = found.function
        return {
            "defs": "async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
            "marks": [f"@{ast.unparse(d)}" for d in node.decorator_list],
            "arguments": ast.unparse(node.args),
            "returns": " -> None" if node.returns is not None else "",
            "name": self.action.name.snake,
            "action": self.action.change.action,
            "response": found.response,
            "wait": "await " if found.awaited else "",
        }

    def _values(self, found: Asked, style: TestStyle) -> dict[str, object]:
        transition = self.action.transition
        entity, _ = name_in(self.action.index, found.path, self.action.path, self.action.table.entity)
        enum, _ = name_in(self.action.index, found.path, transition.enum_path, transition.enum) if transition.enum else ("", "")
        value = {
            "enum": f"{enum}.{transition.target}",
            "text": f'"{transition.target}"',
            "boolean": transition.target,
            "moment": "func.now()" if transition.target == "now" else "None",
        }[transition.kind]
        anonymous, arguments = self._anonymous(found, style)
        call = self._call(found)
        missing = self._call(found, missing=True) if self._missing_url(found) else ""
        return self._common(found) | {
            "before": _before(found, call),
            "before_missing": _before(found, missing),
            "before_anonymous": _before(found, anonymous),
            "prepare": textwrap.indent(self._prepared(found) or "", "    ").strip(),
            "call": call,
            "ok": status_like(found.status, 200),
            "conflict": status_like(found.status, 409),
            "absent": status_like(found.status, 404),
            "unauthorized": status_like(found.status, 401),
            "forbidden": status_like(found.status, 403),
            "column": transition.column,
            "shown": self._shown(),
            "missing": missing,
            "anonymous": anonymous,
            "anonymous_arguments": arguments,
            "typed": found.function.returns is not None,
            "entity": entity,
            "value": value,
        }

    def _shown(self) -> str:
        """What the answer says of the state, as a comparison; `""` where it does not."""
        transition = self.action.transition
        served = endpoint_served(self.types, self.action.chain.info)
        answer = served.answer
        if answer is None or answer.name != "json" or answer.of is None:
            return ""
        known = self.types.declared.member(replace(answer, name="row"), transition.column)
        if known is None and not transition.fresh:
            return ""
        match transition.kind:
            case "enum":
                return f'== "{self._member(transition.target)}"'
            case "text":
                return f'== "{transition.target}"'
            case "boolean":
                return f"is {transition.target}"
            case _:
                return "is not None" if transition.target == "now" else "is None"

    def _member(self, name: str) -> str:
        if self.action.transition.added is not None and self.action.transition.added[0] == name:
            return self.action.transition.added[1]
        states = states_of(self.action.path, self.action.table, self.action.index)
        state = next(s for s in states if s.column.name == self.action.transition.column)
        return next((m.value for m in state.members if m.name == name), name)

    def _prepared(self, found: Asked | None) -> str | None:
        """The statement that brings the row into a state that it may leave; `""` for none, None where there is no way."""
        transition = self.action.transition
        column = next((c for c in self.action.table.columns if c.name == transition.column), None)
        if found is None or column is None or transition.fresh:
            return ""
        if not transition.sources and transition.added is not None:
            return ""
        default = column.default.rpartition(".")[2].strip("\"'")
        if transition.kind == "moment" and not column.default:
            return ""
        wanted = transition.sources[0] if transition.sources else ""
        if default and ((not wanted and default != transition.target) or default in transition.sources):
            return ""
        other = wanted or self._another(transition.target)
        update = self.resource.operation("update")
        sent = endpoint_served(self.types, update).body if update is not None else None
        settable = sent is not None and self.types.declared.member(replace(sent, name="row"), transition.column) is not None
        if not settable or not other or update is None or "update" != self._operation_of(found):
            return None
        value = {"enum": f'"{self._member(other)}"', "text": f'"{other}"'}.get(transition.kind, other)
        call = self._call(found, method=update.route.method.lower(), tail=False, json=f'{{"{transition.column}": {value}}}')
        wait = "await " if found.awaited else ""
        return f"{wait}{call}"

    def _operation_of(self, found: Asked) -> str:
        for operation in ("update", "delete"):
            info = self.resource.operation(operation)
            if info is not None and isinstance(found.call.func, ast.Attribute) and found.call.func.attr == info.route.method.lower():
                return operation
        return ""

    def _another(self, target: str) -> str:
        states = states_of(self.action.path, self.action.table, self.action.index)
        state = next((s for s in states if s.column.name == self.action.transition.column), None)
        return next((m.name for m in state.members if m.name != target), "") if state is not None else ""

    def _call(
        self, found: Asked, *, missing: bool = False, method: str = "", tail: bool = True, json: str = "", headers: bool = True
    ) -> str:
        assert isinstance(found.call.func, ast.Attribute), "requests are methods of a client"
        url = self._missing_url(found) if missing else self._url(found, tail=tail)
        words = [f"{w.arg}={ast.unparse(w.value)}" for w in found.call.keywords if w.arg in _GIVEN and (headers or w.arg != "headers")]
        verb = method or self.action.handler.method.lower()
        given = ", ".join([url, *([f"json={json}"] if json else []), *words])
        return f"{ast.unparse(found.call.func.value)}.{verb}({given})"

    def _url(self, found: Asked, *, tail: bool) -> str:
        if not tail:
            return ast.unparse(found.url)
        last = self.action.handler.path.rstrip("/").rpartition("/")[2]
        end = f"/{last}/" if self.action.handler.path.endswith("/") else f"/{last}"
        text = _template(found.url)
        return f'f"{text.rstrip("/")}{end}"' if text else f'f"{{{ast.unparse(found.url)}}}{end}"'

    def _missing_url(self, found: Asked) -> str:
        """The URL of a row that is not there; `""` where the key cannot be told from the rest."""
        key = next((c for c in self.action.table.columns if c.primary_key), None)
        text = f"{key.python} {key.type}".lower() if key is not None else "int"
        kind = "uuid" if "uuid" in text else "str" if "str" in text else "int"
        last = self.action.handler.path.rstrip("/").rpartition("/")[2]
        end = f"/{last}/" if self.action.handler.path.endswith("/") else f"/{last}"
        url = found.url
        if isinstance(url, ast.Name):
            given = [s.value for s in ast.walk(found.function) if isinstance(s, ast.Assign) and dotted(s.targets[0]) == url.id]
            url = given[0] if len(given) == 1 else url
        shown = _template(url).rstrip("/")
        hole = re.search(r"\{[^{}]*\}$", shown)
        if hole is None:
            return ""
        text = f"{shown[: hole.start()]}{_ABSENT[kind]}{end}"
        return f'f"{text}"' if "{" in text else f'"{text}"'

    def _anonymous(self, found: Asked, style: TestStyle) -> tuple[str, str]:
        """The call of somebody who is not signed in, and the test's parameters; `""` where nobody needs to be, or no way is known."""
        assert isinstance(found.call.func, ast.Attribute), "requests are methods of a client"
        arguments = ast.unparse(found.function.args)
        if not self.action.chain.info.route.auth or self.action.change.access == "public":
            return "", arguments
        if any(w.arg == "headers" for w in found.call.keywords):
            return self._call(found, headers=False), arguments
        client = ast.unparse(found.call.func.value)
        names = [a.arg for a in found.function.args.args]
        if client in {style.user_client, style.admin_client} - {""} and style.client and style.client not in names:
            kind = f": {style.client_type.name}" if style.client_type is not None and found.function.returns is not None else ""
            return self._call(found).replace(f"{client}.", f"{style.client}.", 1), f"{arguments}, {style.client}{kind}"
        return "", arguments

    def _placed(self, found: Asked, source: str) -> Splice:
        text = self.types.sources.source(found.path)
        assert text is not None, "the test was found in it"
        starts = line_starts(text.text)
        node = found.function
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        entity_import = name_in(self.action.index, found.path, self.action.path, self.action.table.entity)[1]
        transition = self.action.transition
        enum_import = name_in(self.action.index, found.path, transition.enum_path, transition.enum)[1] if transition.enum else ""
        imports = (
            "import uuid",
            "from sqlalchemy import event, func, update",
            "from sqlalchemy.orm import ORMExecuteState, Session",
            *(i for i in (entity_import, enum_import) if i),
            *STATUS_IMPORTS,
        )
        tidy = re.sub(r"\n[ \t]+(?=\n)", "", source)
        return Splice(found.path, start, end, tidy.strip("\n"), f"{self.action.change.action} is tested", "define", imports)


def _template(url: ast.expr) -> str:
    """The inside of an f-string that is this URL, `""` where it is none."""
    if isinstance(url, ast.Constant) and isinstance(url.value, str):
        return url.value
    if isinstance(url, ast.JoinedStr):
        source = ast.unparse(url)
        inner = source[2:-1]
        return inner if '"' not in inner else ""
    return ""


def _asserted(rest: list[ast.stmt], statement: ast.stmt, call: ast.Call) -> tuple[str, str]:
    """The name of the response, and the status that is asserted of it, as source."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        if value is not call:
            return "", ""
        name = statement.targets[0].id
        for later in rest[1:]:
            if isinstance(later, ast.Assert) and isinstance(later.test, ast.Compare):
                for one, other in ((later.test.left, later.test.comparators[0]), (later.test.comparators[0], later.test.left)):
                    if dotted(one) == f"{name}.status_code":
                        return name, ast.unparse(other)
        return name, ""
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        left = statement.test.left
        inner = left.value if isinstance(left, ast.Attribute) and left.attr == "status_code" else None
        inner = inner.value if isinstance(inner, ast.Await) else inner
        if inner is call:
            return "response", ast.unparse(statement.test.comparators[0])
    return "", ""


def _before(found: Asked, call: str) -> str:
    """The statements before a request that it needs, as they are written: those that make what it names."""
    if not call:
        return ""
    local = {n.id for s in found.before for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    needed = _read(ast.parse(call, mode="eval")) & local
    while True:
        kept = [s for s in found.before if _read(s) & needed and not isinstance(s, ast.Assert)]
        kept += [s for s in found.before if _made(s) & needed and s not in kept]
        more = needed | {name for s in kept for name in _read(s) & local}
        if more == needed:
            break
        needed = more
    used = {name for s in kept for name in _read(s)} - local
    rest = [s for s in found.before if isinstance(s, ast.Expr) and s not in kept and _read(s) and _read(s) <= used]
    lines = found.text.splitlines()
    shown = (lines[s.lineno - 1 : s.end_lineno] for s in found.before if s in kept or s in rest)
    text = textwrap.dedent("\n".join(line for part in shown for line in part))
    return textwrap.indent(text, "    ").strip()


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _made(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
