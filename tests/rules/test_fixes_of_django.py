"""Where queries of Django are told to bring relations along: by which loader, and where they might not bear it."""

from __future__ import annotations

import pytest

from backwright.engine.mending import mend
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

RULES = {rule.id: rule for rule in Registry().rules}
MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=100)


class Author(models.Model):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    readers = models.ManyToManyField(Author)
    subject = GenericForeignKey("kind", "key")


class Page(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="pages")
"""


def mended(build: Build, query: str, read: str) -> str:
    """The query of a loop that reads something of each book, after the fixes."""
    text = f"from shop.models import Book, Page\n\n\ndef report(pk):\n    for one in {query}:\n        print({read})\n"
    files = {"shop/models.py": MODELS, "shop/report.py": text}
    found = list(RULES["BW303"].check(*build(files)))
    made = mend(found, files.get, grade="unsafe")
    assert found
    line = made.texts.get("shop/report.py", text).splitlines()[4]
    return line.removeprefix("    for one in ").removesuffix(":")


@pytest.mark.parametrize(
    ("query", "read", "after"),
    [
        ("Book.objects.all()", "one.author.country.name", 'Book.objects.all().select_related("author__country")'),
        (
            "Book.objects.filter(pk=pk)",
            "[r.country.name for r in one.readers.all()]",
            'Book.objects.prefetch_related("readers__country").filter(pk=pk)',
        ),
        (
            "Book.objects.order_by('pk')[:5]",
            "one.subject.name",
            "Book.objects.prefetch_related(\"subject\").order_by('pk')[:5]",
        ),
        (
            "Page.objects.select_related('book')",
            "one.book.author.country",
            "Page.objects.select_related(\"book__author__country\").select_related('book')",
        ),
        (
            "Book.objects.filter(pk=pk)",
            "one.author.country.name, len(one.pages.all())",
            'Book.objects.select_related("author__country").prefetch_related("pages").filter(pk=pk)',
        ),
    ],
)
def test_loaders(build: Build, query: str, read: str, after: str) -> None:
    assert mended(build, query, read) == after


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("Book.objects.only('pk')", "one.author.country.name"),
        ("Book.objects.select_for_update().filter(pk=pk)", "one.author.country.name"),
        ("Book.objects.filter(pk=pk).iterator()", "len(one.pages.all())"),
        ("Book.objects.filter(pk=pk)", "one.pages.count()"),
        ("Book.objects.filter(pk=pk)", "one.pages.filter(pk__gt=5)"),
    ],
    ids=lambda text: text,
)
def test_what_a_query_might_not_bear(build: Build, query: str, read: str) -> None:
    assert mended(build, query, read) == query
