"""SQL that is written into texts: which texts read as a statement by themselves, and which values are put into them by hand.

No library has to be known for this: `f"SELECT … WHERE name = '{name}'"` is SQL, wherever it is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, walk
from backwright.kit.callgraph import CallGraph
from backwright.kit.chains import links, name_of, receiver_of, root_of
from backwright.kit.constants import runs
from backwright.kit.libraries import Libraries
from backwright.kit.values import reaching

# Sentences have other words after these: "Select a city from the list", "Update the settings".
_STATEMENT = re.compile(
    r"^[\s(]*(?:(?:select|SELECT|Select(?=\b.*\bF(?:rom|ROM)\b))\b.*\b(?i:from)\s+[\w.\"`\[{?$:@#%(]"
    r"|(?:with|WITH)\s+(?:recursive\s+|RECURSIVE\s+)?\w+\s+(?:as|AS)\s*(?:(?:not\s+|NOT\s+)?(?:materialized|MATERIALIZED)\s*)?\("
    r"|(?:insert|INSERT|Insert)\s+(?:(?i:or)\s+\w+\s+|(?i:ignore)\s+)?(?i:into)\s+\S+.*(?i:\bvalues?\b|\bselect\b|\bset\b)"
    r"|(?:replace|REPLACE)\s+(?:into|INTO)\s+\S+.*(?i:\bvalues?\b|\bselect\b)"
    r"|(?:update|UPDATE|Update)\s+(?:(?i:only)\s+)?[^\s']+(?:\s+(?:as\s+|AS\s+)?\w+)?\s+(?:set|SET|Set)\s"
    r"|(?:delete|DELETE|Delete)\s+(?:from|FROM|From)\s+[^\s']+(?:\s+\w+)?\s+(?:where|WHERE|Where|using|USING)\s)",
    re.DOTALL,
)
# A part of one: it begins with a word of SQL, and a value is quoted in it by hand, or compared after a join.
_CONDITION = re.compile(
    r"^[\s(]*(?:(?:from\s+\w+\s[^<>]*\bwhere|where|and|or|having|FROM\s+\w+\s[^<>]*\bWHERE|WHERE|AND|OR|HAVING)\s+"
    r"(?:(?i:not)\s+)?[\w.()\"`\[\]]+\s*(?:(?:=|<>|!=|>=|<=|<|>)\s*|\s(?i:i?like|(?:not\s+)?in\s*\()\s*)'%?\?"
    r"|from\s+\w+\s[^<>]*\bwhere\s[^<>]*[\w.)]\s*=\s*'\?)"
    r"|^[\s(]*[\w.\"`\[\]]+\s+(?:(?:NOT\s+)?I?LIKE\s+'%?\?|(?:not\s+)?i?like\s+'(?:%\?|\?%))"
    r"|^\s*(?:(?i:left|right|inner|outer|full|cross)\s+)*(?:join|JOIN)\s+\S+\s.*\b(?:on|ON)\s.*[\w\"`]\s*=\s*'?\?",
    re.DOTALL,
)
_OPENING = re.compile(r"^[\s(]*(?:select|insert\s+into|update|delete\s+from|with)\b", re.IGNORECASE)
# Where only a value stands, never a name or a clause; a single quote right before it says so by itself.
_ONLY_VALUE = re.compile(
    r"(?:[=<>]\s*|\bi?like\s+|\bin\s*\(\s*|\bvalues\s*\(\s*|\bbetween\s+|\b(?:limit|offset|interval)\s+)$|(?<!\bas )'%?$"
    r"|(?:=|\blike|\bin\s*\()\s*\"%?$",
    re.IGNORECASE,
)
_PASSING = frozenset(
    {"text", "dedent", "str", "join", "Join", "implode", "joinToString", "strip", "trim", "squish", "SQL", "append", "StringBuilder",
     "StringBuffer", "toString"}
)  # fmt: skip
_ADDING = frozenset({"append", "extend", "push", "push_str", "add", "Append", "WriteString", "insert"})
_SPOKEN = frozenset(
    {"debug", "Debug", "info", "Info", "warn", "Warn", "warning", "Warning", "error", "Error", "exception", "critical", "log",
     "Log", "print", "println", "printf", "Print", "Println", "Printf", "Debugf", "Infof", "Warnf", "Errorf", "echo", "trace",
     "fatal", "Fatal", "Fatalf", "fail"}
)  # fmt: skip
# What these give is made to stand in SQL.
_SAID_SAFE = re.compile(r"escape|quot|literal|placeholder|sanit|mogrify|adapt|bind|param|ident|^sub$", re.IGNORECASE)
_NO_VALUE = re.compile(
    r"col(umn)?s?(_name)?$|tables?(_?name)?$|fields?(_?name)?$|alias|schema|sub_?query|sql|expr|clause|condition|"
    r"placeholder|cte$|prefix|func(tion)?$|direction|^ph$|marks?$|where|select|query|order(_?by)?$",
    re.IGNORECASE,
)
_NO_TEXT = frozenset(
    {"name", "attribute", "subscript", "constant", "await", "sequence", "mapping", "lambda", "comprehension", "binary"}
)
_MADE = frozenset({"interpolation", "concatenation", "percent"})
_FORMATTING = frozenset({"format", "Format", "format!", "sprintf", "Sprintf", "vsprintf"})
_FORMATS = re.compile(r"%%|\{\{|%(?:\(\w+\))?-?[\d.]*[sdrvqfix]|\{(\w*)(?:![rs])?\}")
_MAX_CALLS = 2
_MOST = 150  # expressions that are followed for one text, each made of the one before
_READ = 2_000  # characters of a text that show what it is


class Hand(NamedTuple):
    """A value that is put where only a value stands, the text it is put into, and the function of both."""

    body: Body
    hole: Expr
    made: Expr
    quoted: bool  # by hand: nothing but a value can stand there


def reads_as_sql(text: str) -> bool:
    """Whether a text is a statement that reads or changes rows."""
    return len(text) > 15 and _STATEMENT.match(text[:_READ]) is not None


def reads_as_condition(skeleton_: str) -> bool:
    """Whether a text is a part of a statement in which a value is put by hand."""
    return _CONDITION.match(skeleton_[:_READ]) is not None


def skeleton(graph: CallGraph, body: Body, expr: Expr) -> str:
    """What of a text is written in the source, with `?` for what is put into it."""
    return "".join(p.text if p.kind == "string" else "?" for p in pieces(graph, body, expr))


def statements(graph: CallGraph, body: Body, known: Libraries) -> Iterator[Expr]:
    """What this function puts together that reads as SQL: statements, and what is added to one that has a name."""
    named: set[str] = set()
    for name, assigns in body.targets().items():
        if all(a.value.kind in _NO_TEXT for a in assigns):
            continue
        if any(_OPENING.match(_said(graph, body, a.value)) for a in assigns) and any(
            reads_as_sql(_said(graph, body, a.value)) for a in assigns
        ):
            named.add(name)
            yield from (a.value for a in assigns if a.op in {"=", "+="} and _is_made(a.value))
    for call in body.calls if named else ():
        callee = call.expr.parts[0]
        if callee.text in _ADDING and callee.kind == "attribute" and root_of(call.expr) in named:
            added = [part for link in reversed(list(links(call.expr))) for part in link.parts[1:]]
            yield from added if len(added) == 1 and _is_made(added[0]) else (_put_together(call.expr, added),)
    spoken = [r.value.loc for r in body.raises if r.value is not None]
    for top in body.expressions():
        if top.loc not in spoken:
            yield from _within(graph, body, top, known)


def _put_together(call: Expr, added: Sequence[Expr]) -> Expr:
    """`sql.append(" and name = '").append(name).append("'")` as one text."""
    return Expr("interpolation", "", call.loc, tuple(added))


def _said(graph: CallGraph, body: Body, value: Expr) -> str:
    """The text of an assigned value, of `new StringBuilder("…")` too."""
    inner = next((p for p in value.parts[1:] if p.kind == "string"), value) if value.text == "new" else value
    return skeleton(graph, body, inner) if inner.kind == "string" or _is_made(inner) else ""


def _is_made(expr: Expr) -> bool:
    return expr.kind in _MADE or (expr.kind == "call" and len(expr.parts) > 1 and name_of(expr) in _FORMATTING)


def _within(graph: CallGraph, body: Body, top: Expr, known: Libraries) -> Iterator[Expr]:
    """The outermost texts within an expression that read as SQL; what is only told to somebody is left out."""
    stack = [top]
    while stack:
        node = stack.pop()
        parts: Iterable[Expr] = node.parts
        if node.kind == "call":
            name = name_of(node)
            if name in _SPOKEN:
                continue
            if name in known.binding or (known.tags and len(node.parts) > 1 and node.parts[-1].loc.end == node.loc.end):
                parts = (part for part in node.parts if part.kind != "interpolation")
            elif name in _FORMATTING and _reads(graph, body, node):
                yield node
                continue
        elif node.kind in _MADE and _reads(graph, body, node):
            yield node
            continue
        stack.extend(part for part in parts if part.parts)


def _reads(graph: CallGraph, body: Body, node: Expr) -> bool:
    text = skeleton(graph, body, node)
    return reads_as_sql(text) or reads_as_condition(text)


def values_by_hand(
    graph: CallGraph, body: Body, expr: Expr, seen: set[tuple[str, int]] | None = None, calls: int = 0
) -> Iterator[Hand]:
    """What is put where only a value stands in the SQL that an expression holds.

    Names are followed to what this function gives them, with what is added to a text or a list, and functions of the
    project to what they return, each of it once.
    """
    seen = set() if seen is None else seen
    if len(seen) > _MOST or ((body.path, expr.loc.start) in seen and expr.kind not in {"name", "attribute"}):
        return
    if expr.kind in {"name", "attribute"}:
        for value in _given_to(body, expr):
            if (body.path, value.loc.start) not in seen:
                if value.kind in {"name", "attribute"}:
                    seen.add((body.path, value.loc.start))
                yield from values_by_hand(graph, body, value, seen, calls)
        return
    seen.add((body.path, expr.loc.start))
    if expr.kind in {"sequence", "conditional"} or (expr.kind == "call" and name_of(expr) in _PASSING):
        receiver = receiver_of(expr) if expr.kind == "call" else None  # `where.join(" AND ")`
        held = (receiver,) if receiver is not None and receiver.kind != "string" else ()
        for part in (*held, *expr.parts[1:]) if expr.kind == "call" else expr.parts:
            yield from values_by_hand(graph, body, part, seen, calls)
        return
    if expr.kind == "comprehension":
        yield from values_by_hand(graph, body, expr.parts[0], seen, calls)
        return
    if expr.kind == "call" and not _is_made(expr):
        yield from _returned(graph, body, expr, seen, calls)
        return
    before = ""
    listed = list(pieces(graph, body, expr))
    for piece, after in zip_longest(listed, listed[1:]):
        follows = after.text if after is not None and after.kind == "string" else ""
        if piece.kind == "string":
            before += piece.text
        elif (quoted := _is_quoted(before, follows)) or _stands_bare(before, follows):
            if not _is_said_safe(piece, quoted):
                yield Hand(body, piece, expr, quoted)
            before += "?"
        elif piece is not expr:  # what is no text put together has nothing in it
            before += "?"
            yield from values_by_hand(graph, body, piece, seen, calls)


def _stands_bare(before: str, after: str) -> bool:
    """`… = {value}`, but not `… = {alias}.id` nor `… = {function}(…)`."""
    return _ONLY_VALUE.search(before) is not None and after[:1] not in {".", "(", '"."'} and after[:2] != '".'


def _is_quoted(before: str, after: str) -> bool:
    """Whether a place is within single quotes that open and close on its line."""
    line = before.rpartition("\n")[2]
    if re.search(r"(?i)\bas\s+'[^']*$", line):
        return False
    return line.count("'") % 2 == 1 and "'" in after.partition("\n")[0] and not line.rstrip("'%").endswith("\\")


def _is_said_safe(hole: Expr, quoted: bool) -> bool:
    """By what made it, or, where it has no quotes, by a name that is of no value."""
    if any(node.kind == "call" and _SAID_SAFE.search(name_of(node)) for node in walk(hole)):
        return True
    last = hole.dotted().rpartition(".")[2].removesuffix("()")
    return not quoted and _NO_VALUE.search(last) is not None


def _returned(graph: CallGraph, body: Body, call: Expr, seen: set[tuple[str, int]], calls: int) -> Iterator[Hand]:
    """What a function of this project puts into the text that it returns."""
    target = graph.target(body, call) if calls < _MAX_CALLS else None
    inner = graph.body_of(target) if target is not None else None
    for given in inner.returns if inner is not None else ():
        if given.value is not None and inner is not None:
            yield from values_by_hand(graph, inner, given.value, seen, calls + 1)


def _given_to(body: Body, expr: Expr) -> Iterator[Expr]:
    """What a name may hold where it stands: by assignment, and by what is added to it."""
    name = expr.dotted()
    yield from (a.value for a in reaching(body, name, expr.loc.start)[0] if a.op in {"=", "+="} and runs(body, a))
    for call in body.calls:
        callee = call.expr.parts[0]
        if callee.kind == "attribute" and callee.text in _ADDING and callee.parts[0].dotted() == name:
            yield from call.expr.parts[1:]


def pieces(graph: CallGraph, body: Body, expr: Expr) -> Iterator[Expr]:
    """The pieces of a text in their order: of `f"…{x}"`, `"…" + x`, `"…{}".format(x)`, `"… %s" % x`, `Sprintf("… %s", x)`."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if node.kind in {"concatenation", "interpolation"}:
            stack.extend(reversed(node.parts))
        elif node.kind == "percent" and len(node.parts) == 2 and (text := _template(graph, body, node.parts[0])):
            given = node.parts[1]
            yield from _filled(text, list(given.parts) if given.kind == "sequence" else [given], given)
        elif node.kind == "call" and _is_made(node):
            yield from _formatted(graph, body, node)
        else:
            yield node


