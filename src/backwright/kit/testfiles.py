"""Which files are tests, by the names that the runners of all languages look for."""

from __future__ import annotations

import re
from posixpath import basename

_FOLDER = re.compile(
    r"(^|/)(tests?|src/\w*[tT]est\w*|__tests__|spec|specs|e2e|cypress|testdata|[\w.]*\.?(Unit|Integration|Functional|Acceptance)?Tests)/"
)
_NAME = re.compile(
    r"test_.*|conftest\.py|.*_test\.(py|go|exs|rb|dart)|.*[.-](test|spec|e2e-spec|cy)\.[cm]?[jt]sx?"
    r"|.*(Tests?|IT|Spec)\.(java|kt|cs|php|scala)|Test[A-Z]\w*\.(java|kt)|.*_spec\.rb|tests?\.rs|tests\.py"
)


def is_test_file(path: str) -> bool:
    """Whether a file is a test, or stands among tests."""
    return bool(_NAME.fullmatch(basename(path)) or _FOLDER.search(path))
