"""Handlers of one language are no example for those of another: BW201 in a repository with both."""

from __future__ import annotations

from backwright.kit.cases import Build
from backwright.rules.input import unvalidated_body

UNCHECKED = """import { Router } from "express";
import { PrismaClient } from "@prisma/client";

const prisma = new PrismaClient();
const router = Router();

router.post("/plans", async (req, res) => {
  const { title } = req.body;
  res.json(await prisma.plan.create({ data: { title } }));
});

export default router;
"""
CHECKED = """package shop;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

class NewOrder {
    @NotBlank
    public String title;
}

@RestController
public class OrderController {
    @PostMapping("/orders")
    public NewOrder create(@RequestBody @Valid NewOrder order) {
        return order;
    }
}
"""


def test_a_schema_in_java_is_no_style_of_typescript(build: Build) -> None:
    index, archmap = build({"api/plans.routes.ts": UNCHECKED, "src/main/java/shop/OrderController.java": CHECKED})
    assert list(unvalidated_body.check(index, archmap)) == []


def test_a_schema_in_typescript_is_one(build: Build) -> None:
    schemed = 'router.post("/orders", validate(orderSchema), async (req, res) => {\n  res.json(req.body);\n});\n'
    index, archmap = build({"api/plans.routes.ts": UNCHECKED.replace("export", f"{schemed}\nexport")})
    (found,) = unvalidated_body.check(index, archmap)
    assert found.span.line == 8
