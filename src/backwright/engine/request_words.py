"""A request in plain words, understood without a model: deterministic, and with every inference recorded.

What was left open becomes an assumption (LOW), a choice (MEDIUM) or an open question (HIGH). Of a MEDIUM question the
feature already contains the first option.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import Feature, Listing, Ownership, Understood
from backwright.engine.request_audit import audit_of_words
from backwright.engine.request_checks import settle
from backwright.engine.request_difficulty import difficulty
from backwright.engine.request_endpoint import endpoint_of_words
from backwright.engine.request_fields import field_of_words
from backwright.engine.request_fix import fix_of_words
from backwright.engine.request_grammar import PAGES_ASSUMED
from backwright.engine.request_health import health_of_words
from backwright.engine.request_listing import list_of_words
from backwright.engine.request_lists import field_named
from backwright.engine.request_migration import migration_of_words
from backwright.engine.request_opening import (
    Opening,
    field_sentence,
    not_ours_yet,
    nothing_named,
    one_at_a_time,
    one_change_at_a_time,
    read_opening,
    someone_else,
    starts_another,
    without_courtesy,
)
from backwright.engine.request_permissions import Grant, Permission, decide, owned_by, read_permission
from backwright.engine.request_rate_limit import rate_limit_of_words
from backwright.engine.request_reader import Reader
from backwright.engine.request_relation import relation_of_words
from backwright.engine.request_soft_delete import soft_delete_of_words
from backwright.engine.request_text import clean, sentences
from backwright.engine.request_types import TEXTUAL
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import human, plural, snake, why_not_resource

_OWNERS = ("owner", "author", "creator", "user", "created_by", "posted_by", "submitted_by")


def parse_words(text: str, known_entities: Sequence[str] = ()) -> Understood:
    """What plain words are understood as; `known_entities` are the entities of the repository.

    Raises UsageError for more than 4 KiB, and for what no answer can mend (a field called `class`, a minimum above the
    maximum). Everything else that is wrong or open comes as a question.
    """
    words = clean(text)
    spoken = [sentence for sentence in (without_courtesy(s) for s in sentences(words)) if sentence]
    for i, sentence in enumerate(spoken):
        refused = not_ours_yet(sentence, known_entities, words, first=True)
        if refused is not None:
            return refused
        change = _change_of_several(sentence, spoken[i + 1 :], known_entities, words) or _change(
            sentence, spoken[i + 1 :], known_entities, words
        )
        if change is not None:
            return change
        refused = someone_else(sentence, words) or not_ours_yet(sentence, known_entities, words)
        if refused is not None:
            return refused
        opening = read_opening(sentence)
        if opening is not None:
            return _understand(opening, spoken[i + 1 :], known_entities, words)
    return nothing_named(words)


def _change(sentence: str, more: Sequence[str], known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about something that exists is understood as; None where it is about something new."""
    for change_of_words in (
        fix_of_words,
        health_of_words,
        rate_limit_of_words,
        relation_of_words,
        audit_of_words,
        soft_delete_of_words,
        migration_of_words,
        list_of_words,
        field_of_words,
    ):
        change = change_of_words(sentence, known, words)
        if change is not None:
            return _alone(change, more)
    return endpoint_of_words(sentence, more, known, words)


def _alone(change: Understood, more: Sequence[str]) -> Understood:
    """The change that one sentence asks for; what the sentences after it say is no part of it, and that is told."""
    if not more or change.kind == "unknown":
        return change
    said = "'; '".join(more)
    asked = Question("left_out", f"not understood and left out: '{said}'", "medium", ("leave it out",))
    if change.fix is not None:
        asked = Question("left_out", f"findings are fixed by themselves, so this would be left out: '{said}'", "high")
    return msgspec.structs.replace(change, questions=_unique([*change.questions, asked]))


def _change_of_several(sentence: str, more: Sequence[str], known: Sequence[str], words: str) -> Understood | None:
    """A question where the same is asked of several entities: `paginate orders and products`."""
    for match in pattern("coordinated").finditer(sentence):
        named = [find_entity(word, known) for word in pattern("coordination").split(match.group())]
        if not all(named) or len(set(named)) < 2:
            continue
        alone = _change(f"{sentence[: match.start()]}{match['first']}{sentence[match.end() :]}", more, known, words)
        if alone is not None and _entity_of(alone) == named[0]:
            return Understood("unknown", questions=(one_change_at_a_time(named),), words=words)
    return None


def _entity_of(change: Understood) -> str:
    """The entity that a change of something that exists is about."""
    if change.migration is not None:
        return change.migration.table
    asked = change.field or change.endpoint or change.listing or change.soft_delete or change.audit
    return asked.resource if asked is not None else ""


