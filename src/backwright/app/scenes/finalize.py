"""FINALIZE: the proven change in the user's tree or on a branch; nothing else is ever written there."""

from __future__ import annotations

import msgspec

from backwright.adapters.branching import commit_on_branch
from backwright.agent.recording import Playing
from backwright.agent.scenes import Step
from backwright.app.apply import land as land_tried
from backwright.app.lessons import learn_from
from backwright.app.scenes.play import Decided, Play, Tested
from backwright.app.trying import Tried, stale_paths
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import StalePlan


def land(play: Play, scene: Playing, step: Step) -> None:
    """Let the change come true, in the way that was asked for. Safe to be done again where it was killed."""
    tried = play.sure("try", Tested).tried
    each = play.state.each
    part = f"part {play.number} of {len(each)}: " if len(each) > 1 else ""
    change = _of_this_part(play, tried)
    play.message = f"{change.title[:1].upper()}{change.title[1:]}."
    task = play.task(play.sure("decide", Decided))
    kind = str(play.state.facts("decide").get("understood", "unknown"))
    learn_from(play.root, play.tries(), run=play.recorder.run, kind=kind)
    paths = [edit.path for edit in change.edits]
    if play.asked.dry_run:
        play.finish("land", "NOTIFY", "CODEBASE", value=change, paths=paths, dry_run=True, each=each)
        scene.detail = f"{part}nothing written, as asked"
        return
    try:
        if play.asked.branch:
            name = f"backwright/{play.recorder.run}"
            onto = str(play.state.landed[-1].facts.get("commit", "")) if play.state.landed else ""
            commit = commit_on_branch(play.root, name, change, task=task, onto=onto, again=True)
            play.finish("land", "WRITE", "CODEBASE", value=change, paths=paths, branch=name, commit=commit, each=each)
            scene.detail = f"{part}branch {name}, {'1 commit' if not onto else 'another commit'}"
            return
        if not play.landed():
            change = land_tried(play.project, tried, task=task)
    except StalePlan as conflict:
        conflicts = [f"{p} {how}" for p, how in stale_paths(play.project, tried.change)] or [conflict.where]
        play.finish("land", "NOTIFY", "CODEBASE", stopped="conflict", conflicts=conflicts)
        play.fail(scene, conflict.message, conflict.message, conflicts)
        return
    play.close()  # the tree is another one now
    play.finish("land", "WRITE", "CODEBASE", value=change, paths=paths, landed=change.id, each=each)
    scene.detail = f"{part}landed; undo with: backwright apply --undo {change.id}"


def _of_this_part(play: Play, tried: Tried) -> ChangeSet:
    """What was proven, less the parts before it: relative to them."""
    made = play.made_before()
    if not made:
        return tried.change
    texts = {edit.path: edit.after for change in made for edit in change.edits}
    mine = {edit.path for edit in play.sure("propose", ChangeSet).edits}

    def relative(edit: Edit) -> Edit:
        return msgspec.structs.replace(edit, before=texts[edit.path]) if edit.path in texts else edit

    edits = tuple(relative(edit) for edit in tried.change.edits if edit.path in mine)
    return msgspec.structs.replace(tried.change, edits=edits)
