"""What templates read of what views give them."""

from __future__ import annotations

from backwright.kit.django.templates import Templates, is_template


def shown(**texts: str) -> list[tuple[str, tuple[str, ...], int]]:
    templates = Templates({f"app/templates/{name}.html": text for name, text in texts.items()})
    return [(one.root, one.names, one.loc.line) for one in templates.reads("page.html")]


def test_a_loop_walks_over_rows() -> None:
    text = "{% for order in orders %}\n{{ order.customer.name|upper }}\n{% endfor %}{{ order.left }}"
    assert shown(page=text) == [("orders", ("", "customer", "name"), 2), ("order", ("left",), 3)]


def test_loops_within_loops() -> None:
    text = "{% for o in orders.all %}{% for line in o.lines.all %}{{ line.product }}{% endfor %}{% endfor %}"
    read = [(root, names) for root, names, _ in shown(page=text)]
    assert ("orders", ("all", "", "lines", "all", "", "product")) in read


def test_includes_know_the_names_around_and_get_new_ones() -> None:
    page = '{% for o in orders %}{% include "part.html" with shown=o.customer %}{% endfor %}'
    assert ("orders", ("", "customer", "name"), 1) in shown(page=page, part="{{ shown.name }}")


def test_groups_are_made_of_the_rows() -> None:
    page = "{% regroup orders by day as days %}{% for d in days %}{% for o in d.list %}{{ o.customer }}{% endfor %}{% endfor %}"
    assert ("orders", ("", "customer"), 1) in shown(page=page)
    assert not any(root == "days" for root, _, _ in shown(page=page))


def test_what_a_function_or_filter_is_given_is_read() -> None:
    assert ("order", ("user", "name"), 1) in shown(page="{{ link(order.user.name) }}")
    assert ("order", ("total",), 1) in shown(page="{{ text|format:order.total }}")


def test_an_include_of_itself_ends() -> None:
    assert shown(page='{{ a.b }}{% include "page.html" %}')


def test_what_the_loop_counts_is_no_row() -> None:
    assert shown(page="{% for o in orders %}{{ forloop.counter }}{% endfor %}") == []


def test_pages_lie_in_folders_of_templates() -> None:
    assert is_template("shop/templates/shop/order.html")
    assert not is_template("docs/order.html")