def _understand(opening: Opening, rest: Sequence[str], known: Sequence[str], words: str) -> Understood:
    if reason := why_not_resource(opening.resource):
        raise UsageError(f"a resource cannot be called '{opening.resource}': {reason}", hints=("give it another name",))
    reader = Reader(opening.resource, known)
    if opening.context:
        reader.read_context(opening.context)
    if opening.fields:
        reader.read(opening.fields, lists_fields=True)
    if opening.after:
        reader.read(opening.after, lists_fields=bool(field_sentence(opening.after)) or not reader.fields)
    for sentence in rest:
        if starts_another(sentence) and someone_else(sentence, words) is not None:
            reader.left.append(sentence)
            continue
        listed = field_sentence(sentence)
        if not listed and not reader.fields and ":" in sentence:
            listed = sentence.partition(":")[2].strip()
        reader.read(listed or sentence, lists_fields=bool(listed))
    return _finish(reader, opening, words)


def _finish(reader: Reader, opening: Opening, words: str) -> Understood:
    questions = [one_at_a_time(opening)] if opening.others else []
    owner, access, more, asked = _permissions(reader, opening)
    if opening.operations:
        reader.operations = tuple(op for op in reader.operations if op in opening.operations)
        said = ",".join(reader.operations)
        more += [Assumption("operations", said, "the request names no other operation", ("all",))]
    listing, lists_more, lists_asked = _listing(reader)
    together, together_left = _together(reader)
    reader.left += together_left
    questions += [*reader.questions, *asked, *lists_asked]
    if not reader.fields:
        text = f"which fields does {_article(opening.resource)} have?"
        questions.append(Question("fields", text, "high", ("name:str(200)",)))
    if reader.left:
        said = "', '".join(dict.fromkeys(text.strip(" ,") for text in reader.left))
        questions.append(Question("left_out", f"not understood and left out: '{said}'", "medium", ("leave it out",)))
    feature = Feature(
        resource=opening.resource,
        plural=plural(snake(opening.resource)),
        fields=tuple(reader.fields),
        operations=reader.operations,
        access=access,
        listing=listing,
        owner=owner,
        unique_together=tuple(together),
    )
    if reader.fields:
        feature = settle(feature)
    assumptions = _first_of_each([*reader.assumptions, *more, *lists_more], {question.key for question in questions})
    return Understood("resource", feature, assumptions, _unique(questions), difficulty=difficulty(feature), words=words)


def _permissions(
    reader: Reader, opening: Opening
) -> tuple[Ownership | None, dict[str, str], list[Assumption], list[Question]]:
    """Ownership and access, from all that was said about who may do what."""
    permissions = list(reader.permissions)
    granted = {grant.operation for permission in permissions for grant in permission.grants}
    assumptions: list[Assumption] = [a for p in permissions for a in p.assumptions]
    questions: list[Question] = [q for p in permissions for q in p.questions]
    owned = any(grant.role == "owner" for p in permissions for grant in p.grants)
    if opening.own and not owned:
        permissions.append(read_permission("only their own", reader.nouns))
        owned = True
    elif (reader.of_a_user or opening.personal) and not owned:
        permissions.append(owned_by())
        text = (
            f"does each {human(opening.resource)} belong to the user who makes it, so that nobody else may change it?"
        )
        questions.append(Question("owner", text, "medium", ("user" if reader.of_a_user else "owner", "no")))
        owned = True
    elif opening.by_users and "create" not in granted and not owned:
        permissions += _doers(opening.by_users, assumptions)
    decision = decide(permissions, reader.operations)
    assumptions += decision.assumptions
    questions += decision.questions
    contradicted = {question.key for question in decision.questions}
    access = {op: role for op, role in decision.access.items() if f"access.{op}" not in contradicted}
    owner = _owner(reader, permissions, assumptions) if owned and "owner" in access.values() else None
    if owner is not None:
        ops = tuple(op for op in ("get", "update", "delete") if access.get(op) == "owner")
        owner = msgspec.structs.replace(owner, ops=ops, list_own=access.get("list") == "owner")
    return owner, access, assumptions, questions


def _doers(who: str, assumptions: list[Assumption]) -> list[Permission]:
    """What follows from whose wish it is: `let users keep …`, `as an admin, I want to manage …`."""
    said = read_permission(f"{who} can write", ())
    if said.grants and all(grant.role == "admin" for grant in said.grants):
        return [said]
    assumptions.append(Assumption("access.create", "user", f"{who} are to do it", ("public", "admin")))
    return [Permission((Grant("create", "user", 2, False, ""),))]


