"""Rules about transactions and the life of sessions."""
