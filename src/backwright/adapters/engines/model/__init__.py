"""The engine `model`: a language model at a provider, with tools that see and change a private copy and nothing else."""

from __future__ import annotations

from backwright.adapters.engines.model.engine import ModelEngine

ENGINES = {"model": ModelEngine}