def _owner(reader: Reader, permissions: Sequence[Permission], assumptions: list[Assumption]) -> Ownership:
    """The owner's name: a field that was listed (`author`), the word that was used, else `owner`."""
    said = [p.owner_word for p in permissions if p.owner_word]
    listed = [name for name in (*said, *_OWNERS) if name in {field.name for field in reader.fields}]
    if not listed:
        return Ownership(field=next(iter(said), "user" if reader.of_a_user else "owner"))
    name = listed[0]
    reader.fields = [field for field in reader.fields if field.name != name]
    reader.assumptions = [a for a in reader.assumptions if a.key != name]
    reader.questions = [q for q in reader.questions if q.key != name]
    assumptions.append(Assumption("owner", name, f"'{human(name)}' is the user who makes it", ("owner",)))
    return Ownership(field=name.removesuffix("_by") + "_by" if name.endswith("_by") else name)


def _listing(reader: Reader) -> tuple[Listing, list[Assumption], list[Question]]:
    assumptions: list[Assumption] = []
    questions: list[Question] = []
    listing = Listing()
    pages = reader.pages
    if pages is not None and not pages.paginate:
        listing = Listing(paginate=False)
    elif pages is not None and (pages.default or pages.most):
        most = pages.most or max(listing.page_max, pages.default)
        first = min(pages.default or listing.page_default, most)
        listing = Listing(page_default=first, page_max=most)
        if not pages.most:
            assumptions.append(Assumption("page_max", str(most), "a page size has to end somewhere", (str(2 * most),)))
        elif not pages.default:
            assumptions.append(Assumption("page_default", str(first), "only the maximum was given", (str(most),)))
    elif "list" in reader.operations:
        assumptions.append(PAGES_ASSUMED)
    found: dict[str, tuple[str, ...]] = {}
    for kind, phrases in reader.lists.items():
        named = {phrase: field_named(phrase, reader.fields, reader.nouns) for phrase in phrases}
        found[kind] = tuple(dict.fromkeys(name for name in named.values() if _may(kind, name, reader)))
        for phrase, name in named.items():
            if not name or not _may(kind, name, reader):
                text = f"{kind} by '{phrase}', which {'is no text' if name else 'is no field'}: leave it out?"
                questions.append(Question(kind, text, "medium", (",".join(found[kind]) or "none",)))
    for kind in sorted(reader.everything):
        if not found[kind]:
            found[kind] = _suitable(kind, reader)
            said = ",".join(found[kind])
            assumptions.append(Assumption(kind, said or "none", f"it was not said by what to {kind}", ("none",)))
    if "list" not in reader.operations:
        return Listing(), assumptions, questions
    listing = msgspec.structs.replace(listing, filters=found["filter"], sorts=found["sort"], search=found["search"])
    return listing, assumptions, questions


def _may(kind: str, name: str, reader: Reader) -> bool:
    types = {field.name: field.type for field in reader.fields}
    if kind == "search":
        return types.get(name) in TEXTUAL
    return name in types and types[name] != "json" if kind == "filter" else bool(name) and types.get(name) != "json"


def _suitable(kind: str, reader: Reader) -> tuple[str, ...]:
    """The fields that one would filter, sort or search by, when it was not said."""
    wanted = {
        "filter": ("enum", "ref", "boolean", "date"),
        "sort": ("string", "date", "datetime", "integer", "decimal", "float"),
        "search": ("string", "text"),
    }[kind]
    return tuple(field.name for field in reader.fields if field.type in wanted)


def _together(reader: Reader) -> tuple[list[tuple[str, ...]], list[str]]:
    found: list[tuple[str, ...]] = []
    left: list[str] = []
    for group in reader.together:
        names = [field_named(name, reader.fields, reader.nouns) for name in group]
        if len(names) > 1 and all(names):
            found.append(tuple(names))
        elif len(names) == 1 and names[0]:
            reader.fields = [
                msgspec.structs.replace(f, unique=True) if f.name == names[0] else f for f in reader.fields
            ]
        else:
            left.append(f"unique: {' and '.join(group)}")
    return found, left


def _first_of_each(assumptions: Iterable[Assumption], asked: set[str]) -> tuple[Assumption, ...]:
    """One assumption for each key, and none where there is a question."""
    first: dict[str, Assumption] = {}
    for assumption in assumptions:
        if assumption.key not in asked:
            first.setdefault(assumption.key, assumption)
    return tuple(first.values())


def _unique(questions: Iterable[Question]) -> tuple[Question, ...]:
    first: dict[str, Question] = {}
    for question in questions:
        if question.key not in first or (question.level == "high" and first[question.key].level != "high"):
            first[question.key] = question
    return tuple(first.values())


def _article(resource: str) -> str:
    name = human(resource)
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
