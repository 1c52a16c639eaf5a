"""What one place shows is said once, though several ways lead to it."""

from __future__ import annotations

from backwright.kit.cases import Build
from backwright.rules.layering import http_in_service
from backwright.rules.queries import lazy_load_in_loop, query_in_loop

LOADED = """package report

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
    """It is said by BW303, and not once more as a query in a loop."""
    index, archmap = build({"internal/report/orders.go": LOADED})
    assert [f.span.line for f in lazy_load_in_loop.check(index, archmap)] == [7]
    assert [f.span.line for f in query_in_loop.check(index, archmap)] == [10]


REFUSED = """import { HttpException, HttpStatus, Injectable } from "@nestjs/common";

@Injectable()
export class OrderService {
  pay(id: string): void {
    throw new HttpException("paid already", HttpStatus.CONFLICT);
  }
}
"""


def test_a_status_that_is_thrown_is_said_once(build: Build) -> None:
    index, archmap = build({"src/orders/order.service.ts": REFUSED})
    (found,) = http_in_service.check(index, archmap)
    assert found.span.line == 6
    assert found.related == ()
