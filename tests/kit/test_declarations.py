"""Annotations and column calls, as every ORM writes them."""

from __future__ import annotations

import pytest

from backwright.core.facts import Assign, Column, Expr, Loc
from backwright.kit.declarations import Annotation, column_call, read_annotation
from backwright.languages.python.extract import extract

HERE = Loc(1, 1, 1, 1, 0, 0)


def expression(source: str) -> Expr:
    facts = extract("x.py", f"x = {source}\n".encode(), "x").facts
    return next(f for f in facts if isinstance(f, Assign)).value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("str", Annotation("str")),
        ("str | None", Annotation("str", nullable=True)),
        ("Optional[str]", Annotation("str", nullable=True)),
        ("Union[str, None]", Annotation("str", nullable=True)),
        ("int | str", Annotation("int | str")),
        ("Mapped[str]", Annotation("str", mapped=True)),
        ("Mapped[str | None]", Annotation("str", nullable=True, mapped=True)),
        ("Mapped[Optional[datetime.datetime]]", Annotation("datetime.datetime", nullable=True, mapped=True)),
        ('Mapped[list["Item"]]', Annotation("Item", many=True, mapped=True)),
        ('Mapped["Item"]', Annotation("Item", mapped=True)),
        ('Mapped["Item | None"]', Annotation("Item", nullable=True, mapped=True)),
        ('Mapped["list[Item]"]', Annotation("Item", many=True, mapped=True)),
        ('"Optional[Item]"', Annotation("Item", nullable=True)),
        ("orm.WriteOnlyMapped[Item]", Annotation("Item", many=True, mapped=True)),
        ("Annotated[str, Field(max_length=3)]", Annotation("str")),
        ("dict[str, int]", Annotation("dict[str, int]")),
    ],
)
def test_read_annotation(source: str, expected: Annotation) -> None:
    assert read_annotation(expression(source)) == expected


def test_no_annotation() -> None:
    assert read_annotation(None) == Annotation("")


def column(call: str, annotation: str = "") -> Column:
    read = read_annotation(expression(annotation)) if annotation else Annotation("")
    return column_call("x", expression(call), read, HERE, call, "")


def test_mapped_column() -> None:
    made = column(
        'mapped_column(String(200), ForeignKey("users.id", ondelete="CASCADE"), unique=True, index=True)',
        "Mapped[str | None]",
    )

    assert (made.type, made.python, made.nullable, made.unique, made.index) == ("String(200)", "str", True, True, True)
    assert (made.foreign_key, made.on_delete) == ("users.id", "CASCADE")


def test_a_column_without_annotation_may_be_null_unless_it_says_otherwise() -> None:
    assert column("Column(Integer)").nullable
    assert not column("Column(Integer, nullable=False)").nullable
    assert not column("Column(Integer, primary_key=True)").nullable


def test_a_column_with_its_name_in_front() -> None:
    assert column('Column("name", String(20))').type == "String(20)"


def test_a_foreign_key_by_attribute_and_a_type_by_keyword() -> None:
    made = column("mapped_column(ForeignKey(User.id), type_=Uuid)", "Mapped[UUID]")

    assert (made.foreign_key, made.type) == ("User.id", "Uuid")


def test_defaults() -> None:
    made = column('mapped_column(default=uuid4, server_default=text("now()"))', "Mapped[UUID]")

    assert (made.default, made.server_default) == ("uuid4", 'text("now()")')


def test_a_bare_annotation() -> None:
    made = column_call("x", None, read_annotation(expression("Mapped[int | None]")), HERE, "", "Base")

    assert (made.python, made.nullable, made.origin) == ("int", True, "Base")
