"""Under which prefixes something is registered: groups around it, the variable it is registered on, where that is mounted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from backwright.core.facts import Assign, Call, Expr
from backwright.kit.chains import argument, by_name, joined, links, name_of, positional, receiver_of, root_of, text_of
from backwright.kit.foldering import mounted_files
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import singular
from backwright.kit.patterns import Groups, Patterns

_DEEP = 6
_MANY = 8  # prefixes of one place


class Mounting:
    """The prefixes of one framework in one project."""

    def __init__(self, index: FactIndex, patterns: Patterns) -> None:
        self.index = index
        self.patterns = patterns
        self._known: dict[str, tuple[Groups, ...]] = {}
        self._places: dict[tuple[str, str, str], list[str]] = {}
        mounts = [msgspec.structs.replace(mount, chained=False) for mount in patterns.mounts]
        for group in (*patterns.groups, *mounts):
            for name in group.names:
                self._known[name] = (*self._known.get(name, ()), group)
        self._calls = index.derived(by_name)

    def mounted(self, path: str, name: str) -> list[str]:
        """Every prefix under which a definition is mounted. At least one, perhaps `""`."""
        return self._mounted(path, name, "", 0)

    # -- at a place ------------------------------------------------------------------------------------------------
    def prefixes(self, path: str, call: Call, link: Expr, depth: int = 0) -> list[str]:
        """Every prefix that counts for `link`, a part of the chain `call`. At least one, perhaps `""`."""
        around = list(self._around(path, link))
        inner = "".join(self._of_chain(path, c, within=link) for _, c in around) + self._of_chain(path, link, own=False)
        outermost, first = around[0] if around else (call, link)
        roots = self._of_root(path, outermost, first, depth)
        return [outer + inner for outer in roots][:_MANY]

    def _around(self, path: str, link: Expr) -> Iterator[tuple[Call, Expr]]:
        """The groups in whose arguments something stands, the outermost first."""
        for call, group in self._groups.get(path, ()):
            if group is link or not group.loc.start <= link.loc.start <= link.loc.end <= group.loc.end:
                continue
            callee = group.parts[0].loc.end
            if link.loc.end <= callee if self._is_behind(group) else callee <= link.loc.start:
                yield call, group

    def _is_behind(self, group: Expr) -> bool:
        return any(known.behind for known in self._known.get(name_of(group), ()))

    @cached_property
    def _groups(self) -> dict[str, list[tuple[Call, Expr]]]:
        found: dict[str, list[tuple[Call, Expr]]] = {}
        for name in self._known:
            for path, call, link in self._calls.get(name, ()):
                found.setdefault(path, []).append((call, link))
        for group in found.values():
            group.sort(key=lambda item: (-item[1].loc.end, item[1].parts[0].loc.end))
        return found

    def _of_chain(self, path: str, link: Expr, *, own: bool = True, within: Expr | None = None) -> str:
        """What the groups of a chain up to this link put in front."""
        found = [
            one
            for one in links(link)
            if (own and within is not None and one is link) or self._is_chained(one, link, own)
        ]
        return "".join(self._of_group(path, one, within) for one in reversed(found))

    def _is_chained(self, one: Expr, link: Expr, own: bool) -> bool:
        """Whether a group counts for what comes behind it in its chain, not only for what is passed to it."""
        if one is link and not own:
            return False
        return any(group.chained for group in self._known.get(name_of(one), ()))

    def _of_group(self, path: str, link: Expr, within: Expr | None) -> str:
        for group in self._known.get(name_of(link), ()):
            if group.bare and receiver_of(link) is not None:
                continue
            for place in group.prefix:
                text = text_of(self.index, path, argument(link, place))
                if text is not None:
                    return joined("", text.removesuffix("/*")) + self._suffix(path, group, link, text, within)
        return ""

    def _suffix(self, path: str, group: Groups, link: Expr, text: str, within: Expr | None) -> str:
        if within is None or not group.suffix:
            return ""
        for call, inner in self._groups.get(path, ()):
            del call
            inside = link.loc.start < inner.loc.start and inner.loc.end <= link.loc.end
            if inside and inner.loc.start <= within.loc.start and within.loc.end <= inner.loc.end:
                replaced = group.until.get(name_of(inner))
                if replaced is not None:
                    return replaced
        on = argument(within, "on")
        if on is not None and on.text in group.until:
            return group.until[on.text]
        return group.suffix.replace("{singular}", singular(text.strip("/").rpartition("/")[2]))

    # -- of what something is registered on ------------------------------------------------------------------------
    def _of_root(self, path: str, call: Call, link: Expr, depth: int) -> list[str]:
        root = root_of(receiver_of(link)) if receiver_of(link) is not None else ""
        local = ""
        scope = call.scope
        owner = ""
        if root:
            assign = self._assigned(path, root, scope, link)
            hops = 0
            while assign is not None and hops < _DEEP:
                local = self._of_chain(path, assign.value) + local
                scope, owner = assign.scope, assign.target.dotted()
                next_root = root_of(assign.value)
                if next_root == root or not next_root:
                    break
                root = next_root
                assign = self._assigned(path, root, scope, assign.value)
                hops += 1
            elsewhere = self.index.resolve(path, root) if assign is None else None
            value = elsewhere.symbol.value if elsewhere is not None else None
            if elsewhere is not None and value is not None and elsewhere.path != path:
                outer = self._mounted(elsewhere.path, elsewhere.symbol.qualname, "", depth)
                return [o + self._of_chain(elsewhere.path, value) + local for o in outer]
        else:
            owner = self._given(path, link)
        outer = self._mounted(path, owner, scope, depth)
        return [o + local for o in outer]

    def _assigned(self, path: str, name: str, scope: str, before: Expr) -> Assign | None:
        """The last assignment of a name that can be seen from a scope."""
        found: Assign | None = None
        for assign in self._assigns.get((path, name), ()):
            seen = not assign.scope or scope == assign.scope or scope.startswith(assign.scope + ".")
            member = "." in name or name.startswith("@")
            if (seen or member) and (found is None or assign.loc.start < before.loc.start or not found.scope):
                found = assign
        return found

    @cached_property
    def _assigns(self) -> dict[tuple[str, str], list[Assign]]:
        out: dict[tuple[str, str], list[Assign]] = {}
        for path in self.index.files:
            for assign in self.index.assigns(path):
                if assign.op != "for":
                    out.setdefault((path, assign.target.dotted()), []).append(assign)
        return out

    def _given(self, path: str, link: Expr) -> str:
        """The variable of the module whose value a call is part of: `urlpatterns = [path(…)]`."""
        for symbol in self.index.symbols(path).values():
            value = symbol.value
            if value is not None and value.loc.start <= link.loc.start and link.loc.end <= value.loc.end:
                return symbol.qualname
        return ""

    def _mounted(self, path: str, owner: str, scope: str, depth: int) -> list[str]:
        """Where the variable, or the functions around it, are mounted or called."""
        place = path, owner, scope
        if place not in self._places:
            self._places[place] = [""]  # what is mounted on itself is nowhere else
            self._places[place] = self._mounts(path, owner, scope, depth)
        return self._places[place]

    def _mounts(self, path: str, owner: str, scope: str, depth: int) -> list[str]:
        if depth > _DEEP:
            return [""]
        keys = [(path, owner), (path, _local(scope, owner))] if owner else []
        while scope:
            keys.append((path, scope))
            scope = scope.rpartition(".")[0]
        keys.append((path, "default"))
        for key in keys:
            found = [
                prefix
                for where, call, link, own in self._references.get(key, ())
                for prefix in self._at_reference(where, call, link, own, depth)
            ]
            if key[1] == "default":
                found += [
                    outer + below
                    for where, call, link, below in self._in_folders.get(path, ())
                    for outer in self.prefixes(where, call, link, depth + 1)
                ]
            if found:
                return list(dict.fromkeys(found))[:_MANY]
        return [""]

    def _at_reference(self, path: str, call: Call, link: Expr, own: bool, depth: int) -> list[str]:
        outer = self.prefixes(path, call, link, depth + 1)
        here = self._of_group(path, link, None) if own else self._passed(path, call, link)
        return [prefix + here for prefix in outer]

    def _passed(self, path: str, call: Call, link: Expr) -> str:
        """The prefix of a group that is passed on: `users.Register(v1.Group("/users"))`, `users.Register(v1)`."""
        for part in positional(link):
            if part.kind == "call" and any(name_of(one) in self._known for one in links(part)):
                return self._of_chain(path, part) if not root_of(part) else self._whole(path, part, call.scope)
            named = part.kind in {"name", "attribute"}
            assign = self._assigned(path, part.dotted(), call.scope, part) if named else None
            if assign is not None and any(name_of(one) in self._known for one in links(assign.value)):
                return self._whole(path, assign.value, call.scope)
        return ""

    def _whole(self, path: str, expr: Expr, scope: str) -> str:
        """The prefix of a chain and of what it begins with, in this file."""
        root, text, hops = root_of(expr), self._of_chain(path, expr), 0
        while root and hops < _DEEP:
            assign = self._assigned(path, root, scope, expr)
            if assign is None or assign.value is expr:
                break
            text = self._of_chain(path, assign.value) + text
            expr, root, hops = assign.value, root_of(assign.value), hops + 1
        return text

    @cached_property
    def _in_folders(self) -> dict[str, list[tuple[str, Call, Expr, str]]]:
        """The files that are mounted by their folder, each with the prefix that it has there."""
        out: dict[str, list[tuple[str, Call, Expr, str]]] = {}
        for pattern in self.patterns.folders:
            for path, call, link in (found for name in pattern.names for found in self._calls.get(name, ())):
                for file, below in mounted_files(self.index, pattern, path, link):
                    out.setdefault(file, []).append((path, call, link, below))
        return out

    @cached_property
    def _references(self) -> dict[tuple[str, str], list[tuple[str, Call, Expr, bool]]]:
        """Who is mounted where: a definition to the calls that mount it (`own`), or that call it."""
        out: dict[tuple[str, str], list[tuple[str, Call, Expr, bool]]] = {}
        for name in self._known:
            for path, call, link in self._calls.get(name, ()):
                named = any(group.named for group in self._known[name])
                for part in link.parts[1:]:
                    texts = self._by_text(part.text) if named and part.kind == "string" else ()
                    for key in (*texts, *self.meant(path, part, call.scope)):
                        out.setdefault(key, []).append((path, call, link, True))
        for name, found in self._calls.items():
            if name in self._functions:
                for path, call, link in found:
                    for key in self.meant(path, link.parts[0], call.scope):
                        out.setdefault(key, []).append((path, call, link, False))
        return out

    @cached_property
    def _functions(self) -> frozenset[str]:
        """Names of functions that may register something: those in which a framework's call stands."""
        names = {n for c in self.patterns.calls for n in c.verbs} | {
            n for r in self.patterns.resources for n in r.names
        }
        names |= set(self._known)
        return frozenset(
            part
            for name in names
            for _, call, _ in self._calls.get(name, ())
            for part in call.scope.split(".")
            if part and not part.startswith("<")
        )

    def meant(self, path: str, expr: Expr, scope: str = "") -> Iterator[tuple[str, str]]:
        """The definition that an argument names, itself or as what a call or attribute begins with."""
        if expr.kind in {"sequence", "mapping"} or (expr.kind == "call" and name_of(expr).endswith("!")):
            for part in expr.parts[1:] if expr.kind == "call" else expr.parts:
                yield from self.meant(path, part, scope)
            return
        given = self.patterns.loads.get(name_of(expr)) if expr.kind == "call" else None
        if given is not None:
            module = argument(expr, 0)
            if module is not None and module.kind == "sequence" and module.parts:
                module = module.parts[0]
            if module is not None and module.kind == "string":
                for target in self._file(path, module.text):
                    yield from ((target, name) for name in given)
                return
            if module is not None:
                yield from self.meant(path, module, scope)
                return
        dotted = expr.dotted().replace("()", "")
        for _ in range(3):
            if not dotted:
                return
            local = self._assigned(path, dotted, scope, expr) if scope else None
            if local is not None and local.scope:
                yield path, _local(local.scope, dotted)
                return
            found = self._near(path, dotted, scope) or self.index.resolve(path, dotted)
            if found is not None:
                yield found.path, found.symbol.qualname
                return
            if dotted.rpartition(".")[2] in self._functions and (method := self._method(path, dotted)):
                yield method
                return
            dotted = dotted.rpartition(".")[0]

    def _near(self, path: str, name: str, scope: str) -> Definition | None:
        """A definition of this file that a name means in a scope, if it is not one of the whole module."""
        symbols = self.index.symbols(path)
        while scope:
            symbol = symbols.get(f"{scope}.{name}")
            if symbol is not None:
                return Definition(path, symbol)
            scope = scope.rpartition(".")[0]
        return None

    def _by_text(self, text: str) -> Iterator[tuple[str, str]]:
        """The definition that a text names: `accounts.api.router`, perhaps without the folders above."""
        module, _, name = text.rpartition(".")
        path = self.index.path_of(module)
        found = [path] if path else [p for p in self.index.files if self.index.module(p).endswith(f".{module}")]
        if module and len(found) == 1:
            yield found[0], name

    def _method(self, path: str, dotted: str) -> tuple[str, str] | None:
        """A method called on a variable: of the module that made its value, or the only one of its name in this module."""
        root, _, name = dotted.rpartition(".")
        assign = next(iter(self._assigns.get((path, root), ())), None)
        made = self.index.resolve(path, assign.value.dotted().replace("()", "")) if assign is not None else None
        module = self.index.module(made.path if made is not None else path)
        found = [d for q, d in self.index.members(module).items() if q.endswith(f".{name}") or q == name]
        if len(found) > 1:
            hint = root.rpartition(".")[2].lower()
            found = [d for d in found if hint and hint in d.symbol.scope.lower()]
        return (found[0].path, found[0].symbol.qualname) if len(found) == 1 else None

    def _file(self, path: str, module: str) -> Iterator[str]:
        from backwright.core.facts import Import, Loc

        level = 1 if module.startswith(".") and "/" in module else 0
        item = Import(module, "", "", level, "", Loc(0, 0, 0, 0, 0, 0))
        target = self.index.path_of(self.index.absolute(path, item)) or self.index.path_of(module)
        if target:
            yield target


def _local(scope: str, name: str) -> str:
    """The key of a variable of a function."""
    return f"{scope}>{name}"
