"""A custom action on a resource that exists: `endpoint Order.cancel from:pending,paid to:cancelled`.

Grammar, plain words ("an order can be cancelled until it ships") and feature files all become one `EndpointChange`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from backwright.core.change import Question
from backwright.core.errors import UsageError
from backwright.core.request import EndpointChange, Understood
from backwright.engine.request_access import role_of
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.actions import participle, stem, verbs
from backwright.kit.naming import is_reserved, pascal, singular, snake

EXAMPLES = (
    "plan endpoint Order.cancel from:pending,paid to:cancelled access:owner",
    "plan endpoint Task.archive to:archived_at=now",
)
KEYS = ("from", "to", "until", "access", "stamp")
FILE_KEYS = ("endpoint", *KEYS)
_SENTENCES = ("action_said", "action_allowed", "action_passive", "action_added", "action_told",
              "action_plain", "action_address")  # fmt: skip
_LISTING = frozenset({"list", "filter", "search", "sort", "paginate"})  # what no row can be told
_PERSON = re.compile(r"^(?:the\s+|its\s+|their\s+|an?\s+|own\s+)+")
_STAMPED = re.compile(r"\b(\w+_(?:at|on))\b")


def parse_endpoint(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan endpoint` is understood as: `Entity.action` and what else is said. Raises UsageError."""
    head, *rest = tokens or [""]
    entity, dot, action = head.partition(".")
    if not dot and rest and ":" not in rest[0] and "=" not in rest[0]:
        action, *rest = rest
    if not entity or not action:
        raise UsageError("an endpoint is an entity and an action", hints=tuple(f"for example: {e}" for e in EXAMPLES))
    said: dict[str, str] = {}
    for token in rest:
        found = re.match(r"(?:--)?(\w+)[:=](.*)$", token)
        key = found.group(1) if found else token
        if found is None or key not in KEYS:
            raise UsageError(f"an endpoint has no '{key}'", hints=did_you_mean(key, list(KEYS), "it has"))
        if key in said:
            raise UsageError(f"'{key}' is there twice")
        said[key] = found.group(2).strip()
    return _settled(entity, action, said, (), " ".join(("endpoint", *tokens)))


def endpoint_of_file(said: Mapping[str, str], words: str) -> Understood:
    """What a feature file with `resource` and `endpoint` says."""
    given = {key: said[key] for key in KEYS if key in said}
    return _settled(said["resource"], said["endpoint"], given, (), words)


