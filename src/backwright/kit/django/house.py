"""The house style of a Django project with Django REST framework, as the emitters of its stack need it."""

from __future__ import annotations

from typing import Literal

import msgspec

from backwright.core.facts import Loc
from backwright.kit.house import AuthStyle, Documentation
from backwright.kit.index import Definition
from backwright.kit.naming import NameForms
from backwright.kit.ref import Ref


class Mount(msgspec.Struct, frozen=True):
    """Where a view is reached: the registration or the element of `urlpatterns`, to be imitated by substitution."""

    path: str
    line: int
    source: str
    segment: str  # `venues` of `router.register("venues", …)`, `venues/<int:pk>/` of a path
    router: str = ""  # the variable of the router; "" for an element of `urlpatterns`


class Resource(msgspec.Struct, frozen=True):
    """An existing resource: its model, the views that answer for it, and where they are mounted.

    `app` is the folder of its app. `operations` are those that its views answer.
    """

    name: NameForms
    app: str
    model: Definition
    views: tuple[Definition, ...]
    kind: Literal["viewset", "generics", "apiview"]
    mounts: tuple[Mount, ...]
    serializer: Definition | None
    operations: tuple[str, ...] = ()
    admin: str = ""  # file that registers it
    admin_class: bool = False
    tests: tuple[str, ...] = ()
    factory: Definition | None = None


class SettingsFile(msgspec.Struct, frozen=True):
    """The settings: where apps are installed, and what REST framework is told. `apps` are the elements as written."""

    path: str
    apps: tuple[tuple[str, Loc], ...]
    rest: dict[str, tuple[str, ...]]  # key to the texts or numbers it holds
    rest_line: int = 0  # of REST_FRAMEWORK; 0 where there is none
    rest_last: str = ""  # source of the last entry of REST_FRAMEWORK


class Paging(msgspec.Struct, frozen=True):
    """How lists are cut: the class, and its sizes where they can be read (0 for unknown)."""

    ref: Ref
    kind: Literal["page", "offset", "cursor"]
    size: int = 0
    most: int = 0


class Permission(msgspec.Struct, frozen=True):
    """A permission class of this project or of REST framework: who may read, who may write, whose row it must be."""

    ref: Ref
    read: str = ""  # public | user | admin, "" for what it does not say
    write: str = ""
    owner: str = ""  # attribute of the row that must be the user
    owner_reads: bool = False  # reading is refused to others, too


class TestManner(msgspec.Struct, frozen=True):
    """How tests are written."""

    __test__ = False
    kind: Literal["pytest", "case"]
    user: str = ""  # how a user is made, with `name` for what differs
    user_imports: tuple[str, ...] = ()


class DjangoHouse(msgspec.Struct, frozen=True):
    """The whole style of one project. `shared` says that apps hold several resources."""

    root: str
    line_length: int
    target: str
    first_party: tuple[str, ...]
    relative: bool
    documentation: Documentation
    resources: tuple[Resource, ...]
    siblings: tuple[Resource, ...]  # what can be imitated, the best first
    shared: bool
    settings: SettingsFile | None
    auth: AuthStyle
    permissions: tuple[Permission, ...]
    access: dict[str, dict[str, str]]  # of each resource, operation to level
    paging: Paging | None
    django_filter: bool
    tests: TestManner | None
    unspelled: tuple[tuple[str, str], ...] = ()  # what cannot be imitated, and where

    @property
    def sibling(self) -> Resource | None:
        """What is imitated first of all."""
        return self.siblings[0] if self.siblings else None

    @property
    def exemplar(self) -> str:
        return self.sibling.model.symbol.name if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        return False
