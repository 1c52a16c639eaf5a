from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.engine.relevance import callers, relevance, terms_of, used_by
from backwright.engine.tokens import tokens_of
from backwright.kit.cases import Build

FILES = {
    "app/models/order.py": "class Order:\n    id: int\n    shipped_at: str\n",
    "app/models/invoice.py": "class Invoice:\n    id: int\n",
    "app/services/order_service.py": (
        "from app.models.order import Order\nfrom app.errors import Conflict\n\n"
        "class OrderService:\n    def cancel(self, order: Order) -> Order:\n        raise Conflict\n"
    ),
    "app/errors.py": "class Conflict(Exception):\n    pass\n",
    "app/api.py": (
        "from app.services.order_service import OrderService\n\n"
        "def cancel_order() -> None:\n    OrderService().cancel(None)\n"
    ),
    "tests/conftest.py": "def client():\n    return 1\n",
    "tests/api/test_order.py": "def test_cancel(client):\n    assert client\n",
}


def test_terms_are_words_in_the_singular() -> None:
    assert terms_of("Add the orderLines to shipped_orders") == {
        "orderline",
        "order",
        "line",
        "shipped_order",
        "shipped",
    }


def test_what_is_named_comes_first_and_its_neighbours_follow(build: Build) -> None:
    found = relevance(*build(FILES), "orders can be cancelled")
    ranked = list(found.files)
    assert ranked[0] in ("app/models/order.py", "app/services/order_service.py")
    assert set(ranked[:3]) >= {"app/models/order.py", "app/services/order_service.py"}
    assert ranked.index("app/models/order.py") < (
        ranked.index("app/models/invoice.py") if "app/models/invoice.py" in ranked else 99
    )
    assert ("app/models/order.py", "Order") in found.symbols
    assert "app/models/invoice.py" not in {path for path, _ in found.symbols}
    assert not relevance(*build(FILES), "nothing of the kind").symbols


def test_what_files_use(build: Build) -> None:
    index, _ = build(FILES)
    used = used_by(index, {"app/services/order_service.py": 2.0, "app/api.py": 1.0})
    assert used["app/models/order.py", "Order"] == 2.0
    assert used["app/errors.py", "Conflict"] == 2.0
    assert used["app/services/order_service.py", "OrderService"] == 1.0
    assert used_by(index, {"tests/api/test_order.py": 1.0}) == {("tests/conftest.py", "client"): 1.0}
    assert callers(index, {"cancel"}) == {("app/api.py", "cancel_order"): 1}


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("x", 1, 1),
        ("def f(a, b):\n    return a + b\n", 10, 18),
        ("internationalisation", 2, 4),
        ("12345", 2, 2),
    ],
)
def test_tokens_are_about_right(text: str, least: int, most: int) -> None:
    assert least <= tokens_of(text) <= most


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_costs_more(one: str, other: str) -> None:
    assert max(tokens_of(one), tokens_of(other)) <= tokens_of(f"{one}\n{other}") + 1
