"""Reads a JUnit report: which tests passed, failed and were skipped, by the names that pytest itself uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat


@dataclass(frozen=True)
class TestReport:
    """The tests of a run, as `path::Class::name`. A test that failed and then errored is in `failed` once."""

    __test__ = False

    passed: frozenset[str]
    failed: frozenset[str]
    skipped: frozenset[str]
    details: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # of those that failed: message and text

    @property
    def ran(self) -> int:
        return len(self.passed) + len(self.failed)

    def of_files(self, names: Iterable[str], paths: Sequence[str]) -> frozenset[str]:
        """Those of `names` that are in one of these files (relative to the project, wherever pytest's root is)."""
        return frozenset(name for name in names if any(_same_file(name.partition("::")[0], path) for path in paths))


def read_report(xml: str) -> TestReport | None:
    """The report of a whole run; None where it is broken or not a report."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, _RefusedError):
        return None
    if not reader.is_report:
        return None
    failed = frozenset(reader.failed)
    details = {name: reader.details[name] for name in failed}
    return TestReport(frozenset(reader.passed) - failed, failed, frozenset(reader.skipped), details)


def is_test_file(path: str) -> bool:
    """Does pytest collect this file by default?"""
    name = PurePosixPath(path).name
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


class _RefusedError(Exception):
    pass


class _Reader:
    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        self.details: dict[str, tuple[str, str]] = {}
        self.is_report = False
        self._name = ""
        self._message = ""
        self._text: list[str] | None = None  # of the failure that is being read
        self._outcome = self.passed

    def refuse(self, *_: object) -> None:
        raise _RefusedError

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("testsuites", "testsuite"):
            self.is_report = True
        elif tag == "testcase":
            self._name = _name(attributes)
            self._outcome = self.passed
        elif tag in ("failure", "error"):
            self._outcome = self.failed
            self._message, self._text = attributes.get("message", ""), []
        elif tag == "skipped" and self._outcome is not self.failed:
            self._outcome = self.skipped

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end(self, tag: str) -> None:
        if tag in ("failure", "error") and self._text is not None:
            self.details.setdefault(self._name, (self._message, "".join(self._text)))
            self._text = None
        if tag == "testcase" and self._name:
            self._outcome.add(self._name)
            self._name = ""


def _name(attributes: dict[str, str]) -> str:
    """pytest's node id: from the file where the report has it (xunit1), else from the dotted class name."""
    name, dotted = attributes.get("name", ""), attributes.get("classname", "")
    path = attributes.get("file", "")
    if not path:
        return f"{dotted.replace('.', '/')}.py::{name}" if dotted else name.replace(".", "/") + ".py"
    module = path.removesuffix(".py").replace("/", ".")
    within = dotted[len(module) :].strip(".") if dotted.startswith(module) else ""
    return "::".join([path, *(part for part in within.split(".") if part), *([name] if dotted else [])])


def _same_file(reported: str, path: str) -> bool:
    return reported == path or reported.endswith(f"/{path}") or path.endswith(f"/{reported}")
