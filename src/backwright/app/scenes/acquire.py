"""ACQUIRE: what is known of the code before anything is changed."""

from __future__ import annotations

from backwright.agent.recording import Playing
from backwright.agent.scenes import Step
from backwright.app.guardrails import guard
from backwright.app.scenes.play import Play


def survey(play: Play, scene: Playing, step: Step) -> None:
    """Count what there is, and what the guardrails say of it already."""
    project = play.project
    known = guard(project).findings
    files, entities = len(project.index.files), len(list(project.index.tables()))
    like = (project.house.exemplar if project.planner is not None else "") or "the built-in template"
    play.finish("survey", "READ", "CODEBASE", facts=files, entities=entities, like=like, findings=len(known))
    found = f", {len(known)} old finding{'s' if len(known) > 1 else ''}" if known else ""
    scene.detail = f"{files} files, {entities} entities, like {like}{found}"
