"""Plans in houses that differ from a sample service in one thing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sample_scene import REPOS, plan_at

from backwright.app.config import Config
from backwright.app.project import open_project
from backwright.core.errors import Unsupported

BOOK = (
    "Voucher",
    "code:str(40):unique",
    "status:enum(issued,redeemed)=issued",
    "author:ref(Author)",
    "--auth",
    "write=admin",
)


class Variant:
    """A copy of a sample service to be changed before it is planned in."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace all of `old`, a pattern, which has to be there."""
        text = (self.root / path).read_text()
        changed = re.sub(old, new, text, flags=re.DOTALL | re.MULTILINE)
        assert changed != text
        (self.root / path).write_text(changed)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def plan(self, *tokens: str) -> dict[str, str]:
        """The files of the plan by path."""
        with open_project(self.root, Config()) as project:
            return {e.path: e.after or "" for e in plan_at(project, tokens or BOOK).change.edits}


@pytest.fixture
def library(tmp_path: Path) -> Variant:
    return _copy("library_functions", tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Variant:
    return _copy("shop_layered", tmp_path)


@pytest.fixture
def clinic(tmp_path: Path) -> Variant:
    return _copy("clinic_features", tmp_path)


def _copy(name: str, folder: Path) -> Variant:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db")
    shutil.copytree(REPOS / name, folder / name, ignore=ignored)
    return Variant(folder / name)


def test_an_enum_of_older_python_beside_the_type_of_the_column(library: Variant) -> None:
    library.write("pyproject.toml", '[project]\nname = "library"\nversion = "1"\nrequires-python = ">=3.10"\n')
    model = library.plan()["app/models/voucher.py"]

    assert "class VoucherStatus(str, enum.Enum):" in model
    assert "import enum\n" in model
    assert "Enum(\n" in model or "Enum(VoucherStatus" in model


def test_users_are_signed_in_where_no_fixture_does_it(library: Variant) -> None:
    library.edit("tests/conftest.py", r"@pytest.fixture\ndef admin_headers.*?(?=@pytest.fixture\ndef author)", "")
    library.write(
        "tests/test_authors.py",
        "from app.models import User\nfrom app.security import create_access_token\n\n\n"
        "def test_authors(client, db, admin):\n"
        '    headers = {"Authorization": f"Bearer {create_access_token(admin.id)}"}\n'
        '    assert client.get("/authors/", headers=headers).status_code == 200\n',
    )
    tests = library.plan()["tests/test_vouchers.py"]

    assert "token = create_access_token(user.id)" in tests
    assert 'yield {"Authorization": f"Bearer {token}"}' in tests
    assert re.search(r'def admin_headers\(db: Session\).*?role="admin"', tests, re.DOTALL)
    assert "def test_create_voucher_as_plain_user(" in tests


def test_answers_in_a_folder_of_their_own(library: Variant) -> None:
    text = (library.root / "app/schemas/author.py").read_text()
    requests, answer = text.split("class Author(AuthorBase)")
    imports = text.partition("class ")[0]
    base = "from app.schemas.request.author import AuthorBase"
    library.write("app/schemas/request/__init__.py", "")
    library.write("app/schemas/request/author.py", requests)
    library.write("app/schemas/response/__init__.py", "")
    library.write("app/schemas/response/author.py", f"{imports}{base}\n\n\nclass AuthorRead(AuthorBase){answer}")
    (library.root / "app/schemas/author.py").unlink()
    router = (library.root / "app/routers/authors.py").read_text()
    router = router.replace("from app.schemas.author import Author, ", "from app.schemas.request.author import ")
    router = router.replace("response_model=Author", "response_model=AuthorRead").replace(
        "list[Author]", "list[AuthorRead]"
    )
    library.write("app/routers/authors.py", f"from app.schemas.response.author import AuthorRead\n{router}")
    files = library.plan()

    assert "class VoucherCreate(" in files["app/schemas/request/voucher.py"]
    assert "class VoucherRead(" not in files["app/schemas/request/voucher.py"]
    assert "class VoucherRead(" in files["app/schemas/response/voucher.py"]
    assert "from app.schemas.response.voucher import VoucherRead" in files["app/routers/vouchers.py"]


def test_layers_that_are_dataclasses(shop: Variant) -> None:
    for name in ("category", "supplier"):
        shop.edit(
            f"app/services/{name}.py",
            r"(class \w+Service:\n)    def __init__\(self, (\w+: \w+)(?:, (\w+: \w+))?\) -> None:\n(?:        self.*?\n)+",
            r"\n@dataclass\n\1    \2\n    \3\n",
        )
        text = (shop.root / f"app/services/{name}.py").read_text()
        shop.write(f"app/services/{name}.py", f"from dataclasses import dataclass\n{text}")
    files = shop.plan("Voucher", "code:str(40):unique")
    service = files["app/services/voucher.py"]

    assert "@dataclass\nclass VoucherService:\n    vouchers: VoucherRepository\n" in service
    assert "from dataclasses import dataclass" in service
    assert "self.vouchers.get_by_code(" in service
    assert "return VoucherService(FakeVoucherRepository())" in files["tests/services/test_voucher_service.py"]


def test_a_feature_whose_package_gives_its_classes_away(clinic: Variant) -> None:
    clinic.write("src/patients/__init__.py", "from src.patients.models import Patient\n")
    clinic.write("src/appointments/__init__.py", "from src.appointments.models import Appointment\n")
    files = clinic.plan("Voucher", "code:str(40)", "patient:ref(Patient)")

    assert '__all__ = ["Voucher"]' in files["src/vouchers/__init__.py"]
    assert "src/appointments/__init__.py" not in files
    assert "src/patients/models.py" not in files  # nothing imports vouchers wherever patients are


def test_a_resource_called_as_the_module_of_status_codes(library: Variant) -> None:
    files = library.plan("Status", "code:str(40):unique")
    router = files["app/routers/statuses.py"]

    assert "status = crud_status.get_status(" in router
    assert "raise HTTPException(status_code=404" in router
    assert "@router.post(" in router
    assert "status.HTTP_404_NOT_FOUND" not in router


def test_layers_that_a_function_makes_of_their_class(shop: Variant) -> None:
    """`Depends(made(CategoryService))`, said beside the routes: the new one needs the maker as well."""
    maker = "def made(kind: type) -> type:\n    def make(session: SessionDep) -> object:\n        return kind(session)\n\n    return make\n"
    shop.write("app/api/making.py", f"from app.api.deps import SessionDep\n\n\n{maker}")
    for name, routes in (("Category", "categories"), ("Supplier", "suppliers")):
        shop.edit("app/api/deps.py", rf"def get_{name.lower()}_service\(.*?\n\n\n", "")
        shop.edit("app/api/deps.py", rf"{name}ServiceDep = [^\n]*\n", "")
        path = f"app/api/routes/{routes}.py"
        shop.edit(path, rf"(from app\.api\.deps import [^\n]*?){name}ServiceDep, ", r"\1")
        wired = f"from app.api.making import made\n{name}ServiceDep = Annotated[{name}Service, Depends(made({name}Service))]\n"
        shop.edit(
            path,
            r"^router = ",
            f"from typing import Annotated\nfrom app.services.{name.lower()} import {name}Service\n{wired}\nrouter = ",
        )
    files = shop.plan("Voucher", "code:str(40):unique")
    routes_of_vouchers = files["app/api/routes/vouchers.py"]

    assert "VoucherServiceDep = Annotated[VoucherService, Depends(made(VoucherService))]" in routes_of_vouchers
    assert "from app.api.making import made\n" in routes_of_vouchers


def test_what_is_mounted_on_a_router_of_its_own_is_no_example(library: Variant) -> None:
    """The address of the new routes would be below that of the exemplar."""
    for name in ("author", "book", "loan"):
        own = f"{name}_router = APIRouter(prefix='/of-{name}')\n{name}_router.include_router({name}s.router)\n"
        library.edit(
            "app/main.py", rf"app\.include_router\({name}s\.router\)\n", f"{own}app.include_router({name}_router)\n"
        )
    library.edit("app/main.py", "from fastapi import", "from fastapi import APIRouter,")
    with pytest.raises(Unsupported) as caught:
        library.plan()

    assert "the exemplar's routers are mounted on one of its own" in caught.value.message


def test_services_that_make_their_repository_of_the_session(shop: Variant) -> None:
    for name in ("Category", "Supplier"):
        path = f"app/services/{name.lower()}.py"
        shop.edit(path, r"def __init__\(self, .*?\) -> None:", "def __init__(self, db: AsyncSession) -> None:")
        shop.edit(path, r"= categories$", "= CategoryRepository(db)")
        if name == "Supplier":
            shop.edit(path, r"= suppliers$", "= SupplierRepository(db)")
        text = (shop.root / path).read_text()
        shop.write(path, f"from sqlalchemy.ext.asyncio import AsyncSession\n{text}")
        shop.edit("app/api/deps.py", rf"return {name}Service\(.*?\)$", f"return {name}Service(session)")
    files = shop.plan("Voucher", "code:str(40):unique")
    service = files["app/services/voucher.py"]

    assert "def __init__(self, db: AsyncSession) -> None:\n        self.vouchers = VoucherRepository(db)\n" in service
    assert "from app.repositories.voucher import VoucherRepository\n" in service
    assert "await self.vouchers.get_by_code(" in service
    assert "select(" not in service
    assert "return VoucherService(session)" in files["app/api/deps.py"]


def test_what_defaults_and_types_of_bases_name_is_imported_by_the_migration(library: Variant) -> None:
    own = "from sqlalchemy import Enum, ForeignKey\nfrom sqlalchemy.sql.functions import current_timestamp\n"
    mixin = (
        "class Level(str, enum.Enum):\n    low = 'low'\n\n\nclass Shelved:\n"
        "    level: Mapped[Level] = mapped_column(Enum(Level, native_enum=False))\n"
        "    seen_at: Mapped[datetime] = mapped_column(server_default=current_timestamp())\n"
        '    shelf_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))\n'
    )
    imports = "import enum\nfrom datetime import datetime\nfrom sqlalchemy.orm import Mapped, mapped_column\n"
    library.write("app/shelved.py", f"{imports}{own}\n\n{mixin}")
    for name in ("author", "book", "loan"):
        text = (library.root / f"app/models/{name}.py").read_text()
        library.write(f"app/models/{name}.py", f"from app.shelved import Shelved\n{text}")
        library.edit(f"app/models/{name}.py", rf"class {name.title()}\(", f"class {name.title()}(Shelved, ")
    files = library.plan("Voucher", "code:str(40)")
    migration = next(text for path, text in files.items() if "versions" in path)

    assert "from app.shelved import Level\n" in migration
    assert "sa.Enum(Level, native_enum=False)" in migration
    assert "from sqlalchemy.sql.functions import current_timestamp\n" in migration
    assert "server_default=current_timestamp()" in migration
    assert 'sa.ForeignKeyConstraint(["shelf_id"], ["authors.id"]' in migration
    assert 'ondelete="CASCADE"' in migration


def test_a_type_that_facts_do_not_hold_is_refused_in_words(library: Variant) -> None:
    imports = "import enum\nfrom sqlalchemy import Enum\nfrom sqlalchemy.orm import Mapped, mapped_column\n"
    column = "Enum(Level, values_callable=lambda x: [e.value for e in x])"
    level = "class Level(str, enum.Enum):\n    low = 'low'\n"
    library.write(
        "app/shelved.py",
        f"{imports}\n\n{level}\n\nclass Shelved:\n    level: Mapped[Level] = mapped_column({column})\n",
    )
    for name in ("author", "book", "loan"):
        text = (library.root / f"app/models/{name}.py").read_text()
        library.write(f"app/models/{name}.py", f"from app.shelved import Shelved\n{text}")
        library.edit(f"app/models/{name}.py", rf"class {name.title()}\(", f"class {name.title()}(Shelved, ")
    with pytest.raises(Unsupported, match="the type of a column that bases bring"):
        library.plan("Voucher", "code:str(40)")


def test_a_leftover_of_pydantic_1_beside_names_of_2(library: Variant) -> None:
    extra = "from pydantic import BaseModel{}\n\n\nclass Old(BaseModel):\n    class Config:\n        orm_mode = True\n"
    library.write("app/schemas/old.py", extra.format(", field_validator"))

    assert "app/schemas/voucher.py" in library.plan()


def test_imports_of_entities_within_a_block(library: Variant) -> None:
    text = (library.root / "app/models/__init__.py").read_text()
    imports = "".join(f"    {line}\n" for line in text.splitlines() if line.startswith("from "))
    library.write("app/models/__init__.py", f"try:\n{imports}except ImportError:\n    raise\n")
    after = library.plan("Voucher", "code:str(40)")["app/models/__init__.py"]

    assert "\n    from app.models.voucher import Voucher" in after


def test_the_service_of_a_part_is_not_that_of_the_whole(shop: Variant) -> None:
    part = (
        "from app.repositories.category import CategoryRepository\n\n\nclass {}AccessService:\n"
        "    def __init__(self, clock: int) -> None:\n        self.clock = clock\n"
    )
    shop.write("app/services/access.py", "\n\n".join(part.format(n) for n in ("Category", "Supplier")))
    files = shop.plan("Voucher", "code:str(40)")

    assert "class VoucherService:" in files["app/services/voucher.py"]


def test_a_repository_that_is_made_with_a_class_of_the_exemplar_alone(shop: Variant) -> None:
    for name in ("category", "supplier"):
        scope = f"{name.title()}Scope"
        shop.write(f"app/scopes/{name}.py", f"class {scope}:\n    pass\n")
        path = f"app/repositories/{name}.py"
        shop.edit(path, r"self\.session = session$", f"self.session = session\n        self.scope = {scope}()")
        text = (shop.root / path).read_text()
        shop.write(path, f"from app.scopes.{name} import {scope}\n{text}")
    with pytest.raises(Unsupported, match=r"is made with \w+Scope, which is written for \w+ alone"):
        shop.plan("Voucher", "code:str(40)")


def test_permissions_whose_check_cannot_be_followed_are_no_open_door(library: Variant) -> None:
    library.write(
        "app/permissions.py",
        "class PermissionsDependency:\n    def __init__(self, *kinds):\n        self.kinds = kinds\n\n"
        "    def __call__(self, request):\n        for kind in self.kinds:\n            kind(request=request)\n",
    )
    for name in ("author", "book", "loan"):
        path = f"app/routers/{name}s.py"
        text = (library.root / path).read_text()
        text = text.replace("Depends(get_current_admin)", "Depends(PermissionsDependency('admin'))")
        library.write(path, f"from app.permissions import PermissionsDependency\n{text}")
    router = library.plan("Voucher", "code:str(40)")["app/routers/vouchers.py"]

    assert router.count("Depends(get_current_user)") == 3
