"""The pages of `stack/`: whole definitions of the repository's own, templates for the rest, steps that can be run."""

from __future__ import annotations

import pytest

from backwright.core.facts import Span
from backwright.core.stack import Detected, Stack
from backwright.engine.stack_knowledge import ecosystems
from backwright.engine.stack_manifest import manifest_text, verify_steps
from backwright.engine.stack_pages import api_template, ecosystem_of, snippets, snippets_page, tech_stack
from backwright.engine.stack_templates import templates

LANGUAGES = sorted({name for ecosystem in ecosystems() for name in ecosystem.suffixes.values()})
ROLES = {"route", "schema", "model", "dependency", "repository", "pagination", "migration", "test"}


def stack_of(language: str, **parts: str) -> Stack:
    found = {"language": language, **parts}
    return Stack(
        "", tuple(Detected(kind, name, "", 1.0, (Span("a", 1),), name) for kind, name in found.items()), "backend"
    )


def pieces(language: str, files: dict[str, str]) -> dict[str, str]:
    return {s.role: s.text for s in snippets(stack_of(language), sorted(files), files.get)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_template_of_every_part(language: str) -> None:
    assert set(templates(language).parts) == ROLES
    page = snippets_page((), language)
    assert page.count("Template for ") == len(ROLES)
    name, text = api_template((), ecosystem_of(stack_of(language)), language, lambda path: None)
    assert name.startswith("api-template.")
    assert "Template for " in text


def test_a_chain_s_link_is_shown_with_its_function() -> None:
    service = (
        "class Orders {\n  fun page(limit: Int): List<Order> {\n    val found = Orders.selectAll()\n"
        "        .limit(limit)\n    return found.map { it.toOrder() }\n  }\n}\n"
    )
    assert (
        pieces("kotlin", {"src/main/kotlin/Orders.kt": service})["pagination"].splitlines()[0]
        == "  fun page(limit: Int): List<Order> {"
    )


def test_a_field_is_shown_with_its_class_and_a_mark_with_what_it_marks() -> None:
    body = "public record OrderIn(\n        @NotBlank String note,\n        @Min(1) int quantity) {}\n"
    test = "class OrdersTest {\n    @Test\n    void creates() {\n        post();\n    }\n\n    @Test\n    void refuses() {\n    }\n}\n"
    found = pieces("java", {"src/main/java/OrderIn.java": body, "src/test/java/OrdersTest.java": test})
    assert found["schema"].startswith("public record OrderIn(")
    assert found["test"] == "    @Test\n    void creates() {\n        post();\n    }"


def test_one_line_routes_are_shown_together() -> None:
    routes = (
        'func (h *Handler) Register(g *echo.Group) {\n\tg.GET("/orders", h.List)\n\tg.POST("/orders", h.Create)\n}\n'
    )
    assert pieces("go", {"handler/routes.go": routes})["route"] == routes.rstrip("\n")


def test_what_is_cut_says_so() -> None:
    long = "CREATE TABLE orders (\n" + "".join(f"  c{n} int,\n" for n in range(60)) + ");\n"
    files = {"migrations/1_orders.sql": long}
    page = snippets_page(snippets(stack_of("go"), sorted(files), files.get), "go")
    assert "`migrations/1_orders.sql:1` (its first 45 lines)" in page


def test_entities_come_before_other_classes_called_model() -> None:
    files = {
        "shop/transport.py": "class Reply(BaseModel):\n    id: str\n    note: str\n    total: int\n",
        "shop/models.py": "class Order(models.Model):\n    note = models.TextField()\n    total = models.IntegerField()\n",
    }
    assert pieces("python", files)["model"].startswith("class Order(models.Model):")


@pytest.mark.parametrize(
    ("language", "include"), [("kotlin", "*.kt"), ("java", "*.java"), ("scala", "*.scala"), ("go", "*.go")]
)
def test_raw_sql_is_looked_for_in_the_stack_s_language(language: str, include: str) -> None:
    assert f"include_glob: '{include}'" in manifest_text(stack_of(language), ())


def test_migrations_are_a_step_that_may_lack_a_database() -> None:
    steps = {s.name: s for s in verify_steps(stack_of("elixir", package_manager="mix", migrations="ecto"), {})}
    assert steps["migrations"].argv == ("mix", "ecto.migrations")
    assert not steps["migrations"].required
    assert steps["tests"].required


def test_the_core_of_the_framework_is_named() -> None:
    assert "- **Core API**: FastAPI(), APIRouter, Depends" in tech_stack(stack_of("python", framework="fastapi"))
    assert "Core API" not in tech_stack(stack_of("python", framework="unheard-of"))
