"""What a client sends: the parts of a request object that hold texts of somebody's choice."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.kit.bodies import Body
from backwright.kit.inference import Inference

_GLOBAL = frozenset({"flask.request", "quart.request", "bottle.request"})
_CLASSES = frozenset(
    {"flask.Request", "flask.wrappers.Request", "werkzeug.Request", "werkzeug.wrappers.Request", "django.http.HttpRequest",
     "rest_framework.request.Request"}
)  # fmt: skip
_PARTS = frozenset(
    {"args", "form", "values", "json", "data", "headers", "cookies", "files", "query_string", "stream", "path", "full_path",
     "url", "base_url", "referrer", "get_json", "get_data", "view_args", "GET", "POST", "COOKIES", "META", "FILES", "body",
     "query_params", "query"}
)  # fmt: skip


def is_of_request(infer: Inference, body: Body, expr: Expr) -> bool:
    """Whether an attribute is a part of the request that its sender chose: `request.args`, `self.request.GET`."""
    if expr.kind != "attribute" or expr.text not in _PARTS:
        return False
    owner = expr.parts[0]
    dotted = owner.dotted()
    if not dotted.rpartition(".")[2].endswith("request"):
        return False
    if dotted == "self.request":
        return True
    if owner.kind == "name" and infer.origin(body.path, dotted) in _GLOBAL:
        return True
    found = infer.of(body.path, body.scope, owner)
    return found is not None and not found.itself and found.origin in _CLASSES
