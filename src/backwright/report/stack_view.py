"""A project's stack as programs read it: one key a question, and every claim with its evidence."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backwright.core.change import Question
from backwright.core.facts import Span
from backwright.core.stack import Detected, Stack
from backwright.engine.stack_fields import questions


class StackQuestion(msgspec.Struct, frozen=True):
    """What the project leaves open: a field of `stack.yaml` with the answers that it allows, each with what shows it.

    `answer` is the command that settles it, to be ended with one of the options.
    """

    field: str
    text: str
    options: tuple[str, ...]
    shown: Mapping[str, tuple[Span, ...]]
    answer: str


class ProjectStackView(msgspec.Struct, frozen=True):
    """`kind` is backend, worker, frontend, mobile, desktop, docs, cli, library, example or other.

    Where a backend has several of a kind, the single keys hold the one that it rests on; `parts` has all of them.
    """

    root: str
    kind: str
    language: str | None
    language_version: str
    framework: str | None
    framework_version: str
    api_framework: str | None
    orm: str | None
    query_layer: str | None
    migration: str | None
    validation: str | None
    auth: tuple[str, ...]
    test: str | None
    package_manager: str | None
    lint: tuple[str, ...]
    database: tuple[str, ...]
    queue_cache: tuple[str, ...]
    mail: tuple[str, ...]
    api_style: tuple[str, ...]
    because: tuple[Span, ...]
    parts: tuple[Detected, ...]
    unused: tuple[Detected, ...]
    files: int
    questions: tuple[StackQuestion, ...] = ()


class StackListView(msgspec.Struct, frozen=True):
    """All projects, backends first. `backends` are their roots; an empty list says that there is none here.

    Of `stack set`: `written` are the files that were written, `kept` those that were there and would differ (then nothing
    was written), `texts` the text of each that is new or would change, `landed` the id that `apply --undo` takes.
    """

    asked: str
    backends: tuple[str, ...]
    projects: tuple[ProjectStackView, ...]
    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    texts: Mapping[str, str] = {}
    landed: str = ""


def project_view(stack: Stack) -> ProjectStackView:
    """The stack with its questions answered."""

    def one(kind: str) -> str | None:
        return next(iter(stack.ids(kind)), None)

    def version(kind: str) -> str:
        part = stack.first(kind)
        return part.version if part else ""

    return ProjectStackView(
        root=stack.root,
        kind=stack.kind,
        language=one("language"),
        language_version=version("language"),
        framework=one("framework"),
        framework_version=version("framework"),
        api_framework=one("api"),
        orm=one("orm"),
        query_layer=one("queries"),
        migration=one("migrations"),
        validation=one("validation"),
        auth=stack.ids("auth"),
        test=one("tests"),
        package_manager=one("package_manager"),
        lint=(*stack.ids("linter"), *stack.ids("formatter"), *stack.ids("types")),
        database=stack.ids("database"),
        queue_cache=(*stack.ids("queue"), *stack.ids("cache")),
        mail=stack.ids("mail"),
        api_style=stack.ids("style"),
        because=stack.because,
        parts=stack.parts,
        unused=stack.unused,
        files=stack.files,
        questions=tuple(_question(stack, question) for question in questions(stack)),
    )


def _question(stack: Stack, question: Question) -> StackQuestion:
    shown = {claim.id: claim.evidence for group in stack.undecided for claim in group if claim.id in question.options}
    return StackQuestion(
        question.key, question.text, question.options, shown, f"backwright stack set --set {question.key}="
    )
