"""Results into text: for a terminal, for programs, for reviewers. Pure: reads nothing, writes nothing."""
