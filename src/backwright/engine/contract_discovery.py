"""The verify steps of a project without a manifest: what its own configuration, scripts and dependencies amount to.

A tool counts when it has configuration, is a declared dependency, or is called by a script or a pre-commit hook. Its
arguments come from the project's scripts where they call it, else from its configuration, else from the layout. Only a
tool that is configured or declared is required; one that only a hook mentions lives in the hook's own environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from backwright.core.verdict import Step
from backwright.engine.contract_commands import Invocation
from backwright.engine.contract_project import ProjectFacts, read_ini

TESTS_TIMEOUT = 1800.0  # seconds

_NOT_SOURCE = {
    "tests",
    "test",
    "docs",
    "doc",
    "scripts",
    "migrations",
    "alembic",
    "examples",
    "build",
    "dist",
    "node_modules",
}
_COSMETIC = re.compile(
    r"-[vqsxl]+|--(verbose|quiet|exitfirst|lf|ff|last-failed|failed-first|pdb|no-header|no-summary)|-r\w+"
)
_COSMETIC_VALUE = re.compile(
    r"--(cov[\w-]*|tb|color|durations|capture|html|junitxml|junit-xml|show-capture|maxfail)(=.*)?"
)
_PATH_OPTIONS = {"--config-file", "--config", "--rootdir", "--ignore", "--settings-path", "--project", "-c"}
_CHANGING = {
    "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "--fix-only", "--watch", "--show-fixes", "--apply",
    "--recursive",
}  # fmt: skip


def discovered_steps(project: ProjectFacts) -> tuple[Step, ...]:
    """Format, lint, types, migrations, tests and guardrails, as far as the project has them, in this order."""
    steps = [
        *_formatters(project),
        *_linters(project),
        *_others(project),
        *_type_checkers(project),
        *_migrations(project),
        *_tests(project),
    ]
    names: set[str] = set()
    unique = []
    for step, tool in steps:
        name = step.name if step.name not in names else tool
        names.add(name)
        unique.append(_renamed(step, name))
    guardrails = Step(name="guardrails", builtin="guardrails", source="built in")
    return (*unique, guardrails)


Found = Iterator[tuple[Step, str]]  # the step, and the name it takes where another tool has the usual one


def _renamed(step: Step, name: str) -> Step:
    return Step(
        name=name,
        argv=step.argv,
        builtin=step.builtin,
        required=step.required,
        timeout=step.timeout,
        cwd=step.cwd,
        env=step.env,
        source=step.source,
    )


def _formatters(project: ProjectFacts) -> Found:
    if _uses_ruff(project):
        call = _call(project, "ruff", "format")
        table = "pyproject.toml [tool.ruff.format]" if project.tool("ruff", "format") is not None else ""
        table = table or next(
            (f"{f} [format]" for f in ("ruff.toml", ".ruff.toml") if "[format]" in project.files.get(f, "")), ""
        )
        if call or table or _hook(project, "ruff-format", "ruff format"):
            words = call.arguments[1:] if call else ()
            argv = ("ruff", "format", "--check", *_paths(_clean(words, "--check", "--diff"), project))
            yield (
                Step(
                    name="format",
                    argv=argv,
                    source=_source(project, "ruff", call, table),
                    required=_required(project, "ruff"),
                ),
                "ruff-format",
            )
    for tool, check in (("black", "--check"), ("isort", "--check-only")):
        if _configured(project, tool):
            call = _call(project, tool)
            words = _clean(call.arguments if call else (), check, "--check", "--diff", "-c")
            argv = (tool, check, *(_paths(words, project) or (".",)))
            yield (
                Step(name="format", argv=argv, source=_source(project, tool, call), required=_required(project, tool)),
                tool,
            )


def _linters(project: ProjectFacts) -> Found:
    if _uses_ruff(project):
        call = _call(project, "ruff", "check")
        words = call.arguments[1:] if call else ()
        argv = ("ruff", "check", *_paths(_clean(words), project))
        yield (
            Step(name="lint", argv=argv, source=_source(project, "ruff", call), required=_required(project, "ruff")),
            "ruff",
        )
    if _configured(project, "flake8"):
        call = _call(project, "flake8")
        argv = ("flake8", *_paths(call.arguments if call else (), project))
        yield (
            Step(
                name="lint", argv=argv, source=_source(project, "flake8", call), required=_required(project, "flake8")
            ),
            "flake8",
        )


def _others(project: ProjectFacts) -> Found:
    """Checkers with rules of their own: they are run where the project has chosen them, never in place of ours."""
    for tool, name in _CHECKERS.items():
        if not _configured(project, tool):
            continue
        call = _call(project, tool)
        argv = (tool, *_paths(_clean(call.arguments), project)) if call else _checker_argv(project, tool)
        if argv:
            yield (
                Step(name=name, argv=argv, source=_source(project, tool, call), required=_required(project, tool)),
                tool,
            )


def _checker_argv(project: ProjectFacts, tool: str) -> tuple[str, ...]:
    """How a checker is called that no script calls; nothing where there is nothing for it to look at."""
    roots = _source_roots(project) or (".",)
    match tool:
        case "bandit":
            where = ("-c", "pyproject.toml") if project.tool("bandit") is not None else ()
            return ("bandit", "-q", *where, "-r", *roots)
        case "pylint":
            return ("pylint", *roots)
        case "squawk":
            files = [p for p in project.paths if p.endswith(".sql") and {"migrations", "migration"} & set(p.split("/"))]
            return ("squawk", *files) if files else ()
        case "sqlfluff":
            return ("sqlfluff", "lint", ".")
        case _:
            return (tool,)


def _type_checkers(project: ProjectFacts) -> Found:
    for tool in ("mypy", "pyright", "basedpyright", "ty"):
        if not _configured(project, tool):
            continue
        call = _call(project, tool)
        start: tuple[str, ...] = ("check",) if tool == "ty" else ()
        words = call.arguments[len(start) :] if call else ()
        paths = _paths(_clean(words, "--install-types", "--non-interactive"), project)
        if tool == "mypy" and not _names_targets(paths) and not _mypy_targets(project):
            paths = (*paths, *(_source_roots(project) or (".",)))
        argv = (tool, *start, *paths)
        yield (
            Step(name="types", argv=argv, source=_source(project, tool, call), required=_required(project, tool)),
            tool,
        )


def _tests(project: ProjectFacts) -> Found:
    has_tests = [p for p in project.paths if re.fullmatch(r"(.*/)?(test_[^/]+|[^/]+_test)\.py", p)]
    configured = _configured(project, "pytest")
    if not configured and "manage.py" in project.paths:
        yield Step("tests", ("python", "manage.py", "test"), timeout=TESTS_TIMEOUT, source="manage.py"), "manage.py"
        return
    if not configured and not has_tests:
        return
    calls = [c for c in project.invocations if c.tool in ("pytest", "py.test")]
    call = next((c for c in calls if "test" in c.target.lower()), calls[0] if calls else None)
    words = _pytest_words(call.arguments if call else ())
    source = _source(project, "pytest", call) if configured or call else has_tests[0]
    env = call.env if call else {}
    argv = ("pytest", *_paths(words, project))
    yield Step(name="tests", argv=argv, env=env, timeout=TESTS_TIMEOUT, source=source), "pytest"


def _pytest_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """What chooses tests, without what only changes the output or measures coverage."""
    kept: list[str] = []
    follows = False
    for word in words:
        value = follows and not word.startswith("-")
        match = _COSMETIC_VALUE.fullmatch(word)
        follows = bool(match) and "=" not in word
        if not value and not match and not _COSMETIC.fullmatch(word):
            kept.append(word)
    return tuple(kept)


def _migrations(project: ProjectFacts) -> Found:
    if "manage.py" in project.paths and "django" in project.dependencies:
        words = ("python", "manage.py", "makemigrations", "--check", "--dry-run")
        yield Step("migrations", words, source="manage.py"), "manage.py"
        return
    for path in sorted(project.files, key=lambda p: (p.count("/"), p)):
        folder = str(PurePosixPath(path).parent)
        folder = "" if folder == "." else folder
        name = PurePosixPath(path).name
        location = ""
        if name == "alembic.ini":
            location = str(read_ini(project.files[path]).get("alembic", {}).get("script_location") or "")
        elif path == "pyproject.toml":
            location = str((project.tool("alembic") or {}).get("script_location") or "")
        script = _joined(folder, location.replace("%(here)s", "").lstrip("/")) if location else ""
        if script and f"{script}/env.py" in project.paths:
            argv = ("alembic",) if name == "pyproject.toml" else ("alembic", "-c", name)
            yield Step(name="migrations", builtin="migrations", argv=argv, cwd=folder, source=path), "alembic"
            return


def _joined(folder: str, location: str) -> str:
    parts: list[str] = []
    for part in PurePosixPath(folder, location).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    return "/".join(parts)


def _uses_ruff(project: ProjectFacts) -> bool:
    return _configured(project, "ruff")


_CONFIG_FILES = {
    "ruff": ("ruff.toml", ".ruff.toml"),
    "flake8": (".flake8",),
    "isort": (".isort.cfg",),
    "mypy": ("mypy.ini", ".mypy.ini"),
    "pyright": ("pyrightconfig.json",),
    "ty": ("ty.toml",),
    "pytest": ("pytest.ini", ".pytest.ini"),
    "pylint": (".pylintrc", "pylintrc"),
    "bandit": (".bandit", "bandit.yaml", "bandit.yml"),
    "lint-imports": (".importlinter",),
    "squawk": (".squawk.toml",),
    "sqlfluff": (".sqlfluff",),
}
_INI_SECTIONS = {
    "flake8": (("setup.cfg", "flake8"), ("tox.ini", "flake8")),
    "isort": (("setup.cfg", "isort"), ("setup.cfg", "tool:isort"), ("tox.ini", "isort")),
    "mypy": (("setup.cfg", "mypy"),),
    "pytest": (("setup.cfg", "tool:pytest"), ("tox.ini", "pytest")),
    "lint-imports": (("setup.cfg", "importlinter"),),
    "sqlfluff": (("setup.cfg", "sqlfluff"), ("tox.ini", "sqlfluff")),
}
_CHECKERS = {  # tool to the name of its step
    "pylint": "lint",
    "bandit": "security",
    "lint-imports": "imports",
    "squawk": "squawk",
    "sqlfluff": "sqlfluff",
}
_KNOWN_AS = {"lint-imports": "import-linter", "squawk": "squawk-cli"}  # the distribution, where it has another name
_TABLES = {"lint-imports": "importlinter"}


def _config_of(project: ProjectFacts, tool: str) -> str:
    """Where this tool is configured, as evidence; `""` where it is not."""
    table = _TABLES.get(tool, tool)
    if project.tool(table) is not None:
        return f"pyproject.toml [tool.{table}]"
    own = project.has(*_CONFIG_FILES.get(tool, ()))
    if own:
        return own
    for path, section in _INI_SECTIONS.get(tool, ()):
        if project.ini_section(path, section) is not None:
            return f"{path} [{section}]"
    if tool == "ruff":  # looks for its configuration in the folders above, too
        for path, text in project.above.items():
            if path.endswith("ruff.toml") or (path.endswith("pyproject.toml") and "[tool.ruff" in text):
                return path
    return ""


def _configured(project: ProjectFacts, tool: str) -> bool:
    decided = _config_of(project, tool) or _call(project, tool) or _hook(project, tool)
    if not decided and tool in _MERELY_THERE:
        return False
    return bool(_required(project, tool) or _call(project, tool) or _hook(project, tool))


# Installed beside others, or frozen into a requirements file: nobody decided what they have to say.
_MERELY_THERE = {"isort", "pylint", "bandit", "lint-imports", "squawk", "sqlfluff"}


def _required(project: ProjectFacts, tool: str) -> bool:
    return bool(_config_of(project, tool)) or _KNOWN_AS.get(tool, tool) in project.dependencies


def _hook(project: ProjectFacts, *words: str) -> bool:
    return any(re.search(rf"(?<![\w-]){re.escape(word)}\b", hook) for hook in project.hooks for word in words)


def _call(project: ProjectFacts, tool: str, first: str = "") -> Invocation | None:
    """The project's own call of this tool; a call that only checks is believed before one that changes files."""
    calls = [c for c in project.invocations if c.tool == tool and (not first or c.arguments[:1] == (first,))]
    return min(calls, key=lambda c: (bool(_CHANGING & set(c.arguments)), "--check" not in c.arguments), default=None)


