"""Digests of broken functions (MD5, SHA-1) over what a request brings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, Link, bodies, inside, walk
from backwright.kit.chains import name_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import Inference

_BROKEN = frozenset({"md4", "md5", "sha1"})
# What is named so only tells things apart; nobody gains by making two of them the same.
_APART = re.compile(
    r"etag|if_none_match|cache|checksum|gravatar|avatar|fingerprint|dedup|duplicate|content_hash|file_?hash|hash_?key|bucket|"
    r"shard|digest_auth|(^|_)ha[12]$|legacy|slug|filename|file_name|version|revision|color|colour|seed",
    re.IGNORECASE,
)


def broken(index: FactIndex, infer: Inference, entries: set[tuple[str, str]]) -> Iterator[tuple[Link, str]]:
    """Each MD5 or SHA-1 in one of the functions `entries` that is not said to be for telling things apart, by its name."""
    for link in bodies(index).called(_BROKEN | {"new"}):
        if link.body.key not in entries:
            continue
        if not infer.origin(link.body.path, link.expr.parts[0].dotted()).startswith("hashlib."):
            continue
        name = _function(link.expr)
        if name in _BROKEN and not _is_for_telling_apart(link.body, link.expr):
            yield link, name.upper().replace("SHA1", "SHA-1")


def _function(link: Expr) -> str:
    if name_of(link) != "new":
        return name_of(link)
    given = link.positional()
    return given[0].text.lower().replace("-", "") if given and given[0].kind == "string" else ""


def _is_for_telling_apart(body: Body, link: Expr) -> bool:
    said = link.keyword("usedforsecurity")
    if said is not None:
        return said.text == "False"
    names = [body.scope.rpartition(".")[2]]
    for assign in body.assigns:
        if assign.loc.start <= link.loc.start and link.loc.end <= assign.loc.end:
            names.append(assign.target.dotted() or assign.target.text)
            names += [p.text for p in assign.target.parts]
    for call in body.calls:
        if call.loc.start <= link.loc.start and link.loc.end <= call.loc.end and call.loc != link.loc:
            names += [k for k in call.expr.keys if k] + [
                e.text for e in walk(call.expr.parts[0]) if not inside(e.loc, link.loc)
            ]
    return any(_APART.search(name) for name in names)
