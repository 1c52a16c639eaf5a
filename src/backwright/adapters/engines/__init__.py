"""Engines that do ACT with others' intelligence: a model through its provider, or another coding agent."""
