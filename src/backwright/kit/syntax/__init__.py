"""Reads any language that tree-sitter parses into facts: a language brings tables of its node types, the walk is here."""
