"""What the steps of a run do, a module a scene; which of them is next is decided by `agent.scenes`."""
