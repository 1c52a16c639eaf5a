"""The command line: collects options, calls one function of `app`, shows its result, ends with its exit code."""
