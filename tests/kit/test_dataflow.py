from __future__ import annotations

import pytest

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.cases import Build
from backwright.kit.chains import links, name_of
from backwright.kit.dataflow import Flow, flow
from backwright.kit.values import Frame, Value, reaching

HEAD = """
from enum import Enum
from uuid import UUID

ALLOWED = {"name", "price"}
COLUMNS = ("id", "name")
LOOKUP = {"a": "x.a", "b": "x.b"}


class Kind(Enum):
    NEW = "new"


class Filters:
    term: str
    size: int


def plain(x):
    return x


def wrapped(x):
    return f"({x})"


def constant(x):
    return "always"
"""


def value_of(build: Build, body: str, params: str = "x, y: int, k: Kind, f: Filters, d: dict") -> Value:
    """What is known of the argument of the last `sink(...)` in a function with this body."""
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    index, _ = build({"app/a.py": f"{HEAD}\n\ndef function({params}):\n{indented}"})
    follow = flow(index)
    found = bodies(index).get("app/a.py", "function")
    assert found is not None
    return follow.value(Frame(found), _sink(found))


def _sink(body: Body) -> Expr:
    calls = [link for call in body.calls for link in links(call.expr) if name_of(link) == "sink"]
    return calls[-1].positional()[0]


OUTSIDE = [
    'sink(f"a {x}")',
    'sink("a " + x)',
    'sink("a %s" % x)',
    'sink("a {}".format(x))',
    'sink("a {v}".format(v=x))',
    'sink("a ?".replace("?", x))',
    's = "a "\ns += x\nsink(s)',
    's = "a "\nif y:\n    s = s + x\nsink(s)',
    'parts = ["a"]\nparts.append(f"b {x}")\nsink(" ".join(parts))',
    'parts = [f"b {p}" for p in x]\nsink(" ".join(parts))',
    'sink("a " + ", ".join(f"{k} = 1" for k in d))',
    'v = x.strip().lower()\nsink(f"a {v}")',
    'v = d["key"]\nsink(f"a {v}")',
    'v = d.get("key")\nsink(f"a {v}")',
    'sink("a " + plain(x))',
    "sink(wrapped(x))",
    'sink(f"a {x or 1}")',
    'sink(f"a {x if y else 1}")',
    'sink(f"a {f.term}")',
    'v, w = x, 1\nsink(f"a {v}")',
    'for v in x:\n    sink(f"a {v}")',
    'v = str(x)\nsink(f"a {v}")',
    'if x is not None:\n    sink(f"a {x}")',
    'if y not in ALLOWED:\n    raise ValueError\nsink(f"a {x}")',
    'try:\n    v = x\nexcept KeyError:\n    v = "b"\nsink(f"a {v}")',
    's = {"q": f"a {x}"}\nsink(s["q"])',
    'sink(f"a {(z := x)}")',
]

INSIDE = [
    'sink("a b")',
    'sink("a " + "b")',
    'sink(f"a {y}")',
    'sink(f"a {k.value}")',
    'sink(f"a {f.size}")',
    'sink(f"a {int(x)}")',
    'sink(f"a {len(x)}")',
    'sink(f"a {LOOKUP[x]}")',
    'sink(f"a {LOOKUP.get(x, 1)}")',
    'if x not in ALLOWED:\n    raise ValueError(x)\nsink(f"a {x}")',
    'if x not in ALLOWED:\n    x = "name"\nsink(f"a {x}")',
    'if not x or x not in ALLOWED:\n    return\nsink(f"a {x}")',
    'if x in ALLOWED:\n    sink(f"a {x}")',
    'if x in ALLOWED and y:\n    sink(f"a {x}")',
    'if x == "name":\n    sink(f"a {x}")',
    'if x.isidentifier():\n    sink(f"a {x}")',
    'if x not in ALLOWED:\n    pass\nelse:\n    sink(f"a {x}")',
    'x = "b"\nsink(f"a {x}")',
    'if x:\n    v = "b"\nelse:\n    v = "c"\nsink(f"a {v}")',
    'v = x\nv = "b"\nsink(f"a {v}")',
    'if y:\n    v = x\n    return\nv = "b"\nsink(f"a {v}")',
    'sink("a " + ", ".join(COLUMNS))',
    'sink("a " + ", ".join("?" for _ in x))',
    'sink("a " + ",".join(["?"] * len(x)))',
    'sink("a " + ",".join(f":v{i}" for i, _ in enumerate(x)))',
    'sink(f"a {constant(x)}")',
    'row = {"b": x}\nsink("a " + ", ".join(row))',
    'row = {"b": x}\nsink("a " + ", ".join(f"{c} = :{c}" for c, _ in row.items()))',
    'row = f.model_dump()\nsink("a " + ", ".join(row.keys()))',
    'validate_name(x)\nsink(f"a {x}")',
    'sink(f"a {x if x in ALLOWED else 1}")',
    'sink(f"a {x.__tablename__}")',
    'sink(f"a {DESC if y else ALLOWED}")',
]


@pytest.mark.parametrize("body", OUTSIDE)
def test_an_outside_value_is_followed(build: Build, body: str) -> None:
    value = value_of(build, body)
    assert value.built is not None, value
    assert value.roots


@pytest.mark.parametrize("body", INSIDE)
def test_what_nobody_chooses_is_not_outside(build: Build, body: str) -> None:
    assert value_of(build, body).built is None


def test_a_parameter_that_is_passed_on_whole_is_known_by_name(build: Build) -> None:
    value = value_of(build, "sink(x)")
    assert value.whole == "x"
    assert value.built is None


def test_unknown_is_not_outside(build: Build) -> None:
    value = value_of(build, 'v = fetch_somewhere(x)\nsink(f"a {v}")')
    assert not value.outside
    assert not value.known


def test_a_name_defined_by_itself_ends(build: Build) -> None:
    assert value_of(build, "a = b\nb = a\nfor i in y:\n    a = b + a\n    b = a + b\nsink(a + b)") is not None


def test_functions_that_call_each_other_end(build: Build) -> None:
    source = """
def f(x):
    return g(x) + "a"


def g(x):
    return f(x) + "b"


def h(x):
    sink(f(x))
"""
    index, _ = build({"a.py": source})
    found = bodies(index).get("a.py", "h")
    assert found is not None
    assert Flow(index).value(Frame(found), _sink(found)) is not None


def test_reaching_stops_at_what_always_runs(build: Build) -> None:
    source = "def f(a):\n    v = 1\n    v = 2\n    if a:\n        v = 3\n    use(v)\n"
    index, _ = build({"a.py": source})
    body = bodies(index).get("a.py", "f")
    assert body is not None
    at = body.calls[0].expr.positional()[0].loc.start
    assigns, complete = reaching(body, "v", at)
    assert [a.value.text for a in assigns] == ["3", "2"]
    assert complete