def _formatted(graph: CallGraph, body: Body, call: Expr) -> Iterator[Expr]:
    receiver = receiver_of(call)
    first = _template(graph, body, receiver) if receiver is not None else ""
    if first:
        yield from _filled(first, list(call.positional()), call)
    elif text := _template(graph, body, call.parts[1]):
        yield from _filled(text, list(call.parts[2:]), call)
    else:
        yield call


def _template(graph: CallGraph, body: Body, expr: Expr) -> str:
    """The text that is formatted: a literal, literals one after the other, or the one that a name of this function has."""
    if expr.kind == "string":
        return expr.text
    if expr.kind == "concatenation":
        listed = list(pieces(graph, body, expr))
        return "".join(p.text for p in listed) if all(p.kind == "string" for p in listed) else ""
    if expr.kind == "name" and (given := reaching(body, expr.text, expr.loc.start)[0]):
        return _template(graph, body, given[0].value) if len(given) == 1 and given[0].op == "=" else ""
    if expr.kind in {"name", "attribute"}:
        found = graph.inference.resolve(body.path, expr.dotted())
        value = found.symbol.value if found is not None and found.symbol.kind == "variable" else None
        return value.text if value is not None and value.kind == "string" else ""
    return ""


def _filled(text: str, given: Sequence[Expr], call: Expr) -> Iterator[Expr]:
    """The texts between the holes and what fills them, by turns."""
    keywords = call.parts[0] if call.kind == "comprehension" else call
    at, taken = 0, iter(given)
    for hole in _FORMATS.finditer(text):
        if hole[0] in {"%%", "{{"}:
            continue
        named = hole[1] or (hole[0][2 : hole[0].index(")")] if hole[0].startswith("%(") else "")
        filled = given[int(named)] if named.isdigit() and int(named) < len(given) else None
        if filled is None:
            filled = keywords.keyword(named) if named else next(taken, None)
        if filled is None and len(given) == 1 and given[0].kind == "mapping":
            filled = given[0].keyword(named)
        yield Expr("string", text[at : hole.start()], call.loc)
        yield filled if filled is not None else Expr("other", "hole", call.loc)
        at = hole.end()
    yield Expr("string", text[at:], call.loc)


def plain(hole: Expr) -> bool:
    """Whether a value has a name that may stand for anything: no number, no constant, no member of an enumeration."""
    fixed = any(part.isupper() for part in hole.dotted().split("."))
    return hole.kind in {"name", "attribute", "subscript", "call", "conditional", "binary"} and not fixed
