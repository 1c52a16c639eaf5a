from __future__ import annotations

from backwright.engine.neighbours import neighbours
from backwright.engine.relevance import Relevance, relevance
from backwright.kit.cases import Build

FILES = {
    "app/orders.py": (
        "from app.mail import Mailer\n\n\nclass Orders:\n    def cancel(self, mailer: Mailer) -> None:\n"
        "        def tell() -> None:\n            mailer.announce('cancelled')\n\n        tell()\n"
    ),
    "app/mail.py": (
        "from app.wire import dial\n\n\nclass Mailer:\n    def announce(self, text: str) -> None:\n        dial(text)\n\n"
        "    def flush(self) -> None:\n        pass\n"
    ),
    "app/wire.py": "def dial(text: str) -> None:\n    pass\n\n\ndef hang_up() -> None:\n    pass\n",
    "app/start.py": "from app.orders import Orders\n\n\ndef serve() -> None:\n    Orders().cancel(None)\n",
    "app/other.py": "def lonely() -> None:\n    pass\n",
}


def test_what_is_named_and_what_names_is_near_over_several_steps(build: Build) -> None:
    index, archmap = build(FILES)
    found = list(neighbours(index, relevance(index, archmap, "cancel orders")))
    assert set(found[:2]) == {("app/orders.py", "Orders.cancel"), ("app/orders.py", "Orders")}
    near = [("app/mail.py", "Mailer"), ("app/mail.py", "Mailer.announce"), ("app/start.py", "serve")]
    assert set(near) <= set(found)
    assert ("app/wire.py", "dial") in found
    assert found.index(("app/wire.py", "dial")) > max(map(found.index, near))
    assert not {("app/other.py", "lonely"), ("app/wire.py", "hang_up")} & set(found)


def test_nothing_is_near_to_nothing(build: Build) -> None:
    index, _ = build(FILES)
    assert neighbours(index, Relevance({}, {})) == {}


def test_what_lies_within_a_function_counts_as_the_function(build: Build) -> None:
    index, _ = build(FILES)
    about = Relevance(dict.fromkeys(FILES, 1.0), {("app/mail.py", "Mailer.announce"): 1.0})
    found = neighbours(index, about)
    assert ("app/orders.py", "Orders.cancel") in found
    assert all(".tell" not in name for _, name in found)
