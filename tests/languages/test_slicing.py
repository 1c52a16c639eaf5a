"""Functions without what they do with one parameter: what is left, and what cannot be taken apart."""

from __future__ import annotations

import ast
import textwrap

import pytest

from backwright.languages.python.slicing import CALL, HERE, Slice, up_to_here, without, without_deletion


def sliced(source: str, parameter: str = "data", *, deletes: bool = False) -> Slice:
    text = textwrap.dedent(source).lstrip()
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)

    def hands(call: ast.Call) -> bool:
        return ast.unparse(call.func).startswith(("service.", "crud."))

    return without_deletion(node, text, hands) if deletes else without(node, text, parameter, hands)


def test_what_is_set_goes_and_all_else_stays() -> None:
    found = sliced("""
        def update(db, order, data):
            "Update."
            if order.locked:
                raise Locked
            changes = data.model_dump()
            if "name" in changes:
                check(changes["name"])
            for name, value in changes.items():
                setattr(order, name, value)
            db.commit()
            return order
    """)
    assert found.row == "order"
    assert found.body == f"if order.locked:\n    raise Locked\n{HERE}\ndb.commit()\nreturn order"


def test_what_is_handed_on_becomes_a_call() -> None:
    found = sliced("""
        async def update(key, data, service):
            return await service.update(key, data)
    """)
    assert found.body == f"return await {CALL}"
    assert found.call is not None


@pytest.mark.parametrize(
    ("caught", "answered", "left"),
    [
        ("Missing", "NotFound", "try:\n    return {}\nexcept Missing as error:\n    raise NotFound from error"),
        ("Exception", "ServerError", "return {}"),  # which would catch the action's own refusal too
    ],
)
def test_what_is_caught_stays_caught_but_not_everything(caught: str, answered: str, left: str) -> None:
    found = sliced(f"""
        def update(key, data, service):
            try:
                return service.update(key, data)
            except {caught} as error:
                raise {answered} from error
    """)
    assert found.body == left.format(CALL)


def test_blocks_stay_around_what_is_in_them() -> None:
    found = sliced("""
        def update(key, data, sessions):
            with sessions() as db:
                order = db.get(Order, key)
                order.name = data.name
                db.commit()
                return order
    """)
    assert found.body.splitlines()[2] == f"    {HERE}"
    assert found.row == "order"


def test_an_answer_that_is_made_of_the_request_is_refused() -> None:
    found = sliced("""
        def update(db, key, data):
            row = db.execute(update(Order).values(**data.model_dump()).returning(Order))
            return row.one()
    """)
    assert "made of the request" in found.why


def test_a_deletion_up_to_where_it_deletes() -> None:
    found = sliced(
        """
        async def remove(key, user, crud, db):
            order = await crud.get(db, key)
            if order.owner_id != user.id:
                raise Forbidden
            await crud.delete(db, order=order)
            return None
        """,
        deletes=True,
    )
    assert found.row == "order"
    assert found.body.endswith(f"return await {CALL}")
    assert up_to_here(found).body.endswith(HERE)
