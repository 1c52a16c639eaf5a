"""What a project reads from its environment, gathered from facts, and what else says which database it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from backwright.core.facts import Expr, Field, Setting, StringLiteral
from backwright.core.ports import Tree
from backwright.engine.contract_database import EXAMPLE_FILES, TEST_FILES, ProjectSettings
from backwright.engine.contract_project import ProjectFacts, read_ini
from backwright.engine.contract_variables import dialect_of, plain_default
from backwright.engine.verifying_tests import is_test_file
from backwright.kit.index import Definition, FactIndex

_ENV_FILES = {".env", *EXAMPLE_FILES, *TEST_FILES}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXTENSION = re.compile(r"(?i)create\s+extension\s+if\s+not\s+exists\s+\"?([\w-]+)")
_DEPTH = 3  # of settings nested in settings


def project_settings(
    tree: Tree,
    index: FactIndex,
    project: ProjectFacts,
    *,
    asynchronous: bool = False,
    ignored_names: Sequence[str] = (),
) -> ProjectSettings:
    """What `plan_database` needs to know of the project; git-ignored files are no part of `tree` and are not read.

    `ignored_names` are the variables that an ignored `.env` sets.
    """
    settings = declared_settings(index, project.root)
    defaults = {plain_default(setting.default) for setting in settings}
    literals, in_tests = url_literals(index, project.root)
    prefix = f"{project.root}/" if project.root else ""
    above = {str(parent) for parent in PurePosixPath(project.root).parents} if project.root else set()
    paths = [
        path
        for path in tree.files()
        if PurePosixPath(path).name in _ENV_FILES
        and (path.startswith(prefix) or str(PurePosixPath(path).parent) in above)
        and "frontend" not in path
    ]
    texts = ((path, tree.read(path).text) for path in paths)
    inis = sorted((path for path in project.files if path.endswith("alembic.ini")), key=lambda p: (p.count("/"), p))
    alembic = read_ini(project.files[inis[0]]).get("alembic", {}) if inis else {}
    return ProjectSettings(
        root=project.root,
        settings=settings,
        env_files={path: text for path, text in texts if text is not None},
        alembic_url=str(alembic.get("sqlalchemy.url") or "").replace("%%", "%"),
        url_literals=tuple(url for url in literals if url not in defaults),
        test_literals=in_tests,
        ignored_names=ignored_names,
        extensions=_extensions(index, prefix),
        dependencies=project.dependencies,
        asynchronous=asynchronous,
    )


def declared_settings(index: FactIndex, root: str = "") -> tuple[Setting, ...]:
    """Settings of the frameworks' facts, fields of settings classes, and variables read by name, each name once.

    Of a name that is met more than once, the one with a default is kept.
    """
    prefix = f"{root}/" if root else ""
    found: dict[str, Setting] = {}
    gathered = (
        *(pair for pair in index.settings()),
        *((definition.path, s) for definition in index.classes() for s in _of_class(index, definition)),
    )
    for path, setting in gathered:
        if path.startswith(prefix) and (
            setting.name not in found or (setting.default and not found[setting.name].default)
        ):
            found[setting.name] = setting
    return tuple(found.values())


def url_literals(index: FactIndex, root: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Database addresses that are written in the source: in the project's code, and in its tests."""
    prefix = f"{root}/" if root else ""
    code: list[str] = []
    tests: list[str] = []
    for path in index.files:
        if path.startswith(prefix):
            name = PurePosixPath(path).name
            in_tests = is_test_file(path) or name == "conftest.py" or "tests/" in path
            values = (f.value for f in index.facts(path) if isinstance(f, StringLiteral))
            (tests if in_tests else code).extend(value for value in values if dialect_of(value))
    return tuple(dict.fromkeys(code)), tuple(dict.fromkeys(tests))


def _extensions(index: FactIndex, prefix: str) -> tuple[str, ...]:
    """PostgreSQL extensions that the migrations make where they are not there yet."""
    texts = (
        fact.value
        for path in index.files
        if path.startswith(prefix)
        for fact in index.facts(path)
        if isinstance(fact, StringLiteral)
    )
    return tuple(dict.fromkeys(match for text in texts for match in _EXTENSION.findall(text)))


def _of_class(index: FactIndex, definition: Definition, depth: int = 0, prefix: str = "") -> Iterator[Setting]:
    roots = index.root_bases(definition)
    if not depth and not any(base.rpartition(".")[2] == "BaseSettings" for base in roots):
        return
    options = _options(index, definition)
    start = prefix or options.get("env_prefix", "")
    delimiter = options.get("env_nested_delimiter", "") or ("__" if depth else "")
    for item in definition.symbol.fields:
        if item.name == "model_config" or not item.annotation or "ClassVar" in item.annotation:
            continue
        inner = index.resolve(definition.path, item.annotation) if delimiter and depth < _DEPTH else None
        if inner is not None and inner.symbol.fields:
            yield from _of_class(index, inner, depth + 1, f"{start}{item.name}{delimiter}")
            continue
        for name in _names(item, start):
            optional = "None" in item.annotation or "Optional" in item.annotation
            default = "" if item.value in ("", "...") else item.value
            required = (not default and not optional) or bool(re.match(r"Field\(\s*(\.\.\.|\))", item.value))
            yield Setting(name=name, loc=item.loc, default=default, required=required, annotation=item.annotation)


def _options(index: FactIndex, definition: Definition) -> Mapping[str, str]:
    """`env_prefix` and `env_nested_delimiter`, as the class or its nearest base sets them."""
    options: dict[str, str] = {}
    for current in (definition, *index.bases(definition)):
        symbols = index.symbols(current.path)
        inner = symbols.get(f"{current.symbol.qualname}.Config")
        calls = [f.value_expr for f in current.symbol.fields if f.name == "model_config" and f.value_expr]
        for name in ("env_prefix", "env_nested_delimiter"):
            values = [call.keyword(name) for call in calls]
            values += [f.value_expr for f in (inner.fields if inner else ()) if f.name == name]
            text = next((value.text for value in values if value is not None and value.kind == "string"), "")
            if text:
                options.setdefault(name, text)
    return options


def _names(item: Field, prefix: str) -> list[str]:
    """The variables that fill a field: its alias where it has one, else its name behind the class's prefix."""
    if item.value_expr is not None and item.value_expr.kind == "call":
        for keyword in ("validation_alias", "alias", "env"):
            given = item.value_expr.keyword(keyword)
            if given is not None:
                names = [e.text for e in _within(given) if e.kind == "string" and _NAME.fullmatch(e.text)]
                if names:
                    return names[:1]
    return [f"{prefix}{item.name}"]


def _within(expr: Expr) -> Iterator[Expr]:
    queue = [expr]
    while queue:
        current = queue.pop()
        yield current
        queue.extend(reversed(current.parts))
