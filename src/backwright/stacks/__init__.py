"""Stacks that changes are planned for: a folder each, found by discovery."""
