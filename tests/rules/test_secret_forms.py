from __future__ import annotations

import math
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit import scanning
from backwright.kit.secrets import credentials_in, is_placeholder, is_secret_name, looks_secret, token_in

_R = random.Random(5)  # made-up secrets must be the same in every run


def made(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Random text, made here: nothing that looks like a secret stands in this repository."""
    return "".join(_R.choice(alphabet) for _ in range(length))


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TOKENS = [
    ("AWS access key", "AKIA" + made(16, UPPER)),
    ("GitHub token", "ghp_" + made(36)),
    ("GitLab token", "glpat-" + made(20)),
    ("Slack token", "xoxb-" + made(11, string.digits.replace("0", "")) + "-" + made(24)),
    ("Stripe key", "sk_live_" + made(24)),
    ("API key", "sk-" + made(20) + "7" + made(27)),
    ("Anthropic key", "sk-ant-" + "api03-" + made(80)),
    ("Google API key", "AIza" + made(35)),
    ("private key", "-----BEGIN PRIVATE KEY-----\n" + made(64) + "\n-----END PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("kind", "token"), TOKENS)
def test_tokens_are_known_by_their_format(kind: str, token: str) -> None:
    assert token_in(token) == kind
    assert token_in(f"Bearer {token} and more") == kind


SCANNED = [
    ("Discord Bot Token", "M" + made(23) + "." + made(6) + "." + made(27)),
    ("Mailchimp Access Key", made(32, "0123456789abcdef") + "-us" + "14"),
    ("Square OAuth Secret", "sq0csp-" + made(43)),
    ("Telegram Bot Token", made(10, "123456789") + ":" + made(35)),
]


@pytest.mark.parametrize(("kind", "token"), SCANNED)
def test_an_installed_scanner_adds_its_formats(kind: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert token_in(token) == kind
    monkeypatch.setattr(scanning, "find_spec", lambda name: None)
    scanning.detectors.cache_clear()
    assert token_in(token) == ""
    monkeypatch.undo()
    scanning.detectors.cache_clear()


def test_what_a_scanner_guesses_by_context_does_not_count() -> None:
    kinds = {kind for kind, _ in scanning.detectors()}
    assert "AWS Access Key" in kinds
    assert not kinds & {"Basic Auth Credentials", "Public IP (ipv4)", "Secret Keyword", "Hex High Entropy String"}


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "sk-test-key-00000000000000000000000000000000000",
        "sk-learn-style-kebab-case-words-that-go-on-and-on",
        "-----BEGIN PRIVATE KEY-----",
        "ghp_short",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "SKIP" + "0" * 32,
    ],
)
def test_examples_and_lookalikes_are_not_tokens(text: str) -> None:
    assert token_in(text) == ""


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "password",
        "dbPassword",
        "api_key",
        "API-KEY",
        "jwt_secret",
        "client_secret",
        "auth_token",
        "smtp.password",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "token_url",
        "password_field",
        "access_token_expire",
        "PASSWORD_MIN",
        "secret_name",
        "password_hash",
        "token_type",
        "key",
        "",
    ],
)
def test_names_about_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value",
    ["changethis", "your-api-key", "<secret>", "${SECRET}", "xxxxxxxx", "test-secret-1", "postgres", "example-value-1"],
)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)
    assert not looks_secret(value, "password")


@pytest.mark.parametrize(
    "value",
    [
        "oauth2_leaked_token",
        "/users/token1",
        "a sentence with 1 number",
        "users:read:v2",
        "Xy1",
        "$2b$12$" + "Q9x" * 12,
    ],
)
def test_what_is_no_secret(value: str) -> None:
    assert not looks_secret(value, "token")


@given(st.integers(20, 60), st.randoms(use_true_random=False))
def test_random_text_under_a_telling_name_is_a_secret(length: int, source: random.Random) -> None:
    text = "".join(source.choice(string.ascii_letters + string.digits) for _ in range(length - 4)) + "aZ49"
    if len(set(text)) < 2**3.5 or any(c * 5 in text for c in set(text)) or is_placeholder(text):
        return
    entropy = -sum(text.count(c) / length * math.log2(text.count(c) / length) for c in set(text))
    if entropy > 3.2:
        assert looks_secret(text, "api_key")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgresql://shop:" + "7hG2kQ9zLm" + "@db.company.org/shop", True),
        ("redis://:" + "7hG2kQ9zLm" + "@cache:6379/0", True),
        ("postgresql://postgres:postgres@localhost/app", False),
        ("postgresql://app:app@db/app", False),
        ("postgresql://shop:" + "7hG2kQ9zLm" + "@localhost/shop", False),
        ("postgresql://{user}:{password}@{host}/app", False),
        ("https://example.org/@user:name", False),
        ("postgresql://user:$PASSWORD@db.company.org/app", False),
    ],
)
def test_passwords_in_addresses(text: str, found: bool) -> None:
    assert bool(credentials_in(text)) is found


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(token_in(text) + credentials_in(text), str)
    assert looks_secret(text, text) in (True, False)
