"""The grammar of the command line: fields, options, and mistakes that show their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.core.errors import UsageError
from backwright.core.request import Feature, FieldSpec, Listing, Ownership
from backwright.engine.request_spelling import read_field, read_spelling
from backwright.engine.request_types import make_field, spell
from backwright.engine.requesting import ResourceOptions, parse_grammar, parse_resource
from backwright.kit.spelling import member


def feature(text: str) -> Feature:
    made = parse_grammar(["resource", text]).feature
    assert made is not None
    return made


def field(token: str) -> FieldSpec:
    return feature(f"Thing {token}").fields[0]


def test_the_example_of_the_issue() -> None:
    typed = (
        "resource Product name:str(200) price:decimal(10,2) category:ref(Category)? sku:str:unique --auth write=admin "
        "--paginate --filter category --sort name,price"
    )
    understood = parse_grammar(typed.split())
    assert understood.kind == "resource"
    assert understood.questions == ()
    assert understood.feature == Feature(
        resource="Product",
        plural="products",
        fields=(
            FieldSpec("name", max_length=200),
            FieldSpec("price", "decimal", precision=10, scale=2),
            FieldSpec("category", "ref", ref="Category", required=False, nullable=True),
            FieldSpec("sku", unique=True),
        ),
        access={"create": "admin", "update": "admin", "delete": "admin"},
        listing=Listing(filters=("category",), sorts=("name", "price")),
    )


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("status:enum(draft,active,archived)=draft", FieldSpec("status", "enum", values=("draft", "active", "archived"),
         default="draft", has_default=True, required=False)),
        ("stock:int(0..10000)", FieldSpec("stock", "integer", min="0", max="10000")),
        ("rating:float(0..5)", FieldSpec("rating", "float", min="0", max="5")),
        ("released:date?", FieldSpec("released", "date", required=False, nullable=True)),
        ("email:email", FieldSpec("email", "email")),
        ("notes:text(2000)?", FieldSpec("notes", "text", max_length=2000, required=False, nullable=True)),
        ("active:bool=true", FieldSpec("active", "boolean", default=True, has_default=True, required=False)),
        ("name:str(1..200)", FieldSpec("name", min_length=1, max_length=200)),
        ("name:str:len=1..200", FieldSpec("name", min_length=1, max_length=200)),
        ("name:str:min=2:max=5", FieldSpec("name", min_length=2, max_length=5)),
        ("price:decimal(10,2):min=0", FieldSpec("price", "decimal", precision=10, scale=2, min="0")),
        ("price:decimal(10,2):gt=0", FieldSpec("price", "decimal", precision=10, scale=2, min="0", exclusive_min=True)),
        ("price:money", FieldSpec("price", "decimal")),
        ("price:numeric:max=99.90", FieldSpec("price", "decimal", max="99.9")),
        ("author_id:fk(User):cascade", FieldSpec("author", "ref", ref="User", on_delete="cascade")),
        ("editor:ref(user):set_null?", FieldSpec("editor", "ref", ref="User", on_delete="set_null", required=False,
         nullable=True)),
        ("category:belongs_to", FieldSpec("category", "ref", ref="Category")),
        ("code:varchar(10):unique:immutable", FieldSpec("code", max_length=10, unique=True, update=False)),
        ("code:str:index", FieldSpec("code", index=True)),
        ("due:timestamp:nullable", FieldSpec("due", "datetime", nullable=True)),
        ("dueDate:date", FieldSpec("due_date", "date")),
        ("home:url=https://a.org/a:b", FieldSpec("home", "url", default="https://a.org/a:b", has_default=True,
         required=False)),
        ("code:str='a:unique'", FieldSpec("code", default="a:unique", has_default=True, required=False)),
        ("code:str(5)=abc:index", FieldSpec("code", max_length=5, default="abc", has_default=True, required=False,
         index=True)),
        ("when:date=2024-02-29", FieldSpec("when", "date", default="2024-02-29", has_default=True, required=False)),
        ("extra:json={\"a\":1}", FieldSpec("extra", "json", default={"a": 1}, has_default=True, required=False)),
        ("size:enum('x, y',z)", FieldSpec("size", "enum", values=("x, y", "z"))),
    ],
)  # fmt: skip
def test_field(token: str, expected: FieldSpec) -> None:
    assert field(token) == expected


@pytest.mark.parametrize(
    ("quoted", "bare"),
    [
        ("name:str(200)", "name:str:200"),
        ("name:str(1..200)", "name:str:1..200:unique".removesuffix(":unique")),
        ("price:decimal(10,2):min=0", "price:decimal:10,2:min=0"),
        ("stock:int(0..5)", "stock:int:0..5"),
        ("status:enum(a,b)=a", "status:enum:a,b=a"),
        ("category:ref(Category)?", "category:ref:Category?"),
        ("name:str(200)", "name:str[200]"),
    ],
)
def test_a_shell_that_minds_brackets_is_served(quoted: str, bare: str) -> None:
    assert field(quoted) == field(bare)


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        ("Product name:strng", "unknown type 'strng' in name:strng\n  name:strng\n       ^^^^^", "did you mean str?"),
        ("Product name:str:uniqe", "unknown option 'uniqe'", "did you mean unique?"),
        ("Product name:str(200", "is not closed", ""),
        ("Product category:Category", "unknown type 'Category'", "for a reference: category:ref(Category)"),
        ("Product name:", "a type is missing", "for example name:str"),
        ("Product name:str(x)", "'x' is no length", ""),
        ("Product price:decimal(x)", "is not digits,scale", "for example price:decimal(10,2)"),
        ("Product stock:int(5)", "'5' is no range", "for example stock:int(0..100)"),
        ("Product stock:int=many", "the default of 'stock' does not fit integer", ""),
        ("Product when:date=2024-02-30", "does not fit date", ""),
        ("Product a:enum", "has no values", "for example a:enum(draft,active,archived)"),
        ("Product a:enum(x,x)", "has 'x' twice", ""),
        ("Product a:enum(x_y,x-y)", "would both be called X_Y", "leave one out"),
        ("Product a:enum(x,y)=z", "'z' is not one of the values", ""),
        ("Product a:int(5..1)", "min 5 is greater than max 1", ""),
        ("Product a:str(5..1)", "min_length 5 is greater than max_length 1", ""),
        ("Product a:str(0)", "max_length is at least 1", ""),
        ("Product a:str(3)=abcd", "its length does not allow", ""),
        ("Product a:int(0..5)=7", "outside of its range", ""),
        ("Product a:int:min=0.5", "whole numbers", ""),
        ("Product a:decimal(4,2):max=100", "does not fit decimal(4,2)", ""),
        ("Product a:decimal(2,5)", "scale 5", ""),
        ("Product a:decimal(100,2)", "precision 100", ""),
        ("Product a:json:unique", "json can be neither", ""),
        ("Product a:bool:min=1", "min and max are for numbers", ""),
        ("Product a:str:unique=x", "cannot have a default", ""),
        ("Product a:ref(User):set_null", "needs a reference that may be null", "a:ref(User):set_null?"),
        ("Product a:ref=1", "a reference has no default", ""),
        ("Product a:str:cascade", "'cascade' is for references", ""),
        ("Product name:str name:int", "field 'name' is there twice", "leave one of them out"),
        ("Product owner:ref(User) owner_id:int", "collides with 'owner'", ""),
        ("Product name:str owner:str --owner", "collides with the owner", ""),
        ("Product name:str --filter nam", "filter names 'nam', which is no field", "did you mean name?"),
        ("Product name:str --sort price", "sort names 'price'", ""),
        ("Product name:str stock:int --search stock", "search looks in text", ""),
        ("Product name:str --unique name+kind", "unique together names 'kind'", ""),
        ("Product name:str --unique nme", "unique names 'nme'", "did you mean name?"),
        ("Product name:str --auth wirte=admin", "'wirte' is no operation", "did you mean write?"),
        ("Product name:str --auth write=admn", "unknown role 'admn'", "did you mean admin?"),
        ("Product name:str --auth create,update", "'update' has no role", ""),
        ("Product name:str --paginate=lots", "'lots' is no page size", ""),
        ("Product name:str --paginate=0..0", "is not between 1 and 10000", ""),
        ("Product name:str --only creat", "'creat' is no operation", "did you mean create?"),
        ("Product name:str --only create --filter name", "there is no list", ""),
        ("Product name:str --fliter name", "unknown option '--fliter'", "did you mean --filter?"),
        ("Product name:str --auth", "--auth has no value", ""),
        ("Product name:str --owner --auth update=public", "for everyone and for the owner only", ""),
        ("Product name:str --owner --auth create=public", "'create' cannot be public", ""),
        ("Product", "Product has no field", "for example name:str(200)"),
        ("name:str", "the resource has no name", ""),
        ("class name:str", "'class' is a keyword", "for example MyClass"),
        ("None name:str", "cannot be called 'None'", ""),
        ("List name:str", "cannot be called 'List'", ""),
        ("Product metadata:json", "cannot be called 'metadata'", "for example product_metadata"),
        ("Product id:int", "is made for every resource", "leave it out"),
        ("Product created_at:datetime", "is made for every resource", "leave it out"),
        ("Product 1st:str", "it starts with a letter", ""),
    ],
)
def test_mistakes_are_named_with_what_to_do(argv: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_grammar(["resource", argv])
    assert message in caught.value.message
    if hint:
        assert hint in caught.value.hints
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "argv", [[], ["resource"], ["resorce", "Product", "name:str"], ["resource", "--auth", "admin"]]
)
def test_not_a_resource(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_grammar(argv)


def test_the_caret_stands_under_the_mistake() -> None:
    with pytest.raises(UsageError) as caught:
        parse_grammar(["resource", "Product", "price:decimal(10,2):mim=0"])
    _, shown, caret = caught.value.message.split("\n")
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "mim"


@pytest.mark.parametrize(
    ("options", "access"),
    [
        ("--auth admin", dict.fromkeys(("create", "list", "get", "update", "delete"), "admin")),
        ("--auth write=admin,read=public", {"create": "admin", "list": "public", "get": "public", "update": "admin",
         "delete": "admin"}),
        ("--auth write=user --auth delete=admin", {"create": "user", "update": "user", "delete": "admin"}),
        ("--auth delete=admin --auth write=user", {"create": "user", "update": "user", "delete": "admin"}),
        ("--auth create,update=staff", {"create": "admin", "update": "admin"}),
        ("--auth write=warehouse_manager --only create,list", {"create": "warehouse_manager"}),
        ("--owner", {"create": "user", "update": "owner", "delete": "owner"}),
        ("--auth update=owner", {"create": "user", "update": "owner"}),
        ("--owner --auth delete=admin", {"create": "user", "update": "owner", "delete": "admin"}),
    ],
)  # fmt: skip
def test_access(options: str, access: dict[str, str]) -> None:
    assert feature(f"Thing name:str {options}").access == access


def test_ownership() -> None:
    assert feature("Thing name:str --owner").owner == Ownership("owner", ("update", "delete"))
    assert feature("Thing name:str --owner=author_id").owner == Ownership("author", ("update", "delete"))
    assert feature("Thing name:str --auth update=owner").owner == Ownership("owner", ("update",))
    assert feature("Thing name:str --owner=author:update,list").owner == Ownership("author", ("update",), list_own=True)
    assert feature("Thing name:str --owner --auth delete=admin").owner == Ownership("owner", ("update",))


def test_the_rest_of_the_options() -> None:
    made = feature(
        "Person name:str email:email note:text --plural persons --paginate=10..50 --search name,note --filter email "
        "--sort -created_at,name --unique name+email,email --operations list,create"
    )
    assert made.plural == "persons"
    assert made.listing == Listing(
        page_default=10, page_max=50, filters=("email",), sorts=("created_at", "name"), search=("name", "note")
    )
    assert made.unique_together == (("name", "email"),)
    assert [f.unique for f in made.fields] == [False, True, False]
    assert made.operations == ("create", "list")
    assert feature("Person name:str").plural == "people"
    assert feature("Person name:str --paginate=no").listing.paginate is False
    assert feature("Person name:str --paginate 5").listing == Listing(page_default=5, page_max=5)


def test_what_the_command_line_has_split_is_the_same() -> None:
    options = ResourceOptions(auth=("write=admin",), paginate="20..50", filters=("name",), owner="")
    split = parse_resource("Product", ["name:str(200)"], options)
    assert split.feature == feature("Product name:str(200) --auth write=admin --paginate=20..50 --filter name --owner")
    assert split.words == "resource Product name:str(200) --auth write=admin --paginate=20..50 --filter name --owner"
    assert parse_grammar(split.words.split()).feature == split.feature, "the words make the same again"


def test_page_sizes_nobody_gave_are_an_assumption() -> None:
    keys = [a.key for a in parse_grammar(["resource", "Product name:str --paginate"]).assumptions]
    assert keys == ["paginate"]
    assert parse_grammar(["resource", "Product name:str --paginate=20..50"]).assumptions == ()


def test_a_field_without_a_type_gets_the_one_its_name_gives_away() -> None:
    understood = parse_grammar(["resource", "Product", "name", "price?", "is_active", "supplier"])
    assert understood.feature is not None
    assert understood.feature.fields[:3] == (
        field("name:str(200)"),
        field("price:decimal(10,2):min=0?"),
        field("is_active:bool"),
    )
    assert [a.key for a in understood.assumptions] == ["name", "price", "is_active", "paginate"]
    assert [(q.key, q.level) for q in understood.questions] == [("supplier", "medium")]


def test_a_field_without_a_type_may_refer_to_an_entity_of_the_repository() -> None:
    understood = parse_grammar(["resource", "Product", "name:str", "supplier"], ["Supplier"])
    assert understood.feature == feature("Product name:str supplier:ref(Supplier)")
    assert understood.questions == ()


NAMES = st.sampled_from(["title", "size", "level", "total"])
TEXT = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
SPECS = st.one_of(
    st.builds(
        lambda n, t, u, i, low, high: make_field(
            n, {"type": t, "unique": u, "index": i, "min_length": low, "max_length": high}
        ),
        NAMES, st.sampled_from(["string", "text", "url", "slug", "email"]), st.booleans(), st.booleans(),
        st.none() | st.integers(0, 5), st.none() | st.integers(5, 500),
    ),
    st.builds(
        lambda n, t, low, high, null, req: make_field(
            n, {"type": t, "min": low, "max": high, "nullable": null, "required": req, "exclusive_min": False}
        ),
        NAMES, st.sampled_from(["integer", "float", "decimal"]), st.none() | st.integers(-5, 5).map(str),
        st.none() | st.integers(5, 50).map(str), st.booleans(), st.booleans(),
    ),
    st.builds(
        lambda n, values: make_field(
            n, {"type": "enum", "values": tuple(values), "default": values[0], "has_default": True}
        ),
        NAMES, st.lists(TEXT, min_size=1, max_size=4, unique_by=member),
    ),
    st.builds(
        lambda n, e, d: make_field(n, {"type": "ref", "ref": e, "on_delete": d, "required": False}),
        NAMES, st.sampled_from(["User", "OrderLine"]), st.sampled_from(["restrict", "cascade", "set_null"]),
    ),
)  # fmt: skip


@given(SPECS)
def test_spelling_a_field_and_reading_it_gives_the_field(spec: FieldSpec) -> None:
    assert make_field(spec.name, read_spelling(spell(spec), spec.name)) == spec


@given(st.text(alphabet="nametypeint:()[]=?.,|'\" 0159\u00e9\n", max_size=30))
@settings(max_examples=500)
def test_any_token_is_read_or_refused(token: str) -> None:
    try:
        read_field(token)
    except UsageError as error:
        message = error.message
    else:
        message = "read"
    assert message


@given(st.lists(st.text(max_size=12) | st.sampled_from(["--auth", "--owner", "name:str", "--paginate=5"]), max_size=8))
def test_any_arguments_are_understood_or_refused(argv: list[str]) -> None:
    try:
        made = parse_grammar(["resource", *argv]).kind
    except UsageError as error:
        made = error.message
    assert made
