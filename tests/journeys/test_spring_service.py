"""Resources on a Spring Boot service, for real: planned, compiled, proved by Maven."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from journey_scene import Repository, Sample

VISIT = (
    "resource", "Visit", "code:str(1..20):unique", "fee:decimal(8,2):min=0", "notes:text?", "at:datetime?",
    "kind:enum(checkup,surgery)=checkup", "day:date", "pet:ref(Pet)", "--paginate", "--filter", "kind,pet",
    "--sort", "fee,code", "--search", "code", "--auth", "write=admin", "--auth", "read=public",
)  # fmt: skip
MEMO = (
    "resource", "Memo", "text:str(1..120)", "done:bool=false", "--owner=author:get,update,delete,list", "--paginate",
    "--filter", "done",
)  # fmt: skip


def maven(service: Repository, *arguments: str) -> str:
    done = subprocess.run(["mvn", "-B", "-q", *arguments], cwd=service.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    return done.stdout


@pytest.fixture
def clinic(sample: Sample) -> Repository:
    """The sample service, with all that Maven needs in its local repository."""
    if shutil.which("mvn") is None:
        assert not os.environ.get("CI"), "Maven is not installed"
        pytest.skip("Maven is not installed")
    return sample("clinic_spring")


def written(service: Repository, request: tuple[str, ...]) -> list[str]:
    """The names of the new tests of a request, which is written."""
    change = service.written(request)
    return [Path(path).stem for path in change["tests"]]


@pytest.mark.journey
def test_two_resources_compile_and_pass_their_tests(clinic: Repository) -> None:
    tests = [*written(clinic, VISIT), *written(clinic, MEMO)]
    assert tests == ["VisitControllerTest", "MemoControllerTest"]
    maven(clinic, "test", f"-Dtest={','.join(tests)}", "-Dsurefire.failIfNoSpecifiedTests=true")
    reports = sorted(p.name for p in (clinic.root / "target/surefire-reports").glob("TEST-*.xml"))
    assert len(reports) == 2


@pytest.mark.journey
@pytest.mark.nightly
def test_a_resource_is_applied_and_verified(clinic: Repository) -> None:
    maven(clinic, "test", "-Dtest=OwnerControllerTest")  # what is missing in the local repository is loaded
    clinic.lands(VISIT, Path("python"), steps=("tests", "guardrails"))
