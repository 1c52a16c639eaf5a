from __future__ import annotations

from backwright.kit.bodies import bodies
from backwright.kit.cases import Build

SOURCE = """
class Orders:
    def cancel(self, order):
        if order.paid:
            self.refund(order)
        else:
            self.drop(order)
        self.tell(order)


def count():
    return ask()
"""


def test_a_place_knows_the_functions_and_branches_around_it(build: Build) -> None:
    index, _ = build({"app/orders.py": SOURCE})
    found = bodies(index)
    for name, scopes, arms in (
        ("refund", ["Orders", "Orders.cancel"], 1),
        ("drop", ["Orders", "Orders.cancel"], 1),
        ("tell", ["Orders", "Orders.cancel"], 0),
        ("ask", ["count"], 0),
    ):
        (link,) = found.by_name[name]
        assert [body.scope for body in found.around(link.body.path, link.expr.loc)] == scopes
        assert len(list(link.body.branches_around(link.expr.loc))) == arms