def endpoint_of_words(sentence: str, more: Sequence[str], known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about an action is understood as, `more` being those after it; None for anything else."""
    for name in _SENTENCES:
        match = pattern(name).match(sentence.strip(" ."))
        if match is None:
            continue
        entity = _entity(match["entity"], known)
        verb = _verb(match["verb"], plain=name in ("action_added", "action_told"))
        if entity and verb in _LISTING:
            text = f"{entity} has a list: say what it is to be asked for. For example: filter orders by status"
            return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
        if entity and verb:
            return _told(entity, verb, match, more, words)
    return None


def answered_endpoint(understood: Understood, settings: Mapping[str, str]) -> tuple[Understood, dict[str, str]]:
    """The request with what `--set from|to|until|access|stamp=…` answers, and the other settings."""
    change = understood.endpoint
    given = {key: value for key, value in settings.items() if key in KEYS}
    if change is None or not given:
        return understood, dict(settings)
    again = _settled(change.resource, change.action, {**spelled(change), **given}, (), understood.words)
    asked = tuple(q for q in understood.questions if q.key not in given)
    answered = msgspec.structs.replace(understood, endpoint=again.endpoint, questions=asked)
    return answered, {key: value for key, value in settings.items() if key not in given}


def spelled(change: EndpointChange) -> dict[str, str]:
    """What is said of an action, by the keys of the grammar."""
    said = {
        "from": ",".join(change.sources),
        "to": change.target,
        "until": change.until,
        "access": change.access,
        "stamp": ",".join(change.stamps),
    }
    return {key: value for key, value in said.items() if value}


def _settled(
    entity: str, action: str, said: Mapping[str, str], questions: tuple[Question, ...], words: str
) -> Understood:
    verb = snake(action)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", verb) or not re.fullmatch(r"\w+", entity):
        raise UsageError(f"'{entity}.{action}' names no action", hints=tuple(f"for example: {e}" for e in EXAMPLES))
    if is_reserved(verb):
        raise UsageError(f"an action cannot be called '{action}': it is a word of Python's own")
    stamps = _listed(said.get("stamp", ""))
    change = EndpointChange(
        resource=pascal(entity),
        action=verb,
        target=said.get("to", ""),
        sources=_listed(said.get("from", "")),
        until=said.get("until", ""),
        access=role_of(said["access"]) if said.get("access") else "",
        stamps=(f"{participle(verb)}_at",) if stamps == ("yes",) else stamps,
    )
    return Understood("endpoint", questions=questions, words=words, endpoint=change)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,|]", text) if part.strip())


# -- plain words -----------------------------------------------------------------------------------------------------
def _entity(said: str, known: Sequence[str]) -> str:
    """The entity that the last word of "draft posts" names."""
    for words in (said, said.split()[-1]):
        found = find_entity(singular(snake(words)), known) or find_entity(words, known)
        if found:
            return found
    return ""


def _verb(said: str, *, plain: bool) -> str:
    """The verb as an action; of a form (`cancelled`, `publishes`) the verb. `plain`: any name will do."""
    name = snake(said)
    found = next((v for v in verbs() if v == name or participle(v) == name), "")
    found = found or next((v for v in verbs() if stem(v) == stem(name)), "")
    return found or (re.sub(r"(?<=[^s])s$", "", name) if plain else "")


def _told(entity: str, verb: str, match: re.Match[str], more: Sequence[str], words: str) -> Understood:
    said: dict[str, str] = {}
    groups = match.groupdict()
    before = " ".join(groups["entity"].split()[:-1])
    if before and snake(groups["entity"]) != snake(entity):
        _state(before, said)
    if groups.get("role") and groups["role"].lower() not in ("allow", "let", "enable"):
        _role(groups["role"], said)
    if re.search(r"\b(?:their|own|his|her)\b", groups.get("whose") or "") and said.get("access", "user") == "user":
        said["access"] = "owner"
    left = []
    clauses = [groups.get("more") or "", *more]
    for clause in (
        part
        for text in clauses
        for part in re.split(
            r"[;:,.]|\band\b(?=\s+(?:only|by|sets?|records?|notes?|marks?|remembers?|it|becomes?)\b)", text
        )
    ):
        text = clause.strip()
        if text and not _clause(text, entity, verb, said):
            left.append(text)
    asked: tuple[Question, ...] = ()
    if left:
        shown = "', '".join(left)
        asked = (Question("left_out", f"not understood and left out: '{shown}'", "medium", ("leave it out",)),)
    return _settled(entity, verb, said, asked, words)


def _clause(text: str, entity: str, verb: str, said: dict[str, str]) -> bool:
    """Take in what one part of a sentence says; whether it was understood."""
    plain = re.sub(r"^(?:but|and|then|also|it|they|which|that)\s+", "", text.lower())
    if found := pattern("action_until").match(plain):
        said["until"] = found["state"]
        return True
    becomes = pattern("action_becomes").match(plain)  # "sets status to done" notes no moment
    moment = re.search(r"_(?:at|on)\b|\b(?:time|moment|date|when|timestamp)\b", plain)
    if (becomes is None or moment) and (found := pattern("action_stamp").match(plain)):
        column = _STAMPED.search(plain)
        said["stamp"] = column.group(1) if column else f"{participle(verb)}_at"
        return True
    if found := becomes:
        said["to"] = f"{found['column']}={found['value']}" if found["column"] else found["value"]
        return True
    if found := pattern("action_when").match(plain):
        return _state(found["states"], said)
    if found := pattern("action_by").match(plain):
        rest = found["who"]
        own = rest.split()[-1]
        if own in {entity.lower(), snake(entity), f"{snake(entity)}s"} or find_entity(own, (entity,)):
            return _state(" ".join(rest.split()[:-1]), said)
        return _role(rest, said)
    return False


def _state(text: str, said: dict[str, str]) -> bool:
    states = [w for w in re.split(r"\s*(?:,|\bor\b|\band\b)\s*|\s+", _PERSON.sub("", text.lower())) if w]
    states = [w for w in states if w not in {"only", "own", "their", "the", "is", "are", "status", "state", "still"}]
    if not states or any(not re.fullmatch(r"[\w-]+", w) for w in states):
        return not states
    said["from"] = ",".join(states)
    return True


def _role(text: str, said: dict[str, str]) -> bool:
    who = _PERSON.sub("", re.sub(r"\b(?:only|just|can|may|do (?:it|this|so))\b", "", text.lower()).strip()).strip()
    if not who or len(who.split()) > 2:
        return False
    name = snake(who)
    try:
        said["access"] = role_of(name) if role_of(name) in _KNOWN else role_of(singular(name))
    except UsageError:
        return False
    return said["access"] in _KNOWN or len(who.split()) == 1


_KNOWN = frozenset({"public", "user", "owner", "admin"})
