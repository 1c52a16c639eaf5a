"""Values for settings that a project requires and does not give: of the right type, harmless, the same every time."""

from __future__ import annotations

import re

SECRET = "backwright-placeholder-0123456789abcdef0123456789"  # noqa: S105 (long enough for checks of length)
_FERNET = "YmFja3dyaWdodC1wbGFjZWhvbGRlci1rZXktMzItYi0="  # 32 bytes, urlsafe base64
_BY_TYPE = (
    (r"\bint\b|PositiveInt|NonNegativeInt|\bPort\b", "30"),
    (r"\bfloat\b|\bDecimal\b|PositiveFloat", "1.0"),
    (r"\bbool\b|StrictBool", "false"),
    (r"\b(list|List|set|Set|tuple|Tuple|Sequence|frozenset|FrozenSet)\b", "[]"),
    (r"\b(dict|Dict|Mapping|Json)\b", "{}"),
    (r"EmailStr|NameEmail", "admin@example.com"),
    (r"RedisDsn", "redis://127.0.0.1:1/0"),
    (r"AmqpDsn", "amqp://guest:guest@127.0.0.1:1/"),
    (r"MongoDsn", "mongodb://127.0.0.1:1/app"),
    (r"KafkaDsn", "kafka://127.0.0.1:1"),
    (r"\w*(Url|URL)\b", "http://localhost:8000"),
    (r"\bUUID\w*", "00000000-0000-4000-8000-000000000000"),
    (r"\btimedelta\b", "1800"),
    (r"\bdatetime\b", "2000-01-01T00:00:00+00:00"),
    (r"\bdate\b", "2000-01-01"),
    (r"IPv?4?\w*Address|IPvAny\w*", "127.0.0.1"),
    (r"\b(Path|FilePath|DirectoryPath)\b", "."),
)
_BY_NAME = (
    (r"FERNET|ENCRYPTION_KEY", _FERNET),
    (r"ALGORITHM", "HS256"),
    (r"REDIS.*(URL|URI|DSN)|(URL|URI|DSN).*REDIS", "redis://127.0.0.1:1/0"),
    (r"(BROKER|AMQP|RABBIT).*(URL|URI)?$", "amqp://guest:guest@127.0.0.1:1/"),
    (r"MONGO.*(URL|URI|DSN)", "mongodb://127.0.0.1:1/app"),
    (r"(^|_)PORT$", "1"),
    (r"HOST(NAME)?$|SERVER$", "127.0.0.1"),
    (r"(^|_)(URL|URI|ENDPOINT|ORIGIN)S?$", "http://localhost:8000"),
    (r"EMAIL|MAIL_FROM|SUPERUSER$", "admin@example.com"),
    (r"(EXPIRE|EXPIRATION|LIFETIME|TTL|TIMEOUT|MINUTES|SECONDS|DAYS|HOURS|SIZE|LIMIT|COUNT|MAX|MIN)", "30"),
    (r"DEBUG|ENABLED?$|^(IS|USE|HAS)_", "false"),
    (r"(^|_)(ENV|ENVIRONMENT|STAGE)$", "test"),
    (r"LOG_LEVEL|LOGLEVEL", "INFO"),
)


def placeholder(name: str, annotation: str) -> str:
    """A value that a setting of this name and annotated type accepts; text when neither says more."""
    literal = re.search(r"Literal\[\s*['\"]([^'\"]+)['\"]", annotation)
    if literal:
        return literal.group(1)
    for pattern, value in _BY_TYPE:
        if re.search(pattern, annotation):
            return value
    upper = name.upper()
    return next((value for pattern, value in _BY_NAME if re.search(pattern, upper)), SECRET)


def fits(value: str, annotation: str) -> bool:
    """May this value of an example file be what the annotated type accepts? Only plain misfits are told."""
    if re.search(r"\bint\b", annotation) and not re.search(r"\bstr\b", annotation):
        return bool(re.fullmatch(r"\s*[-+]?\d+\s*", value))
    if re.search(r"\bfloat\b", annotation) and not re.search(r"\bstr\b", annotation):
        return bool(re.fullmatch(r"\s*[-+]?\d+(\.\d*)?\s*", value))
    if re.search(r"\bbool\b", annotation) and not re.search(r"\bstr\b", annotation):
        return value.strip().lower() in {"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"}
    if re.search(r"EmailStr", annotation):
        return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value))
    return True
