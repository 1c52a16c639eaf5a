"""The verbs, each with the sentence that says what it does."""

from __future__ import annotations

VERBS = {
    "init": "Write backwright.toml; with --agent, what a coding agent needs.",
    "map": "Show the stack, the architecture and the house style.",
    "stack": "Show what every project here is built with; set, check: stack/.",
    "check": "Check the guardrails.",
    "plan": "Work out a change and show it; writes no code.",
    "apply": "Make exactly the planned change, then verify.",
    "verify": "Run this repository's verify contract.",
    "run": "Plan, make and prove a change; it ends verified or it ends undone.",
    "serve": "Serve coding agents (mcp) or an editor (lsp).",
    "hook": "Answer a coding agent's hook: after an edit, before it stops.",
    "explain": "Explain a rule, a finding, a component, a plan or a run.",
}
