"""BW501: passwords are kept as Argon2id, bcrypt, scrypt or PBKDF2, with a cost that hurts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Assign, Expr
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.callgraph import arguments, callgraph
from backwright.kit.chains import awaited, links, name_of
from backwright.kit.digests import broken
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers, roles
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.shapes import Rule
from backwright.rules.security._digests_of_others import weak

_VOICE = Voice("BW501", "weak-password-hash", "error")
_MILD = Voice("BW501", "weak-password-hash", "warning")
_FAST = frozenset(
    {
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "blake2b",
        "blake2s",
        "sha3_224",
        "sha3_256",
        "sha3_384",
        "sha3_512",
    }
)
_OTHER = frozenset(
    {
        "new",
        "CryptContext",
        "gensalt",
        "using",
        "pbkdf2_hmac",
        "PBKDF2HMAC",
        "hash",
        "encrypt",
        "generate_password_hash",
    }
)
_SLOW = re.compile(
    r"bcrypt|argon|scrypt|pbkdf2|hashpw|pwd_context|password_hash(er)?\b|crypt_?context|PasswordHasher", re.IGNORECASE
)
_WEAK_SCHEME = re.compile(
    r"^(md5_crypt|apr_md5_crypt|des_crypt|bsdi_crypt|bigcrypt|crypt16|sha1_crypt|sha256_crypt|sha512_crypt|plaintext|hex_\w+|ldap_(md5|sha1|plaintext|hex_\w+)"
    r"|mysql\w*|mssql\w*|nthash|lmhash|postgres_md5|oracle\w*|django_(salted_\w+|des_crypt|disabled))$"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_PASSWORD = frozenset({"password", "passwd", "pwd", "passphrase", "passwort", "pass"})
_NOT_PASSWORD = frozenset(
    {"token", "reset", "code", "url", "path", "file", "id", "key", "hash", "hashed", "link", "policy", "changed",
     "at", "digest", "field", "length", "min", "max", "pattern", "error", "context", "expires", "manager"}
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"pwned|breach|hibp|leak|compromis|etag|checksum|cache|fingerprint|gravatar|digest_auth|scram|ntlm", re.IGNORECASE
)
_LOWEST_ROUNDS = 10
_LOWEST_ITERATIONS = 100_000
_HELP = "use Argon2id (`argon2-cffi`, `pwdlib`) or bcrypt with a cost of at least 10"


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each place that hashes a password fast or cheaply."""
    for body, expr, message, help_ in weak(index, Serving(index, archmap)):
        yield _VOICE.finding(body.path, expr.loc, message, scope=body.scope, text=message, help=help_)
    index = index.only(("python",))
    role = roles(archmap)
    infer = inference(index)
    told: set[tuple[str, int]] = set()
    for link in bodies(index).called(_FAST | _OTHER):
        body = link.body
        if role.get(body.path) in {"test", "migration"}:
            continue
        for expr, message, text in _wrong(infer, body, link.expr):
            yield _VOICE.finding(
                body.path, expr.loc, message, scope=body.scope, text=text, help=_help(index, infer, body.path)
            )
            told.add((body.path, expr.loc.start))
    yield from _broken(index, archmap, infer, told)


def _broken(index: FactIndex, archmap: ArchMap, infer: Inference, told: set[tuple[str, int]]) -> Iterator[Finding]:
    """MD5 and SHA-1 in handlers, where somebody else chooses what is hashed."""
    entries = {h.body.key for h in handlers(index, archmap)}
    for link, name in broken(index, infer, entries):
        body = link.body
        if (body.path, link.expr.loc.start) not in told:
            yield _MILD.finding(
                body.path,
                link.expr.loc,
                f"{name} is broken: who sends the request can make two values with one digest",
                scope=body.scope,
                text=f"{name} in a handler",
                help="use SHA-256, or say `usedforsecurity=False` where nothing depends on it",
            )


Wrong = tuple[Expr, str, str]


def _wrong(infer: Inference, body: Body, link: Expr) -> Iterator[Wrong]:
    method = name_of(link)
    if method in _FAST or method == "new":
        yield from _fast(infer, body, link)
    elif method == "CryptContext":
        yield from _context(link)
    elif method in {"gensalt", "using"}:
        yield from _rounds(infer, body, link)
    elif method in {"pbkdf2_hmac", "PBKDF2HMAC"}:
        yield from _iterations(body, link)
    elif method in {"hash", "encrypt"} and link.parts[0].kind == "attribute":
        yield from _handler(infer, body, link)
    elif method == "generate_password_hash":
        yield from _werkzeug(link)


