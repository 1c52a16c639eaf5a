"""Alembic's environment of a project without entities: it gets to know them."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.kit.artifacts import Emission, Insertion, ResourcePlan


def emit_environment(plan: ResourcePlan) -> Iterator[Emission]:
    """The import of all entities; the metadata and the address too, as far as `alembic init` left them open."""
    ground = plan.house.foundation
    if ground is None or plan.house.migration is None:
        return
    after = ground.environment_after
    if after is not None:
        parent, _, name = ground.models_module.rpartition(".")
        line = f"from {parent} import {name}" if parent else f"import {name}"
        yield Insertion(
            after.path, "import", f"{line}  # noqa: F401", "migrations know every entity", after.line, after.text
        )
    open_metadata = ground.environment_metadata
    if open_metadata is not None:
        text = f"target_metadata = {ground.metadata.name}.metadata"
        imports = [ground.metadata.line]
        if ground.environment_address:
            text = f'config.set_main_option("sqlalchemy.url", {ground.address}.replace("%", "%%"))\n{text}'
            imports += [i for i in ground.address_imports if i]
        yield Insertion(
            open_metadata.path,
            "replace",
            text,
            "migrations know the metadata",
            open_metadata.line,
            open_metadata.text,
            tuple(imports),
        )
