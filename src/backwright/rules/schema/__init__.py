"""Rules about the schema and its migrations."""
