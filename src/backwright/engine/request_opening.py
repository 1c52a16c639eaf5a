"""How a request begins: whose work it is, what is asked for, and where the list of fields starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import msgspec

from backwright.core.change import Question
from backwright.core.request import OPERATIONS, Operation, Understood
from backwright.engine.request_access import operations_of
from backwright.engine.request_vocabulary import any_of, find_entity, pattern, sentence_part, vocabulary
from backwright.kit.naming import human, pascal, plural, singular, snake

_MADE = (
    "it adds resources and actions, changes one field, asks more of a list, marks rows as deleted, "
    "and adds indexes, constraints, backfills, health checks and rate limits"
)


class Opening(msgspec.Struct, frozen=True):
    """The resource that the first sentence names; `fields` is its list of fields, `context` what stands between."""

    resource: str
    fields: str = ""
    context: str = ""
    after: str = ""  # what follows a list of fields in brackets
    operations: tuple[Operation, ...] = ()  # named as the purpose: "an endpoint to list and create …"
    by_users: str = ""  # who is to do it: "let users keep …"
    personal: bool = False  # "… keep": things of one's own
    own: bool = False  # "… manage their own": nobody else's business
    others: tuple[str, ...] = ()  # further resources in the same breath


class _Patterns(msgspec.Struct, frozen=True):
    polite: re.Pattern[str]
    begin: re.Pattern[str]
    allow: re.Pattern[str]
    purpose: re.Pattern[str]
    noun: re.Pattern[str]
    adjectives: re.Pattern[str]
    kinds: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    opening = vocabulary().request
    verbs = [word for words in vocabulary().verbs.values() for word in words] + list(opening.keep)
    doing = [verb[:-1] + "ing" if verb.endswith("e") else f"{verb}ing" for verb in verbs if " " not in verb]
    verb = any_of([*verbs, *doing])
    kinds, adjectives = any_of(opening.kinds), any_of(opening.adjectives)
    people = any_of(opening.people)
    sequence = rf"{verb}(?:\s*(?:,|and|or|&|/|, and)\s*{verb})*"
    stop = sentence_part("stop")
    lets = rf"(?:{any_of(opening.allow)}\s+(?P<who>{people})(?:\s+to)?(?:\s+be\s+able\s+to)?|(?P<who2>{people})\s+{any_of(opening.able)})"

    def compiled(text: str) -> re.Pattern[str]:
        return re.compile(text, re.IGNORECASE)

    return _Patterns(
        polite=compiled(rf"^(?:{any_of(opening.polite)}(?![\w'])[\s,!.:]*)+"),
        begin=compiled(rf"^{any_of(opening.begin)}(?!\w)[:\s]+(?:{any_of(opening.begin)}(?!\w)\s+)?"),
        allow=compiled(rf"^{lets}\s+(?P<verb>{any_of(opening.keep)})\b(?:\s*(?:,|and|or)\s*{verb})*\s+"),
        purpose=compiled(
            rf"^(?:{adjectives}\s+)*{kinds}(?:\s+{kinds})*\s+"
            rf"(?:for|to|of|that|which|where|so that|so|on|called|named)\s+"
            rf"(?P<where>(?:(?P<who>{people})|one|you|i|we)\s+can\s+|can\s+|(?:lets?|allows?)\s+(?:{people}|one|you)\s+(?:to\s+)?)?"
            rf"(?:(?P<verbs>{sequence})\s+)?(?:{adjectives}\s+)*"
        ),
        noun=compiled(
            rf"(?P<noun>[^\W\d_][\w'-]*(?:\s+[^\W\d_][\w'-]*){{0,4}}?)"
            rf"(?=\s+(?:{kinds}|{stop})\b|\s*[:;,.(&]|\s+[-+>]|\s*$)(?:\s+{kinds}\b)*"
        ),
        adjectives=compiled(rf"^(?:(?:list|set|collection|table|catalog|catalogue)s?\s+of\s+|{adjectives}\s+)+"),
        kinds=compiled(rf"^(?:{kinds}\s*)+$"),
    )


def without_courtesy(sentence: str) -> str:
    """The sentence without "please", "could you" and the like at its beginning."""
    return _patterns().polite.sub("", sentence.strip())


def starts_another(sentence: str) -> bool:
    """Whether a later sentence asks for something else to be made: `also build …`."""
    return _begin(sentence) > 0


def someone_else(sentence: str, words: str) -> Understood | None:
    """A hand-off, when what is asked for is not backend work."""
    head = _asked_for(sentence)
    backend = list(pattern("backend").finditer(head))
    found: list[tuple[int, str, re.Match[str]]] = []
    for trade, hand_off in vocabulary().hand_off.items():
        match = re.search(rf"(?<![\w-]){any_of(hand_off.words)}(?![\w-])", head, re.IGNORECASE)
        if match is None or any(m.start() <= match.end() + 12 and not _inside(m, match) for m in backend):
            continue
        noun = match.group().lower()
        if noun.endswith("s") and singular(noun) != noun and _lists_fields(sentence):
            continue  # rows of a table: "add pages with title and body"
        found.append((match.start(), trade, match))
    if not found:
        return None
    _, trade, match = min(found, key=lambda one: one[0])
    text = f"'{match.group()}': {vocabulary().hand_off[trade].because}, and this makes backend changes"
    return Understood("hand_off", questions=(Question("request", text, "high"),), hand_off=trade, words=words)


def _inside(inner: re.Match[str], outer: re.Match[str]) -> bool:
    return outer.start() <= inner.start() and inner.end() <= outer.end()


def not_ours_yet(sentence: str, known: Sequence[str], words: str, *, first: bool = False) -> Understood | None:
    """An `unknown`, when it is backend work that no blueprint makes, or nothing that could be made as it is said.

    `first`: only what would be taken for a change or a resource that it does not mean.
    """
    head = _before_fields(sentence)
    for entry in (e for e in vocabulary().unsupported if e.first or not first):
        match = None if entry.alone and head != sentence else re.search(entry.pattern, head, re.IGNORECASE)
        if match is not None and not (
            entry.noun and re.match(r"s?\s+(?:api|crud|resource|table|model)", head[match.end() :], re.IGNORECASE)
        ):
            return _unknown(f"this version does not make {entry.what}; {_MADE}", words, sentence, known)
    if first:
        return None
    if re.match(rf"{any_of(vocabulary().destructive.verbs)}\b", head, re.IGNORECASE):
        return _unknown(f"this would take something away that is not one field; {_MADE}", words, sentence, known)
    if re.match(rf"{any_of(vocabulary().unclear.verbs)}\b", head, re.IGNORECASE) and _begin(sentence) == 0:
        return _unknown("it is not clear what should be there afterwards that is not there now", words, sentence, known)
    return None


def read_opening(sentence: str) -> Opening | None:
    """The resource and the beginning of its fields; None when the sentence names no resource."""
    patterns = _patterns()
    sentence = pattern("address").sub(r"\1", pattern("quoted").sub(r"\2 \1", sentence, count=1))
    sentence, told = pattern("user_story").subn(r"let \1 ", sentence)
    sentence = pattern("so_that").sub("", sentence) if told else sentence
    begun = sentence[_begin(sentence) :]
    allow = patterns.allow.match(sentence) or patterns.allow.match(begun)
    rest = allow.string[allow.end() :] if allow else begun
    began = bool(allow) or rest != sentence
    purpose = patterns.purpose.match(rest)
    rest = rest[purpose.end() :] if purpose else rest
    rest = pattern("kind_first").sub("", rest)
    own = allow is not None and pattern("own").match(rest) is not None
    rest = patterns.adjectives.sub("", rest)
    noun = patterns.noun.match(rest)
    if noun is None or patterns.kinds.match(noun["noun"] + " "):
        return None
    tail = rest[noun.end() :].strip()
    if not (began or purpose or noun.end() > noun.end("noun") or pattern("intro").match(tail)):
        return None
    if not began and pattern("claims").search(noun["noun"]):
        return None  # "products need variants" names something of products
    name = _resource(noun["noun"])
    if not name or (noun["noun"].lower() in vocabulary().request.people and pattern("acts").match(tail)):
        return None  # "I want users to …" asks for no users
    others, tail = _further(tail)
    intro = pattern("intro").search(tail)
    personal = allow is not None and allow["verb"].lower() in vocabulary().request.personal
    operations = _operations((purpose["verbs"] or "") if purpose and not purpose["where"] else "")
    by_users = ((allow["who"] or allow["who2"]) if allow else purpose["who"] if purpose else "") or ""
    opening = Opening(name, operations=operations, by_users=by_users.lower(), personal=personal, own=own, others=others)
    if intro is None:
        return msgspec.structs.replace(opening, context=tail)
    fields = _without_label(tail[intro.end() :])
    after = ""
    if intro.group().rstrip().endswith("("):
        fields, after = bracketed(tail[intro.start() :])
    return msgspec.structs.replace(opening, context=tail[: intro.start()].strip(" ,"), fields=fields, after=after)


def bracketed(text: str) -> tuple[str, str]:
    """The content of the first bracket, and what comes after it."""
    depth = 0
    start = text.index("(")
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return text[start + 1 : i], text[i + 1 :].strip(" ,")
    return text[start + 1 :], ""


def field_sentence(sentence: str) -> str:
    """The list of fields in a later sentence such as `Each product has …`, `""` when it is none."""
    match = pattern("field_sentence").match(sentence)
    return _without_label(sentence[match.end() :]) if match else ""


def _begin(sentence: str) -> int:
    """Where the words end that only say that something should be made."""
    match = _patterns().begin.match(sentence)
    return match.end() if match else 0


def _without_label(text: str) -> str:
    label = re.match(
        rf"^\s*(?:(?:the|following)\s+)*{any_of(vocabulary().request.fields)}\s*(?::|\bare\b)?\s+", text, re.I
    )
    if label and re.search(r"s\s*(?::|are)?\s*$|:\s*$", label.group().strip() + " ", re.IGNORECASE):
        rest = text[label.end() :].lstrip(" :")
        return rest[1:].removesuffix(")") if rest.startswith("(") else rest
    return text.strip(" :")


def _asked_for(sentence: str) -> str:
    """The object of the request: without its purpose, its place and its fields."""
    end = pattern("object_end").search(sentence, _begin(sentence))
    return sentence[: end.start()] if end else sentence


def _before_fields(sentence: str) -> str:
    intro = pattern("before_fields").search(sentence)
    return sentence[: intro.start()].strip() if intro else sentence


def _lists_fields(sentence: str) -> bool:
    intro = pattern("intro").search(sentence)
    return intro is not None and bool(re.search(r",|\band\b", sentence[intro.end() :]))


def _resource(noun: str) -> str:
    drop = set(vocabulary().request.adjectives) | {"management", "list", "record", "records", "data"}
    parts = [word for word in noun.split() if word.lower() not in drop or word.istitle()]
    if not parts:
        return ""
    joined = " ".join(parts)
    return pascal(singular(parts[0])) if len(parts) == 1 else pascal(singular(snake(joined)))


def _further(tail: str) -> tuple[tuple[str, ...], str]:
    """Other resources named beside the first: `products and categories with …`."""
    match = pattern("further").match(tail)
    if match is None:
        return (), tail
    return (pascal(singular(snake(match[1]))),), tail[match.end() :].strip()


def _operations(verbs: str) -> tuple[Operation, ...]:
    """The operations that a purpose names; none when it says nothing in particular, as `manage` does."""
    found: set[Operation] = set()
    for word in re.findall(r"[a-z]+", re.sub(r"\b(?:and|or)\b", " ", verbs.lower())):
        stem = next((verb for verb in _stems(word) if _operation_words().get(verb)), "")
        if not stem:
            return ()
        found.update(_operation_words()[stem])
    return tuple(op for op in OPERATIONS if op in found) if len(found) < len(OPERATIONS) else ()


def _stems(word: str) -> tuple[str, ...]:
    return (word, word.removesuffix("ing"), f"{word.removesuffix('ing')}e")


@cache
def _operation_words() -> dict[str, tuple[Operation, ...]]:
    verbs = vocabulary().verbs
    groups: dict[str, tuple[Operation, ...]] = {}
    for operation in (*OPERATIONS, "read"):
        groups |= dict.fromkeys(verbs[operation], operations_of(operation))
    return groups


def _unknown(why: str, words: str, sentence: str, known: Sequence[str]) -> Understood:
    entities = [word for word in re.findall(r"[A-Za-z]\w+", sentence) if find_entity(word, known)]
    about = tuple(dict.fromkeys(f"{find_entity(word, known)} is an entity of this repository" for word in entities))
    example = "For example: add a products API with name, price and stock; only admins may write"
    text = ". ".join((why, *about[:3], example))
    return Understood("unknown", questions=(Question("request", text, "high"),), words=words)


def nothing_named(words: str) -> Understood:
    """What is said of a request in which no resource can be found."""
    return _unknown("no resource is named", words, "", ())


def one_change_at_a_time(entities: Sequence[str]) -> Question:
    """The question that a change of several entities gets."""
    names = [human(plural(name)) for name in entities]
    said = f"{', '.join(names[:-1])} and {names[-1]}"
    return Question("request", f"{said} are {len(names)} resources, and a plan changes one: ask for each alone", "high")


def one_at_a_time(opening: Opening) -> Question:
    """The question that a request for several resources gets."""
    names = [human(plural(name)) for name in (opening.resource, *opening.others)]
    text = f"{' and '.join(names)} are {len(names)} resources, and a plan adds one: which is first, with which fields?"
    return Question("resource", text, "high", tuple(pascal(singular(snake(name))) for name in names))
