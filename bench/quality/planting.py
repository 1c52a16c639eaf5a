"""Where violations can be planted in a FastAPI service, found by Python's own parser and not by ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TypeGuard

SESSION = re.compile(
    r"\bAsync_?Session\w*|\bSession(?:Dep)?\b|\bDb_?Session\w*|get_(?:async_)?(?:db|session)\b", re.IGNORECASE
)
STATES = {"status", "state", "kind", "title", "description", "content", "body", "text"}
VERBS = {"get", "post", "put", "patch", "delete"}
Attribute = ast.Assign | ast.AnnAssign
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Site:
    """A place: a file, the function whose start it is (or the end of the file), and the names that hold there."""

    path: str
    function: Function | None = None
    names: Mapping[str, str] = field(default_factory=dict)


class Service:
    """The texts of one service, parsed. Files that Python cannot parse are left out."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {}
        self.trees: dict[str, ast.Module] = {}
        for path, text in texts.items():
            try:
                self.trees[path] = ast.parse(text)
            except (SyntaxError, ValueError):
                continue
            self.texts[path] = text

    def sites(self, at: str) -> Iterator[Site]:
        """All places of this kind; `names` has what the templates of `planted.toml` may ask for."""
        match at:
            case "handler" | "async_handler":
                wanted = (s for s in self.handlers if at == "handler" or s.names["async"])
                yield from (Site(s.path, s.function, self.known | s.names) for s in wanted)
            case "router":
                for path in dict.fromkeys(s.path for s in self.handlers):
                    site = next(s for s in self.handlers if s.path == path)
                    yield Site(path, None, self.known | site.names)
            case "service" | "repository":
                yield from (Site(p, f, self.known) for p, c in self.classes(at) for f in c.body if _is_method(f))
            case "module":
                paths = {p for kind in ("service", "repository") for p, _ in self.classes(kind)}
                yield from (Site(path, None, self.known) for path in sorted(paths))
            case "model_module":
                yield from (Site(path, None, self.known) for path in dict.fromkeys(p for p, _ in self.models))
            case "model" | "sqlmodel":
                models = (
                    (p, c) for p, c in self.models if any(k.arg == "table" for k in c.keywords) == (at == "sqlmodel")
                )
                yield from (Site(p, None, {**self.known, "class": c.name}) for p, c in models)
            case "migrated_model":
                made = re.compile(r"create_table\(\s*['\"](\w+)['\"]")
                tables = {t for p, text in self.texts.items() if "versions/" in p for t in made.findall(text)}
                yield from (s for s in self.sites("model") if self._table_of(s) in tables and "versions/" not in s.path)
            case "main":
                yield from (Site(p, None, {**self.known, "app": name}) for p, name in self.calls("FastAPI"))
            case "migration":
                for path, tree in self.trees.items():
                    functions = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
                    creates = "create_table" in self.texts[path]  # what is new is empty, and has no old rows
                    if "upgrade" in functions and "downgrade" in functions and "versions/" in path and not creates:
                        yield Site(path, functions["upgrade"], self.known)

    def _table_of(self, site: Site) -> str:
        return next((_table(c) for p, c in self.models if (p, c.name) == (site.path, site.names["class"])), "")

    @cached_property
    def handlers(self) -> list[Site]:
        """Route functions that are given a session."""
        found = []
        for path, tree in self.trees.items():
            for function in tree.body:
                router = _router(function)
                parameter = _session(function) if isinstance(function, Function) and router else None
                if parameter is None or not isinstance(function, Function):
                    continue
                name, source = parameter
                waits = re.search(rf"await {name}\b|AsyncSession|async_session", ast.unparse(function)) is not None
                asynchronous = isinstance(function, ast.AsyncFunctionDef)
                if asynchronous and not waits and "async" not in self.texts[path].lower().replace("async def", ""):
                    waits = False
                names = {"router": router, "session": name, "session_param": source}
                names |= {"await": "await " if waits else "", "async": "async " if asynchronous else ""}
                names |= {"awaits": "await"} if waits else {}
                if not waits or asynchronous:
                    found.append(Site(path, function, names))
        return found

    @cached_property
    def models(self) -> list[tuple[str, ast.ClassDef]]:
        def is_table(node: ast.ClassDef) -> bool:
            named = any(isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "__tablename__" for s in node.body)
            return named or any(k.arg == "table" for k in node.keywords)

        found = ((p, c) for p, tree in self.trees.items() for c in tree.body if isinstance(c, ast.ClassDef))
        return [(p, c) for p, c in found if is_table(c) and "test" not in p]

    def classes(self, kind: str) -> list[tuple[str, ast.ClassDef]]:
        """The classes that are named as a service or as a repository."""
        name = re.compile(r"\w+Service$" if kind == "service" else r"\w+(?:Repository|Repo)$|^CRUD\w+")
        place = re.compile(r"service" if kind == "service" else r"repo|crud|dao")
        found = ((p, c) for p, tree in self.trees.items() for c in tree.body if isinstance(c, ast.ClassDef))
        placed = ((p, c) for p, c in found if place.search(p) and "test" not in p)
        return [(p, c) for p, c in placed if name.match(c.name) and not _is_abstract(c)]

    def calls(self, *names: str) -> Iterator[tuple[str, str]]:
        """Module variables that are made by calling one of these: path and name."""
        for path, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and "test" not in path:
                    called = ast.unparse(node.value.func).rpartition(".")[2]
                    if called in names and isinstance(node.targets[0], ast.Name):
                        yield path, node.targets[0].id

    @cached_property
    def known(self) -> dict[str, str]:
        """Names that hold all over the service."""
        found: dict[str, str] = {}
        if self.models:
            path, model = self.models[0]
            found |= {"Model": model.name, "model_module": self.module(path), "table": _table(model)}
            states = [name for name in _columns(model) if name in STATES]
            found |= {"state": states[0]} if states else {}
        for path, model in self.models:
            relation = next((s for s in model.body if _is_relation(s)), None)
            if relation is not None:
                target = relation.target if isinstance(relation, ast.AnnAssign) else relation.targets[0]
                found |= {"Owner": model.name, "relation_module": self.module(path), "relation": ast.unparse(target)}
                break
        for path, model in self.models:
            number = next((s for s in model.body if _is_number(s)), None)
            if number is not None:
                target = number.target if isinstance(number, ast.AnnAssign) else number.targets[0]
                found |= {"Counted": model.name, "counted_module": self.module(path), "number": ast.unparse(target)}
                break
        domain = [
            (p, c)
            for p, c in self.classes("service")
            if re.search(r"import .*(?:[Rr]epo|Model)|\bmodels?\b", self.texts[p])
        ]
        for path, node in domain[:1]:
            found |= {"Service": node.name, "service_module": self.module(path)}
        for site in self.handlers[:1]:
            found |= {"router_module": self.module(site.path)}
        for path, _ in self.calls("FastAPI"):
            found |= {"app_module": self.module(path)}
        for path, name in self.calls("sessionmaker", "async_sessionmaker"):
            found |= {"maker": name, "maker_module": self.module(path)}
        return found

    def module(self, path: str) -> str:
        """The dotted name by which other files import this one, as far as any does."""
        parts = list(PurePosixPath(path).with_suffix("").parts)
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        names = [".".join(parts[cut:]) for cut in range(len(parts))]
        imported = self._imported
        exact = next((name for name in names if name in imported), "")
        return exact or next(
            (n for n in names if n.partition(".")[0] in {i.partition(".")[0] for i in imported}), names[-1]
        )

    @cached_property
    def _imported(self) -> set[str]:
        found = set()
        for tree in self.trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found


