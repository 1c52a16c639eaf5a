"""One result of every verb, for the renderers to show."""

from __future__ import annotations

from backwright.core.archmap import ArchMap, Component, Convention, Edge, EntityInfo, RouteInfo
from backwright.core.change import Assumption, ChangeSet, Edit, Question
from backwright.core.events import Event, Run
from backwright.core.facts import Column, Loc, Relation, Route, Span, Table
from backwright.core.findings import Finding, Fix, Related
from backwright.core.stack import Detected, Stack
from backwright.core.verdict import Contract, Step, StepResult, Verdict
from backwright.report.results import (
    ApplyResult,
    CheckResult,
    Head,
    MapResult,
    Next,
    PlanResult,
    Problem,
    RulePage,
    RunResult,
    SceneResult,
    StackResult,
    StatusResult,
    VerifyResult,
)

HEAD = Head("shop-api", "main", "4f2c1ab", 214)


def at(line: int) -> Loc:
    return Loc(line, 1, line, 10, 0, 9)


ARCHMAP = ArchMap(
    root="",
    stack=Stack(
        "",
        (
            Detected("language", "Python", "3.12", 1.0, (Span("pyproject.toml", 4),)),
            Detected("framework", "FastAPI", "0.115", 1.0, (Span("pyproject.toml", 11),)),
            Detected("orm", "SQLAlchemy", "2.0", 1.0, (Span("app/db/base.py", 1),)),
            Detected("access", "sync", "", 0.6, (Span("app/db/session.py", 3),)),
        ),
    ),
    components=(
        Component("app/api/orders.py", "router", "app.api.orders", "declares routes"),
        Component("app/api/users.py", "router", "app.api.users", "declares routes"),
        Component("app/services/users.py", "service", "app.services.users", "in services/"),
        Component("app/repositories/users.py", "repository", "app.repositories.users", "in repositories/"),
        Component("app/models/user.py", "model", "app.models.user", "declares a table"),
        Component("app/legacy/order.py", "model", "app.legacy.order", "declares a table"),
    ),
    edges=(
        Edge("app/api/orders.py", "app/repositories/users.py", 4),
        Edge("app/api/users.py", "app/services/users.py", 4),
    ),
    routes=(
        RouteInfo(
            "app/api/users.py", Route("GET", "/users/{id}", "read_user", at(22), "router", "UserRead", complete=True)
        ),
        RouteInfo("app/api/users.py", Route("POST", "/", "create_user", at(30), "router", auth=("current_user",))),
    ),
    entities=(
        EntityInfo(
            "app/models/user.py",
            Table(
                "User",
                "users",
                at(8),
                "sqlalchemy",
                (
                    Column("id", "Uuid", "UUID", at(10), primary_key=True),
                    Column("team_id", "Uuid", "UUID", at(11), nullable=True, foreign_key="teams.id"),
                ),
                (Relation("orders", "Order", True, at(12)),),
            ),
        ),
    ),
    conventions=(
        Convention(
            "session", "Depends(get_session)", 17, 2, Span("app/api/users.py", 22), "session arrives through Depends"
        ),
        Convention("primary_key", "uuid", 11),
    ),
    unplaced=("app/misc.py", "app/things.py"),
    skipped=(("app/static/big.py", "larger than 1 MiB"),),
    files=214,
    projects=("", "worker"),
)
MAP = MapResult(ARCHMAP, HEAD, 0.21)

QUERY = Finding(
    "BW101",
    "query-in-router",
    "error",
    "`session.execute` queries the database from a router",
    Span("app/api/orders.py", 41, 18, 41, 33),
    "move it to a repository; app/api/users.py:22 does it the house way",
    (Related("`list_orders` handles GET /orders", Span("app/api/orders.py", 40)),),
    fingerprint="BW101:77aa01",
    scope="list_orders",
)
PAGES = Finding(
    "BW203",
    "unbounded-page-size",
    "warning",
    "GET /orders lets the client choose `limit` without a maximum",
    Span("app/api/orders.py", 9, 2, 10, 3),
    fix=Fix(
        "Give `limit` a maximum",
        "review",
        (Edit("app/api/orders.py", "a\nlimit: int\nb\n", "a\nlimit: int = Query(le=100)\nb\n"),),
    ),
    fingerprint="BW203:3f9a1c",
)
CHECK = CheckResult(
    findings=(QUERY, PAGES),
    head=HEAD,
    rules=10,
    files=214,
    since="main",
    seconds=0.61,
    problems=(Problem("BW-E010", "12 calls could not be followed", "app/api/dynamic.py:3", "they use getattr"),),
    skipped=(("app/static/big.py", "larger than 1 MiB"),),
    silenced=1,
    excerpts={
        "app/api/orders.py": {
            40: "async def list_orders(session: Session):",
            41: "    return await session.execute(select(Order))",
            8: "",
            9: "\tlimit: int,",
        }
    },
    pages=(
        RulePage(
            "BW101",
            "query-in-router",
            "error",
            "Query in a router",
            "# Query\n\nWhy `it` matters.\n",
            "https://x.y/BW101",
        ),
    ),
)
CLEAN = CheckResult(findings=(), head=HEAD, rules=10, files=3, seconds=0.04)

