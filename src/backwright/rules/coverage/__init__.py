"""Rules about what the tests of a project reach."""
