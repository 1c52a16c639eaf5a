"""Rules about the event loop and coroutines."""
