"""The configuration: at most twenty keys, from exactly one file, each with its origin.

The nearest `backwright.toml` or `[tool.backwright]`, from the given path upwards to the root of the repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from backwright.adapters.residence import root_of
from backwright.app.config_file import Table, find_line, parse_table, parse_value, read_config
from backwright.app.config_own import own_file, own_values
from backwright.core.archmap import ROLES
from backwright.core.errors import UsageError
from backwright.core.permissions import NETWORKS, Bounds

SEVERITIES = ("error", "warning", "advice")
OFF = "off"  # in place of a severity: nothing of the rule is said for these paths
_EXTENDS = 5  # files in a chain of `extend`
_OVERRIDE_BYTES = 4096


@dataclass(frozen=True)
class Limits:
    """What a run with a model may spend."""

    seconds: float = 900
    steps: int = 40
    dollars: float = 2.0


@dataclass(frozen=True)
class Allowed:
    """What commands and agents may do beyond their private copy; `memory` in MiB. `external` comes from a flag alone."""

    network: str = "loopback"
    read: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    memory: int = Bounds().memory >> 20
    external: bool = False


@dataclass(frozen=True)
class Config:
    """The settings of one call. `origins` says where each came from; a key that is not in it has its default.

    `include` and `exclude` are patterns relative to the repository; `roles` maps patterns to roles; `severity_by_path`
    maps patterns to rules (id, prefix, name or ALL) and what they are there; `commands` maps a verify step to its argv.
    `files` are all that were read: the one that counts, `file`, and those that it extends.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    severity_by_path: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fail_on: str = "error"
    steps: tuple[str, ...] = ()
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    model: str = ""
    base_url: str = ""
    limits: Limits = Limits()
    permissions: Allowed = Allowed()
    file: str = ""
    files: tuple[str, ...] = ()
    is_found: bool = False  # the file lay in the repository, and nobody named it
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, key: str) -> str:
        """Where a key (`rules.select`) got its value: `backwright.toml:7`, `--select`, `default`."""
        return self.origins.get(key, "default")

    def is_suggested(self, key: str) -> bool:
        """Whether only a file of the repository says so, which nobody named: no word of the user."""
        return self.is_found and self.origin(key).rpartition(":")[0] in self.files

    def show(self) -> Iterator[tuple[str, Any, str]]:
        """Every key with its value and its origin."""
        for key, spec in KEYS.items():
            value: Any = self
            for name in spec.attribute.split("."):
                value = getattr(value, name)
            yield key, value, self.origin(key)


@dataclass(frozen=True)
class Key:
    """A key: the attribute of `Config` it sets, its kind, and the values it may have where they are few."""

    attribute: str
    # text | texts | number | whole | choice | choices (a table of choices) | tables (of choices) | argvs (a table of argv)
    kind: str
    values: tuple[str, ...] = ()


KEYS: dict[str, Key] = {
    "include": Key("include", "texts"),
    "exclude": Key("exclude", "texts"),
    "roles": Key("roles", "choices", ROLES),
    "rules.select": Key("select", "texts"),
    "rules.ignore": Key("ignore", "texts"),
    "rules.severity": Key("severity", "choices", SEVERITIES),
    "rules.paths": Key("severity_by_path", "tables", (*SEVERITIES, OFF)),
    "rules.fail-on": Key("fail_on", "choice", (*SEVERITIES, "never")),
    "verify.steps": Key("steps", "texts"),
    "verify.commands": Key("commands", "argvs"),
    "agent.model": Key("model", "text"),
    "agent.base-url": Key("base_url", "text"),
    "agent.limits.seconds": Key("limits.seconds", "number"),
    "agent.limits.steps": Key("limits.steps", "whole"),
    "agent.limits.dollars": Key("limits.dollars", "number"),
    "permissions.network": Key("permissions.network", "choice", NETWORKS),
    "permissions.read": Key("permissions.read", "texts"),
    "permissions.environment": Key("permissions.environment", "texts"),
    "permissions.memory": Key("permissions.memory", "whole"),
}
_SECTIONS = {key.rsplit(".", n)[0] for key in KEYS for n in range(1, key.count(".") + 1)}


