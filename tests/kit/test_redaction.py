"""Secrets are taken out of texts, and nothing else is."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.redaction import is_random, redacted, redacted_tree

GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1bC3"


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GH_TOKEN", "DB_PASSWORD", "SECRET_KEY", "SENTRY_DSN", "SERVICE_CREDENTIALS"]
)
def test_values_of_our_own_variables(name: str) -> None:
    text = redacted("before canary-4711 after", environ={name: "canary-4711", "HOME": "before", "SHELL": "/bin/bash"})
    assert text == f"before [redacted: {name}] after"


def test_the_longest_value_goes_first_and_short_or_plain_ones_stay() -> None:
    environ = {"A_KEY": "canary-4711", "B_KEY": "canary-4711-and-more", "C_KEY": "short", "D_KEY": "/run/secrets/token"}
    assert redacted("canary-4711-and-more", environ=environ) == "[redacted: B_KEY]"
    assert redacted("short /run/secrets/token", environ=environ) == "short /run/secrets/token"


def test_the_password_of_an_address_in_a_variable_and_in_a_text() -> None:
    environ = {"DATABASE_URL": "postgresql://shop:Vx83kqpL2@db.example.com/shop"}
    assert "Vx83kqpL2" not in redacted("login with Vx83kqpL2 failed", environ=environ)
    assert redacted("redis://:q8Zr4mTe1w@cache:6379/0", environ={}) == "redis://:[redacted]@cache:6379/0"
    assert redacted("postgresql://user:password@localhost/x", environ={}).endswith("user:password@localhost/x")


@pytest.mark.parametrize(
    "secret",
    [
        GITHUB,
        "AKIA" + "QWERTYUIOPASDFGH",
        "glpat-" + "aB3dE6gH9jK2mN5pQ8rS",
        "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA" * 3,
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "AIza" + "SyD3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1b",
        "hf_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1b",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
    ids=lambda secret: secret[:8],
)
def test_formats_of_tokens(secret: str) -> None:
    text = redacted(f"Authorization: {secret} was refused", environ={})
    assert secret not in text
    assert text.startswith("Authorization: [redacted: ")
    assert redacted_tree({"tail": [f"x {secret}", 3, None]}) != {"tail": [f"x {secret}", 3, None]}


def test_long_random_words_of_commands() -> None:
    word = base64.b64encode(hashlib.sha512(b"seed").digest()).decode().replace("/", "x")
    assert redacted(f"key={word}", random=True, environ={}) == "[redacted: random text]"
    assert redacted(f"key={word}", environ={}) == f"key={word}"


@pytest.mark.parametrize(
    "text",
    [
        hashlib.sha256(b"").hexdigest(),
        "550e8400-e29b-41d4-a716-446655440000",
        "sha512-" + base64.b64encode(hashlib.sha512(b"lock").digest()).decode(),
        "src/main/java/com/example/shop/controllers/OrderControllerIntegrationTest2.java",
        "test_an_order_can_be_cancelled_until_it_ships_and_not_after_2024_01_01",
        "AbstractSingletonProxyFactoryBeanConfigurationProperties2",
        "tests/api/v1/test_orders.py::TestOrders::test_list_returns_200_for_user_1",
        "ALEMBIC_VERSION_0001_INITIAL_SCHEMA_WITH_ORDERS",
    ],
)
def test_what_is_long_and_no_secret_stays(text: str) -> None:
    assert redacted(f"FAILED {text} in 0.3 s", random=True, environ={}) == f"FAILED {text} in 0.3 s"


@given(st.binary(min_size=40, max_size=60))
def test_most_random_bytes_are_seen_in_either_alphabet(data: bytes) -> None:
    digest = hashlib.sha384(data).digest()
    assert is_random(base64.urlsafe_b64encode(digest).decode())


@given(st.text(max_size=200))
def test_it_never_fails_and_is_done_after_once(text: str) -> None:
    once = redacted(text, random=True, environ={"A_TOKEN": "canary-4711"})
    assert redacted(once, random=True, environ={"A_TOKEN": "canary-4711"}) == once
