"""Rules about what the interface promises to its clients."""
