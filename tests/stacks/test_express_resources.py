"""Resources planned on Express with Prisma: where they go, what they consist of, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stack_scene import REPOS, planned, texts

from backwright.core.errors import NeedsPerson, Unsupported, UsageError

STALL = (
    "Stall",
    "code:str(1..20):unique",
    "fee:decimal(8,2):min=0",
    "kind:enum(food,craft)=food",
    "venue:ref(Venue)",
)


def events(folder: Path) -> Path:
    """A copy of the sample service."""
    root = folder / "events"
    shutil.copytree(REPOS / "events_express", root, ignore=shutil.ignore_patterns("node_modules"))
    return root


def edited(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def test_every_layer_gets_a_file_like_the_exemplar_s(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), *STALL, filters=("kind",), sorts=("fee",)))
    assert {
        "src/schemas/stall.schema.ts",
        "src/services/stall.service.ts",
        "src/controllers/stall.controller.ts",
        "src/routes/stall.routes.ts",
        "tests/stalls.test.ts",
    } <= set(found)
    assert "import stallRoutes from './stall.routes.js';" in found["src/routes/index.ts"]
    assert "router.use('/stalls', stallRoutes);" in found["src/routes/index.ts"]
    controller = found["src/controllers/stall.controller.ts"]
    assert "export const createStall = asyncHandler(async (req: Request, res: Response) => {" in controller
    assert "res.status(201).json({ data: stall });" in controller
    assert "meta: { page: query.page, limit: query.limit, total }" in controller
    service = found["src/services/stall.service.ts"]
    assert "if (error.code === 'P2002') return new ConflictError(" in service
    assert "throw new NotFoundError('Stall not found');" in service


def test_the_model_and_its_migration_say_the_same(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), *STALL))
    schema = found["prisma/schema.prisma"]
    assert "  stalls    Stall[]\n" in schema.partition("model Venue")[2].partition("}")[0]
    assert 'venueId   Int       @map("venue_id")' in schema
    sql = next(text for path, text in found.items() if path.endswith("_add_stalls/migration.sql"))
    assert '"fee" DECIMAL(8,2) NOT NULL' in sql
    assert """"kind" "StallKind" NOT NULL DEFAULT 'food'""" in sql
    assert 'CREATE UNIQUE INDEX "stalls_code_key" ON "stalls"("code");' in sql
    assert 'REFERENCES "venues"("id") ON DELETE RESTRICT' in sql


def test_admins_pass_the_guards_that_admins_pass_elsewhere(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), *STALL, auth=("write=admin", "read=public")))
    routes = found["src/routes/stall.routes.ts"]
    assert "router.get('/', stallController.listStalls);" in routes
    assert "  authenticate,\n  requireRole('ADMIN'),\n  validate({ body: createStallSchema })," in routes
    assert "leaves creating to admins" in found["tests/stalls.test.ts"]


def test_a_guard_of_a_whole_router_is_said_by_each_route_that_needs_it(tmp_path: Path) -> None:
    root = events(tmp_path)
    edited(
        root,
        "src/routes/event.routes.ts",
        "const router = Router();\n",
        "const router = Router();\nrouter.use(authenticate);\n",
    )
    routes = texts(planned(root, *STALL, auth=("write=user", "read=public")))["src/routes/stall.routes.ts"]
    assert "router.use" not in routes
    assert "router.get('/', stallController.listStalls);" in routes
    assert "router.delete('/:id', authenticate, stallController.deleteStall);" in routes


def test_names_of_several_words_are_joined_as_code_files_and_addresses_join_them(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), "FoodStall", "name:str(1..40)"))
    assert "src/services/foodStall.service.ts" in found  # as asyncHandler.ts is written
    assert "router.use('/food-stalls', foodStallRoutes);" in found["src/routes/index.ts"]
    assert '@@map("food_stalls")' in found["prisma/schema.prisma"]


def test_rows_of_somebody_belong_to_who_made_them(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), "Memo", "text:str(1..80)", owner="owner"))
    service = found["src/services/memo.service.ts"]
    assert "data: { ...input, ownerId: userId }" in service
    assert "if (found.ownerId !== userId) throw new ForbiddenError(" in service
    assert "memoService.createMemo(req.body, req.user!.id)" in found["src/controllers/memo.controller.ts"]
    assert "onDelete: Cascade" in found["prisma/schema.prisma"].partition("model Memo")[2]


def test_only_the_operations_that_were_asked_for(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), "Badge", "name:str(1..40)", operations="list,create"))
    assert "deleteBadge" not in "".join(found.values())
    assert "getBadge" not in found["src/services/badge.service.ts"]


def test_what_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Venue exists already"):
        planned(events(tmp_path), "Venue", "name:str")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Planet, which is not a model"):
        planned(events(tmp_path), "Moon", "name:str", "planet:ref(Planet)")


def test_a_level_that_nothing_checks_is_asked(tmp_path: Path) -> None:
    root = events(tmp_path)
    edited(root, "src/routes/venue.routes.ts", "requireRole('ADMIN'),", "")
    with pytest.raises(NeedsPerson):
        planned(root, *STALL, auth=("write=admin",))


@pytest.mark.parametrize("named", ["joi", "yup"])
def test_other_validation_is_refused_by_name(tmp_path: Path, named: str) -> None:
    root = events(tmp_path)
    edited(root, "package.json", '"zod": "4.1.12"', f'"{named}": "17.0.0"')
    with pytest.raises(Unsupported, match=f"validation of this project is {named}"):
        planned(root, *STALL)


def test_another_orm_is_refused_by_name(tmp_path: Path) -> None:
    root = events(tmp_path)
    (root / "prisma/schema.prisma").unlink()
    edited(root, "package.json", '"express"', '"mongoose": "8.0.0",\n    "express"')
    with pytest.raises(Unsupported, match="ORM of this project is mongoose"):
        planned(root, *STALL)


def test_handlers_that_answer_errors_by_themselves_are_refused(tmp_path: Path) -> None:
    root = events(tmp_path)
    old = (
        "  const event = await eventService.createEvent(req.body, req.user!);\n  res.status(201).json({ data: event });"
    )
    new = f"  try {{\n{old}\n  }} catch (error) {{\n    res.status(500).json({{ error }});\n  }}"
    edited(root, "src/controllers/event.controller.ts", old, new)
    with pytest.raises(Unsupported, match="createEvent answers what goes wrong by itself"):
        planned(root, *STALL)


def test_tables_that_tests_empty_by_name_are_emptied_of_the_new_rows_too(tmp_path: Path) -> None:
    root = events(tmp_path)
    assert "TRUNCATE TABLE users, venues, events, stalls RESTART" in texts(planned(root, *STALL))["tests/helpers.ts"]
    call = "  await prisma.$executeRawUnsafe('TRUNCATE TABLE users, venues, events RESTART IDENTITY CASCADE');\n"
    rows = "  await prisma.event.deleteMany();\n  await prisma.venue.deleteMany();\n"
    edited(root, "tests/helpers.ts", call, rows)
    found = texts(planned(root, *STALL))["tests/helpers.ts"]
    assert f"{{\n  await prisma.stall.deleteMany();\n{rows}}}" in found


def test_tests_see_what_was_made_and_changed(tmp_path: Path) -> None:
    found = texts(planned(events(tmp_path), *STALL))["tests/stalls.test.ts"]
    assert found.count("expect(res.body.data.code).toBe(given.code);") == 2
