"""One field of a resource that exists, through all of its layers: added, renamed or removed."""

from __future__ import annotations

from backwright.blueprints.field.decide import decide
from backwright.kit.shapes import Blueprint

BLUEPRINT = Blueprint(
    name="field",
    title="A field added to, renamed in or removed from a resource that exists, or its relation to another, through all layers",
    decide=decide,
    accepts=lambda understood: understood.kind == "field",
    usage="backwright plan field add Customer 'phone:str(20)?'   "
    "(or: field rename Product name title, field remove Invoice notes, relation Order belongs-to Customer)",
)
