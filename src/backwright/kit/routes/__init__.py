"""The ways in which a framework's routes stand in code, one module each."""
