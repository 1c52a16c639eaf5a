"""Makes the new resource where the exemplar is made: what its handlers are held in, on the way from `main` to the routes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backwright.core.errors import Unsupported
from backwright.core.facts import Assign, Expr, Symbol
from backwright.kit.chains import positional
from backwright.kit.index import Definition
from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.layout import realigned
from backwright.stacks.gin.routes import Region, block_text, handler_of, region_of
from backwright.stacks.gin.routing import calls_of

_NAMES = re.compile(r"(?<![\w.\"])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?![\w(\"])")


@dataclass
class Wiring:
    """The changes of existing files, as they are found: lines below others, and texts behind places."""

    plan: GinPlan
    below: dict[tuple[str, int], list[str]] = field(default_factory=dict)  # line to what comes below it
    behind: dict[tuple[str, int], str] = field(default_factory=dict)  # byte to what comes right behind it
    rows: set[tuple[str, int]] = field(default_factory=set)  # lines of which a block is to be laid out again
    made: set[tuple[str, str, str]] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=dict)  # functions of the new resource, by the file they are like

    def follow(self) -> None:
        """All that routes and handlers of the new resource need. Raises Unsupported where it cannot be seen."""
        region = region_of(self.plan)
        handler = handler_of(self.plan, self.plan.operations[0])
        if region.own:
            self._own_function(region, handler)
        else:
            old, layer = _old(self.plan), self.plan.layer("handler")
            if layer is not None and layer.owner is not None and self.plan.like(old) == old:
                raise Unsupported(
                    f"the exemplar's handlers are called on `{old}` here, whose name does not say whose they are",
                    where=f"{region.path}:{region.first}",
                )
            self.below.setdefault((region.path, region.last), []).append(f"\n{block_text(self.plan, region)}")
            self.need(region.path, region.function, old)

    def need(self, path: str, function: Definition, name: str) -> None:
        """That the counterpart of a name is known in a function."""
        key = (path, function.symbol.qualname, name)
        if key in self.made or self.plan.like(name) == name:
            return
        self.made.add(key)
        head = name.partition(".")[0]
        assign = self._assigned(path, function, name)
        if assign is not None:
            self._again(path, function, assign)
        elif any(p.name == name for p in function.symbol.params):
            self._handed(path, function, name)
        elif "." in name and head not in self.plan.sources.imports_of(path):
            self._held(path, name.rpartition(".")[2])
        elif "." not in name:
            raise Unsupported(
                f"it was not found where `{name}` is made, so that `{self.plan.like(name)}` could be made beside it",
                where=f"{path}:{function.symbol.loc.line}",
            )

    def _assigned(self, path: str, function: Definition, name: str) -> Assign | None:
        inside = function.symbol.loc
        found = [
            a
            for a in self.plan.index.assigns(path)
            if a.target.dotted() == name and inside.start <= a.loc.start and a.loc.end <= inside.end
        ]
        return found[0] if found else None

    def _again(self, path: str, function: Definition, assign: Assign) -> None:
        """A statement about the exemplar once more, about the new resource; and what it needs."""
        lines = self.plan.sources.read(path).splitlines()[assign.loc.line - 1 : assign.loc.end_line]
        statement = "\n".join(lines)
        new = self.plan.like(statement)
        if new == statement:
            raise Unsupported("what is made here cannot be made once more", where=f"{path}:{assign.loc.line}")
        self.below.setdefault((path, assign.loc.end_line), []).append(new)
        self._needs_of(path, function, assign.value)

    def _needs_of(self, path: str, function: Definition, value: Expr) -> None:
        for part in (
            [*positional(value), *(p for k, p in zip(value.keys, value.parts, strict=False) if k)]
            if value.kind == "call"
            else [value]
        ):
            if part.kind in {"call", "mapping", "sequence"}:
                self._needs_of(path, function, part)
            elif part.dotted() and "(" not in part.dotted():
                self.need(path, function, part.dotted())

    def _handed(self, path: str, function: Definition, name: str) -> None:
        """One more parameter, and what it is at every call."""
        params = function.symbol.params
        at = next(n for n, p in enumerate(params) if p.name == name)
        param = params[at]
        self.behind[path, param.loc.end] = f", {self.plan.like(name)} {self.plan.like(param.annotation)}"
        index = at - (1 if function.symbol.kind == "method" else 0)
        for file, call in calls_of(function, self.plan.sources):
            given = positional(call)
            around = self.plan.sources.enclosing(file, call.loc)
            if len(given) <= index or around is None:
                raise Unsupported(
                    f"it was not seen what {function.symbol.name} is given here", where=f"{file}:{call.loc.line}"
                )
            old = self.plan.sources.at(file, given[index].loc)
            if self.plan.like(old) == old:
                raise Unsupported(
                    f"{function.symbol.name} is given `{old}` here, beside which nothing new could be given",
                    where=f"{file}:{call.loc.line}",
                )
            self.behind[file, given[index].loc.end] = f", {self.plan.like(old)}"
            self._needs_of(file, around, given[index])

    def _held(self, path: str, name: str) -> None:
        """One more field of the type that holds the exemplar's, and its value wherever one is made."""
        owner, place = self._owner(name)
        text = self.plan.sources.read(place)
        number = next(f.loc.line for f in owner.fields if f.name == name)
        line = text.splitlines()[number - 1]
        self.below.setdefault((place, number), []).append(self.plan.like(line))
        self.rows.add((place, number))
        found = False
        for file in self.plan.index.files:
            lines = self.plan.sources.read(file).splitlines()
            for at, shown in enumerate(lines, 1):
                value = re.match(rf"\s*{re.escape(name)}:\s*(.+),\s*$", shown)
                if value is None or not _in_literal(lines, at, owner.name):
                    continue
                found = True
                self.below.setdefault((file, at), []).append(self.plan.like(shown))
                self.rows.add((file, at))
                around = self._around(file, at)
                for given in _NAMES.findall(value[1]) if around is not None else ():
                    if around is not None and self.plan.like(given) != given:
                        self.need(file, around, given)
        if not found:
            raise Unsupported(f"it was not found where a {owner.name} gets its {name}", where=f"{place}:{number}")

    def _owner(self, name: str) -> tuple[Symbol, str]:
        handler = self.plan.layer("handler")
        assert handler is not None, "a house without handlers is refused"
        wanted = {s.name for s in (handler.owner, handler.face) if s is not None}
        for found in self.plan.sources.types():
            for item in found.symbol.fields:
                if item.name == name and item.annotation.lstrip("*").rpartition(".")[2] in wanted:
                    return found.symbol, found.path
        raise Unsupported(f"it was not found what holds `{name}`", where=self.plan.sibling.routes)

    def _around(self, path: str, line: int) -> Definition | None:
        for symbol in self.plan.index.symbols(path).values():
            if symbol.kind in {"function", "method"} and symbol.loc.line <= line <= symbol.loc.end_line:
                return Definition(path, symbol)
        return None

    def _own_function(self, region: Region, handler: str) -> None:
        """A function with routes of its own: written anew, and called where the exemplar's is."""
        plan, symbol = self.plan, region.function.symbol
        lines = plan.sources.read(region.path).splitlines()
        before = lines[symbol.loc.line - 1 : region.first - 1]
        after = lines[region.last : symbol.loc.end_line]
        comment = plan.sources.comment_above(region.path, symbol)
        parts = [
            plan.like_words(comment),
            plan.like("\n".join(before)),
            block_text(plan, region),
            plan.like("\n".join(after)),
        ]
        self.own[region.path] = "\n".join(p for p in parts if p.strip())
        name = symbol.name
        found = False
        for file, call in calls_of(region.function, plan.sources):
            around = plan.sources.enclosing(file, call.loc)
            statement = "\n".join(plan.sources.read(file).splitlines()[call.loc.line - 1 : call.loc.end_line])
            new = plan.like(statement)
            if around is None or new == statement:
                continue
            found = True
            self.below.setdefault((file, call.loc.end_line), []).append(new)
            callee = call.parts[0]
            if callee.kind == "attribute" and callee.parts[0].dotted():
                self.need(file, around, callee.parts[0].dotted())
            for given in positional(call):
                self._needs_of(file, around, given)
        if not found:
            raise Unsupported(f"it was not found where {name} is called", where=f"{region.path}:{symbol.loc.line}")

    # -- texts ----------------------------------------------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """The files that change, as they will be, imports aside."""
        paths = {p for p, _ in (*self.below, *self.behind)}
        return {path: self._text(path) for path in sorted(paths)}

    def _text(self, path: str) -> str:
        data = self.plan.sources.read(path).encode()
        for (file, at), text in sorted(self.behind.items(), key=lambda item: -item[0][1]):
            if file == path:
                data = data[:at] + text.encode() + data[at:]
        lines = data.decode().splitlines()
        for (file, line), added in sorted(self.below.items(), key=lambda item: -item[0][1]):
            if file != path:
                continue
            shown = [part for text in added for part in _indented(text, lines, line)]
            lines[line:line] = shown
            if (file, line) in self.rows:
                lines = realigned(lines, line)
        return "\n".join(lines) + "\n"


def _indented(text: str, lines: list[str], line: int) -> list[str]:
    """A text on lines of its own, as deep in as the one that it comes below where it brings no depth itself."""
    if not text.startswith("\n"):
        return text.split("\n")
    indent = re.match(r"\s*", lines[line - 1])
    depth = indent[0] if indent is not None else ""
    out, level = [""], 0
    for part in text.strip("\n").split("\n"):
        level -= part.startswith("}")
        out.append(f"{depth}{chr(9) * level}{part}".rstrip())
        level += part.rstrip().endswith("{")
    return out


def _in_literal(lines: list[str], line: int, name: str) -> bool:
    """Whether a line is part of a literal of a type."""
    depth = 0
    for number in range(line - 2, -1, -1):
        bare = lines[number]
        depth += bare.count("{") - bare.count("}")
        if depth > 0:
            return re.search(rf"\b{re.escape(name)}\{{\s*$", bare) is not None
    return False


def _old(plan: GinPlan) -> str:
    """What the exemplar's handlers are called on: `bookHandler`, or the package of its functions."""
    first = next(iter(plan.sibling.endpoints.values()))
    return first.handler.rpartition(".")[0]
