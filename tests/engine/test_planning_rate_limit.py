"""Rate limits, planned in the sample services: a table of counts, a dependency, the endpoint that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, migration, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import Unsupported, UsageError
from backwright.core.request import RateLimit
from backwright.engine.requesting import parse_file, parse_words

MAIN = "tracker/main.py"


def test_requests_are_counted_in_one_statement_of_its_own_transaction(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "rate-limit", "GET", "/suppliers", "5/minute")
    assert change.title == "limit GET /api/v1/suppliers to 5 in 60 s"
    text = "\n".join(lines(change)["app/api/rate_limit.py"])
    assert "+        async with AsyncSession(session.bind) as own:" in text
    assert 'index_elements=["key"], set_={"hits": RateLimit.hits + 1}' in text
    assert 'wait = {"Retry-After": str(seconds - passed)}' in text
    assert "x-forwarded-for" not in text.lower()  # whoever asks could write it
    route = "\n".join(lines(change)["app/api/routes/suppliers.py"])
    assert 'dependencies=[Depends(rate_limit("GET /api/v1/suppliers", 5, 60))]' in route
    assert "+from app.models.rate_limit import RateLimit" in lines(change)["app/models/__init__.py"]
    assert 'op.create_table(\n        "rate_limits"' in migration(change)
    assert 'op.drop_table("rate_limits")' in migration(change)
    tests = "\n".join(lines(change)["tests/api/test_rate_limits.py"])
    assert "for _ in range(5):" in tests
    assert 'await client.get("/suppliers")' in tests
    assert {a.key: a.value for a in change.assumptions} == {"by": "ip", "window": "60 s"}


def test_who_is_signed_in_is_counted_where_the_endpoint_asks(samples: Samples) -> None:
    change = planned(samples, "tracker_flat", "rate-limit", "POST", "/tickets", "10/hour")
    text = "\n".join(lines(change)["tracker/rate_limit.py"])
    assert "+        caller = current_user.id" in text
    assert "+        with Session(db.get_bind()) as own:" in text
    assert text.index("+        db.commit()") < text.index("Session(db.get_bind())")  # one connection at a time
    shop = planned(samples, "shop_layered", "rate-limit", "POST", "/suppliers", "9/day")
    assert "session.commit()" not in "\n".join(lines(shop)["app/api/rate_limit.py"]).partition("_hit(session")[0]
    assert any("two for each request" in note for note in shop.notes)
    assert 'dependencies=[Depends(user_rate_limit("POST /tickets", 10, 3600))]' in "\n".join(lines(change)[MAIN])
    assert "headers=user_headers" in "\n".join(lines(change)["tests/test_rate_limits.py"])
    by_address = planned(samples, "tracker_flat", "rate-limit", "POST", "/tickets", "10/hour", "by:ip")
    assert "request.client.host" in "\n".join(lines(by_address)["tracker/rate_limit.py"])


def test_sqlmodel_gets_a_table_and_no_schemas(samples: Samples) -> None:
    change = planned(samples, "notes_sqlmodel", "rate-limit", "POST", "/notes", "3/minute")
    model = "\n".join(lines(change)["backend/app/models.py"])
    assert "+class RateLimit(SQLModel, table=True):" in model
    assert "+    key: str = Field(max_length=255, unique=True)" in model
    assert "RateLimitCreate" not in model
    assert "orm.Session(session.get_bind())" in "\n".join(lines(change)["backend/app/api/rate_limit.py"])


def test_a_limit_stands_beside_other_dependencies(samples: Samples) -> None:
    text = "\n".join(
        lines(planned(samples, "shop_layered", "rate-limit", "POST", "/suppliers", "9/day"))[
            "app/api/routes/suppliers.py"
        ]
    )
    assert 'Depends(require_admin), Depends(user_rate_limit("POST /api/v1/suppliers", 9, 86400))' in text.replace(
        "\n+        ", " "
    )


def test_a_second_limit_uses_what_is_there(samples: Samples, tmp_path: Path) -> None:
    first = planned(samples, "tracker_flat", "rate-limit", "POST", "/token", "5/minute")
    written = {e.path: e.after or "" for e in first.edits if not e.path.startswith("migrations/")}
    samples = flat(tmp_path, written)
    second = planned(samples, "tracker_flat", "rate-limit", "POST", "/projects", "7/minute", "by:ip")
    assert sorted(lines(second)) == ["tests/test_rate_limits.py", MAIN]
    other = planned(samples, "tracker_flat", "rate-limit", "POST", "/projects", "7/minute", "by:user")
    added = "\n".join(lines(other)["tracker/rate_limit.py"])
    assert "+def user_rate_limit(" in added
    assert "_hit(session" not in added
    with pytest.raises(Unsupported, match="has a rate limit already"):
        planned(samples, "tracker_flat", "rate-limit", "POST", "/token", "5/minute")


def test_a_handler_that_loses_headers_keeps_them(samples: Samples) -> None:
    change = planned(samples, "clinic_features", "rate-limit", "POST", "/patients", "3/minute")
    text = lines(change)["src/exceptions.py"]
    assert text == [
        "-    return error_response(exc.status_code, HTTPStatus(exc.status_code).name.lower(), str(exc.detail))",
        "+    response = error_response(exc.status_code, HTTPStatus(exc.status_code).name.lower(), str(exc.detail))",
        "+    response.headers.update(exc.headers or {})",
        "+    return response",
    ]
    kept = planned(samples, "shop_layered", "rate-limit", "GET", "/suppliers", "5/minute")
    assert "app/main.py" not in lines(kept)  # its handler passes them on


def test_what_is_no_endpoint_or_several(samples: Samples) -> None:
    with pytest.raises(UsageError, match="there is no endpoint POST /invoices"):
        planned(samples, "tracker_flat", "rate-limit", "POST", "/invoices", "5/minute")
    with pytest.raises(UsageError, match="/tickets means several endpoints"):
        planned(samples, "tracker_flat", "rate-limit", "/tickets", "5/minute")
    with pytest.raises(Unsupported, match="no entity here"):
        planned(samples, "empty_fastapi", "rate-limit", "/health", "5/minute")


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("tracker/limits.py", "from slowapi import Limiter\n", "limits with slowapi"),
        ("tracker/settings.py", 'URL = "mysql+pymysql://db/tracker"\n', "PostgreSQL and SQLite only"),
        ("tracker/rate_limit.py", "LIMIT = 5\n", "counts otherwise"),
    ],
)
def test_what_cannot_count_is_refused(tmp_path: Path, path: str, text: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        planned(flat(tmp_path, {path: text}), "tracker_flat", "rate-limit", "POST", "/tickets", "5/minute")


def test_a_word_is_no_database(tmp_path: Path) -> None:
    samples = flat(tmp_path, {"tracker/words.py": 'KINDS = ("oracle", "mysql")\n'})
    assert planned(samples, "tracker_flat", "rate-limit", "POST", "/tickets", "5/minute").edits


def test_a_limit_is_no_limit_of_a_name_alone(tmp_path: Path) -> None:
    main = (REPOS / "tracker_flat" / MAIN).read_text().replace('@app.post("/token")', '@app.post("/rate_limit/token")')
    change = planned(
        flat(tmp_path, {MAIN: main}), "tracker_flat", "rate-limit", "POST", "/rate_limit/token", "5/minute"
    )
    assert "+def rate_limit(" in "\n".join(lines(change)["tracker/rate_limit.py"])


@pytest.mark.parametrize(
    ("sentence", "limit"),
    [
        ("rate limit POST /orders to 10 per minute", RateLimit("/orders", 10, 60, "POST")),
        (
            "Limit /orders/{id}/pay to 5 requests per 10 seconds per user.",
            RateLimit("/orders/{id}/pay", 5, 10, "", "user"),
        ),
        ("add a rate limit of 100/hour to GET /search by ip", RateLimit("/search", 100, 3600, "GET", "ip")),
        ("limit login to 5 attempts per minute", RateLimit("login", 5, 60)),
        ("allow at most 3 calls a day to POST /exports", RateLimit("/exports", 3, 86400, "POST")),
        ("Users may call GET /reports no more than 10 times a day.", RateLimit("/reports", 10, 86400, "GET")),
        ("Rate limit POST /orders at 5/s and return 429 then", RateLimit("/orders", 5, 1, "POST")),
    ],
)
def test_words(sentence: str, limit: RateLimit) -> None:
    assert parse_words(sentence, ["Order"]).rate_limit == limit


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("rate limit POST /orders to 5 per minute except for admins", "except admins"),
        ("remove the rate limit of 10/minute from POST /orders", "remove"),
        ("do not rate limit POST /orders to 10/minute", "do not"),
        ("limit every endpoint but /health to 100 requests per minute", "every but"),
        ("limit POST /orders to 5 per minute and GET /orders to 50 per minute", "/orders 50 minute"),
        ("raise the rate limit of POST /orders from 10/minute to 20/minute", "raise 20/minute"),
        ("limit POST /login to 5 attempts per 15 minutes and lock the account after", "lock account after"),
    ],
)
def test_words_that_a_limit_would_leave_out_are_asked_about(sentence: str, left: str) -> None:
    found = parse_words(sentence, ["Order"])
    assert found.rate_limit is None
    assert [f"'{left}'" in question.text for question in found.questions if question.level == "high"] == [True]


@pytest.mark.parametrize("sentence", ["rate limit the api", "limit the title of tickets to 10 characters"])
def test_words_without_an_endpoint_or_a_number(sentence: str) -> None:
    assert parse_words(sentence, ["Ticket"]).rate_limit is None


def test_a_file_says_the_same() -> None:
    said = RateLimit("/orders", 10, 60, "POST", "user")
    assert parse_file("rate_limit: {path: POST /orders, limit: 10/minute, by: user}\n", "f.yaml").rate_limit == said
    old = "kind: rate_limit\nrate_limit: {path: /limited, limit: 5, window: 2, other_path: /openapi.json}\n"
    assert parse_file(old, "f.yaml").rate_limit == RateLimit("/limited", 5, 2)
    for wrong in (
        "{path: /a, limit: often}",
        "{path: /a}",
        "{path: /a, limit: 5/m, by: cookie}",
        "{path: /a, limit: 0/m}",
    ):
        with pytest.raises(UsageError):
            parse_file(f"rate_limit: {wrong}\n", "f.yaml")


def test_login_is_the_endpoint_that_signs_in(samples: Samples) -> None:
    assert planned(samples, "tracker_flat", "rate-limit", "login", "5/minute").title == "limit POST /token to 5 in 60 s"


def test_whom_a_limit_counts_is_an_answer(samples: Samples) -> None:
    asked = ("tracker_flat", "rate-limit", "POST", "/tickets", "10/hour")
    change = planned(samples, *asked)
    assert {a.key: (a.value, a.fixed) for a in change.assumptions} == {
        "by": ("user", False),
        "window": ("3600 s", True),
    }
    by_address = planned(samples, *asked, settings={"by": "ip"})
    assert "request.client.host" in "\n".join(lines(by_address)["tracker/rate_limit.py"])
    with pytest.raises(UsageError, match="`user` or `ip`"):
        planned(samples, *asked, settings={"by": "cookie"})
