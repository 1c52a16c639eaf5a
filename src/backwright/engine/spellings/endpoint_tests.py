"""Tests of an action, each made like the project's own test that changes (or deletes) such a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from backwright.blueprints.endpoint.states import states_of
from backwright.core.archmap import RouteInfo
from backwright.core.facts import Column
from backwright.engine.siblings import Resource
from backwright.engine.spellings.endpoint_action import Action
from backwright.engine.spellings.endpoint_requests import (
    Asked,
    asserted,
    before,
    template,
    used_only,
    with_client,
    with_headers,
)
from backwright.engine.spellings.endpoint_state import is_shown, shown_stamps
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
            return f"no test of this project asks for one {self.action.name.human} through its endpoint"
        if self._prepared(self._success()) is None:
            return f"no test shows how a {self.action.name.human} comes into a state that it may leave"
        if not self._same_rules() and self._success_as() is None:
            return f"its tests have no way to act as `{self.action.change.access}`"
        return ""

    def emissions(self) -> Iterator[Emission]:
        found = self._success() if self._same_rules() else self._success_as()
        if self.style is None or found is None or self.untested():
            return
        values = self._values(found, self.style)
        yield self._placed(found, render("pytest/action.py.jinja", **values))
        denied = self._denied(found)
        if denied is not None:
            call = self._call(denied)
            more = self._common(denied) | {"before": before(denied, call), "call": call, "status": denied.status}
            yield self._placed(denied, render("pytest/refused_action.py.jinja", **more))

    def _same_rules(self) -> bool:
        return self.action.handler.admission.same

    # -- what tests do -----------------------------------------------------------------------------------------------
    def _asked(self) -> Iterator[Asked]:
        wanted: list[tuple[RouteInfo, object]] = []
        for operation in ("update", "delete", "get"):
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
                response, said = asserted(function.body[number:], statement, call)
                if said and source is not None and call.args:
                    before = tuple(function.body[:number])
                    awaited = any(isinstance(n, ast.Await) and n.value is call for n in ast.walk(statement))
                    yield Asked(scope.path, function, before, source.text, call, response, awaited, said, call.args[0])

    def _success(self) -> Asked | None:
        return next((a for a in self.asked if _OK.search(a.status)), None)

    def _success_as(self) -> Asked | None:
        """A request that works, made by whom the action is for."""
        found, style, wanted = self._success(), self.style, self.action.change.access
        if found is None or style is None:
            return None
        if wanted == "public":
            return with_headers(found, "", style)
        if wanted in {"admin", "user"}:
            headers = style.admin_headers if wanted == "admin" else style.user_headers
            client = style.admin_client if wanted == "admin" else style.user_client
            if headers:
                return with_headers(found, headers, style)
            return with_client(found, client, style) if client else None
        return None

    def _denied(self, found: Asked) -> Asked | None:
        """A request of somebody who may not."""
        if self._same_rules():
            return next((a for a in self.asked if _DENIED.search(a.status) and self._operation_of(a)), None)
        style = self.style
        if style is None or self.action.change.access != "admin":
            return None
        other = with_headers(found, style.user_headers, style) if style.user_headers else None
        other = other or (with_client(found, style.user_client, style) if style.user_client else None)
        return replace(other, status=status_like(found.status, 403)) if other is not None else None

    # -- pieces ------------------------------------------------------------------------------------------------------
    def _marks(self, found: Asked) -> list[str]:
        return [f"@{ast.unparse(d)}" for d in found.function.decorator_list]

    def _common(self, found: Asked) -> dict[str, object]:
        node = found.function
        return {
            "defs": "async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
            "marks": self._marks(found),
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
        enum, _ = (
            name_in(self.action.index, found.path, transition.enum_path, transition.enum)
            if transition.enum
            else ("", "")
        )
        value = {
            "enum": f"{enum}.{transition.target}",
            "text": f'"{transition.target}"',
            "boolean": transition.target,
            "moment": "func.now()" if transition.target == "now" else "None",
        }[transition.kind]
        anonymous, arguments = self._anonymous(found, style)
        call = self._call(found)
        missing = self._call(found, missing=True) if self._missing_url(found) else ""
        common = self._common(found)
        texts = {
            "": "\n".join(
                [call, before(found, f"({call}, {self._prepared(found) or None})"), self._prepared(found) or ""]
            ),
            "missing_": f"{missing}\n{before(found, missing)}",
            "anonymous_": f"{anonymous}\n{before(found, anonymous)}",
        }
        strict = self.action.house.linting.selects("ARG001", found.path)
        for which, text in texts.items():
            given = arguments if which == "anonymous_" else str(common["arguments"])
            kept, named = used_only(given, text) if strict else (given, ())
            fixtures = ", ".join(f'"{n}"' for n in named)
            marks = [*self._marks(found), *([f"@pytest.mark.usefixtures({fixtures})"] if named else [])]
            common |= {f"{which}arguments": kept, f"{which}marks": marks}
        return common | {
            "before": before(found, f"({call}, {self._prepared(found) or None})"),
            "before_missing": before(found, missing),
            "before_anonymous": before(found, anonymous),
            "prepare": f"{'await ' if found.awaited else ''}{prepared}" if (prepared := self._prepared(found)) else "",
            "call": call,
            "ok": status_like(found.status, 200),
            "conflict": status_like(found.status, 409),
            "absent": status_like(found.status, 404),
            "unauthorized": status_like(found.status, 401),
            "forbidden": status_like(found.status, 403),
            "column": transition.column,
            "shown": self._shown(),
            "stamps": shown_stamps(self.action) if self._shown() else (),
            "missing": missing,
            "anonymous": anonymous,
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
        if known is None and not (transition.fresh and is_shown(self.action)):
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
        default = self._default(column)
        if transition.kind == "moment" and not column.default:
            return ""
        wanted = transition.sources[0] if transition.sources else ""
        if default and ((not wanted and default != transition.target) or default in transition.sources):
            return ""
        if not default and not wanted:
            return ""  # whatever it is made with, it is hardly made in the state that the action leads to
        other = wanted or self._another(transition.target)
        update = self.resource.operation("update")
        sent = endpoint_served(self.types, update).body if update is not None else None
        settable = (
            sent is not None and self.types.declared.member(replace(sent, name="row"), transition.column) is not None
        )
        if not settable or not other or update is None or self._operation_of(found) != "update":
            return None
        value = {"enum": f'"{self._member(other)}"', "text": f'"{other}"'}.get(transition.kind, other)
        whole = next((ast.unparse(w.value) for w in found.call.keywords if w.arg == "json"), "")
        rest = f"**{whole}, " if update.route.method == "PUT" and whole else ""
        sent_json = f'{{{rest}"{transition.column}": {value}}}'
        return self._call(found, method=update.route.method.lower(), tail=False, json=sent_json)

    def _default(self, column: Column) -> str:
        """The value that a row has where nothing says another, as transitions name it; `""` where that is not known."""
        text = re.sub(r"^(?:sa\.)?text\((.*)\)$", r"\1", column.default or column.server_default).strip("()")
        bare = text.rpartition(".")[2].strip("\"'")
        if self.action.transition.kind == "boolean":
            return {"true": "True", "1": "True", "false": "False", "0": "False"}.get(bare.lower(), "")
        states = states_of(self.action.path, self.action.table, self.action.index)
        state = next((s for s in states if s.column.name == column.name), None)
        return next((m.name for m in state.members if bare in {m.name, m.value}), bare) if state is not None else bare

    def _operation_of(self, found: Asked) -> str:
        for operation in ("update", "delete"):
            info = self.resource.operation(operation)
            if (
                info is not None
                and isinstance(found.call.func, ast.Attribute)
                and found.call.func.attr == info.route.method.lower()
            ):
                return operation
        return ""

    def _another(self, target: str) -> str:
        states = states_of(self.action.path, self.action.table, self.action.index)
        state = next((s for s in states if s.column.name == self.action.transition.column), None)
        return next((m.name for m in state.members if m.name != target), "") if state is not None else ""

    def _call(
        self,
        found: Asked,
        *,
        missing: bool = False,
        method: str = "",
        tail: bool = True,
        json: str = "",
        headers: bool = True,
    ) -> str:
        assert isinstance(found.call.func, ast.Attribute), "requests are methods of a client"
        url = self._missing_url(found) if missing else self._url(found, tail=tail)
        words = [
            f"{w.arg}={ast.unparse(w.value)}"
            for w in found.call.keywords
            if w.arg in _GIVEN and (headers or w.arg != "headers")
        ]
        verb = method or self.action.handler.method.lower()
        given = ", ".join([url, *([f"json={json}"] if json else []), *words])
        return f"{ast.unparse(found.call.func.value)}.{verb}({given})"

    def _url(self, found: Asked, *, tail: bool) -> str:
        if not tail:
            return ast.unparse(found.url)
        last = self.action.handler.path.rstrip("/").rpartition("/")[2]
        end = f"/{last}/" if self.action.handler.path.endswith("/") else f"/{last}"
        text = template(found.url)
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
            given = [
                s.value
                for s in ast.walk(found.function)
                if isinstance(s, ast.Assign) and dotted(s.targets[0]) == url.id
            ]
            url = given[0] if len(given) == 1 else url
        shown = template(url).rstrip("/")
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
            kind = (
                f": {style.client_type.name}"
                if style.client_type is not None and found.function.returns is not None
                else ""
            )
            call = self._call(found).replace(f"{client}.", f"{style.client}.", 1)
            named = client in before(found, call)
            given = [
                a for a in re.split(r",\s*(?![^\[]*\])", arguments) if named or a.partition(":")[0].strip() != client
            ]
            return call, ", ".join([*given, f"{style.client}{kind}"])
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
        enum_import = (
            name_in(self.action.index, found.path, transition.enum_path, transition.enum)[1] if transition.enum else ""
        )
        imports = (
            "import uuid",
            "import pytest",
            "from sqlalchemy import event, func, update",
            "from sqlalchemy.orm import ORMExecuteState, Session",
            *(i for i in (entity_import, enum_import) if i),
            *STATUS_IMPORTS,
        )
        tidy = re.sub(r"\n[ \t]+(?=\n)", "", source)
        return Splice(
            found.path, start, end, tidy.strip("\n"), f"{self.action.change.action} is tested", "define", imports
        )
