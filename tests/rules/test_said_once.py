"""What one place shows is said once, though several ways lead to it."""

from __future__ import annotations

from backwright.kit.cases import Build
from backwright.rules.input import unbounded_page_size
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


LISTED = """package orders

import (
	"strconv"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

type Handler struct {
	db *gorm.DB
}

func Routes(router *gin.Engine, handler *Handler) {
	router.GET("/orders", handler.list)
	router.GET("/v2/orders", handler.list)
}

func (h *Handler) list(c *gin.Context) {
	size, _ := strconv.Atoi(c.Query("size"))
	var orders []Order
	h.db.Limit(size).Find(&orders)
	c.JSON(200, orders)
}
"""


def test_a_limit_of_two_routes_is_said_once(build: Build) -> None:
    index, archmap = build({"internal/orders/handler.go": LISTED})
    assert [f.span.line for f in unbounded_page_size.check(index, archmap)] == [20]


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
