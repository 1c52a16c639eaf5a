"""Rules about state and backing services."""
