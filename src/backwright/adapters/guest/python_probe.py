"""Prints what this interpreter is and where it would import the named packages from, as one JSON object.

python python_probe.py [NAME ...]
"""

from __future__ import annotations

import sys

del sys.path[0]  # our own folder: nothing in it may be imported in the project's stead

import json
from importlib.util import find_spec


def editable() -> dict[str, str]:
    """Package name to folder, of the finders that editable installs put behind the path."""
    found = {}
    for finder in sys.meta_path:
        mapping = getattr(sys.modules.get(getattr(finder, "__module__", "")), "MAPPING", None)
        if isinstance(mapping, dict):
            found.update({str(name): str(path) for name, path in mapping.items()})
    return found


def origin(name: str) -> str:
    """The file or folder that `name` would be imported from, "" where it would not be found."""
    try:
        spec = find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return ""
    if spec is None:
        return ""
    places = list(spec.submodule_search_locations or ())
    return spec.origin if spec.origin and spec.origin != "namespace" else (places[0] if places else "")


answer = {
    "version": list(sys.version_info[:3]),
    "prefix": sys.prefix,
    "path": sys.path,
    "editable": editable(),
    "origins": {name: origin(name) for name in sys.argv[1:]},
}
sys.stdout.write(json.dumps(answer) + "\n")
