"""Reads the sentences of a request piece by piece: a piece is a field, or belongs to a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.request import OPERATIONS, FieldSpec, Operation
from backwright.engine.request_details import amend, describe, with_value
from backwright.engine.request_lists import (
    Pages,
    field_named,
    list_kind,
    more_pages,
    names_in,
    operations_left,
    read_pages,
)
from backwright.engine.request_permissions import (
    Permission,
    is_only_roles,
    is_only_verbs,
    is_permission,
    names_roles,
    nouns_of,
    owned_by,
    read_permission,
)
from backwright.engine.request_phrases import recognise
from backwright.engine.request_text import Atom, atoms
from backwright.engine.request_types import make_field
from backwright.engine.request_vocabulary import find_entity, pattern, reference, vocabulary
from backwright.kit.naming import human, pascal, plural, singular, snake

_USER_WORDS = frozenset({"user", "owner", "creator", "author", "account", "member"})


class Reader:
    """Collects what the sentences say about one resource. `left` is what was not understood."""

    def __init__(self, resource: str, known: Sequence[str]) -> None:
        self.resource, self.known = resource, known
        self.nouns = nouns_of(resource)
        self.fields: list[FieldSpec] = []
        self.assumptions: list[Assumption] = []
        self.questions: list[Question] = []
        self.permissions: list[Permission] = []
        self.lists: dict[str, list[str]] = {"filter": [], "sort": [], "search": []}
        self.everything: set[str] = set()  # lists that were asked for without saying of what
        self.pages: Pages | None = None
        self.operations: tuple[Operation, ...] = OPERATIONS
        self.together: list[tuple[str, ...]] = []
        self.of_a_user = False
        self.left: list[str] = []
        self.subjects: list[str] = []  # the fields that the last statement about fields was about

    def read(self, text: str, lists_fields: bool) -> None:
        """Reads a sentence; in one that lists fields, a piece that is no statement is a field."""
        kind, said, pending = "", "", ""
        self.subjects = []
        pieces = _with_values(atoms(text)) if lists_fields else atoms(text)
        for i, atom in enumerate(pieces):
            piece = re.sub(r"^(?:and|but|also|so|then|plus)\s+", "", atom.text, flags=re.IGNORECASE).strip(" .")
            subject = i + 1 < len(pieces) and is_only_roles(piece) and _goes_on(pieces[i + 1])
            found = "" if subject else self._kind(piece, kind, lists_fields)
            if found:
                self._statement(kind, said)
                kind, said, pending = found, f"{pending} and {piece}" if pending else piece, ""
            elif kind and self._continues(kind, piece, lists_fields):
                said = f"{said}, {piece}"
            elif subject:
                pending = f"{pending} and {piece}" if pending else piece
            elif lists_fields:
                self._statement(kind, said)
                kind, said = "", ""
                self._field(piece)
            elif self._about_fields(f"{pending} and {piece}" if pending else piece):
                pending = ""
            elif i + 1 < len(pieces) and self._names_fields(piece):
                pending = f"{pending} and {piece}" if pending else piece
            else:
                self.left.append(f"{pending} and {piece}" if pending else piece)
                pending = ""
        self._statement(kind, said)
        self.left += [pending] if pending else []

    def read_context(self, text: str) -> None:
        """What stands between the resource and its fields: `reviews for products with …`."""
        match = pattern("context").match(text)
        entity = find_entity(match[1], self.known) if match else ""
        if entity and entity != self.resource and not is_permission(text):
            name = snake(entity)
            because = f"'{human(plural(self.resource))} {text}'"
            self._add(make_field(name, {"type": "ref", "ref": entity}))
            self.assumptions.append(Assumption(name, f"ref({entity})", because, (f"ref({entity})?", "drop")))
        elif is_permission(text) or not match:
            self.read(text, lists_fields=False)
        elif singular(snake(match[1])) in vocabulary().references.names:
            self.left.append(text)
        else:
            because = "it names nothing that a resource has"
            self.assumptions.append(Assumption("left_out", text, because))

    def _kind(self, piece: str, current: str, lists_fields: bool) -> str:
        if pattern("filler").fullmatch(piece):
            return "filler"
        if lists_fields and pattern("yes_or_no").match(piece):
            return ""
        if kind := list_kind(piece):
            return kind
        if operations_left(piece, self.nouns) is not None:
            return "operations"
        if pattern("together").match(piece):
            return "together"
        if pattern("on_delete").match(piece) and self._references_in(piece):
            return "on_delete"
        belongs = pattern("belongs").match(piece)
        if belongs is not None and self._is_subject(belongs["subject"]):
            return "belongs"
        if is_permission(piece) and not (current == "access" and self._adds_verbs(piece)):
            return "access"
        return ""

    def _adds_verbs(self, piece: str) -> bool:
        """Whether a piece goes on with who was named before: `users may see` `and cancel their own bookings`."""
        return is_only_verbs(piece, self.nouns) or (pattern("own").search(piece) is not None and not names_roles(piece))

    def _continues(self, kind: str, piece: str, lists_fields: bool) -> bool:
        if kind == "pages":
            return more_pages(piece)
        if kind == "access":
            return self._adds_verbs(piece) or is_only_roles(piece)
        if kind == "operations":
            return is_only_verbs(piece.removesuffix(" endpoints"), self.nouns)
        if kind == "belongs":
            return pattern("of_belonging").fullmatch(piece) is not None
        if kind == "together":
            return self._names_fields(piece)
        if kind in ("filter", "sort", "search"):
            return bool(field_named(piece, self.fields, self.nouns)) or (not lists_fields and len(piece.split()) <= 3)
        return False

    def _is_subject(self, text: str) -> bool:
        plain = text.strip(" ,").lower()
        one = human(self.resource)
        rest = re.sub(r"^(?:each|every|an?|the|all|which|that|one)\s*", "", plain)
        return rest in {"", "it", "they", one, one.split()[-1], *self.nouns}

    def _statement(self, kind: str, said: str) -> None:
        match kind:
            case "pages":
                self.pages = read_pages(said)
                for also in ("filter", "sort", "search"):  # "newest first, in pages of 50" says two things at once
                    if pattern(also).search(said):
                        self._listed(also, said)
            case "filter" | "sort" | "search":
                self._listed(kind, said)
            case "operations":
                left = operations_left(said, self.nouns) or ()
                self.operations = tuple(op for op in self.operations if op in left)
            case "together":
                match = pattern("together").match(said)
                names_text = next((group for group in match.groups() if group), "") if match else ""
                self.together.append(
                    tuple(part.strip() for part in re.split(r",|\band\b|\+|&", names_text) if part.strip())
                )
            case "belongs":
                self._belongs(said)
            case "on_delete":
                self._on_delete(said)
            case "access":
                permission = read_permission(said, self.nouns)
                self.permissions.append(permission)
                self.operations = tuple(op for op in self.operations if op not in permission.removed)
                if not permission.grants and not permission.removed:
                    self.left.append(said)

    def _listed(self, kind: str, said: str) -> None:
        names = names_in(kind, said)
        self.lists[kind] += names
        self.everything |= set() if names else {kind}

    def _belongs(self, said: str) -> None:
        match = pattern("belongs").match(said)
        assert match is not None
        details, _ = recognise(said)
        what = re.sub(r"\s+(?:and|who|which|that|by|with|if|via|through|or)$", "", match["what"].strip())
        if singular(what.lower().split()[-1]) in _USER_WORDS:
            self.of_a_user = True
            if "owned by" in said.lower() or singular(what.lower()) not in ("user", "account", "member"):
                self.permissions.append(owned_by(what.lower() if what.lower() in ("author", "creator") else ""))
            return
        taken = reference(snake(singular(what)), pascal(singular(snake(what))), self.known)
        optional = re.search(r"\b(?:may|can|optionally)\b[^,]*\bto\b", said, re.IGNORECASE)
        said_of = taken.said | ({"required": False, "nullable": True} if optional else {}) | details.said
        if re.search(r"\bcascad|\bdeleted (?:with|together with|along with)\b", said, re.IGNORECASE):
            said_of["on_delete"] = "cascade"
        self._add(make_field(taken.name, said_of))
        self.questions += [taken.question] if taken.question else []

    def _references_in(self, text: str) -> list[FieldSpec]:
        """The references whose entity a text names."""
        spoken = set(snake(text).split("_"))
        return [f for f in self.fields if f.type == "ref" and spoken & {snake(f.ref), snake(plural(f.ref)), f.name}]

    def _on_delete(self, said: str) -> None:
        rule = "restrict" if pattern("on_delete_never").search(said) else "cascade"
        rule = "set_null" if pattern("on_delete_null").search(said) else rule
        for field in self._references_in(said):
            optional = {"required": False, "nullable": True} if rule == "set_null" else {}
            self._replace(field, msgspec.structs.replace(field, on_delete=rule, **optional))

    def _field(self, piece: str) -> None:
        if pattern("foreign").search(piece) or pattern("another_list").match(piece):
            self.left.append(piece)
            return
        described = describe(piece, self.known, self.resource)
        if described.field is None:
            if not self.fields or described.rest.strip():
                self.left.append(piece)
                return
            self._amend(self.fields[-1], piece)
            return
        self._add(described.field)
        self.assumptions += described.assumptions
        self.questions += described.questions
        self.together += described.together
        self.left += [described.rest] if described.rest.strip() else []

    def _amend(self, field: FieldSpec, text: str) -> str:
        """Adds what a text says to a field; gives what it does not say."""
        amended = amend(field, text)
        assert amended.field is not None
        self._replace(field, amended.field)
        if amended.field.type != field.type:
            self.questions = [q for q in self.questions if q.key != field.name]
        self.together += amended.together
        self.assumptions += amended.assumptions
        return amended.rest

    def _replace(self, old: FieldSpec, new: FieldSpec) -> None:
        self.fields[self.fields.index(old)] = new
        self.assumptions = [with_value(a, new) if a.key == old.name else a for a in self.assumptions]

    def _about_fields(self, text: str) -> bool:
        match = pattern("about_fields").match(text)
        if pattern("says_more").match(text) and self.subjects:
            chosen, says = self.subjects, text
        elif match is not None:
            subjects = [part.strip() for part in re.split(r",|\band\b|\bboth\b", match["subject"]) if part.strip()]
            names = [field_named(re.sub(r"^(?:the|its)\s+", "", s), self.fields, self.nouns) for s in subjects]
            chosen, says = names if all(names) else [], match["says"]
        else:
            chosen, says = self._leading_field(pattern("makes").sub("", text))
        if not chosen and pattern("makes").match(text):
            chosen, says = self._leading_field(pattern("makes").sub("", text))
        rest = [self._amend(field, says) for field in self.fields if field.name in chosen]
        self.subjects = chosen
        self.left += [text] if any(more.strip() for more in rest) else []
        return bool(chosen)

    def _leading_field(self, text: str) -> tuple[list[str], str]:
        """The field that a text begins with, and the rest: `isbn unique`."""
        for field in self.fields:
            if re.match(rf"{re.escape(human(field.name))}\b|{re.escape(field.name)}\b", text, re.IGNORECASE):
                return [field.name], text[len(field.name) :]
        return [], ""

    def _names_fields(self, piece: str) -> bool:
        return bool(field_named(re.sub(r"^(?:the|its|both)\s+", "", piece), self.fields, self.nouns))

    def _add(self, field: FieldSpec) -> None:
        there = next((other for other in self.fields if other.name == field.name), None)
        if there is None:
            self.fields.append(field)
        elif there != field:
            self.left.append(f"another {human(field.name)}")


def _goes_on(following: Atom) -> bool:
    """Whether roles alone are the subject of what follows: `admins` `and managers can write`."""
    starts_anew = re.match(r"only\b", following.text, re.IGNORECASE)
    return following.joiner == "and" and is_permission(following.text) and not starts_anew


def _with_values(pieces: list[Atom]) -> list[Atom]:
    """The pieces with the values of a choice put together again: `status: draft`, `active or archived`."""
    joined: list[Atom] = []
    i = 0
    while i < len(pieces):
        end = _end_of_values(pieces, i)
        joined.append(Atom(", ".join(p.text for p in pieces[i : end + 1]), pieces[i].joiner))
        i = end + 1
    return joined


def _end_of_values(pieces: list[Atom], start: int) -> int:
    text = pieces[start].text
    last_word = text.split()[-1].lower() if text.split() else ""
    if (
        not (pattern("opens_values").match(text) or pattern("choice_word").match(text))
        or last_word in vocabulary().types
    ):
        return start
    if pattern("names_values").search(text.rpartition(" ")[0]):  # "status enum: new, open, closed" needs no "or"
        known = vocabulary().synonyms.keys() | {name for entry in vocabulary().fields for name in entry.names}
        end = start
        while end + 1 < len(pieces) and re.fullmatch(r"[\w-]+", pieces[end + 1].text):
            if pieces[end + 1].text.lower() in known and end > start:
                break
            end += 1
        if end > start and not (end + 1 < len(pieces) and " or " in pieces[end + 1].text):
            return end
    for end in range(start + 1, min(start + 10, len(pieces))):
        words = pieces[end].text.split()
        if " or " in pieces[end].text and len(words) <= 6:
            return end
        if len(words) > 2:
            return start
    return start
