"""What a secret looks like: formats of known tokens, credentials in addresses, and random text under a telling name."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from backwright.kit.scanning import scanned

# Formats that nothing else has. Each pattern ends where the token does.
_TOKENS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("AWS access key", r"(?<![A-Z0-9])(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])"),
        ("GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b"),
        ("GitLab token", r"\bglpat-[A-Za-z0-9_\-]{20}\b"),
        ("Slack token", r"\bxox[abposr]-[0-9]{8,}-[A-Za-z0-9\-]{10,}"),
        ("Slack webhook", r"https://hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}"),
        ("Stripe key", r"\b[sr]k_(live|test)_[A-Za-z0-9]{20,}\b"),
        ("Anthropic key", r"\bsk-ant-(api|admin|sid)\d{2}-[A-Za-z0-9_\-]{60,}"),
        (
            "OpenAI key",
            r"\bsk-([A-Za-z0-9_\-]{20,}T3BlbkFJ[A-Za-z0-9_\-]{20,}|(proj-|svcacct-|admin-)[A-Za-z0-9_\-]{40,})",
        ),
        ("API key", r"\bsk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,}\b"),
        ("Google API key", r"\bAIza[A-Za-z0-9_\-]{35}\b"),
        ("SendGrid key", r"\bSG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}\b"),
        ("Twilio key", r"\bSK[0-9a-f]{32}\b"),
        ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_\-]{50,}"),
        (
            "private key",
            r"-----BEGIN (RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY( BLOCK)?-----"
            r"\s*\\?n?[A-Za-z0-9+/=\s\\]{40,}",
        ),
    )
)
_HINT = re.compile(
    r"A[KSBC][ICA]A|gh[pousr]_|github_pat_|glpat|xox|hooks\.slack|[sr]k_|sk-|AIza|SG\.|SK[0-9a-f]|npm_|pypi-|-----BEGIN"
)
_URL = re.compile(r"\b[a-z][a-z0-9+.\-]*://([^\s:/@'\"{}$<>%]*):([^\s@'\"/]+)@([\w.\-]+|\[[^\]]+\])", re.IGNORECASE)
_NAME = re.compile(r"^[A-Za-z_][\w.\-]*$")
_NAMES = re.compile(
    r"(^|_)(secret|secret_key|secretkey|password|passwd|pwd|passphrase|api_?key|apikey|access_key|auth_token|access_token|"
    r"refresh_token|token|private_key|encryption_key|signing_key|jwt_key|jwt_secret|client_secret|webhook_secret|"
    r"credential|credentials|secret_token|hash_salt|salt|pepper)$",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"(url|uri|path|file|name|header|field|type|prefix|suffix|id|regex|pattern|expire|expiry|ttl|length|len|env|var|hint|"
    r"signing_salt|encryption_salt|label|title|message|error|scheme|context|placeholder|endpoint|column|table|param|cookie|min|max|bytes|algorithm|alg|"
    r"hash|hashed|public|public_key|tokenizer|example)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"change|placeholder|example|sample|dummy|fake|mock|test|your|my[-_]?secret|xxx|todo|fixme|replace|insert|redacted|null|"
    r"none|undefined|default|not[-_ ]?(so[-_ ]?)?(a[-_ ]?)?(secret|secure|real|for)|insecure|\bdev\b|develop|^local|"
    r"^dev[-_]|demo|foobar|hunter2|super[-_]?secret|top[-_]?secret|secret[-_]?key|lorem|secure[-_]?password|strong[-_]?password|"
    r"for[-_ ]production|only|enter|here\b|^<.*>$|^\$|^\{|^%|\*\*\*|\.\.\.|"
    r"^(secret|password|passw0rd|pass|admin|root|postgres|postgresql|mysql|guest|user|username|token|key|apikey|qwerty|"
    r"letmein|welcome|app|redis|minio|minioadmin|rabbitmq|rabbit|mongo|toor|sa|db|pw|pwd|changeit|string|str|value|bearer|"
    r"basic|jwt|access|refresh)[\d!@#]*$",
    re.IGNORECASE,
)
_PROSE = re.compile(r"\s")
_IDENTIFIER = re.compile(r"^[a-z]+([_\-.:/ ][a-z]+)*$|^[A-Z]+([_\-.: ][A-Z]+)*$|^[A-Za-z]+$|^[a-z]+([A-Z][a-z]+)+$")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "host", "hostname"})
_EDGES = "@:/-_=&?.,;#+*|"  # what joins a word to what comes before or after
_RUN = re.compile(r"(.)\1{4,}|12345")
_COUNTED = re.compile(
    r"^[a-z]+[_\-]?123$", re.IGNORECASE
)  # `blank123`, `whsec_123`: a word, and nothing that came to mind
_WORDS = re.compile(r"^[a-z][a-z0-9]*([_\-.:/][a-z][a-z0-9]*)+$", re.IGNORECASE)
_HASH = re.compile(
    r"^\$(2[abxy]?|argon2(id|i|d)?|pbkdf2[^$]*|5|6|1|scrypt|s0)\$|^(pbkdf2|scrypt|bcrypt|argon2)[_:$]|^\{(SHA|SSHA|CRYPT|MD5)"
)
# Keys that are made to be seen by clients, and rules for validation as some frameworks write them.
_OPEN = re.compile(r"^(phc|pk_test|pk_live|pk)_|^[a-z]\w*(\|[\w:,.]+)+$")
_REFERENCE = re.compile(r"\$\{|\{\{|^env:|^vault:|^ssm:|^arn:aws|^projects/|^op://|^!|^@|%\(", re.IGNORECASE)
_MIN_LENGTH = 8
_MIN_ENTROPY = 3.0  # bits a character; words of a language are below, random text of some length is above


def token_in(text: str) -> str:
    """The kind of token that a text holds, by its format; `""` for none. Documented examples do not count."""
    if len(text) < 16:
        return ""
    for name, pattern in _TOKENS if _HINT.search(text) is not None else ():
        match = pattern.search(text)
        if match is not None and not _is_example(match[0]):
            return name
    return next((kind for kind, token in scanned(text) if not _is_example(token)), "")


def token_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The formats that nothing else has, by the kind of token."""
    return _TOKENS


