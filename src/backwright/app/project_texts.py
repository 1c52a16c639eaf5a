"""What is read of a project beside its sources: configuration files and pages."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from backwright.adapters.files import RepositoryTree
from backwright.engine.projects import is_under
from backwright.kit.django.templates import is_template

_CONFIGURATION = re.compile(
    r"(.*\.(toml|cfg|ini|mako)|requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|\.env[^/]*|[^/]*\.env|Pipfile|"
    r"(docker-)?compose[^/]*\.ya?ml|[Mm]akefile|\.pre-commit-config\.yaml|\.python-version|\.flake8|stack\.yaml|"
    r"[jt]sconfig[^/]*\.json|package\.json|go\.mod|.*\.prisma|.*\.(graphqls?|gql|proto)|"
    r"(.*[_.-])?(schema|structure|tables|ddl|init)([_.-].*)?\.sql|(.*/)?(\w*migrations?|migrate|drizzle|schema|sql|ddl|db)/(.*/)?[^/]+\.sql)"
)


def configuration(tree: RepositoryTree, root: str) -> dict[str, str]:
    """The configuration files of the project, and those of the folders above it."""
    above = {str(p) for p in PurePosixPath(root).parents} if root else set()
    texts = {}
    for path in tree.files():
        inside = is_under(path, root)
        if not inside and str(PurePosixPath(path).parent) not in above:
            continue
        short = path[len(root) + 1 :] if inside and root else path
        if _CONFIGURATION.fullmatch(short) or _CONFIGURATION.fullmatch(short.rpartition("/")[2]):
            text = tree.read(path).text
            if text is not None:
                texts[path] = text
    return texts


def pages(tree: RepositoryTree, root: str) -> dict[str, str]:
    """The pages of the project."""
    paths = [p for p in tree.files() if is_under(p, root) and is_template(p)]
    return {path: text for path in paths if (text := tree.read(path).text) is not None}
