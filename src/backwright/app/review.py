"""A review: what somebody else changed between two commits, told and verified as a change of our own would be, without ACT."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from backwright.adapters.checkout import check_out
from backwright.adapters.decoding import decode
from backwright.adapters.files import open_tree
from backwright.adapters.git import ReadOnlyGit
from backwright.adapters.journal import RunJournal
from backwright.adapters.plans import new_id
from backwright.adapters.privatedir import PrivateDir
from backwright.agent.recording import Recorder
from backwright.agent.scenes import Ending
from backwright.app.config import Config
from backwright.app.plan import taken_ids
from backwright.app.results import Consent, Progress, RunResult
from backwright.app.run import place_of, through, told
from backwright.app.scenes.play import Decided, Play
from backwright.app.scenes.prepare import picture
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.events import Asked
from backwright.engine.placing import is_test


def review_change(
    path: Path, config: Config, refs: str, *, python: str = "", consent: Consent, progress: Progress
) -> RunResult:
    """The report on the change from one commit to another, `REF..REF`: verified at both ends, in private copies.

    The commands are those of the commit before the change. Raises `UsageError` for commits that are not there, `NothingToDo`
    where nothing differs, and as `run_task`.
    """
    root, project = place_of(path)
    with open_tree(root) as tree, PrivateDir("review") as place:
        if tree.git is None:
            raise UsageError("a review needs a git repository", where=str(root))
        before, after = _ends(tree.git, refs)
        change = _between(tree.git, before, after, refs)
        copy = place / root.name
        left = check_out(tree.git, before, copy)
        notes = (*change.notes, *(f"{path} is left out: it is too large, or no plain path" for path in left[:5]))
        change = msgspec.structs.replace(change, notes=notes)
        with RunJournal.open(root) as journal:
            run = new_id(taken_ids(root) | set(journal.runs()))
            with journal.hold(run):
                recorder = Recorder(run, lambda event: play.write(event))
                play = Play(copy, config, consent, progress, journal, recorder, home=root)
                recorder.begin(Asked(review=refs, python=python, project=project))
                return told(play, lambda: _prepared(play, msgspec.structs.replace(change, id=run)))


def _prepared(play: Play, change: ChangeSet) -> Ending:
    """The scenes from the decision on: that was somebody else's."""
    with play.recorder.scene("PREPARE") as scene:
        project = play.project
        play.finish(
            "read", "READ", "CODEBASE", files=len(project.tree.files()), commit=change.request, tree=picture(project)
        )
        paths = [edit.path for edit in change.edits]
        play.finish("decide", "SELECT", "CODEBASE", value=Decided(change), paths=paths, each=[""], understood="review")
        scene.detail = f"{len(paths)} files differ"
    return through(play)


def _ends(git: ReadOnlyGit, refs: str) -> tuple[str, str]:
    before, dots, after = refs.partition("..")
    if not dots or after.startswith("."):
        raise UsageError(f"`{refs}` is not REF..REF", where="--review", hints=("such as main..HEAD",))
    return git.commit(before or "HEAD"), git.commit(after or "HEAD")


def _between(git: ReadOnlyGit, before: str, after: str, refs: str) -> ChangeSet:
    """The difference as a change; what is no text cannot be verified as one, and is noted."""
    was, now = git.blobs(before), git.blobs(after)
    paths = [path for path in sorted({*was, *now}) if was.get(path, ("", ""))[1] != now.get(path, ("", ""))[1]]
    objects = {known[path][1] for known in (was, now) for path in paths if path in known}
    texts = {object_id: _text(data) for object_id, data in git.contents(objects).items()}
    edits, notes = [], []
    for path in paths:
        ends = [known.get(path) for known in (was, now)]
        if any(entry is not None and texts.get(entry[1]) is None for entry in ends):
            notes.append(f"{path} was changed too, but is no text that can be read")
            continue
        text_before, text_after = (texts[entry[1]] if entry is not None else None for entry in ends)
        edits.append(Edit(path, text_before, text_after))
    if not edits:
        raise NothingToDo(f"nothing that can be read differs in {refs}")
    base = {e.path: hashlib.sha256(e.before.encode()).hexdigest() if e.before is not None else "" for e in edits}
    tests = tuple(edit.path for edit in edits if edit.before is None and is_test(edit.path))
    return ChangeSet(
        "", f"review {refs}", tuple(edits), "others", base, notes=tuple(notes), request=before, tests=tests
    )


def _text(data: bytes) -> str | None:
    """The text of a file as it stands there; None where it is none."""
    decoded = decode(data)
    return data.decode() if decoded.text is not None and decoded.encoding != "latin-1" else None
