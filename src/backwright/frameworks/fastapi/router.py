"""The endpoints of a new resource, their wiring and their registration."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.frameworks.fastapi.conflicts import emit_conflict_handler
from backwright.frameworks.fastapi.documenting import responses
from backwright.frameworks.fastapi.listing import emit_list_query, list_parameters, page_names, page_variables
from backwright.frameworks.fastapi.logic import Logic, error_imports
from backwright.frameworks.fastapi.mounting import emit_errors, emit_providers, emit_registration, layer_imports
from backwright.frameworks.fastapi.parameters import (
    dependency,
    guard_lines,
    id_name,
    key_parameter,
    session_parameter,
    user_parameter,
)
from backwright.frameworks.fastapi.service import (
    Access,
    access_for,
    body_name,
    instance_name,
    method_name,
    module_name,
)
from backwright.frameworks.fastapi.statuses import STATUS_NAMES
from backwright.kit.artifacts import Emission, Emitter, Fragments, Piece, ResourcePlan
from backwright.kit.imitation import fill
from backwright.kit.spelling import TYPE_IMPORTS
from backwright.kit.templates import render

_IMPORTS = (
    "from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response, status",
    "from pydantic import AwareDatetime",
    "from collections.abc import Sequence",
)
_METHODS = {"list": "get", "get": "get", "create": "post", "delete": "delete"}


def router_emitter(access: Access) -> Emitter:
    """The emitter, given how the ORM spells data access."""

    def emit(plan: ResourcePlan) -> tuple[Emission, ...]:
        return (
            *emit_list_query(plan),
            *emit_providers(plan),
            _Endpoints(plan, access).piece(),
            *emit_registration(plan),
            *emit_errors(plan),
            *emit_conflict_handler(plan),
        )

    return emit


class _Endpoints:
    """The five endpoints of a resource, over a service, over functions, or over the session itself."""

    def __init__(self, plan: ResourcePlan, access: Access) -> None:
        self.plan = plan
        self.access = access
        self.router = plan.house.router
        self.var = plan.name.snake
        body = fill(self.router.body, plan.name)
        self.data = body if body != self.var else f"{self.var}_in"  # the row itself is called so
        self.variable = fill(self.router.variable, plan.name)
        self.a = "await " if plan.house.session.is_async else ""
        self.session = plan.house.session.param
        self.below, self.below_imports = self._below()

    def _below(self) -> tuple[Fragments | None, tuple[str, ...]]:
        """Data access for handlers that hold the rules themselves; None where a service does."""
        if self.plan.house.service.form != "inline":
            return None, ()
        return access_for(self.plan, self.access, session=self.session, holder="repository")

    def piece(self) -> Piece:
        plan = self.plan
        inline = plan.house.service.form == "inline" and plan.house.repository.form == "inline"
        text = render(
            "fastapi/router.py.jinja",
            declaration=self._declaration(),
            sort_table=self.access.sort_table(plan) if inline and "list" in plan.operations else "",
            routes=[self._route(op) for op in plan.operations],
        )
        summary = f"{len(plan.operations)} routes under {self.router.path_prefix}/{plan.segment}"
        like = plan.house.sibling.router_path if plan.house.sibling else ""
        return Piece(
            "router", plan.paths["router"], tuple(dict.fromkeys(self._imports())), text, "the endpoints", like, summary
        )

    def _declaration(self) -> str:
        if not self.router.own_router:
            return ""
        arguments = []
        if self.router.prefix_in_router:
            arguments.append(f'prefix="{self.router.outer}/{self.plan.segment}"')
        if self.router.tag:
            arguments.append(f'tags=["{fill(self.router.tag, self.plan.name)}"]')
        return f"{self.variable} = APIRouter({', '.join(arguments)})"

    # -- one route -------------------------------------------------------------------------------------------------
    def _route(self, operation: str) -> dict[str, str]:
        body = {
            "list": self._list,
            "get": self._get,
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }[operation]()
        d = "async def" if self.plan.house.session.is_async else "def"
        params = ", ".join(self._parameters(operation))
        head = f"{d} {self.plan.functions[operation]}({params}) -> {self._returns(operation)}:"
        return {"decorator": self._decorator(operation), "head": head, "body": body}

    def _path(self, operation: str) -> str:
        base = "" if self.router.prefix_in_router or self.router.prefix_in_mount else f"/{self.plan.segment}"
        if operation in {"list", "create"}:
            return base + self.router.collection
        return base + self.router.item.replace("{param}", "{" + id_name(self.plan) + "}")

    def _decorator(self, operation: str) -> str:
        method = self.router.update_method if operation == "update" else _METHODS[operation]
        arguments = [f'"{self._path(operation)}"']
        if operation != "delete" and self.router.response_in_decorator:
            arguments.append(f"response_model={self._response(operation)}")
        if operation == "create" and self.router.create_status != 200:
            arguments.append(f"status_code={self._status(self.router.create_status)}")
        if operation == "delete" and self.router.delete_answer == "none" and self.router.delete_status != 200:
            arguments.append(f"status_code={self._status(204)}")
        arguments += [a for a in (responses(self.plan, operation),) if a]
        guard = self.plan.access.get(operation)
        if guard is not None and operation not in self.plan.user_operations:
            guards = ", ".join(f"Depends({g})" for g in (*guard.before, guard.expr))
            arguments.append(f"dependencies=[{guards}]")
        return f"@{self.variable}.{method}({', '.join(arguments)})"

    def _status(self, code: int) -> str:
        return f"status.{STATUS_NAMES[code]}" if self.router.status_names and code in STATUS_NAMES else str(code)

    def _response(self, operation: str) -> str:
        read, pages = self.plan.read_name, self.plan.house.pages
        if operation != "list":
            return read
        match pages.envelope:
            case "generic" if pages.generic is not None:
                return f"{pages.generic.name}[{read}]"
            case "own":
                return fill(pages.own, self.plan.name)
            case _:
                return f"list[{read}]"

    def _returns(self, operation: str) -> str:
        if operation == "delete":
            answers = {"none": "None", "message": self.router.message.name if self.router.message else "None"}
            return answers.get(self.router.delete_answer, self.plan.read_name)
        if operation == "list":
            bare = self.plan.house.pages.envelope == "list" and self.router.response_in_decorator
            return f"Sequence[{self.plan.class_name}]" if bare else self._response("list")
        return self.plan.class_name if self.router.response_in_decorator else self.plan.read_name

    def _parameters(self, operation: str) -> list[str]:
        """Required ones first: path and body, then what Annotated brings, then defaults."""
        plan, wanted = self.plan, []
        if operation in {"get", "update", "delete"}:
            wanted.append(key_parameter(plan))
        if operation in {"create", "update"}:
            wanted.append(f"{self.data}: {plan.schemas[operation]}")
        wanted += self._dependencies(operation)
        if operation == "list":
            if plan.house.pages.envelope == "list" and plan.listing.total:
                wanted.append("response: Response")
            wanted += list_parameters(plan)
        return [p for p in wanted if not _has_default(p)] + [p for p in wanted if _has_default(p)]

    def _dependencies(self, operation: str) -> list[str]:
        plan, out = self.plan, []
        style = plan.house.service if plan.house.service.form != "inline" else plan.house.repository
        layer = "service" if plan.house.service.form != "inline" else "repository"
        if style.form == "class" and (style.provider is not None or style.alias or style.injected):
            provider = fill(style.provider.name, plan.name) if style.provider is not None else ""
            alias = fill(style.alias, plan.name) if style.alias else ""
            out.append(
                dependency(layer, fill(style.name, plan.name), provider, annotated=self.router.annotated, alias=alias)
            )
        else:
            out.append(session_parameter(plan))
        guard = plan.access.get(operation)
        if operation in plan.user_operations and guard is not None:
            out.append(user_parameter(plan, guard))
        return out

    # -- bodies ----------------------------------------------------------------------------------------------------
    def _built(self) -> str:
        """Construction in the handler, where the house has no provider for it."""
        plan = self.plan
        style = plan.house.service if plan.house.service.form != "inline" else plan.house.repository
        if style.form != "class" or style.provider is not None or style.alias or style.injected:
            return ""
        if plan.house.service.form == "inline":
            return f"repository = {fill(style.name, plan.name)}({self.session})\n"
        inner = self.session
        if style.takes == "repository":
            inner = f"{fill(plan.house.repository.name, plan.name)}({self.session})"
        return f"service = {fill(style.name, plan.name)}({inner})\n"

    def _call(self, operation: str, *arguments: str) -> str:
        """A call of the service."""
        plan, style = self.plan, self.plan.house.service
        user = ["current_user"] if operation in plan.user_operations and operation != "list" else []
        values = [*arguments, *user]
        name = method_name(plan, style, operation)
        if style.form == "class":
            return f"{self.a}service.{name}({', '.join(values)})"
        if style.form == "instance":
            receiver = instance_name(plan, style) if style.instance else fill(style.name, plan.name)
            return f"{self.a}{receiver}.{name}({', '.join([self.session, *values])})"
        receiver = module_name(plan, "service")
        if style.keyword_only:
            named = {
                "get": [f"{self.var}_id"],
                "create": [body_name(plan)],
                "update": [f"{self.var}_id", body_name(plan)],
                "delete": [f"{self.var}_id"],
                "list": [],
            }[operation]
            values = (
                [f"{n}={v}" for n, v in zip([*named, "current_user"], values, strict=False)]
                if operation != "list"
                else values
            )
            return f"{self.a}{receiver}.{name}({', '.join([f'{style.session_param}={self.session}', *values])})"
        return f"{self.a}{receiver}.{name}({', '.join([self.session, *values])})"

    def _logic(self) -> Logic:
        assert self.below is not None
        return Logic(self.plan, self.below, data=self.data)

    def _answer(self, value: str) -> str:
        return (
            f"return {value}"
            if self.router.response_in_decorator
            else f"return {self.plan.read_name}.model_validate({value})"
        )

    def _list(self) -> str:
        plan, lines = self.plan, [self._built()]
        limit, offset = page_variables(plan)
        own = "current_user." + plan.house.auth.user_key
        listed = [(n, n) for n, _, _ in self.access.list_params(plan)]
        values = {"limit": limit, "offset": offset}
        if plan.owner is not None and plan.owner.list_own:
            test = plan.house.auth.admin_test.format(user="current_user")
            values["owner_id"] = f"None if {test} else {own}" if test else own
        if self.below is None:
            arguments = [f"{n}={values.get(n, v)}" for n, v in listed]
            lines.append(f"rows, total = {self._call('list', *arguments)}")
        else:
            names = {n for n, _ in listed}
            lines += [f"{n} = {v}" for n, v in values.items() if n in names and n != v]
            lines.append(self.below.listing)
        lines.append(self._listed())
        return "\n".join(line for line in lines if line)

    def _listed(self) -> str:
        plan, pages = self.plan, self.plan.house.pages
        items = f"[{plan.read_name}.model_validate(row) for row in rows]"
        if pages.envelope == "list":
            header = 'response.headers["X-Total-Count"] = str(total)\n' if plan.listing.total else ""
            return header + ("return rows" if self.router.response_in_decorator else f"return {items}")
        size, at = page_names(plan) if plan.listing.paginate else ("total", "0")
        limit, offset = page_variables(plan)
        known = {
            "size": size,
            "at": at,
            "pages": f"-(-total // {size})",
            "next": f"{offset} + {limit} < total",
            "previous": f"{offset} > 0",
        }
        extra = "".join(f", {name}={known[kind]}" for name, kind in pages.extra)
        counted = f", {pages.total}=total" if pages.total else ""
        return f"return {self._response('list')}({pages.items}={items}{counted}{extra})"

    def _get(self) -> str:
        if self.below is None:
            return self._built() + self._answer(self._call("get", id_name(self.plan)))
        return f"{self._built()}{self._logic().load('get', id_name(self.plan))}\n{self._answer(self.var)}"

    def _create(self) -> str:
        if self.below is None:
            return self._built() + self._answer(self._call("create", self.data))
        return f"{self._built()}{self._logic().create()}\n{self._answer(self.var)}"

    def _update(self) -> str:
        if self.below is None:
            return self._built() + self._answer(self._call("update", id_name(self.plan), self.data))
        logic = self._logic()
        return f"{self._built()}{logic.load('update', id_name(self.plan))}\n{logic.update()}\n{self._answer(self.var)}"

    def _delete(self) -> str:
        read, before, after = self.plan.read_name, "", ""
        if self.router.delete_answer == "message" and self.router.message is not None:
            title = self.plan.name.human.capitalize()
            after = f'\nreturn {self.router.message.name}({self.router.message_field}="{title} deleted successfully")'
        if self.below is None:
            if self.router.delete_answer == "entity":
                before, after = (
                    f"deleted = {read}.model_validate({self._call('get', id_name(self.plan))})\n",
                    "\nreturn deleted",
                )
            return f"{self._built()}{before}{self._call('delete', id_name(self.plan))}{after}"
        if self.router.delete_answer == "entity":
            before, after = f"deleted = {read}.model_validate({self.var})\n", "\nreturn deleted"
        return f"{self._built()}{self._logic().load('delete', id_name(self.plan))}\n{before}{self.below.remove}{after}"

    # -- imports ---------------------------------------------------------------------------------------------------
    def _imports(self) -> Iterator[str]:
        plan, house = self.plan, self.plan.house
        yield from (*TYPE_IMPORTS, *_IMPORTS, *self.below_imports, *error_imports(plan))
        yield from (f"from {plan.module('schema')} import {plan.schemas[s]}" for s in ("create", "update"))
        yield plan.read_import
        yield plan.list_query_import
        if house.pages.envelope == "own":
            yield f"from {plan.module(plan.read_role)} import {fill(house.pages.own, plan.name)}"
        yield from (
            f"from {plan.module('model')} import {n}"
            for n in (plan.class_name, *(f.enum for f in plan.fields if f.enum))
        )
        yield from (
            r.line
            for r in (
                house.session.type,
                house.session.dependency,
                house.session.alias,
                house.auth.user,
                house.pages.generic,
                house.router.message,
                *house.auth.admin_imports,
            )
            if r is not None and r.line
        )
        yield from guard_lines([g for g in plan.access.values() if g is not None])
        for role, style in (("service", house.service), ("repository", house.repository)):
            yield from layer_imports(plan, role, style)


def _has_default(parameter: str) -> bool:
    depth = 0
    for i, char in enumerate(parameter):
        depth += (char in "[(") - (char in "])")
        if char == "=" and depth == 0 and parameter[i - 1] == " ":
            return True
    return False
