"""How other coding agents reach us: the Model Context Protocol, over standard input and output or HTTP on this machine.

Every tool is a verb of ours in a process of its own: what an agent gets is what `--json` says, cut to the tokens it can afford.
"""
