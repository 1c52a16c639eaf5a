"""The words that flow through Backwright: frozen values, errors and ports. Imports nothing of ours."""