def _is_example(token: str) -> bool:
    lowered = token.lower()
    if any(
        word in lowered
        for word in (
            "example",
            "xxxx",
            "your",
            "test1234",
            "1234567890abcdef",
            "abcdefghij",
            "0123456789",
            "placeholder",
            "dummy",
            "fake",
        )
    ):
        return True
    tail = re.sub(r"-----[A-Z ]+-----|^[A-Za-z]+[-_.]", "", token)
    return len(set(tail)) < 8 or bool(_RUN.search(tail)) or _entropy(tail) < _MIN_ENTROPY


def credentials_in(text: str) -> str:
    """`address with a password` where a URL carries one that is no placeholder."""
    if "://" not in text or "@" not in text or "\n" in text.strip():
        return ""  # a text of several lines explains something
    for match in _URL.finditer(text):
        user, password, host = match.groups()
        if is_placeholder(password) or password.lower() == user.lower() or _REFERENCE.search(password):
            continue
        if host.lower() in _LOCAL_HOSTS or host.lower().startswith(("example.", "localhost")):
            continue
        # a host without a dot is a name inside of a compose network
        if "." in host or _entropy(password) >= _MIN_ENTROPY:
            return "address with a password"
    return ""


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Whether a variable, key or parameter is called like something that must stay secret."""
    if not _NAME.match(name):
        return False
    bare = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").replace(".", "_").strip("_")
    return bool(bare) and bool(_NAMES.search(bare)) and not _NOT_NAMES.search(bare)


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret that somebody is to fill in."""
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) < 4


def looks_secret(value: str, name: str = "") -> bool:
    """Whether a value, under a telling name, is really a secret: not a placeholder, a reference, a hash or a word."""
    text = value.strip()
    if (
        len(text) < _MIN_LENGTH
        or _PROSE.search(text)
        or is_placeholder(text)
        or _HASH.search(text)
        or _OPEN.search(text)
        or _REFERENCE.search(text)
    ):
        return False
    if (
        "://" in text
        or text.startswith(("/", "./", "http", "#"))
        or _IDENTIFIER.match(text.strip(_EDGES))
        or _RUN.search(text)
        or _COUNTED.search(text)
    ):
        return False
    if _bare(text) == _bare(name) or (_WORDS.match(text) and sum(c.isdigit() for c in text) * 6 <= len(text)):
        return False
    if re.search(r"(^|_)(password|passwd|pwd|passphrase)$", name, re.IGNORECASE) and _is_mixed(text):
        return True
    return _entropy(text) >= _MIN_ENTROPY and _is_mixed(text)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _is_mixed(text: str) -> bool:
    """Letters and digits, or letters and signs: what people and generators make, and names of things do not."""
    return bool(re.search(r"[A-Za-z]", text)) and bool(re.search(r"[0-9]|[^\w\s.\-:/]", text))


def _entropy(text: str) -> float:
    """Bits per character by the frequency of its characters."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0
