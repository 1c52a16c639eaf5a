"""How people and programs reach Backwright."""
