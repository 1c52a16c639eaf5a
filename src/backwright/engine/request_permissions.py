"""Who may do what, in plain words: `anyone can read, only the author can edit`, `users see only their own`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.request import OPERATIONS, Operation
from backwright.engine.request_access import READS, WRITES, operations_of
from backwright.engine.request_vocabulary import any_of, pattern, vocabulary
from backwright.kit.naming import human, plural, singular, snake


class Grant(msgspec.Struct, frozen=True):
    """One operation for one role. `specific` is 2 for an operation by its own verb, 1 for a group, 0 for everything."""

    operation: Operation
    role: str
    specific: int
    exclusive: bool
    text: str


class Permission(msgspec.Struct, frozen=True):
    """What one statement says. `removed` are operations that nobody has, `owner_word` what the owner is called."""

    grants: tuple[Grant, ...] = ()
    removed: tuple[Operation, ...] = ()
    owner_word: str = ""
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """The access that all statements together come to."""

    access: dict[str, str]
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()


@cache
def _roles() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {" ".join(phrase.split()): role for role, phrases in vocabulary().roles.items() for phrase in phrases}
    return re.compile(rf"(?<![\w-]){any_of(list(names))}(?!\w|-(?!only))", re.IGNORECASE), names


@cache
def _verbs() -> tuple[re.Pattern[str], dict[str, str]]:
    forms: dict[str, str] = {}
    for operation, verbs in vocabulary().verbs.items():
        for verb in verbs:
            first, *rest = verb.split(" ")
            stem = first.removesuffix("e")
            for form in (first, f"{first}s", f"{first}es", f"{stem}ing", f"{stem}able", f"{stem}ed"):
                forms.setdefault(" ".join((form, *rest)), operation)
    forms |= {
        "creation": "create",
        "deletion": "delete",
        "modification": "update",
        "removal": "delete",
        "editing": "update",
    }
    forms |= {"visible": "read", "accessible": "all", "submitting": "create", "getting": "get", "modifies": "update"}
    return re.compile(rf"(?<![\w-]){any_of(list(forms))}(?![\w-])", re.IGNORECASE), forms


def _marked(text: str) -> str:
    """The text with `<role>` for each role and `<verb>` for each verb, so that its shape can be seen."""
    return _verbs()[0].sub("<verb>", _roles()[0].sub("<role>", text))


def is_permission(text: str) -> bool:
    """Whether a piece of text is about who may do something."""
    if (
        pattern("login").search(text)
        or pattern("publicly").search(text)
        or pattern("own").search(text)
        or pattern("nobody").match(text)
    ):
        return True
    if pattern("who_may").search(_marked(text)):
        return True
    custom = pattern("other_role").match(text)
    return custom is not None and not pattern("no_role").match(custom["role"]) and _verbs()[0].search(text) is not None


def is_only_roles(text: str) -> bool:
    """Whether nothing but roles is said: the subject of what comes next."""
    rest = re.sub(r"\b(?:only|the|an?|any|just|its|all|or|and)\b", " ", _roles()[0].sub(" ", text), flags=re.IGNORECASE)
    return _roles()[0].search(text) is not None and not rest.strip(" ,")


def names_roles(text: str) -> bool:
    """Whether a role is named at all."""
    return _roles()[0].search(text) is not None


def is_only_verbs(text: str, nouns: Sequence[str]) -> bool:
    """Whether nothing but verbs is said: more of what came before."""
    rest = _verbs()[0].sub(" ", _without(text, nouns))
    rest = re.sub(r"\b(?:or|and|also|them|it|their|the|any|all|own|new|to|an?|ones)\b", " ", rest, flags=re.IGNORECASE)
    return _verbs()[0].search(text) is not None and not rest.strip(" ,/&")


def read_permission(text: str, nouns: Sequence[str]) -> Permission:
    """What a statement says; `nouns` are the names of the resource, which are not verbs here (`post`, `book`)."""
    found_roles = _roles_in(text)
    spoken = _without(pattern("own").sub(" ", _roles()[0].sub(" ", text)), nouns)
    operations = operations_in(spoken)
    if pattern("nobody").match(text):
        return Permission(removed=tuple(op for op, _ in operations))
    exclusive = _is_exclusive(text)
    if pattern("own").search(text):
        operations = operations or [(op, 1) for op in ("list", "get", "update", "delete")]
        return Permission(_grants(operations, "owner", True, text))
    if not found_roles and pattern("login").search(text):
        found_roles = ["user"]
    elif not found_roles and pattern("publicly").search(text):
        found_roles = ["public"]
    if found_roles == ["public"] and pattern("publicly").search(text):
        operations = operations or [(op, 1) for op in READS]
    if not operations:
        if pattern("may").search(text):
            return Permission()
        operations = [(op, 0) for op in OPERATIONS]
    if not found_roles:
        return _custom(text, operations, exclusive)
    if pattern("cannot").search(text):
        return _denied(found_roles, operations, text)
    return _granted(found_roles, operations, exclusive, text)


def _granted(roles: list[str], operations: list[tuple[Operation, int]], exclusive: bool, text: str) -> Permission:
    assumptions: tuple[Assumption, ...] = ()
    role = min(roles, key=_strength)
    if set(roles) == {"owner", "admin"}:
        because = f"'{text.strip()}': whether an admin may do what the owner may follows this repository"
        assumptions = tuple(Assumption(f"access.{op}", "owner", because, ("admin",)) for op, _ in operations)
    grants = _grants(operations, role, exclusive, text)
    called = re.search(r"\b(author|creator)s?\b", text, re.IGNORECASE)
    owner_word = (called[1].lower() if called else "owner") if role == "owner" else ""
    return Permission(grants, (), owner_word, assumptions, _unknown_roles(roles, operations, text))


def _unknown_roles(roles: list[str], operations: list[tuple[Operation, int]], text: str) -> tuple[Question, ...]:
    """A question for each role beside the known ones: the editors in `only admins and editors can write`."""
    subject = pattern("may").split(text, maxsplit=1)
    if len(subject) == 1:
        return ()
    rest = pattern("subject_filler").sub(" ", _roles()[0].sub(" ", subject[0])).split()
    if len(rest) != 1 or not rest[0].isalpha() or _verbs()[0].search(rest[0]):
        return ()
    word = snake(singular(rest[0]))
    asked = f"'{text.strip()}' names several roles, and there is one for each operation: which?"
    return tuple(Question(f"access.{op}", asked, "medium", (min(roles, key=_strength), word)) for op, _ in operations)


def _denied(roles: list[str], operations: list[tuple[Operation, int]], text: str) -> Permission:
    """`visitors cannot create`: then whoever is next may, which is an assumption."""
    role = {"public": "user", "user": "admin"}.get(max(roles, key=_strength), "admin")
    because = f"'{text.strip()}' says who may not, and '{role}' is who is left"
    assumptions = tuple(Assumption(f"access.{op}", role, because, ("owner", "admin")) for op, _ in operations)
    return Permission(_grants(operations, role, False, text), assumptions=assumptions)


def _custom(text: str, operations: list[tuple[Operation, int]], exclusive: bool) -> Permission:
    match = pattern("other_role").match(text)
    if match is None:
        return Permission()
    word = snake(singular(match["role"]))
    if match["role"].lower() in vocabulary().request.people:
        because = f"{match['role'].lower()} are users who are logged in"
        assumptions = tuple(
            Assumption(f"access.{op}", "user", because, ("public", "owner", "admin")) for op, _ in operations
        )
        return Permission(_grants(operations, "user", exclusive, text), assumptions=assumptions)
    asked = f"'{text.strip()}': is there a role '{word}' in this repository?"
    questions = tuple(Question(f"access.{op}", asked, "medium", (word, "admin", "user")) for op, _ in operations)
    return Permission(_grants(operations, word, exclusive, text), questions=questions)


def owned_by(owner_word: str = "") -> Permission:
    """That nobody but the owner may change a row."""
    return Permission(_grants([("update", 1), ("delete", 1)], "owner", False, ""), owner_word=owner_word)


def decide(permissions: Iterable[Permission], operations: Sequence[Operation]) -> Decision:
    """One role for each operation. Statements that exclude each other become a question of level high."""
    granted = [grant for permission in permissions for grant in permission.grants]
    if any(grant.role != "admin" for grant in granted):  # beside others, "admins can do everything" restricts nobody
        granted = [g for g in granted if g.role != "admin" or g.specific or g.exclusive]
    access: dict[str, str] = {}
    questions: list[Question] = []
    for operation in operations:
        about = [grant for grant in granted if grant.operation == operation]
        about = [grant for grant in about if grant.specific == max(g.specific for g in about)]
        roles = sorted({grant.role for grant in about}, key=_strength)
        if not roles:
            continue
        excluded = any(_strength(g.role) > _strength(roles[0]) and g.exclusive for g in about)
        if excluded:
            said = "' and '".join(dict.fromkeys(grant.text.strip() for grant in about))
            text = f"'{said}' contradict each other: who may {operation}?"
            questions.append(Question(f"access.{operation}", text, "high", tuple(roles)))
        access[operation] = roles[-1] if excluded else roles[0]
    filled, assumptions = _filled(access, operations)
    return Decision(filled, assumptions, tuple(questions))


def _filled(access: dict[str, str], operations: Sequence[Operation]) -> tuple[dict[str, str], tuple[Assumption, ...]]:
    """Writes that were not mentioned are for nobody else than the writes that were: never open by being left out."""
    filled = dict(access)
    assumptions: list[Assumption] = []
    owned = "owner" in access.values()
    said = [op for op in WRITES if op in access]
    for operation in (op for op in WRITES if op in operations and op not in access):
        before = [op for op in WRITES[: WRITES.index(operation)] if op in said]
        role = (
            max(("owner", *(filled[op] for op in before)), key=_strength)
            if owned
            else filled[before[-1]]
            if before
            else ""
        )
        if operation == "create":
            stricter = {filled[op] for op in said} - {"public"}
            # Who may change rows may make them; that only some may delete them says nothing of making them.
            role = "user" if owned else max(stricter, key=_strength, default="") if "update" in said else ""
        if role and role != "public":
            filled[operation] = role
            because = f"nothing is said about {operation}, and to {' and '.join(before or said)} one has to be '{role}'"
            if role == "owner" or (operation == "create" and owned):
                because = f"nothing is said about {operation}, and rows belong to the user who makes them"
            others = tuple(
                r for r in ("user", "owner", "admin") if r != role and (r != "owner" or operation != "create")
            )
            assumptions.append(Assumption(f"access.{operation}", role, because, others))
    return filled, tuple(assumptions)


def _strength(role: str) -> int:
    return {"public": 0, "user": 1, "owner": 2, "admin": 4}.get(role, 3)


def _grants(operations: list[tuple[Operation, int]], role: str, exclusive: bool, text: str) -> tuple[Grant, ...]:
    return tuple(Grant(op, role, specific, exclusive, text) for op, specific in operations)


def _roles_in(text: str) -> list[str]:
    roles, names = _roles()
    return [names[" ".join(match.group().lower().split())] for match in roles.finditer(text)]


def operations_in(text: str) -> list[tuple[Operation, int]]:
    """The operations that verbs name, and how specifically. In `read access` the verb for everything does not count."""
    verbs, forms = _verbs()
    spoken = [" ".join(match.group().lower().split()) for match in verbs.finditer(pattern("afterwards").sub(" ", text))]
    active = [
        word for word in spoken if not word.endswith("ed")
    ] or spoken  # in "read published posts" nobody publishes
    words = [forms[word] for word in active]
    narrow = [word for word in words if word != "all"] or words
    found: dict[Operation, int] = {}
    for word in narrow:
        operations = operations_of(word)
        specific = 2 if len(operations) == 1 else 1 if len(operations) < len(OPERATIONS) else 0
        for operation in operations:
            found[operation] = max(found.get(operation, 0), specific)
    return [(op, found[op]) for op in OPERATIONS if op in found]


def _is_exclusive(text: str) -> bool:
    """Whether "only" is said of who and not of what: `only admins can write`, but `users can only read`."""
    return pattern("only").search(text) is not None and pattern("only_what").search(text) is None


def _without(text: str, nouns: Sequence[str]) -> str:
    """The text without the names of the resource: in `read posts` nobody posts."""
    return re.sub(rf"(?<![\w-]){any_of(nouns)}(?![\w-])", " ", text, flags=re.IGNORECASE) if nouns else text


def nouns_of(resource: str) -> tuple[str, ...]:
    """The words that the resource is called by: `blog posts`, `blog post`, `posts`; a lone verb form stays a verb."""
    one = human(resource)
    several = human(plural(resource))
    last = several.split(" ")[-1]
    return (several, last, *([one] if " " in one else [f"an {one}", f"a {one}", f"the {one}", f"any {one}"]))
