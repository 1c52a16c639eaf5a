"""One module for every blueprint that several frameworks spell together, of the same name: found by it."""