def _fast(infer: Inference, body: Body, link: Expr) -> Iterator[Wrong]:
    """`hashlib.sha256(password.encode())`, also when the digest is fed later."""
    name = name_of(link)
    if infer.origin(body.path, link.parts[0].dotted()).partition(".")[0] != "hashlib":
        return
    arguments = link.positional()
    if name == "new":
        if not arguments or arguments[0].kind != "string" or arguments[0].text.lower().replace("-", "_") not in _FAST:
            return
        name, arguments = arguments[0].text, arguments[1:]
    if _ELSEWHERE.search(body.scope) or _ELSEWHERE.search(body.path) or _is_for_something_else(body):
        return
    data = arguments[0] if arguments else link.keyword("data") or link.keyword("string")
    held = _password_in(body, data) if data is not None else _fed(body, link)
    held = held or (_given_password(infer.index, body, data) if data is not None else "")
    if held and not _feeds_slow(body, link):
        yield link, f"`{held}` is hashed with {name}, which is made to be fast", f"{name} {held}"


def _given_password(index: FactIndex, body: Body, data: Expr) -> str:
    """The password that some caller passes as the parameter that is hashed here."""
    if body.symbol is None or body.symbol.kind not in {"function", "method"}:
        return ""
    hashed = {node.text for node in walk(data) if node.kind == "name"} & {p.name for p in body.symbol.params}
    if not hashed:
        return ""
    definition = Definition(body.path, body.symbol)
    for caller, call in callgraph(index).callers(definition):
        if _ELSEWHERE.search(caller.scope) or _ELSEWHERE.search(caller.path):
            continue
        for name, argument in arguments(call, definition).items():
            if name in hashed and (found := _password_in(caller, argument)):
                return found
    return ""


def _is_for_something_else(body: Body) -> bool:
    return any(e.kind == "string" and "pwnedpasswords" in e.text for call in body.calls for e in walk(call.expr))


def _password_in(body: Body, expr: Expr, depth: int = 0) -> str:
    """The name of the password that an expression is made of, through the variables of a function; `""` for none."""
    for node in walk(expr):
        if node.kind in {"name", "attribute"} and is_password(node.text):
            return node.text
        if (
            node.kind == "subscript"
            and len(node.parts) > 1
            and node.parts[1].kind == "string"
            and is_password(node.parts[1].text)
        ):
            return node.parts[1].text
    if depth < 2:
        for node in walk(expr):
            if node.kind == "name":
                for assign in body.targets().get(node.text, ()):
                    if assign.loc.end <= expr.loc.start and (found := _password_in(body, assign.value, depth + 1)):
                        return found if not _is_made_by_call(assign) else ""
    return ""


def _is_made_by_call(assign: Assign) -> bool:
    """`token = make_token(password)` is no password."""
    value = awaited(assign.value)
    return value.kind == "call" and name_of(value) not in {
        "encode",
        "decode",
        "strip",
        "lower",
        "format",
        "join",
        "bytes",
        "str",
        "get_secret_value",
    }


def is_password(name: str) -> bool:
    """Whether an identifier names a password, and not something about one."""
    words = {w.lower() for w in _WORD.findall(name)}
    return bool(words & _PASSWORD) and not words & _NOT_PASSWORD and words != {"pass"}


def _fed(body: Body, link: Expr) -> str:
    """`h = hashlib.md5(); h.update(password)`."""
    names = {a.target.dotted() for a in body.assigns if any(e is link or e.loc == link.loc for e in walk(a.value))}
    for call in body.calls:
        if (
            name_of(call.expr) == "update"
            and call.expr.parts[0].parts
            and call.expr.parts[0].parts[0].dotted() in names
        ):
            for part in call.expr.parts[1:]:
                if found := _password_in(body, part):
                    return found
    return ""


def _feeds_slow(body: Body, link: Expr) -> bool:
    """A digest that a slow hash then takes (bcrypt takes only 72 bytes) is no storage form."""
    names = {a.target.dotted() for a in body.assigns if a.loc.start <= link.loc.start and link.loc.end <= a.loc.end}
    for call in body.calls:
        for outer in links(call.expr):
            if outer is link or not _SLOW.search(outer.parts[0].dotted()):
                continue
            inner = [e for part in outer.parts[1:] for e in walk(part)]
            if any(e.loc == link.loc or (e.kind == "name" and e.text in names) for e in inner):
                return True
    return any(
        r.value is not None and _SLOW.search(body.scope.rpartition(".")[2]) and "pre" in body.scope.lower()
        for r in body.returns
    )


