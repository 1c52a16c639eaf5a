"""What a project without resources lacks, and its first resource brings along."""

from __future__ import annotations

import msgspec

from backwright.kit.ref import Ref


class Statement(msgspec.Struct, frozen=True):
    """A statement of an existing file, to be written after (or, for a placeholder, to be replaced)."""

    path: str
    text: str
    line: int


class Foundation(msgspec.Struct, frozen=True):
    """What a project without resources lacks, and its first resource brings along. `""` and None: nothing is missing."""

    mount: Statement  # routers are mounted after it, on `mount_on`
    mount_on: str
    handlers_after: Statement
    app: Ref
    database: str = ""  # file that gets `database_parts`: base | address | engine | session
    database_parts: tuple[str, ...] = ()
    address: str = "DATABASE_URL"  # where the database is, as source
    address_imports: tuple[str, ...] = ()
    opening: str = ""  # what opens a session, as source
    database_imports: tuple[str, ...] = ()
    metadata: Ref = msgspec.field(default_factory=lambda: Ref("Base"))  # the class whose `metadata` knows all tables
    engine_maker: Ref | None = None  # makes engines that enforce foreign keys, for tests too
    errors: str = ""
    handlers: str = ""
    page: str = ""
    session_alias: str = ""  # file that gets the alias of the session
    models: str = ""  # package that imports every entity
    models_module: str = ""  # what Alembic imports
    models_after: Statement | None = None  # its last import, when it has some already
    environment_after: Statement | None = None  # an import of Alembic's env.py, when it does not know the entities yet
    environment_metadata: Statement | None = None  # its `target_metadata = None`
    environment_address: bool = False  # its configuration still has the address that `alembic init` makes up
    conftest: str = ""  # file that gets `conftest_parts`: engine | session | client
    conftest_parts: tuple[str, ...] = ()
    test_package: bool = False  # the folder of tests is new, and a package
