"""The language server: what the guardrails say while somebody writes."""
