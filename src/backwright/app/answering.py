"""Answers given again for as long as nothing has changed that they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import msgspec

from backwright.adapters.answers import find_answer, keep_answer
from backwright.adapters.files import RepositoryTree
from backwright.adapters.program import program_id
from backwright.app.config import Config

T = TypeVar("T", bound=msgspec.Struct)
S = TypeVar("S")


def kept(
    tree: RepositoryTree,
    identity: tuple[object, ...],
    kind: type[S],
    make: Callable[[], S],
    *,
    settled: Callable[[], bool],
) -> S:
    """What `make` makes, or made before of the very same; `identity` changes with all that it comes from.

    Nothing is kept unless it is `settled`, asked afterwards, that another call must come to the same.
    """
    from backwright.app.bootstrap import registry

    if tree.ships(".backwright/cache") or registry().has_foreign:
        return make()
    key = hashlib.sha256(repr((program_id(), *identity)).encode("utf-8", "surrogateescape")).hexdigest()
    body = find_answer(tree.root, key)
    if body is not None:
        with suppress(msgspec.MsgspecError):
            return msgspec.msgpack.decode(body, type=kind)
    made = make()
    if settled() and not tree.strayed:
        keep_answer(tree.root, key, msgspec.msgpack.encode(made))
    return made


class Answer(Generic[T]):
    """The place of a verb's answer about one state of a tree.

    Any file that was changed, added or taken away, other ignore rules, another configuration or another version of the
    program make it another place. What git knows beyond the files (branch, commits) must not be part of the answer.
    """

    def __init__(self, verb: str, kind: type[T], tree: RepositoryTree, config: Config) -> None:
        self._kind = kind
        self._tree = tree
        state = "" if tree.ships(".backwright/cache") else tree.fingerprint()  # what a repository ships is not believed
        identity = repr((program_id(), verb, config, state))
        self._key = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest() if state else ""

        self.stands = False  # whether it is given again until something changes

    def find(self) -> T | None:
        """The answer, None where there is none yet."""
        body = find_answer(self._tree.root, self._key) if self._key else None
        try:
            found = msgspec.msgpack.decode(body, type=self._kind) if body is not None else None
        except msgspec.MsgspecError:
            return None
        self.stands = found is not None
        return found

    def keep(self, answer: T, *, settled: bool) -> None:
        """Keep what was worked out from the tree; `settled` says that another call must come to the same."""
        from backwright.app.bootstrap import registry

        # The code of others' extensions is not watched, nor what is no part of the tree.
        if settled and self._key and not self._tree.strayed and not registry().has_foreign:
            keep_answer(self._tree.root, self._key, msgspec.msgpack.encode(answer))
            self.stands = True
