"""How a project says that something went wrong: the error of its handlers, made for each status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.reading import Sources, closing, generic, pieces
from backwright.stacks.axum.siblings import Resource
from backwright.stacks.axum.style import Failures

_STATUSES = {
    "BAD_REQUEST": 400, "FORBIDDEN": 403, "NOT_FOUND": 404, "CONFLICT": 409, "UNPROCESSABLE_ENTITY": 422,
    "INTERNAL_SERVER_ERROR": 500,
}  # fmt: skip
_ARM = re.compile(r"((?:\|?\s*(?:Self|\w+)::\w+\s*(?:\([^()]*\)|\{[^{}]*\})?\s*)+)(?:if[^=]*)?=>\s*")
_VARIANT = re.compile(r"::(\w+)")
_TEXTS = {
    "String": "{message}",
    "&'static str": "{literal}",
    "Cow<'static, str>": "{literal}.into()",
    "anyhow::Error": "anyhow::anyhow!({literal})",
    "Option<String>": "Some({message})",
    "Vec<String>": "vec![{message}]",
}


def failures_of(index: FactIndex, sibling: Resource | None, sources: Sources) -> Failures:
    """What the handlers of the exemplar answer with when they fail."""
    if sibling is None:
        return Failures()
    for endpoint in sibling.endpoints.values():
        name = error_of(endpoint.handler, index, sources)
        plain = name.replace(" ", "")
        if plain == "(StatusCode,String)":
            return Failures(plain, "", {s: f"(axum::http::StatusCode::{n}, {{message}})" for n, s in _STATUSES.items()})
        if re.fullmatch(r"[\w:]+", name) and not name.endswith("StatusCode"):
            short = name.rpartition("::")[2]
            path = _declared(short, index)
            made = dict(_made(short, path, index, sources)) if path else {}
            if made:
                return Failures(short, path, made)
    return Failures()


def error_of(definition: Definition, index: FactIndex, sources: Sources) -> str:
    """The type of the error that a function gives back, through an alias of `Result`; `""` where there is none."""
    outer, given = generic(definition.symbol.returns)
    if len(given) == 2 and outer.endswith("Result"):
        return given[1]
    alias = outer.rpartition("::")[2]
    for path in index.files:
        found = re.search(rf"\btype\s+{alias}\s*<[^;]*?>\s*=\s*([^;]+);", sources.read(path)) if alias else None
        if found is not None:
            error = generic(found[1])[1][-1:]
            return re.sub(r"^E\b.*", "", error[0]) or _default(alias, sources.read(path)) if error else ""
    return ""


def _default(alias: str, text: str) -> str:
    found = re.search(rf"\btype\s+{alias}\s*<[^;=]*?\bE\s*=\s*([\w:]+)", text)
    return found[1] if found is not None else ""


def _declared(name: str, index: FactIndex) -> str:
    """The file that declares the type."""
    having = (
        p
        for p in index.files
        if not is_test_file(p)
        for s in index.symbols(p).values()
        if s.name == name and s.kind == "class"
    )
    return next(having, "")


def _made(name: str, path: str, index: FactIndex, sources: Sources) -> Iterator[tuple[int, str]]:
    """Status to how the error is made that becomes it."""
    text = sources.read(path)
    payloads = _payloads(name, text)
    arms = [t for p in index.files if not is_test_file(p) for t in _arms(name, sources.read(p))]
    seen: set[int] = set()
    for variants, answer in arms:
        status = re.search(r"StatusCode::(\w+)", answer)
        code = _STATUSES.get(status[1], 0) if status is not None else 0
        for variant in variants:
            made = _call(name, variant, payloads.get(variant))
            if code and code not in seen and made:
                seen.add(code)
                yield code, made
    if not payloads:
        yield from _of_struct(name, text)


def _arms(name: str, text: str) -> Iterator[tuple[list[str], str]]:
    """The variants of each arm of a `match` on the error, with what stands behind the arrow."""
    if name not in text:
        return
    for arm in _ARM.finditer(text):
        end = text.find("\n", arm.end())
        opening = text[arm.end() : arm.end() + 1]
        if opening and opening in "({":
            end = closing(text, arm.end())
        yield _VARIANT.findall(arm[1]), text[arm.end() : end]


def _payloads(name: str, text: str) -> dict[str, str]:
    """What each variant of the enum holds, as written."""
    found = re.search(rf"\benum\s+{re.escape(name)}\s*\{{", text)
    if found is None:
        return {}
    inner = text[found.end() : closing(text, found.end() - 1)]
    inner = re.sub(r"//[^\n]*", "", re.sub(r"#\[(?:[^\[\]]|\[[^\]]*\])*\]", "", inner))
    out = {}
    for piece in pieces(inner):
        variant = re.match(r"(\w+)\s*(.*)", piece, re.DOTALL)
        if variant is not None:
            out[variant[1]] = variant[2].strip()
    return out


def _call(name: str, variant: str, payload: str | None) -> str:
    """How a variant is made with a text, `""` where it cannot be."""
    if payload is None:
        return ""
    if not payload:
        return f"{name}::{variant}"
    kind = " ".join(payload.strip("(){} \n,").split())
    if payload.startswith("("):
        text = _TEXTS.get(kind)
        return f"{name}::{variant}({text})" if text else ""
    field = re.fullmatch(r"(?:pub )?(\w+): (.+)", kind)
    text = _TEXTS.get(field[2]) if field is not None else None
    return f"{name}::{variant} {{{{ {field[1]}: {text} }}}}" if field is not None and text else ""


def _of_struct(name: str, text: str) -> Iterator[tuple[int, str]]:
    """An error that is a pair of a status and a text, with names or without."""
    pair = re.search(rf"\bstruct\s+{re.escape(name)}\s*\(\s*(?:pub\s+)?StatusCode,\s*(?:pub\s+)?String\s*,?\s*\)", text)
    found = re.search(rf"\bstruct\s+{re.escape(name)}\s*\{{([^}}]*)\}}", text)
    fields = dict(re.findall(r"(\w+):\s*([\w:]+)\s*(?:,|$)", found[1])) if found is not None else {}
    kinds = {kind.rpartition("::")[2]: field for field, kind in fields.items()}
    for constant, status in _STATUSES.items():
        code = f"axum::http::StatusCode::{constant}"
        if pair is not None:
            yield status, f"{name}({code}, {{message}})"
        elif set(kinds) == {"StatusCode", "String"} and len(fields) == 2:
            yield status, f"{name} {{{{ {kinds['StatusCode']}: {code}, {kinds['String']}: {{message}} }}}}"
