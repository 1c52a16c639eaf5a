"""Texts of SQL: what is a name, a list, a statement, and which part of a migration leads forward."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.sqltext import bare, forward, is_foreign, parts, statements, without_comments


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("migrations/1_orders.up.sql", "create table a ();", "create table a ();"),
        ("migrations/1_orders.down.sql", "drop table a;", ""),
        ("orders/down.sql", "drop table a;", ""),
        ("db/U3__orders.sql", "drop table a;", ""),
        ("db/V3_download_log.sql", "create table a ();", "create table a ();"),
        ("vendor/x/migrations/1.sql", "create table a ();", ""),
        ("tests/migrations/1.sql", "create table a ();", ""),
        ("db/migrations/1.sql", "create table a ();\n-- migrate:down\ndrop table a;", "create table a ();\n"),
        ("db/migrations/1.sql", "create table a ();\n-- +goose Down\ndrop table a;", "create table a ();\n"),
    ],
)
def test_what_leads_forward(path: str, text: str, wanted: str) -> None:
    assert forward(path, text) == wanted


def test_others_code() -> None:
    assert is_foreign("third_party/x.sql")
    assert not is_foreign("db/vendors.sql")


def test_a_sign_of_a_comment_in_a_text_is_none() -> None:
    sql = "color text default '#fff', -- it's red\nurl text default 'a--b' /* , */ # more"
    assert without_comments(sql).split() == ["color", "text", "default", "'#fff',", "url", "text", "default", "'a--b'"]


def test_bodies_of_functions_have_comments_too() -> None:
    assert without_comments("do $x$ a; -- b\n'--' $x$").split() == ["do", "$x$", "a;", "'--'", "$x$"]
    assert [text for text, _ in statements("do $x$ a; -- b\n $x$; c")] == ["do '" + " " * 14 + "'", "c"]


def test_operators_are_no_comments() -> None:
    assert [text for text, _ in statements("select a #>> '{b}' from c")] == ["select a #>> '   ' from c"]


def test_lists_end_where_their_parenthesis_closes() -> None:
    text = "a int, b numeric(10, 2), c text[] default array['x', 'y'], d text default ',)') engine=x, y"
    found = list(parts(text))
    assert [part.split()[0] for part, _, _ in found] == ["a", "b", "c", "d"]
    assert all(text[at:end] == part for part, at, end in found)


@pytest.mark.parametrize("name", ['"shop"."orders"', "shop.orders", "`shop`.`orders`", "[shop].[orders]"])
def test_bare_names(name: str) -> None:
    assert bare(name) == "orders"


@given(st.text("ab'\"-/*#$;\n (),[]"))
def test_places_stay(sql: str) -> None:
    assert len(without_comments(sql)) == len(sql)
    assert all(0 <= at < len(sql) for _, at in statements(sql))