CHANGE = ChangeSet(
    id="7c1e",
    title="add resource Order, the way this repository adds resources",
    edits=(
        Edit("app/models/order.py", None, "class Order: ...\n", "the model", "app/models/invoice.py", "4 columns"),
        Edit("app/main.py", "a = 1\n", "a = 1\nb = 2\n", summary="+1 line, the router"),
        Edit("tests/api/test_order.py", None, "def test(): ...\n", summary="9 tests"),
        Edit("app/old.py", "x\n", None, because="replaced by app/models/order.py"),
    ),
    author="blueprint:resource",
    base={"app/main.py": "00"},
    assumptions=(Assumption("money", "Numeric(12, 2)", "as in invoice", ("Numeric(12, 2)", "cents")),),
    questions=(Question("owner", "Who may delete an order?", "medium", ("owner", "admin")),),
    notes=("this repository has no service layer, so none is added",),
)
PLAN = PlanResult(CHANGE, HEAD, saved=True, seconds=0.4)

GREEN = Verdict(
    (
        StepResult("format", "passed", "passed", 0, 0.2, command="ruff format --check"),
        StepResult("types", "passed", "failed", 0, 3.1, command="mypy app"),
        StepResult("tests", "passed", "passed", 0, 26.04, "142 passed, 9 of them new", command="pytest -q"),
        StepResult("docs", "skipped", detail="no such tool", required=False),
    ),
    29.4,
)
RED = Verdict(
    (
        StepResult("lint", "failed", "failed", 1, 0.4, "3 errors", "E501 a\nE501 b\n", "ruff check"),
        StepResult(
            "tests", "failed", "passed", 1, 6.0, "1 failed", "F\x1b[31m test\n\tassert 1\r\n", "pytest -q",
            new=("tests/test_a.py::test_b",),
        ),
        StepResult("types", "unavailable", detail="mypy is not installed; this step is required: pip install mypy"),
    ),
    6.4,
)  # fmt: skip
CONTRACT = Contract((Step("lint", ("ruff", "check")), Step("tests", ("pytest", "-q"))), "stack/stack.yaml")
VERIFIED = VerifyResult(CONTRACT, GREEN, HEAD, seconds=29.4)
NOT_VERIFIED = VerifyResult(CONTRACT, RED, HEAD, seconds=6.4)
APPLIED = ApplyResult(CHANGE, GREEN, HEAD, "landed", "7c1e", seconds=29.6)
NOT_APPLIED = ApplyResult(CHANGE, RED, HEAD, "not_landed", seconds=6.5)
CONFLICT = ApplyResult(CHANGE, GREEN, HEAD, "conflict", conflicts=("app/main.py",), seconds=29.6)
SCENES = (
    SceneResult("PREPARE", True, 8.3, "tree clean, contract of 6 steps passes before we start"),
    SceneResult("ACQUIRE", True, 0.9, "Order, OrderService, 3 tests"),
    SceneResult("ACT", True, 31.2, "4 files"),
)
LANDED = Event(
    "9b02", 9, "2026-05-04T10:00:00Z", "FINALIZE", "WRITE", "CODEBASE", {"finished": "land", "landed": "9b02"}
)
RAN = RunResult(
    Run("9b02", "add resource Order", "done", (LANDED,)),
    HEAD,
    (*SCENES, SceneResult("VERIFY", True, 12.4, "6 of 6"), SceneResult("FINALIZE", True, 0.1, "landed")),
    "done",
    CHANGE,
    GREEN,
    "9b02",
    message="Order has 5 routes under /orders.",
    seconds=53.4,
)
FAILED = RunResult(
    Run("9b02", "add resource Order", "failed"),
    HEAD,
    (*SCENES, SceneResult("VERIFY", False, 9.8, "tests: 1 failed that passed before")),
    "failed",
    CHANGE,
    RED,
    message="Stopped after 3 attempts.",
    failures=("tests/api/test_order.py::test_list   expected 409, got 200",),
    seconds=44.0,
)
STATUS = StatusResult(
    HEAD,
    "Python 3.12, FastAPI 0.115, SQLAlchemy 2.0",
    {"error": 2, "warning": 1},
    "at 4f2c1ab",
    "9b02 done, add resource Order",
    "7c1e add resource Order, 2 hours ago; 84 kB kept: backwright apply --undo 7c1e",
    Next("backwright check", "2 errors are open"),
)

STACK = StackResult(
    head=Head("shop-api", "main", "4f2c1ab", 214),
    asked="",
    stacks=(
        Stack(
            "api",
            (
                Detected("language", "TypeScript", "5.6", 1.0, (Span("api/package.json", 3),), "typescript"),
                Detected("framework", "Fastify", "5.1", 1.0, (Span("api/package.json", 9),), "fastify"),
                Detected("database", "PostgreSQL", "", 0.6, (Span("api/.env.example", 1),), "postgresql"),
            ),
            because=(Span("api/package.json", 9),),
            unused=(Detected("orm", "TypeORM", "0.3", 0.4, (Span("api/package.json", 11),), "typeorm"),),
            files=12,
        ),
        Stack("web", (), "frontend", (Span("web/package.json", 4),), files=30),
    ),
    problems=(
        Problem("BW-W004", "orm is `prisma` here, and kysely in the project", "api/stack/stack.yaml:3", "mend it"),
    ),
)
