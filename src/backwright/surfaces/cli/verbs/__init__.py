"""One module a verb. A module is imported only when its verb is called."""
