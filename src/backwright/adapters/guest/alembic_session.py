"""Runs Alembic commands one after the other on a scratch database, and lets them connect to no other.

python alembic_session.py '{"alembic": ["-c", "alembic.ini"], "steps": [["up", ["upgrade", "heads"]]],
                            "port": 54321, "folders": ["…"], "report": "…/report.json"}'

Stops at the first command that fails. The report has each command's outcome, the addresses that were refused, and the
number of connections. Every command's output is printed after a line `== name ==`.
"""

from __future__ import annotations

import sys

del sys.path[0]  # our own folder: nothing in it may be imported in the project's stead

import json
import os
import time
import traceback
from importlib import import_module
from typing import Any

LOCAL = ("127.0.0.1", "localhost", "::1")


class Guard:
    """Lets SQLAlchemy connect to the scratch server's port and to files in the scratch folders."""

    def __init__(self, port: int, folders: list[str]) -> None:
        self.port = port
        self.folders = [os.path.realpath(folder) for folder in folders]
        self.refused: list[str] = []
        self.connected = 0

    def __call__(self, dialect: Any, _record: Any, arguments: Any, parameters: Any) -> None:
        address, allowed = self.judge(dialect.name, list(arguments), dict(parameters))
        if not allowed:
            self.refused.append(address)
            raise RuntimeError("refused to connect to " + address + ": it is not the scratch database")
        self.connected += 1

    def judge(self, dialect: str, arguments: list[Any], parameters: dict[str, Any]) -> tuple[str, bool]:
        """Where the connection leads, and whether it may."""
        if dialect == "sqlite":
            name = str(parameters.get("database") or (arguments[0] if arguments else ""))
            path = name[5:].partition("?")[0] if name.startswith("file:") else name
            if path in ("", ":memory:") or "mode=memory" in name:
                return "SQLite in memory", True
            real = os.path.realpath(path)
            return real, any(real == f or real.startswith(f + os.sep) for f in self.folders)
        host = str(parameters.get("host") or os.environ.get("PGHOST") or "")
        port = str(parameters.get("port") or os.environ.get("PGPORT") or "")
        name = str(parameters.get("database") or parameters.get("dbname") or "")
        address = f"{dialect} at {host}:{port}/{name}"
        return address, dialect == "postgresql" and host in LOCAL and port == str(self.port)


def drift(arguments: list[str]) -> None:
    """`alembic check` for versions before 1.9, which have all of it but the command."""
    config_module, script_module = import_module("alembic.config"), import_module("alembic.script")
    api, environment = import_module("alembic.autogenerate.api"), import_module("alembic.runtime.environment")
    options = config_module.CommandLine(prog="alembic").parser.parse_args([*arguments, "heads"])
    config = config_module.Config(file_=options.config, ini_section=options.name, cmd_opts=options)
    prepend = config.get_main_option("prepend_sys_path")
    sys.path[:0] = [prepend] if prepend else []
    scripts = script_module.ScriptDirectory.from_config(config)
    wanted = {
        "message": None,
        "autogenerate": True,
        "sql": False,
        "head": "head",
        "splice": False,
        "branch_label": None,
    }
    wanted.update(version_path=None, rev_id=None, depends_on=None)
    revision = api.RevisionContext(config, scripts, wanted)

    def collect(current: Any, context: Any) -> list[Any]:
        revision.run_autogenerate(current, context)
        return []

    with environment.EnvironmentContext(
        config, scripts, fn=collect, as_sql=False, template_args=revision.template_args
    ):
        scripts.run_env()
    found = [op for ops in revision.generated_revisions[-1].upgrade_ops_list for op in ops.as_diffs()]
    if found:
        raise SystemExit(f"New upgrade operations detected: {found}")


def perform(arguments: list[str], command: list[str]) -> str:
    """Runs one command; the last line of what went wrong, "" where nothing did."""
    main = import_module("alembic.config").main
    old = tuple(int(n) for n in import_module("alembic").__version__.split(".")[:2] if n.isdigit()) < (1, 9)
    try:
        if command == ["check"] and old:
            drift(arguments)
        else:
            main(argv=["--raiseerr", *arguments, *command], prog="alembic")
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
            return end.code.splitlines()[-1]
        return "" if not end.code else "alembic {} ended with {}".format(" ".join(command), end.code)
    except BaseException as error:  # noqa: BLE001 (whatever a project's env.py raises is the outcome)
        if any(kind.__name__ == "CommandError" for kind in type(error).__mro__):
            sys.stderr.write(f"FAILED: {error}\n")
        else:
            traceback.print_exc()
        lines = [line for line in str(error).splitlines() if line.strip()]
        return "{}: {}".format(type(error).__name__, lines[0] if lines else "")
    return ""


def run(order: dict[str, Any]) -> None:
    """Runs the order's commands and writes its report."""
    guard = Guard(order["port"], order["folders"])
    import_module("sqlalchemy.event").listen(import_module("sqlalchemy.engine").Engine, "do_connect", guard)
    import_module("alembic.config")
    sys.path.append(os.curdir)  # the last resort of an env.py that imports the project and does not say from where
    results = []
    for name, command in order["steps"]:
        sys.stdout.write(f"== {name} ==\n")
        sys.stdout.flush()
        started = time.monotonic()
        error = perform(order["alembic"], command)
        sys.stdout.flush()
        sys.stderr.flush()
        results.append({"name": name, "ok": not error, "error": error, "seconds": time.monotonic() - started})
        report = {"steps": results, "refused": guard.refused, "connected": guard.connected}
        with open(order["report"], "w") as stream:
            json.dump(report, stream)
        if error:
            break


run(json.loads(sys.argv[1]))