def load(
    path: Path,
    *,
    arguments: Sequence[str] = (),
    isolated: bool = False,
    overrides: Mapping[str, tuple[Any, str]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """The configuration for `path`.

    `arguments` are those of `--config` (a file, or `KEY=VALUE`), `overrides` maps keys to (value, origin) and beats
    everything. `isolated` reads no file. Raises `UsageError` with the place and what was probably meant.
    """
    files = [a for a in arguments if not _is_assignment(a)]
    environ = os.environ if environ is None else environ
    named = environ.get("BACKWRIGHT_CONFIG", "")
    if len(files) > 1:
        raise UsageError("--config names two files", hints=("exactly one file counts; use `extend` in it for another",))
    if isolated and files:
        raise UsageError("--isolated reads no file, and --config names one", where=files[0])
    config = Config()
    if not isolated:
        root = find_root(path)
        found = Path(files[0]) if files else Path(named) if named else _nearest(path, root)
        if found is not None:
            config = replace(_from_file(config, found, root), is_found=not (files or named))
        if config.is_suggested("agent.base-url"):
            hint = "say it yourself: --config agent.base-url=…, or in your own ~/.config/backwright/config.toml"
            where = config.origin("agent.base-url")
            raise UsageError("a repository does not say which server is talked to", where=where, hints=(hint,))
        refuse_grants(config)
        own = own_file(environ, root)
        for key, value, origin in own_values(own) if own else ():
            config = _set(config, key, value, origin)
    for argument in arguments:
        if _is_assignment(argument):
            key, _, text = argument.partition("=")
            if len(text) > _OVERRIDE_BYTES:
                raise UsageError("the value is too long", where=f"--config {key}")
            config = _set(config, key.strip(), parse_value(text), f"--config {key.strip()}", lenient=True)
    for key, (value, origin) in (overrides or {}).items():
        config = _set(config, key, value, origin, lenient=True)
    return config


def refuse_grants(config: Config) -> None:
    """Raises `UsageError` where a file of the repository gives its own commands more than they have anyway."""
    now, usual, names = config.permissions, Allowed(), list[str](NETWORKS)
    more = {
        "permissions.network": names.index(now.network) > names.index(usual.network),
        "permissions.read": bool(now.read),
        "permissions.environment": bool(now.environment),
        "permissions.memory": now.memory > usual.memory,
    }
    for key, granted in more.items():
        if granted and config.is_suggested(key):
            hint = "say it yourself: --allow …, or in your own ~/.config/backwright/config.toml"
            raise UsageError(
                "a repository takes away permissions, and grants none", where=config.origin(key), hints=(hint,)
            )


def find_root(path: Path) -> Path | None:
    """The root of the repository that `path` is in, None outside of any."""
    found = root_of(str(path))
    return Path(found) if found else None


def _is_assignment(argument: str) -> bool:
    key, equals, _ = argument.partition("=")
    return bool(equals) and "/" not in key and "\\" not in key


def _nearest(path: Path, root: Path | None) -> Path | None:
    """The file that counts. Outside a repository only the folder itself is looked at, never what lies above."""
    start = path.resolve()
    start = start if start.is_dir() else start.parent
    folders = [start, *start.parents]
    for folder in folders[: folders.index(root) + 1] if root in folders else folders[:1]:
        for name in ("backwright.toml", "pyproject.toml"):
            if (folder / name).is_file() and read_config(folder / name) is not None:
                return folder / name
    return None


def _from_file(config: Config, file: Path, root: Path | None) -> Config:
    """`file` over what it extends. Raises `UsageError` where one of them is outside the repository it is for."""
    chain: list[tuple[Path, str]] = []
    inside = root is not None and (file.parent.resolve() / file.name).is_relative_to(root)
    at: Path | None = file
    while at is not None:
        real = at.resolve()
        if inside and root is not None and not real.is_relative_to(root):
            raise UsageError("leads out of the repository", where=_shown(at, root))
        if any(real == seen.resolve() for seen, _ in chain) or len(chain) == _EXTENDS:
            raise UsageError("`extend` goes in a circle or too deep", where=_shown(at, root))
        text = read_config(at)
        if text is None:
            raise UsageError("has no [tool.backwright]", where=_shown(at, root))
        chain.append((at, text))
        table = parse_table(text, _shown(at, root))
        extend = table.values.get("extend")
        if extend is not None and not isinstance(extend, str):
            raise UsageError("`extend` must be a string", where=_place(table, text, "extend"))
        at = at.parent / extend if extend else None
    for at, text in reversed(chain):
        config = _merge(config, parse_table(text, _shown(at, root)), text)
    return replace(config, file=_shown(file, root), files=tuple(_shown(at, root) for at, _ in chain))


def _shown(file: Path, root: Path | None) -> str:
    absolute = Path(os.path.abspath(file))  # noqa: PTH100 - links stay as they are written
    return absolute.relative_to(root).as_posix() if root and absolute.is_relative_to(root) else str(file)


def _place(table: Table, text: str, key: str) -> str:
    line = find_line(text, f"{table.prefix}.{key}")
    return f"{table.file}:{line}" if line else table.file


def _merge(config: Config, table: Table, text: str) -> Config:
    for key, value in _flat(table.values):
        if key != "extend":
            config = _set(config, key, value, _place(table, text, key))
    return config


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key in _SECTIONS:
            yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _set(config: Config, key: str, value: Any, origin: str, *, lenient: bool = False) -> Config:
    """`config` with one more value. `lenient` takes `a,b` for a list, as it comes from a command line."""
    spec = KEYS.get(key)
    if spec is None:
        raise _unknown(key, origin)
    if lenient and isinstance(value, str) and spec.kind == "texts":
        value = [part.strip() for part in value.split(",") if part.strip()]
    problem = _wrong(spec, value)
    if problem:
        raise UsageError(f"`{key}` {problem}", where=origin)
    if spec.kind == "texts":
        value = tuple(value)
    elif spec.kind == "argvs":
        value = {step: tuple(argv) for step, argv in value.items()}
    origins = {**config.origins, key: origin}
    first, _, second = spec.attribute.partition(".")
    if second:
        value = replace(getattr(config, first), **{second: value})
    return replace(config, **{first: value, "origins": origins})


def _unknown(key: str, origin: str) -> UsageError:
    shown = key if len(key) <= 60 else f"{key[:60]}…"
    names = [*KEYS, "extend"]
    close = get_close_matches(key[:80], names, 1) or [n for n in names if n.rsplit(".")[-1] == key.rsplit(".")[-1]]
    hint = f"did you mean `{close[0]}`?" if close else f"the keys are {', '.join(names)}"
    return UsageError(f"`{shown}` is not a key", where=origin, hints=(hint,))


def _wrong(spec: Key, value: Any) -> str:
    """What is wrong with a value, `""` when nothing is."""
    match spec.kind:
        case "text":
            return "" if isinstance(value, str) else "must be a string"
        case "texts":
            return "" if _is_texts(value) else "must be a list of strings"
        case "number" | "whole":
            kinds = (int,) if spec.kind == "whole" else (int, float)
            good = isinstance(value, kinds) and not isinstance(value, bool) and value > 0
            return "" if good else f"must be a {'whole ' if spec.kind == 'whole' else ''}number above 0"
        case "choice":
            return "" if value in spec.values else f"must be one of {', '.join(spec.values)}"
        case "choices":
            return _wrong_choices(spec, value)
        case "tables":
            if not isinstance(value, dict):
                return "must be a table"
            found = ((name, _wrong_choices(spec, table)) for name, table in value.items())
            return next((f"for `{name}` {problem}" for name, problem in found if problem), "")
        case _:
            if not isinstance(value, dict):
                return "must be a table"
            bad = next((k for k, v in value.items() if not (_is_texts(v) and v)), None)
            return (
                ""
                if bad is None
                else f'must give `{bad}` its words as a list, like ["pytest", "-q"]: there is no shell'
            )


def _wrong_choices(spec: Key, value: Any) -> str:
    if not isinstance(value, dict):
        return "must be a table"
    bad = next((k for k, v in value.items() if v not in spec.values), None)
    return "" if bad is None else f"gives `{bad}` a value that is none of {', '.join(spec.values)}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
