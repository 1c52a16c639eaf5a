"""Values of an f-string of SQL as bind parameters of the one call that runs it, in the driver's own spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from backwright.core.facts import Expr, Loc
from backwright.core.findings import Fix, Patch
from backwright.kit.bodies import Body, walk
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.patches import appended
from backwright.kit.quoting import VALUE

_TITLE = "Pass the values as bind parameters"
_EXECUTE = frozenset({"execute"})
# How drivers that follow DB-API mark a value, by the package that a file imports.
_MARKS = {
    "sqlite3": "?", "aiosqlite": "?", "psycopg": "%s", "psycopg2": "%s", "pymysql": "%s", "MySQLdb": "%s", "aiomysql": "%s",
    "asyncmy": "%s",
}  # fmt: skip
_OF_DJANGO = "django.db"  # `connection.cursor()`, whatever the database
_QUOTES = (("'", "'"), ("'%", "%'"), ("'%", "'"), ("'", "%'"), ("", ""))


class _Hole(NamedTuple):
    """A hole where a value stands, with the quotes around it; `%` in them is part of the value."""

    expr: Expr
    left: str
    right: str

    @property
    def value(self) -> str:
        before, after = self.left.strip("'"), self.right.strip("'")
        return f'f"{before}{{{self.expr.dotted()}}}{after}"' if before or after else self.expr.dotted()


def bound(index: FactIndex, body: Body, built: Loc, is_text: Callable[[Expr], bool]) -> Fix | None:
    """`execute(text(f"… = {value}"))` into `execute(text("… = :value"), {"value": value})`, where every hole is a value.

    `is_text` says of a call whether it is SQLAlchemy's `text`; without it the text goes to a driver as it is.
    """
    nodes = (e for top in body.expressions() for e in walk(top))
    made = next((e for e in nodes if e.kind == "interpolation" and e.loc == built), None)
    found = list(_holes(made)) if made is not None else []
    if made is None or not found or len(found) != sum(p.kind != "string" for p in made.parts):
        return None
    around = next(
        (e for top in body.expressions() for e in walk(top) if e.kind == "call" and e.positional()[:1] == (made,)), None
    )
    text = around if around is not None and name_of(around) == "text" and is_text(around) else None
    call = _running(body, text or made, {hole.expr.dotted().partition(".")[0] for hole in found})
    mark = ":" if text is not None else _mark(index, body.path)
    if call is None or not mark or (mark == "%s" and any(_percents(p) for p in made.parts)):
        return None
    return _fixed(body.path, made, call, found, mark)


def _fixed(path: str, made: Expr, call: Expr, found: list[_Hole], mark: str) -> Fix | None:
    names: dict[str, str] = {}
    patches = [Patch(path, at, at + 1, "", "f") for at in _prefixes(made)]
    for hole in found:
        name = hole.expr.text
        if names.setdefault(name, hole.value) != hole.value:
            return None  # two values of one name
        old = f"{hole.left}{{{hole.expr.dotted()}}}{hole.right}"
        start, end = hole.expr.loc.start - 1 - len(hole.left), hole.expr.loc.end + 1 + len(hole.right)
        patches.append(Patch(path, start, end, f":{name}" if mark == ":" else mark, old))
    if mark == ":":
        given = "{" + ", ".join(f'"{name}": {value}' for name, value in names.items()) + "}"
    else:
        given = "(" + ", ".join(hole.value for hole in found) + ("," if len(found) == 1 else "") + ")"
    passed = appended(path, call, given)
    if passed is None:
        return None
    patches += passed
    # A value without quotes may be of another type than its column, which some drivers refuse.
    grade: Literal["safe", "review"] = "safe" if all(hole.left for hole in found) else "review"
    return Fix(_TITLE, grade, patches=tuple(patches))


def _holes(made: Expr) -> Iterator[_Hole]:
    """The holes of an f-string that stand where a value does: a name or an attribute after a comparison."""
    empty = Expr("string", "", made.loc)
    for before, hole, after in zip((empty, *made.parts[:-1]), made.parts, (*made.parts[1:], empty), strict=True):
        if hole.kind == "string":
            if "{" in hole.text or "}" in hole.text:
                return  # escaped braces would have to be taken apart
            continue
        left = before.text if before.kind == "string" else ""
        right = after.text if after.kind == "string" else ""
        pair = next(((a, b) for a, b in _QUOTES if left.endswith(a) and right.startswith(b)), None)
        if pair is None or hole.kind not in {"name", "attribute"} or not hole.dotted() or "(" in hole.dotted():
            continue
        if not VALUE.search(left[: len(left) - len(pair[0])]) or (not pair[0] and left.endswith(("'", '"', "%"))):
            continue
        if right.removeprefix(pair[1]).startswith(":"):
            continue  # a cast behind a bind parameter is read as a part of its name
        if pair == ("", "") and right[:1] not in ("", " ", "\n", ")", ",", ";"):
            continue  # a part of a word or of a number
        yield _Hole(hole, *pair)


def _prefixes(made: Expr) -> Iterator[int]:
    """Where the `f` stands of a literal, or of those of several beside each other that begin with text before a hole."""
    first = made.parts[0].loc.start - made.loc.start - (made.parts[0].kind != "string")
    if first:
        yield made.loc.start
        return
    for part, following in zip(made.parts, made.parts[1:], strict=False):
        begins = part.loc.end - part.loc.start == len(part.text.encode())  # no quotes: the text of an f-string
        if part.kind == "string" and begins and following.kind != "string" and not _after_hole(made, part):
            yield part.loc.start - len('f"')


def _after_hole(made: Expr, part: Expr) -> bool:
    return any(p.kind != "string" and p.loc.end + 1 == part.loc.start for p in made.parts)


def _percents(piece: Expr) -> bool:
    """Whether a literal has a percent sign of its own, which such drivers would take for the mark of a value."""
    return piece.kind == "string" and "%" in piece.text.removeprefix("%'").removesuffix("'%")


def _running(body: Body, sent: Expr, values: set[str]) -> Expr | None:
    """The one call that runs this and passes nothing else; it may have a name that nothing else reads.

    Between the two the names of the values must mean the same.
    """
    name = next(
        (a.target.text for a in body.assigns if a.value == sent and a.target.kind == "name" and a.op == "="), ""
    )
    if name and (len(body.targets().get(name, ())) != 1 or _reads(body, name) != 1):
        return None
    for call in body.calls:
        for link in links(call.expr):
            if name_of(link) not in _EXECUTE or receiver_of(link) is None or len(link.parts) != 2:
                continue
            given = link.positional()
            if given and given[0] == sent:
                return link
            if given and name and given[0].kind == "name" and given[0].text == name:
                return link if sent.loc.end < link.loc.start and not _rebound(body, values, sent.loc.end) else None
    return None


def _rebound(body: Body, names: set[str], after: int) -> bool:
    """Whether one of these names, or something of it, is given another value behind a place."""
    bound = ((target.partition(".")[0], a.loc.start) for target, given in body.targets().items() for a in given)
    return any(target in names and at > after for target, at in bound)


def _reads(body: Body, name: str) -> int:
    return len({e.loc for top in body.expressions() for e in walk(top) if e.kind == "name" and e.text == name})


def _mark(index: FactIndex, path: str) -> str:
    """How the driver of a file marks a value; `""` where it imports none or several."""
    marks = {_MARKS[top] for i in index.imports(path) if not i.level and (top := i.module.partition(".")[0]) in _MARKS}
    if any(not i.level and i.module.startswith(_OF_DJANGO) for i in index.imports(path)):
        marks.add("%s")
    return marks.pop() if len(marks) == 1 else ""
