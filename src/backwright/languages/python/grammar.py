"""The grammar of Python, and its node types."""

from __future__ import annotations

import tree_sitter_python
from tree_sitter import Language

from backwright.kit.syntax.kinds import Kinds

GRAMMAR = Language(tree_sitter_python.language())
KINDS = Kinds(GRAMMAR)