def _source(project: ProjectFacts, tool: str, call: Invocation | None, table: str = "") -> str:
    if call:
        return call.source
    return (
        table
        or _config_of(project, tool)
        or ("dependencies" if _KNOWN_AS.get(tool, tool) in project.dependencies else ".pre-commit-config.yaml")
    )


def _clean(words: tuple[str, ...], *drop: str) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _CHANGING and word not in drop)


def _paths(words: tuple[str, ...], project: ProjectFacts) -> tuple[str, ...]:
    """The arguments without the paths that this project does not have, and without the options that name them."""
    known = {*project.paths, *project.folders, "."}
    kept: list[str] = []
    for word in words:
        path = word.partition("::")[0].rstrip("/")
        looks_like_path = not word.startswith("-") and ("/" in word or path.endswith(".py"))
        if not looks_like_path or path == "." or _joined("", path) in known:
            kept.append(word)
        elif kept and kept[-1] in _PATH_OPTIONS:
            kept.pop()
    return tuple(kept)


def _names_targets(words: tuple[str, ...]) -> bool:
    return any(not word.startswith("-") or word in ("-p", "-m", "--package", "--module") for word in words)


def _mypy_targets(project: ProjectFacts) -> bool:
    tables = [project.tool("mypy"), *(project.ini_section(f, "mypy") for f in ("mypy.ini", ".mypy.ini", "setup.cfg"))]
    return any(table and {"files", "packages", "modules"} & set(table) for table in tables)


def _source_roots(project: ProjectFacts) -> tuple[str, ...]:
    """The folders with the project's own code: packages at the top, or `src`."""
    tops = {path.split("/", 1)[0] for path in project.paths if path.endswith(".py") and "/" in path}
    roots = sorted(top for top in tops if top not in _NOT_SOURCE and not top.startswith("."))
    return ("src",) if "src" in roots else tuple(roots)
