"""A relation that is asked for row by row is said by BW303, and not once more as a query in a loop."""

from __future__ import annotations

from backwright.kit.cases import Build
from backwright.rules.queries import lazy_load_in_loop, query_in_loop

SOURCE = """package report

import "gorm.io/gorm"

func Load(db *gorm.DB, orders []Order) {
	for i := range orders {
		db.Model(&orders[i]).Association("Items").Find(&orders[i].Items)
	}
	for _, order := range orders {
		db.Where("order_id = ?", order.ID).Find(&order.Items)
	}
}
"""


def test_a_load_of_a_relation_is_said_once(build: Build) -> None:
    index, archmap = build({"internal/report/orders.go": SOURCE})
    assert [f.span.line for f in lazy_load_in_loop.check(index, archmap)] == [7]
    assert [f.span.line for f in query_in_loop.check(index, archmap)] == [10]