def _router(node: ast.stmt) -> str:
    """The variable that a function is registered on, `""` for another function."""
    for decorator in getattr(node, "decorator_list", ()):
        call = decorator.func if isinstance(decorator, ast.Call) else None
        if isinstance(call, ast.Attribute) and call.attr in VERBS and isinstance(call.value, ast.Name):
            return call.value.id
    return ""


def _session(function: Function) -> tuple[str, str] | None:
    """The session that a function is given: its name and the parameter's source."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    defaults = [None] * (len(function.args.args) - len(function.args.defaults)) + [*function.args.defaults]
    for argument, default in zip(arguments, [*defaults, *function.args.kw_defaults], strict=True):
        written = (
            ast.unparse(argument.annotation) if argument.annotation else "",
            ast.unparse(default) if default else "",
        )
        if SESSION.search(" ".join(written)):
            source = f"{argument.arg}: {written[0]}" if written[0] else argument.arg
            return argument.arg, f"{source} = {written[1]}" if written[1] else source
    return None


def _is_method(node: ast.stmt) -> bool:
    return (
        isinstance(node, Function)
        and not node.name.startswith("_")
        and bool(node.args.args)
        and not node.decorator_list
    )


def _is_abstract(node: ast.ClassDef) -> bool:
    return any(ast.unparse(b).rpartition(".")[2] in ("ABC", "Protocol") for b in node.bases)


def _is_relation(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(value, ast.Call):
        return False
    loaded = any(k.arg == "lazy" for k in value.keywords)
    return ast.unparse(value.func).rpartition(".")[2].lower() == "relationship" and not loaded


def _is_number(node: ast.stmt) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    """A column that holds a number and refers to nothing."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    text = ast.unparse(node)
    refers = re.search(r"primary_key|[Ff]oreign_?[Kk]ey|^\w*id\b|^_|relationship", text)
    return (
        refers is None
        and re.search(r": (Mapped\[)?(int|float)\b|Column\((Integer|BigInteger|Float)\b", text) is not None
    )


def _columns(model: ast.ClassDef) -> Iterator[str]:
    targets = (
        s.target if isinstance(s, ast.AnnAssign) else s.targets[0] for s in model.body if isinstance(s, Attribute)
    )
    return (t.id for t in targets if isinstance(t, ast.Name))


def _table(model: ast.ClassDef) -> str:
    named = (s.value for s in model.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "__tablename__")
    value = next(named, None)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else model.name.lower()
