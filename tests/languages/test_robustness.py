"""No file can stop a language: neither bytes that are no text, nor broken, deep or endless code."""

from __future__ import annotations

import random
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.core.facts import FileFacts
from backwright.engine.registry import Registry
from backwright.kit.shapes import Language

LANGUAGES = {language.name: language for language in Registry().languages}
PIECES = {
    "typescript": "import a from 'b'; @C('x') class D extends E { f = async (a) => { for (const b of c) await `x ${d}`; } }",
    "python": "import a\n@b('c')\nclass D(E):\n    async def f(self, a=1):\n        for x in y:\n            await g(f'x {z}')\n",
    "go": 'package a\nimport "b"\ntype C struct { D string `e:"f"` }\nfunc (c *C) G(x int) { for _, y := range z { h("a" + y) } }\n',
    "rust": 'use a::b; #[get("/x")] async fn f(c: D) -> E { for x in y { format!("{}", z).await?; } match a { B => c, _ => d } }',
    "java": 'package a; import b.C; @D("e") class F extends G<H> { @I J k; void l(@M N o) { for (P q : r) { s("t" + u); } } }',
    "kotlin": 'package a\nimport b.C\n@D("e")\nclass F(val g: H) : I() {\n  fun j(k: L) { for (m in n) { o("p $q") } }\n}\n',
    "csharp": 'using A; namespace B; [C("d")] class E : F { [G] public H I { get; set; } async Task J() { await K($"l {m}"); } }',
    "ruby": "require 'a'\nclass B < C\n  has_many :d\n  def e(f)\n    g.each do |h| i \"j #{k}\" end\n  rescue L\n  end\nend\n",
    "php": "<?php namespace A; use B\\C; #[D('e')] class F extends G { function h($i) { foreach ($j as $k) { l(\"m $k\" . $n); } } }",
    "elixir": "defmodule A do\n  use B\n  def c(d) do\n    for e <- f, do: g(\"h #{i}\" <> j)\n    k |> l(m)\n  end\nend\n",
    "scala": "package a\nimport b.{C, D => E}\nclass F(g: H) extends I { def j(k: L) = { for (m <- n) o(s\"p $q\") } }\n",
}  # fmt: skip
OPENERS = (
    b"(",
    b"[",
    b"{",
    b"a.b(",
    b"if (a) {",
    b"x => {",
    b'"${',
    b"do |x| ",
    b"fn -> ",
    b"!",
    b"a + ",
    b"<a>",
    b"#{",
)
SECONDS = 10.0


def read(language: Language, source: bytes) -> FileFacts:
    """The facts, in bounded time, as they are kept."""
    started = time.process_time()
    facts = language.extract(f"a{language.suffixes[0]}", source, "")
    assert time.process_time() - started < SECONDS
    return msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts)


def test_every_language_has_a_piece() -> None:
    assert set(PIECES) == set(LANGUAGES)


@pytest.mark.parametrize("name", LANGUAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=st.binary(max_size=400))
def test_any_bytes(name: str, source: bytes) -> None:
    assert read(LANGUAGES[name], source).language == name


@pytest.mark.parametrize("name", LANGUAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40), st.text(max_size=6)), max_size=4))
def test_broken_code(name: str, cuts: list[tuple[int, int, str]]) -> None:
    source = PIECES[name] * 2
    for start, length, text in cuts:
        source = source[:start] + text + source[start + length :]
    read(LANGUAGES[name], source.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", LANGUAGES)
def test_mutated_code(name: str) -> None:
    chance = random.Random(name)
    piece = PIECES[name].encode() * 3
    for _ in range(60):
        source = bytearray(piece)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(source))
            match chance.randrange(4):
                case 0:
                    source[at] = chance.randrange(256)
                case 1:
                    del source[at : at + chance.randrange(20)]
                    source = source or bytearray(b"a")
                case 2:
                    source[at:at] = source[: chance.randrange(30)]
                case _:
                    source[at:at] = chance.choice(OPENERS) * chance.randrange(9)
        read(LANGUAGES[name], bytes(source))


@pytest.mark.parametrize("opener", OPENERS, ids=repr)
@pytest.mark.parametrize("name", LANGUAGES)
def test_deep_code(name: str, opener: bytes) -> None:
    start = b"<?php " if name == "php" else b""
    read(LANGUAGES[name], b"\n".join([start, opener * 3000, PIECES[name].encode()]))


@pytest.mark.parametrize("name", LANGUAGES)
def test_long_lines_of_any_letters(name: str) -> None:
    read(LANGUAGES[name], (PIECES[name].replace("\n", " ") + " é ").encode() * 300)


@pytest.mark.parametrize("name", sorted(set(LANGUAGES) - {"python"}))
def test_minified_code_is_listed_not_read(name: str) -> None:
    facts = read(LANGUAGES[name], b"a(1);" * 20_000)
    assert facts.facts == ()
    assert facts.skipped.startswith("minified")


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_parser_that_finds_no_end_is_stopped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    language = LANGUAGES[name]
    source = PIECES[name].encode() * 200  # so much that the parser asks in between whether to go on
    monkeypatch.setattr("backwright.kit.syntax.parsing.SECONDS", -1.0)
    assert language.extract(f"a{language.suffixes[0]}", b"\n".join([source] * 2), "").skipped
    monkeypatch.undo()
    assert read(language, PIECES[name].encode()).facts, "the next file is read from its beginning"
