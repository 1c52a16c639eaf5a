"""The engine `model` with good, bad and hostile models, played by a provider of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from scene import DONE, EDIT, FILES, NEW, Scene, act, no_senses, scene

from backwright.adapters.engines.model.engine import ModelEngine
from backwright.adapters.engines.model.providers import open_model
from backwright.adapters.engines.workplace import Chosen, Workplace
from backwright.core.acting import Failure, Pack, Part
from backwright.core.change import ChangeSet
from backwright.core.errors import NeedsPerson, StalePlan, UsageError
from scripted_provider import Step, provider, say, use

pytest.importorskip("pydantic_ai", reason="the extra `model` is not installed")


def opened(it: Scene, chosen: Chosen) -> ModelEngine:
    return ModelEngine(Workplace(it.ground, no_senses(), chosen))


@pytest.mark.parametrize("model", ["openai:scripted", "anthropic:scripted", "ollama:scripted", "llamacpp:scripted"])
def test_a_good_model_changes_what_it_was_asked_to_change(it: Scene, model: str) -> None:
    with provider(use("read_span", path="app/orders.py"), EDIT, use("run_check"), DONE) as played:
        proposal = act(it, played.url, model=model)
    assert proposal.ended == "finished"
    assert proposal.message == "Orders that have shipped cannot be cancelled."
    assert proposal.change is not None
    (edit,) = proposal.change.edits
    assert (edit.path, edit.before, edit.after) == ("app/orders.py", FILES["app/orders.py"], NEW)
    assert proposal.change.base == {"app/orders.py": it.ground.copy.sha256("app/orders.py")}
    assert proposal.change.author == f"model:{model}"
    assert proposal.dropped == ()
    usage = proposal.usage
    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (4, 28, 28)
    assert [about["tool"] for about in it.heard("tool")] == ["read_span", "write_edit", "run_check"]
    assert [about["path"] for about in it.heard("edit")] == ["app/orders.py"]
    assert len(it.heard("request")) == 4 == len(played.requests)


def test_gemini_is_asked_in_its_own_protocol(it: Scene) -> None:
    pytest.importorskip("google.genai", reason="google-genai is not installed")
    with provider(EDIT, DONE) as played:
        proposal = act(it, played.url, model="google:gemini-2.5-pro")
    assert proposal.change is not None
    assert proposal.ended == "finished"


def test_the_model_sees_the_task_the_pack_and_why_it_failed_before(it: Scene) -> None:
    pack = Pack((Part("exemplar", "app/main.py", "def run(): ...", 5), Part("knowledge", "orm", "Use one session.", 4)))
    failures = (
        Failure("import", "tests", "E1 first"),
        Failure("test", "tests", "E2 second", playbook="Read the assertion."),
    )
    with provider(DONE) as played:
        proposal = act(
            it,
            played.url,
            "rename order",
            pack=pack,
            failures=failures,
            attempt=3,
            differently=True,
            protocol="PROTOCOL",
        )
    asked = played.everything
    for words in (
        "rename order",
        "def run(): ...",
        "Use one session.",
        "E1 first",
        "E2 second",
        "Read the assertion.",
        "attempt 3",
        "another approach",
        "PROTOCOL",
    ):
        assert words in asked, words
    assert proposal.change is None


def test_a_model_that_first_writes_wrong_text_is_told_and_repairs_it(it: Scene) -> None:
    wrong = use("write_edit", path="app/orders.py", old="return False", new="return None")
    with provider(wrong, EDIT, DONE) as played:
        proposal = act(it, played.url)
    assert "has `old` 0 times" in played.everything
    assert proposal.change is not None
    assert [about["ok"] for about in it.heard("tool")] == [False, True]


LONG = {**FILES, "app/long.py": "".join(f"def order_{n}(): return {n}  # import\n" for n in range(90))}
LOOKS = [use("search", text=text) for text in ("def", "return", "order", "import", "_1", "_2")]


def test_a_long_talk_forgets_old_answers_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backwright.adapters.engines.model.conversing.MAX_TALK", 9_000)
    with scene(tmp_path, LONG) as it, provider(*LOOKS, EDIT, DONE) as played:
        proposal = act(it, played.url)
        assert it.heard("shortened")
    assert proposal.ended == "finished", proposal.message
    assert proposal.change is not None
    first, last = (played.requests[n]["messages"] for n in (0, -1))
    assert first[:2] == last[:2]  # the task stays
    assert "left out to make room" in json.dumps(last[2:8])
    assert "left out to make room" not in json.dumps(last[-4:])


@pytest.mark.parametrize(("times", "ended"), [(1, "finished"), (0, "limit")])
def test_a_model_that_cannot_read_so_much_is_asked_once_more_with_less(tmp_path: Path, times: int, ended: str) -> None:
    full = Step(status=400, error={"message": "too long", "code": "context_length_exceeded"}, text="Done.", times=times)
    with scene(tmp_path, LONG) as it, provider(*LOOKS, full) as played:
        proposal = act(it, played.url)
        assert it.heard("shortened")
    assert proposal.ended == ended, proposal.message
    assert "left out to make room" in json.dumps(played.requests[-1])
    assert times or "longer than the model can read" in proposal.message


def test_questions_are_handed_on(it: Scene) -> None:
    with provider(use("ask", question="Which currency?", options=["EUR", "USD"]), say("Asked.")) as played:
        proposal = act(it, played.url)
    (question,) = proposal.questions
    assert (question.text, question.options) == ("Which currency?", ("EUR", "USD"))


def test_a_review_cannot_write(it: Scene) -> None:
    with provider(EDIT, DONE) as played:
        proposal = act(it, played.url, read_only=True)
    assert proposal.change is None
    offered = {tool["function"]["name"] for tool in played.requests[0]["tools"]}
    assert "write_edit" not in offered
    assert "read_span" in offered


def test_a_file_that_the_user_changes_meanwhile_makes_the_proposal_stale(tmp_path: Path) -> None:
    with scene(tmp_path) as it, provider(EDIT, DONE) as played:
        (it.root / "app/orders.py").write_text("# mine\n")
        with pytest.raises(StalePlan):
            act(it, played.url)
        assert (it.root / "app/orders.py").read_text() == "# mine\n"


def test_secrets_leave_neither_for_the_provider_nor_for_the_transcript(tmp_path: Path) -> None:
    files = {**FILES, "app/settings.py": 'KEY = "canary-1"\nDEBUG = False\n'}
    steps = (
        use("read_span", path="app/settings.py"),
        use("write_edit", path="app/settings.py", old='KEY = "[redacted]"\n', new='KEY = "[redacted]"  # x\n'),
        use("write_edit", path="app/new.py", new='KEY = "[redacted]"\n'),
        use("write_edit", path="app/settings.py", old="DEBUG = False", new="DEBUG = True"),
        DONE,
    )
    with scene(tmp_path, files) as it, provider(*steps) as played:
        proposal = act(
            it,
            played.url,
            "hide canary-1",
            kept=tmp_path / "kept",
            redact=lambda t: t.replace("canary-1", "[redacted]"),
        )
    assert "canary-1" not in played.everything
    kept = (tmp_path / "kept/act-1.jsonl").read_text()
    assert "canary-1" not in kept
    assert {json.loads(line)["kind"] for line in kept.splitlines()} == {"prompt", "reply", "tool"}
    assert proposal.change is not None
    (edit,) = proposal.change.edits
    assert edit.after == 'KEY = "canary-1"\nDEBUG = True\n'


def test_it_says_whom_it_talks_to_before_it_does(it: Scene) -> None:
    engine = opened(it, Chosen("openai:gpt-5", "http://localhost:1234/v1"))
    assert engine.describe() == "model openai:gpt-5 at localhost:1234"
    engine = opened(it, Chosen("anthropic:claude-x"))
    assert engine.describe() == "model anthropic:claude-x at api.anthropic.com"


@pytest.mark.parametrize("model", ["", "gpt-5", "nobody:x", "openai:"])
def test_a_name_that_nobody_knows_is_a_wrong_setting(it: Scene, model: str) -> None:
    with pytest.raises(UsageError):
        opened(it, Chosen(model)).describe()


def test_an_empty_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library of the provider refuses it in a class of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(NeedsPerson, match="OPENAI_API_KEY"):
        open_model(Chosen("openai:scripted"))


def test_a_provider_without_a_key_waits_for_a_person(it: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(NeedsPerson):
        opened(it, Chosen("anthropic:claude-x")).describe()


def test_a_key_of_one_provider_is_not_sent_to_another_server(it: Scene) -> None:
    with provider(DONE) as played:
        act(it, played.url, model="llamacpp:scripted")
    assert "test-key" not in json.dumps(played.headers)


def test_the_tests_are_run_on_what_was_changed(it: Scene) -> None:
    seen: list[ChangeSet] = []

    def tests(change: ChangeSet) -> str:
        seen.append(change)
        return "tests: passed"

    senses = replace(no_senses(), tests=tests)
    with provider(use("run_tests"), EDIT, use("run_tests"), DONE) as played:
        act(it, played.url, senses=senses)
    assert [[edit.path for edit in change.edits] for change in seen] == [["app/orders.py"]]
    assert [about["ok"] for about in it.heard("tool")] == [False, True, True]
    assert "tests: passed" in played.everything
