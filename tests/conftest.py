"""What tests of rules and of the engine stand on: a project made of a few files, read as the product reads one."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec
import pytest
from hypothesis import settings

from backwright.app.bootstrap import registry, with_frameworks
from backwright.core.archmap import ArchMap
from backwright.core.facts import Import
from backwright.core.stack import Stack
from backwright.engine.placing import components
from backwright.engine.projects import module_name, source_roots
from backwright.kit.cases import Build
from backwright.kit.django.templates import is_template
from backwright.kit.index import FactIndex

# How long one example takes says how busy the machine is, and nothing about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Hooks that tests run leave no process behind.
os.environ["BACKWRIGHT_RESIDENT"] = "0"

# Processes that run the suite together must not sweep up what a test of another one left for itself.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    own = Path(tempfile.mkdtemp(prefix=f"{worker}-"))
    own.chmod(0o711)  # as others may pass through `/tmp`: a database server runs as a user of its own
    os.environ["TMPDIR"] = str(own)
    tempfile.tempdir = str(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """In such a process the folders of tests are as near to the root as elsewhere: sockets have short addresses only."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        config.option.basetemp = str(Path(tempfile.gettempdir(), "t"))


# Started in the background we ignore interrupts, and what we start would do so too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _build(files: Mapping[str, str]) -> tuple[FactIndex, ArchMap]:
    spoken = {suffix: language for language in registry().languages for suffix in language.suffixes}
    sources = {path: text for path, text in files.items() if PurePosixPath(path).suffix in spoken}
    read = {path: spoken[PurePosixPath(path).suffix].extract(path, text.encode(), "") for path, text in sources.items()}
    imports = {
        path: [f.module for f in file.facts if isinstance(f, Import) and not f.level]
        for path, file in read.items()
        if file.language == "python"
    }
    roots = frozenset(source_roots(sorted(imports), [], {}, imports))
    named = {
        path: msgspec.structs.replace(file, module=module_name(path, roots)) if file.language == "python" else file
        for path, file in read.items()
    }
    texts = {path: text for path, text in files.items() if path not in sources}
    templates = {p: text for p, text in texts.items() if is_template(p)}
    index = with_frameworks(FactIndex(named, texts=texts, paths=files, templates=templates))
    return index, ArchMap(root="", stack=Stack(""), components=components(index))


@pytest.fixture(scope="session")
def build() -> Build:
    """Makes the facts and the map of a small project, path to text."""
    return _build
