"""All that an extension may import: its shapes, the fact index, edits, naming, the case runner."""
