"""Commands as projects write them: one string into an argv without a shell, and the tool calls within scripts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_COMMENT = re.compile(r"(^|\s)#.*$")
_REST_ARGUMENTS = re.compile(
    r"\"?\$\{?[@*]\}?\"?|\{\{[^}]*\}\}|\{posargs(:[^}]*)?\}"
)  # "$@" of a shell, {{args}} of just, {posargs:tests} of tox
_EXPLAINED = {
    "&": "`&` and `&&`",
    "|": "`|`",
    ";": "`;`",
    "<": "`<`",
    ">": "`>`",
    "(": "`(`",
    ")": "`)`",
    "$": "`$`",
    "`": "a backquote",
    "*": "`*`",
    "?": "`?`",
    "\n": "a line break",
}


class ShellSyntaxError(ValueError):
    """A command string needs a shell; `what` names the sign that does, `hint` says how to do without."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def split_command(text: str) -> tuple[str, ...]:
    """The argv of a command that needs no shell. Raises `ShellSyntaxError` where it needs one or a quote is open."""
    sign = _unquoted_sign(text)
    if sign:
        raise ShellSyntaxError(_EXPLAINED[sign], _hint(sign))
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ShellSyntaxError(str(error).lower(), "close the quote, or write the command as a list") from error
    if not words:
        raise ShellSyntaxError("no program", "write the program and its arguments")
    if _ASSIGNMENT.match(words[0]):
        raise ShellSyntaxError(f"the assignment `{words[0]}`", "put variables under `env:`")
    return tuple(words)


def _hint(sign: str) -> str:
    if sign in "&;|":
        return "make each command a step of its own, or write a list: [sh, -c, '…']"
    return "quote it to mean the sign itself, or write a list: [sh, -c, '…']"


def _unquoted_sign(text: str) -> str:
    """The first sign that a shell would act on: quotes and backslashes are followed as a shell does."""
    quote = ""
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote:
            if char == quote:
                quote = ""
            elif quote == '"' and char in "$`":
                return char
        elif char in "'\"":
            quote = char
        elif char in _EXPLAINED:
            return char
    return ""


@dataclass(frozen=True)
class Invocation:
    """A call of a tool, found in a script: `argv` without its launcher (`uv run`, `python -m`), and what it sets."""

    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    source: str = ""  # "Makefile:23"
    target: str = ""  # the Makefile target, the task or the file's name

    @property
    def tool(self) -> str:
        return self.argv[0].rsplit("/", 1)[-1]

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.argv[1:]


_RUNNERS = {"uv", "poetry", "pipenv", "pdm", "rye", "hatch"}
_RUNNER_VALUES = {"--with", "--group", "--extra", "--package", "--python", "-p", "--env-file", "--directory", "-C"}


def without_runner(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words after `uv run`, `poetry run` and their like, which choose an environment. Others as they are."""
    if len(words) < 2 or words[0] not in _RUNNERS or words[1] != "run":
        return words
    rest = list(words[2:])
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag in _RUNNER_VALUES and rest:
            rest.pop(0)
    if words[0] == "hatch" and rest and ":" in rest[0]:
        rest[0] = rest[0].split(":", 1)[1]
    return tuple(rest)


def without_launcher(words: tuple[str, ...]) -> tuple[str, ...]:
    """The tool itself and its arguments, without a runner, `python -m` or `coverage run -m` before it."""
    words = without_runner(words)
    if len(words) > 2 and re.fullmatch(r"(.*/)?python[0-9.]*", words[0]) and words[1] == "-m":
        return without_launcher(words[2:])
    if len(words) > 2 and words[0] == "coverage" and words[1] == "run" and "-m" in words:
        return without_launcher(words[words.index("-m") + 1 :])
    return words


def invocations(line: str, source: str, target: str) -> Iterator[Invocation]:
    """The commands of one script line that could run without a shell: joined by `&&` or `;`, variables before them."""
    env: dict[str, str] = {}
    for part in re.split(r"&&|;", line):
        text = _COMMENT.sub("", _REST_ARGUMENTS.sub(lambda m: (m.group(1) or ":")[1:], part)).strip().lstrip("@-+")
        if _unquoted_sign(text):
            continue
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        if words[:1] == ["cd"]:
            return  # what follows runs elsewhere
        if words[:1] == ["export"]:
            env.update(_assignments(words[1:]))
            continue
        own: dict[str, str] = {}
        while words and _ASSIGNMENT.match(words[0]):
            own.update(_assignments([words.pop(0)]))
        if words[:1] == ["env"]:
            words = words[1:]
            while words and _ASSIGNMENT.match(words[0]):
                own.update(_assignments([words.pop(0)]))
        argv = without_launcher(tuple(words))
        if argv:
            yield Invocation(argv, env | own, source, target)


def _assignments(words: list[str]) -> dict[str, str]:
    pairs = (word.partition("=") for word in words if _ASSIGNMENT.match(word))
    return {name: value for name, _, value in pairs if "$" not in value}
