"""What a person allowed is remembered outside the repository, for exactly the commands allowed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from backwright.adapters.trust import TrustStore
from backwright.core.errors import MachineError
from backwright.core.verdict import Contract, Step

STEP = Step("tests", ("pytest", "-q"), env={"A": "1"}, cwd="app")
CONTRACT = Contract((Step("lint", ("ruff", "check")), STEP), "stack/stack.yaml")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def store(root: Path, state: Path) -> TrustStore:
    root.mkdir(exist_ok=True, parents=True)
    return TrustStore(root, {"XDG_STATE_HOME": str(state)})


def changed(**values: object) -> Contract:
    return Contract((CONTRACT.steps[0], msgspec.structs.replace(STEP, **values)), CONTRACT.source)


def test_nothing_is_allowed_before_somebody_allowed_it(tmp_path: Path, state: Path) -> None:
    trust = store(tmp_path / "repo", state)
    assert not trust.allows(CONTRACT)
    assert not state.exists()
    assert trust.allow(CONTRACT)
    assert trust.allows(CONTRACT)
    assert store(tmp_path / "repo", state).allows(CONTRACT)


@pytest.mark.parametrize(
    "other",
    [
        changed(argv=("pytest", "-q", "-x")),
        changed(argv=("pytest -q",)),
        changed(cwd=""),
        changed(env={"A": "2"}),
        changed(name="test"),
        changed(builtin="guardrails"),
        Contract(CONTRACT.steps[::-1], CONTRACT.source),
        Contract(CONTRACT.steps[:1], CONTRACT.source),
    ],
)
def test_any_change_of_a_command_is_asked_again(tmp_path: Path, state: Path, other: Contract) -> None:
    trust = store(tmp_path / "repo", state)
    trust.allow(CONTRACT)
    assert not trust.allows(other)


def test_another_place_for_the_same_contract_changes_nothing(tmp_path: Path, state: Path) -> None:
    trust = store(tmp_path / "repo", state)
    trust.allow(CONTRACT)
    assert trust.allows(msgspec.structs.replace(CONTRACT, source="elsewhere"))


def test_each_repository_is_asked_for_itself(tmp_path: Path, state: Path) -> None:
    store(tmp_path / "repo", state).allow(CONTRACT)
    assert not store(tmp_path / "copy", state).allows(CONTRACT)


def test_the_memory_is_private(tmp_path: Path, state: Path) -> None:
    trust = store(tmp_path / "repo", state)
    trust.allow(CONTRACT)
    folder = state / "backwright" / "trust"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [p.stat().st_mode & 0o777 for p in folder.iterdir()] == [0o600]


@pytest.mark.parametrize("forge", ["link", "group_writable", "other_key", "not_json", "folder"])
def test_a_forged_entry_does_not_count(tmp_path: Path, state: Path, forge: str) -> None:
    trust = store(tmp_path / "repo", state)
    trust.allow(CONTRACT)
    entry = state / "backwright" / "trust" / trust.key(CONTRACT)
    match forge:
        case "link":
            entry.rename(tmp_path / "entry")
            entry.symlink_to(tmp_path / "entry")
        case "group_writable":
            entry.chmod(0o660)
        case "other_key":
            entry.write_text(json.dumps({"key": "0" * 64}))
        case "not_json":
            entry.write_text("yes")
        case _:
            entry.unlink()
            entry.mkdir()
    assert not trust.allows(CONTRACT)


def test_a_repository_cannot_hold_its_own_memory(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    trust = store(root, root / ".state")
    assert not trust.allow(CONTRACT)
    assert not trust.allows(CONTRACT)
    assert not (root / ".state").exists()


def test_a_relative_state_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "repo").mkdir()
    trust = TrustStore(tmp_path / "repo", {"XDG_STATE_HOME": "state", "HOME": str(tmp_path / "home")})
    assert trust.allow(CONTRACT)
    assert (tmp_path / "home/.local/state/backwright/trust").is_dir()


def test_a_memory_that_cannot_be_kept_is_an_error(tmp_path: Path, state: Path) -> None:
    state.write_text("in the way")
    with pytest.raises(MachineError) as caught:
        store(tmp_path / "repo", state).allow(CONTRACT)
    assert "remember" in caught.value.message
    assert {p.name for p in tmp_path.iterdir()} == {"repo", "state"}


def test_what_is_granted_beyond_what_was_is_asked_again(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "repo", {"XDG_STATE_HOME": str(tmp_path / "state")})
    contract = Contract(steps=(Step(name="tests", argv=("pytest",)),), source="test")
    assert store.allow(contract)
    assert store.allows(contract)
    assert not store.allows(msgspec.structs.replace(contract, grants=("network=host",)))
