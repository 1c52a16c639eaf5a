"""How often one caller may ask an endpoint: `plan rate-limit POST /orders 10/minute`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.change import Question
from backwright.core.errors import UsageError
from backwright.core.request import RateLimit, Understood
from backwright.engine.request_vocabulary import pattern

EXAMPLE = "plan rate-limit POST /orders 10/minute by:user"
FILE_KEYS = ("path", "method", "limit", "window", "by", "other_path", "json")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400
_MOST = 1_000_000


def parse_rate_limit(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan rate-limit` is understood as: an endpoint, how often, by whom. Raises UsageError."""
    words = " ".join(tokens)
    found = re.fullmatch(
        r"(?:(?P<method>[A-Za-z]+)\s+)?(?P<path>/\S*|login)\s+(?P<rate>\d+\s*(?:/|per)\s*\d*\s*[a-z]+)(?:\s+by:(?P<by>\w+))?", words
    )  # fmt: skip
    if found is None:
        raise UsageError(
            "`rate-limit` takes an endpoint and how often it may be asked", hints=(f"for example: {EXAMPLE}",)
        )
    limit, seconds = _rate(found["rate"])
    return _understood(
        found["path"], limit, seconds, method=found["method"] or "", by=found["by"] or "", words=f"rate-limit {words}"
    )


def rate_limit_of_file(given: Mapping[str, str], words: str) -> Understood:
    """What `rate_limit: {path: POST /orders, limit: 10/minute}` of a feature file says. Raises UsageError."""
    if "path" not in given or "limit" not in given:
        raise UsageError("a rate limit has a path and a limit", hints=("path: POST /orders", "limit: 10/minute"))
    method, _, path = given["path"].rpartition(" ")
    if "window" in given:
        if not given["limit"].isdigit() or not given["window"].isdigit():
            raise UsageError("beside `window`, in seconds, `limit` is a number", hints=("limit: 5", "window: 60"))
        limit, seconds = int(given["limit"]), int(given["window"])
    else:
        limit, seconds = _rate(given["limit"])
    return _understood(path, limit, seconds, method=given.get("method", method), by=given.get("by", ""), words=words)


def rate_limit_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about how often is understood as; None without an address and a number."""
    rate = pattern("limit_rate").search(sentence)
    if rate is None or not pattern("limit_named").search(sentence):
        return None
    rest = f"{sentence[: rate.start()]} {sentence[rate.end() :]}"
    endpoint = pattern("limit_endpoint").search(rest)
    if endpoint is None and not pattern("limit_login").search(rest):
        return None
    path, method = (endpoint["path"], endpoint["method"] or "") if endpoint is not None else ("login", "")
    left = _left(rest, endpoint.group() if endpoint is not None else "")
    if left:
        text = f"a limit is one number for one endpoint, and this would be left out of it: '{left}'. For example: {EXAMPLE}"
        return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
    by = (
        "user" if pattern("limit_by_user").search(sentence) else "ip" if pattern("limit_by_ip").search(sentence) else ""
    )
    seconds = int(rate["count"] or 1) * _SECONDS[rate["unit"][0].lower()]
    return _understood(path.rstrip(".") or "/", int(rate["limit"]), seconds, method=method, by=by, words=words)


def _left(rest: str, endpoint: str) -> str:
    """What is said beside a limit, its endpoint and whom it counts: whom it spares, a second one, that it goes."""
    for name in ("limit_by_user", "limit_by_ip", "limit_filler"):
        rest = pattern(name).sub(" ", rest.replace(endpoint, " ", 1) if endpoint else rest)
        endpoint = ""
    return " ".join(rest.split()).strip(" .,;:!()")


def _rate(text: str) -> tuple[int, int]:
    """(how often, in how many seconds) of `10/minute`. Raises UsageError."""
    found = pattern("limit_rate").fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"`{text}` is not how often something may be asked", hints=("for example: 10/minute, 100/15m",)
        )
    return int(found["limit"]), int(found["count"] or 1) * _SECONDS[found["unit"][0].lower()]


def _understood(path: str, limit: int, seconds: int, *, method: str, by: str, words: str) -> Understood:
    if not 0 < limit <= _MOST or not 0 < seconds <= _LONGEST:
        raise UsageError(f"{limit} in {seconds} s is no limit", hints=("for example: 10/minute",))
    if by not in {"", "user", "ip"}:
        raise UsageError(f"limits count by `user` or `ip`, not by `{by}`", hints=(f"for example: {EXAMPLE}",))
    if method and method.upper() not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise UsageError(f"`{method}` is no method", hints=(f"for example: {EXAMPLE}",))
    asked = RateLimit(path, limit, seconds, method.upper(), by)  # type: ignore[arg-type]  # one of the three
    return Understood("rate_limit", words=words, rate_limit=asked)