def _context(link: Expr) -> Iterator[Wrong]:
    """passlib: only the default scheme is used for new passwords."""
    schemes = link.keyword("schemes") or next(iter(link.positional()), None)
    listed = (
        [p.text for p in schemes.parts if p.kind == "string"]
        if schemes is not None and schemes.kind == "sequence"
        else []
    )
    chosen = link.keyword("default")
    default = chosen.text if chosen is not None and chosen.kind == "string" else listed[0] if listed else ""
    if schemes is not None and _WEAK_SCHEME.match(default):
        yield link, f"new passwords are kept as {default}", default
    for key, part in zip(link.keys, link.parts, strict=True):
        number = _number(part)
        if number is None or "__" not in key or not key.endswith("rounds"):
            continue
        if key.startswith("bcrypt") and number < _LOWEST_ROUNDS:
            yield part, f"bcrypt with a cost of {number} is too cheap", key
        elif key.startswith("pbkdf2") and number < _LOWEST_ITERATIONS:
            yield part, f"PBKDF2 with {number} iterations is too cheap", key


def _rounds(infer: Inference, body: Body, link: Expr) -> Iterator[Wrong]:
    if (
        name_of(link) != "using"
        and "bcrypt" not in infer.origin(body.path, link.parts[0].dotted()).lower() + link.parts[0].dotted().lower()
    ):
        return
    if name_of(link) == "using" and "bcrypt" not in link.parts[0].dotted().lower():
        return
    given = link.keyword("rounds") or (next(iter(link.positional()), None) if name_of(link) == "gensalt" else None)
    number = _number(given) if given is not None else None
    if given is not None and number is not None and number < _LOWEST_ROUNDS:
        yield given, f"bcrypt with a cost of {number} is too cheap", "bcrypt rounds"


def _iterations(body: Body, link: Expr) -> Iterator[Wrong]:
    positional = link.positional()
    given = link.keyword("iterations") or (positional[3] if len(positional) > 3 else None)
    number = _number(given) if given is not None else None
    if given is None or number is None or number >= _LOWEST_ITERATIONS:
        return
    told = is_password(body.scope.rpartition(".")[2]) or any(
        _password_in(body, part) for call in body.calls for part in call.expr.parts[1:]
    )
    if told:
        yield given, f"PBKDF2 with {number} iterations is too cheap", "pbkdf2 iterations"


def _handler(infer: Inference, body: Body, link: Expr) -> Iterator[Wrong]:
    """`md5_crypt.hash(password)` of passlib."""
    owner = link.parts[0].parts[0].dotted()
    origin = infer.origin(body.path, owner)
    held = any(_password_in(body, part) for part in link.parts[1:])
    if held and origin.startswith("passlib.hash") and _WEAK_SCHEME.match(origin.rpartition(".")[2]):
        yield link, f"a password is kept as {origin.rpartition('.')[2]}", origin


def _werkzeug(link: Expr) -> Iterator[Wrong]:
    positional = link.positional()
    method = link.keyword("method") or (positional[1] if len(positional) > 1 else None)
    if method is None or method.kind != "string":
        return
    family, _, rest = method.text.partition(":")
    count = rest.rpartition(":")[2]
    if family in _FAST | {"plain"} or (family == "pbkdf2" and count.isdigit() and int(count) < _LOWEST_ITERATIONS):
        yield method, f"`{method.text}` is too cheap for a password", method.text


def _number(expr: Expr) -> int | None:
    text = expr.text.replace("_", "") if expr.kind == "constant" else ""
    return int(text) if text.isdigit() else None


def _help(index: FactIndex, infer: Inference, path: str) -> str:
    """How to mend it, and where the repository already does it right."""
    for link in bodies(index).called(("PasswordHasher", "PasswordHash", "recommended", "hashpw")):
        origin = infer.origin(link.body.path, link.expr.parts[0].dotted())
        if link.body.path != path and origin.startswith(
            ("argon2.PasswordHasher", "pwdlib.PasswordHash", "bcrypt.hashpw")
        ):
            return f"{_HELP}; {link.body.path}:{link.expr.loc.line} does it"
    return _HELP


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
