"""BW507: credentials do not reach logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import callgraph
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.findings import Voice
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

_VOICE = Voice("BW507", "secret-in-log", "error")
_METHODS = (
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "critical",
    "exception",
    "log",
    "print",
    "trace",
    "success",
    "verbose",
    "fatal",
)
_LOGGERS = re.compile(r"(^|_|\.)(log|logger|logging|_log|LOG|LOGGER|console)$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET = re.compile(
    r"(^|_)(password|passwd|passphrase|secret|secret_key|client_secret|api_key|apikey|access_token|refresh_token|id_token|"
    r"auth_token|bearer_token|reset_token|verification_token|private_key|jwt|otp|otp_code)$",
    re.IGNORECASE,
)
_TERMINALS = frozenset({"typer", "click", "argparse", "rich"})
_TEXT = frozenset({"str", "repr", "format", "get_secret_value", "decode", "encode", "strip", "join"})


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each log entry that holds a credential."""
    serving = Serving(index, archmap)
    for link in bodies(index).called(_METHODS):
        if link.body.path not in serving or not _is_log(link.body, link.expr, _is_terminal(index, link.body.path)):
            continue
        held = next((s for part in link.expr.parts[1:] if (s := _secret_in(index, link.body, part)) is not None), None)
        if held is not None:
            yield _VOICE.finding(
                link.body.path,
                held.loc,
                f"`{_shown(held)}` is written to the log",
                scope=link.body.scope,
                text=_shown(held),
                help="log what identifies the case (an id), not the credential",
            )


def _is_terminal(index: FactIndex, path: str) -> bool:
    return any(i.module.partition(".")[0] in _TERMINALS for i in index.imports(path))


def _is_log(body: Body, link: Expr, is_terminal: bool) -> bool:
    """A call of a logger; `print`, where nobody sits at a terminal to read it."""
    receiver = receiver_of(link)
    if receiver is None:
        return name_of(link) == "print" and link.parts[0].kind == "name" and not is_terminal
    return _LOGGERS.search(receiver.dotted().removesuffix("()")) is not None


def _secret_in(index: FactIndex, body: Body, part: Expr) -> Expr | None:
    """The credential whose text an argument holds; what only looks at one (`len(x)`, `bool(x)`) holds none."""
    match part.kind:
        case "name" | "attribute":
            return part if _is_secret(index, body, part) else None
        case "subscript":
            key = part.parts[1] if len(part.parts) > 1 else None
            return part if key is not None and key.kind == "string" and _SECRET.search(key.text) else None
        case "interpolation" | "percent" | "concatenation" | "sequence" | "mapping" | "await":
            return next((s for p in part.parts if (s := _secret_in(index, body, p)) is not None), None)
        case "call":
            if name_of(part) not in _TEXT:
                return None
            receiver = receiver_of(part)
            given = (*((receiver,) if receiver is not None else ()), *part.parts[1:])
            return next((s for p in given if (s := _secret_in(index, body, p)) is not None), None)
        case _:
            return None


def _is_secret(index: FactIndex, body: Body, part: Expr) -> bool:
    """A name that says so, unless its type hides it: pydantic's `SecretStr` prints stars."""
    if not _SECRET.search(_HUMP.sub("_", part.text)) or part.text.isupper():
        return False
    if part.kind == "attribute" and part.parts[0].dotted().rpartition(".")[2].lower() in {
        "errors",
        "messages",
        "fields",
    }:
        return False
    found = callgraph(index).inference.of(body.path, body.scope, part)
    if found is not None:
        return found.last in {"str", "bytes", "string"}
    return not _is_flag(body, part)


def _is_flag(body: Body, part: Expr) -> bool:
    """A variable that was set to a number or to whether something holds."""
    for assign in body.targets().get(part.dotted(), ()):
        value = assign.value
        if value.kind in {"constant", "binary"} or (value.kind == "call" and name_of(value) in {"bool", "len", "mask"}):
            return True
    return False


def _shown(expr: Expr) -> str:
    if expr.kind == "subscript":
        return f'{expr.parts[0].dotted()}["{expr.parts[1].text}"]'
    return expr.dotted() or expr.text


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript"), check)
