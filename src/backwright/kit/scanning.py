"""The token formats of `detect-secrets`, where it is installed (`pip install 'backwright[secrets]'`).

Of its detectors only those count that know a format which nothing else has. What it takes for a secret by a name beside it
or by entropy is decided here, where more is known of the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

# They go by what stands around a value, or name what is no secret.
_BY_CONTEXT = frozenset(
    {"Basic Auth Credentials", "Public IP (ipv4)", "Private Key", "SoftLayer Credentials", "Cloudant Credentials",
     "IBM Cloud IAM Key", "IBM COS HMAC Credentials", "JSON Web Token"}
)  # fmt: skip

# Every token has a run of such signs, with a digit among them; most texts have none.
_DENSE = re.compile(r"(?<![\w\-:.+/=])(?=[\w\-:.+/=]*\d)[\w\-:.+/=]{20,}")

Detect = Callable[[str], Iterator[str]]


@cache
def detectors() -> tuple[tuple[str, Detect], ...]:
    """The kinds of tokens it knows, each with what finds them in a text; none where it is not installed."""
    if find_spec("detect_secrets") is None:
        return ()
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    known: Mapping[str, Any] = get_mapping_from_secret_type_to_class()
    return tuple(
        (kind, found().analyze_string)
        for kind, found in sorted(known.items())
        if issubclass(found, RegexBasedDetector) and kind not in _BY_CONTEXT
    )


def scanned(text: str) -> Iterator[tuple[str, str]]:
    """Kind and token of everything in a text that has the format of one."""
    for kind, detect in detectors() if _DENSE.search(text) is not None else ():
        for token in detect(text):
            yield kind, token if isinstance(token, str) else str(token)
