"""Which files are near a file, by the names of their imports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Import, Loc
from backwright.engine.nearby import Imports, all_spelt, users

_PYTHON = {
    "app/api/orders.py": ["app.services.orders", "fastapi"],
    "app/services/orders.py": ["app.repositories.orders", "app.core"],
    "app/repositories/orders.py": ["app.models", "sqlalchemy.orm"],
    "app/models/__init__.py": [],
    "app/core/__init__.py": [],
    "app/far/away.py": ["json"],
}


def test_each_language_names_files_in_its_way() -> None:
    found = Imports(
        {
            **_PYTHON,
            "src/routes/user.ts": ["../services/user", "@/lib/auth", "express"],
            "src/services/user.ts": [],
            "src/users/users.controller.ts": ["./users.service", "../services/user.js"],
            "src/users/users.service.ts": [],
            "lib/shop/cart.py": ["./items", "../prices/Price"],
            "lib/shop/items.py": [],
            "lib/prices.py": [],
            "src/lib/auth.ts": [],
            "cmd/main.go": ["example.com/shop/internal/store"],
            "internal/store/orders.go": [],
            "src/main/java/shop/OrderService.java": ["shop.data.OrderRepository"],
            "src/main/java/shop/data/OrderRepository.java": [],
            "src/api.rs": ["crate::models::order"],
            "src/models/order.rs": [],
        }
    ).of
    assert found["app/api/orders.py"] == ("app/services/orders.py",)
    assert found["app/repositories/orders.py"] == ("app/models/__init__.py",)
    assert found["src/routes/user.ts"] == ("src/services/user.ts", "src/lib/auth.ts")
    assert found["src/users/users.controller.ts"] == ("src/users/users.service.ts", "src/services/user.ts")
    assert found["lib/shop/cart.py"] == ("lib/shop/items.py", "lib/prices.py")
    assert found["cmd/main.go"] == ("internal/store/orders.go",)
    assert found["src/main/java/shop/OrderService.java"] == ("src/main/java/shop/data/OrderRepository.java",)
    assert found["src/api.rs"] == ("src/models/order.rs",)


def test_who_imports_a_submodule_uses_it() -> None:
    items = [
        Import(module, name, name, 0, "", Loc(1, 1, 1, 1, 0, 0))
        for module, name in (("app.services", "orders"), ("app.models", "order"), ("fastapi", "APIRouter"))
    ]
    names = all_spelt(items)
    assert names == (".:app.models.order", ".:app.services.orders", "app.models", "app.services", "fastapi")
    imports = Imports({**_PYTHON, "app/jobs.py": names})
    assert set(imports.of["app/jobs.py"]) == {"app/services/orders.py", "app/models/__init__.py"}
    assert "app/jobs.py" in users("app/services/orders.py", imports, 9)


def test_who_uses_a_file_the_nearest_first() -> None:
    imports = Imports(_PYTHON)
    assert users("app/repositories/orders.py", imports, 1) == ("app/services/orders.py",)
    assert users("app/repositories/orders.py", imports, 9) == ("app/services/orders.py", "app/api/orders.py")
    assert users("app/api/orders.py", imports, 9) == ()


@pytest.mark.parametrize(
    ("module", "name", "level", "found"),
    [
        ("app.services", "orders", 0, ("app/services/orders.py",)),
        ("app.services.orders", "Orders", 0, ("app/services/orders.py",)),
        ("app", "models", 0, ("app/models/__init__.py",)),
        ("app.models", "Order", 0, ("app/models/__init__.py",)),
        ("repositories", "orders", 2, ("app/repositories/orders.py",)),
        ("repositories.orders", "Orders", 2, ("app/repositories/orders.py",)),
        ("", "orders", 1, ("app/services/orders.py",)),
        ("fastapi", "APIRouter", 0, ()),
    ],
)
def test_a_submodule_is_a_file_of_its_own(module: str, name: str, level: int, found: tuple[str, ...]) -> None:
    item = Import(module, name, name, level, "", Loc(1, 1, 1, 1, 0, 0))
    assert tuple(Imports(_PYTHON).led_to("app/services/orders.py", item)) == tuple(p for p in found)


_names = st.lists(st.sampled_from(["a", "b", "index", "..", ".", "@", "c.py", ""]), min_size=1, max_size=4)


@given(
    files=st.dictionaries(
        _names.map("/".join), st.lists(_names.map(lambda parts: ".".join(parts)), max_size=4), max_size=8
    ),
    at_most=st.integers(1, 6),
)
def test_whatever_the_names(files: dict[str, list[str]], at_most: int) -> None:
    seed = min(files, default="")
    found = users(seed, Imports(files), at_most)
    assert set(found) <= set(files) - {seed}
    assert len(set(found)) == len(found) <= at_most
