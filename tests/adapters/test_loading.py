from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from git_scene import git, repository, snapshot, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.adapters.cache import FactCache
from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.loading import Facts, load_facts
from backwright.adapters.parsing import Job, extract_all
from backwright.core.errors import MachineError
from backwright.core.facts import FileFacts, Import, Loc
from backwright.kit.shapes import Language
from backwright.languages.python import LANGUAGE as PYTHON

EXTRACTED: list[str] = []


def _extract(path: str, source: bytes, module: str) -> FileFacts:
    names = [line.removeprefix(b"import ").decode() for line in source.splitlines() if line.startswith(b"import ")]
    imports = tuple(Import(name, "", name, 0, "", Loc(1, 1, 1, 1, 0, 0)) for name in names)
    return FileFacts(path, "python", "", module, imports, lines=source.count(b"\n"))


FAKE = Language("python", (".py",), 1, _extract)


@pytest.fixture(autouse=True)
def _count_extractions(monkeypatch: pytest.MonkeyPatch) -> None:
    EXTRACTED.clear()

    def counting(jobs: list[Job]) -> object:
        EXTRACTED.extend(job.path for job in jobs)
        return extract_all(jobs)

    monkeypatch.setattr("backwright.adapters.loading.extract_all", counting)


def load(root: Path, language: Language = FAKE) -> Facts:
    """One run: the tree is opened anew, as by another process."""
    EXTRACTED.clear()
    with open_tree(root) as tree, FactCache.open(tree.root) as cache:
        return load_facts(tree, [language], cache)


def age(root: Path) -> None:
    """Make all files look as if nobody had touched them for a while."""
    then = time.time_ns() - 10**10
    for path in root.rglob("*.py"):
        if not path.is_symlink():
            os.utime(path, ns=(then, then))


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of change cannot be set back, so the clock by which files are seen is a little ahead."""
    monkeypatch.setattr("time.time_ns", lambda real=time.time_ns: real() + 10**10)


def test_facts_of_all_source_files_by_path(tmp_path: Path) -> None:
    root = repository(tmp_path, {"app/__init__.py": "", "app/a.py": "import app.b\n", "app/b.py": "", "README.md": ""})
    facts = load(root)
    assert list(facts) == ["app/__init__.py", "app/a.py", "app/b.py"]
    assert len(facts) == 3
    assert facts["app/a.py"].module == "app.a"
    assert facts["app/a.py"].lines == 1
    assert len(facts["app/a.py"].sha256) == 64
    assert facts["app/a.py"] is facts["app/a.py"]
    assert set(facts.under("app/a.py")) == {"app/a.py"}
    assert facts.under("") == dict(facts)
    assert "none.py" not in facts


def test_unchanged_files_are_neither_read_nor_extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, {"a.py": "import b\n", "b.py": "\n"})
    cold = dict(load(root))
    assert EXTRACTED == ["a.py", "b.py"]
    monkeypatch.setattr(RepositoryTree, "read", lambda self, path: pytest.fail(f"read {path}"))
    assert dict(load(root)) == cold
    assert EXTRACTED == []


def test_only_what_changed_is_extracted(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "\n", "b.py": "\n", "c.py": "\n"})
    load(root)
    write(root, {"b.py": "\n\n", "d.py": "\n"})
    (root / "c.py").unlink()
    facts = load(root)
    assert EXTRACTED == ["b.py", "d.py"]
    assert {path: file.lines for path, file in facts.items()} == {"a.py": 1, "b.py": 2, "d.py": 1}
    write(root, {"b.py": "\n"})
    assert load(root)["b.py"].lines == 1
    assert EXTRACTED == [], "this content was seen before"


def test_an_edit_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "import b\n"})
    age(root)
    load(root)
    before = (root / "a.py").stat()
    write(root, {"a.py": "import c\n"})
    os.utime(root / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    (fact,) = load(root)["a.py"].facts
    assert isinstance(fact, Import)
    assert fact.module == "c"


def test_a_file_saved_just_before_it_was_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, {"a.py": "\n"})
    monkeypatch.setattr("time.time_ns", lambda: (root / "a.py").stat().st_mtime_ns + 10**9)
    load(root)
    reads: list[str] = []
    real = RepositoryTree.read

    def counting(self: RepositoryTree, path: str) -> object:
        reads.append(path)
        return real(self, path)

    monkeypatch.setattr(RepositoryTree, "read", counting)
    load(root)
    assert (reads, EXTRACTED) == (["a.py"], [])


def test_another_version_of_the_language_extracts_anew(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "\n"})
    load(root)
    load(root, Language("python", (".py",), 2, _extract))
    assert EXTRACTED == ["a.py"]


def test_without_a_cache_the_facts_are_the_same(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "import b\n", "b.py": "\n"})
    with open_tree(root) as tree:
        before = snapshot(root)
        assert dict(load_facts(tree, [FAKE])) == dict(load(root))
        assert before.items() <= snapshot(root).items()


def test_loading_writes_nothing_that_git_sees(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "\n"})
    load(root)
    assert git(root, "status", "--porcelain", "--untracked-files=all") == ""


def test_a_cache_that_comes_with_the_repository_is_not_believed(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "\n"})
    load(root)
    git(root, "add", "-f", ".backwright/cache/facts.db")
    git(root, "commit", "-qm", "planted")
    load(root)
    assert EXTRACTED == ["a.py"]


def test_skipped_files_are_there_with_their_reason_cold_and_warm(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": "\n",
        "big.py": b"#" * (2 << 20),
        "bin.py": b"\0",
        "gen.py": "# @generated\n",
    }
    root = repository(tmp_path, files)
    for _ in range(2):
        facts = load(root)
        assert set(facts) == set(files)
        assert [path for path, _ in facts.skipped] == ["big.py", "bin.py", "gen.py"]
        assert [path for path in facts if facts[path].skipped] == ["big.py", "bin.py", "gen.py"]
        assert facts["bin.py"].skipped == "binary"


def test_a_file_that_kills_the_parser_is_tried_again(tmp_path: Path) -> None:
    def fragile(path: str, source: bytes, module: str) -> FileFacts:
        if b"bad" in source:
            os.abort()
        return _extract(path, source, module)

    language = Language("python", (".py",), 1, fragile)
    root = repository(tmp_path, {"a.py": "\n", "b.py": "bad\n"})
    for expected in (["a.py", "b.py"], ["b.py"]):
        facts = load(root, language)
        assert expected == EXTRACTED
        assert "crashed" in facts["b.py"].skipped
        assert facts["a.py"].lines == 1


def test_dependencies_and_locks_are_no_source(tmp_path: Path) -> None:
    files = dict.fromkeys(["a.py", "node_modules/x.py", ".venv/lib/y.py", "vendor/z.py", "app/vendor/models.py"], "\n")
    root = repository(tmp_path, {**files, "go.mod": ""})
    assert list(load(root)) == ["a.py", "app/vendor/models.py"]


def test_links_are_read_through_every_time(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"real/a.py": "\n"})
    write(tmp_path, {"outside.py": "\n"})
    (root / "link.py").symlink_to("real/a.py")
    (root / "out.py").symlink_to("../outside.py")
    assert load(root)["link.py"].lines == 1
    write(root, {"real/a.py": "\n\n"})
    facts = load(root)
    assert (facts["link.py"].lines, facts["out.py"].skipped) == (2, "leads out of the repository")


def test_modules_follow_how_the_code_imports_itself_and_change_with_it(tmp_path: Path) -> None:
    root = repository(tmp_path, {"src/app/__init__.py": "", "src/app/a.py": "import app.b\n", "src/app/b.py": ""})
    assert load(root)["src/app/b.py"].module == "app.b"
    write(root, {"src/app/a.py": "import src.app.b\n"})
    facts = load(root)
    assert EXTRACTED == ["src/app/a.py"]
    assert facts["src/app/b.py"].module == "src.app.b"
    assert load(root).source_roots == facts.source_roots
    assert load(root)["src/app/b.py"].module == "src.app.b"


def test_modules_change_with_the_packaging(tmp_path: Path) -> None:
    root = repository(tmp_path, {"lib/app/a.py": "", "pyproject.toml": ""})
    assert load(root)["lib/app/a.py"].module == "lib.app.a"
    write(root, {"pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'})
    assert load(root)["lib/app/a.py"].module == "app.a"
    write(root, {"pyproject.toml": ""})
    assert load(root)["lib/app/a.py"].module == "lib.app.a"


def test_damaged_facts_are_an_error_that_says_what_to_do() -> None:
    facts = Facts({"a.py": b"nonsense"}, {}, ("",))
    with pytest.raises(MachineError) as caught:
        facts["a.py"]
    assert "cache" in caught.value.hints[0]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=400),
            st.lists(
                st.sampled_from(
                    ["def f(", "):", "\n", "    ", "x", "=", "'''", "f'{", "}", "[", "async ", "\t", "é", "#"]
                )
            ).map(lambda tokens: "".join(tokens).encode()),
        ),
        max_size=4,
    )
)
def test_no_content_of_any_file_raises(tmp_path: Path, contents: list[bytes]) -> None:
    names = [f"{n}.py" for n in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        (tmp_path / name).write_bytes(content)
    with RepositoryTree(tmp_path, "", None, names) as tree:
        facts = load_facts(tree, [PYTHON])
    assert set(facts.under("")) == set(names)
    assert not [reason for _, reason in facts.skipped if "parser" in reason or "long to parse" in reason]


@pytest.mark.parametrize(
    "source", [b"(" * 50_000, b"a." * 100_000, b"x = " + b"[" * 9_000, b"if x:\n" * 3_000, b"-" * 19_000]
)
def test_deep_nesting_costs_at_most_its_file(tmp_path: Path, source: bytes) -> None:
    root = repository(tmp_path, {"deep.py": source, "a.py": "x = 1\n"})
    facts = load(root, PYTHON)
    assert facts["a.py"].facts
    assert "deep.py" in facts
