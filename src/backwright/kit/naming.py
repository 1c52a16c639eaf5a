"""Names in the cases that code, databases and addresses want, and English plurals.

Names are ASCII words. A name is taken apart with `words` and put together again in a case; `forms` gives all of
them at once. Inflection knows the regular rules and the irregular nouns that backends are made of.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable

import msgspec

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")  # SKUs is one word
_SEPARATOR = re.compile(r"[\W_]+")
_PASCAL = re.compile(r"[A-Z0-9][A-Za-z0-9]*")
_CAMEL = re.compile(r"[a-z0-9][A-Za-z0-9]*")
_LAST_WORD = re.compile(r"(?:[A-Z]{2,}s|[A-Z]?[a-z]+|[A-Z]+)$")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class NameForms(msgspec.Struct, frozen=True):
    """One name in every case that an emitter may want. `many` names a variable for several, never equal to `snake`."""

    snake: str
    snake_plural: str
    pascal: str
    pascal_plural: str
    camel: str
    camel_plural: str
    kebab: str
    kebab_plural: str
    human: str
    human_plural: str
    many: str


def words(name: str) -> list[str]:
    """The lower-case words of a name in any case: `"HTTPServer-log_line"` → `["http", "server", "log", "line"]`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    spaced = _BOUNDARY.sub(" ", plain.replace("'", "").replace("’", ""))
    return [word.lower() for word in _SEPARATOR.split(spaced) if word]


def snake(name: str) -> str:
    """`order_line`."""
    return "_".join(words(name))


def kebab(name: str) -> str:
    """`order-line`."""
    return "-".join(words(name))


def human(name: str) -> str:
    """`order line`."""
    return " ".join(words(name))


def pascal(name: str) -> str:
    """`OrderLine`. A name that is PascalCase already keeps its capitals: `SKU`, `HTTPServer`."""
    if _PASCAL.fullmatch(name):
        return name
    return "".join(word[:1].upper() + word[1:] for word in words(name))


def camel(name: str) -> str:
    """`orderLine`. A name that is camelCase already is kept."""
    if _CAMEL.fullmatch(name):
        return name
    first, *rest = words(name) or [""]
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def plural(name: str) -> str:
    """The plural of the last word of a name in any case; a plural stays as it is: `"OrderLine"` → `"OrderLines"`."""
    return _on_last_word(name, _plural_word)


def singular(name: str) -> str:
    """The singular of the last word of a name in any case; a singular stays: `"order_lines"` → `"order_line"`."""
    return _on_last_word(name, _singular_word)


def forms(name: str, plural_name: str = "") -> NameForms:
    """All forms of a singular `name`; `plural_name` where the plural is not the one that English would make."""
    one = pascal(name)
    several = plural_name or plural(snake(name))
    snake_one, snake_several = snake(name), snake(several)
    return NameForms(
        snake=snake_one,
        snake_plural=snake_several,
        pascal=one,
        pascal_plural=pascal(plural(one)) if not plural_name else pascal(snake_several),
        camel=camel(snake_one),
        camel_plural=camel(snake_several),
        kebab=kebab(snake_one),
        kebab_plural=kebab(snake_several),
        human=human(snake_one),
        human_plural=human(snake_several),
        many=snake_several if snake_several != snake_one else f"{snake_one}_list",
    )


# --- names that cannot be used ---------------------------------------------------------------------------------------

_BUILTIN_TYPES = _set(
    """
    any bool bytearray bytes callable complex datetime decimal dict enum exception float frozenset int iterable list
    literal mapping none object optional sequence set str timedelta tuple type union uuid
    """
)
_FIELDS_OF_MODELS = _set(  # attributes of declarative bases and of validation models
    """
    construct copy dict fields from_orm json metadata model_computed_fields model_config model_extra model_fields
    model_fields_set parse_file parse_obj parse_raw query registry schema schema_json self session update_forward_refs
    validate
    """
)
_CLASSES_OF_FRAMEWORKS = _set(
    """
    annotated base base_model column depends field http_exception model query relationship request response router
    schema session table
    """
)
MADE_FOR_YOU = frozenset({"id", "pk", "created_at", "updated_at"})
MAX_NAME = 59  # characters: PostgreSQL keeps 63, and `_id` or an index prefix still fits


def why_not_field(name: str) -> str:
    """Why a snake_case field cannot have this name, `""` when it can."""
    if reason := _why_no_identifier(name):
        return reason
    if keyword.iskeyword(name) or keyword.iskeyword(name.capitalize()):
        return f"'{name}' is a keyword of Python"
    if name in MADE_FOR_YOU:
        return f"'{name}' is made for every resource, the way this repository makes it"
    if name.startswith("model_"):
        return "names in 'model_' belong to the validation library"
    if name in _FIELDS_OF_MODELS:
        return f"'{name}' hides an attribute that every model has"
    if name in _BUILTIN_TYPES - {"type", "any"}:
        return f"'{name}' hides the type of the same name"
    return ""


def why_not_resource(name: str) -> str:
    """Why a resource cannot have this name (in any case), `""` when it can."""
    one = snake(name)
    if reason := _why_no_identifier(one):
        return reason
    if keyword.iskeyword(one) or keyword.iskeyword(pascal(name)) or keyword.iskeyword(one.capitalize()):
        return f"'{one}' is a keyword of Python"
    if one in _BUILTIN_TYPES:
        return f"'{pascal(name)}' is the name of a built-in type"
    if one in _CLASSES_OF_FRAMEWORKS:
        return f"'{pascal(name)}' is a class of the framework, so the two would collide"
    if one.startswith(("sqlite_", "pg_")):
        return f"tables in '{one.split('_')[0]}_' belong to the database"
    return ""


def is_reserved(name: str) -> bool:
    """Whether a field cannot have this name."""
    return bool(why_not_field(name))


def _why_no_identifier(name: str) -> str:
    if not name:
        return "a name has at least one letter"
    if not name.isascii():
        return f"'{name}' has letters outside of ASCII"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return f"'{name}' is no name: it starts with a letter and has letters, digits and _"
    if len(name) > MAX_NAME:
        return f"'{name[:20]}…' is longer than {MAX_NAME} characters"
    return ""


# --- English ---------------------------------------------------------------------------------------------------------

_UNCOUNTABLE = _set(
    """
    advice aircraft baggage cash chassis clothing deer equipment evidence feedback firmware fish furniture gear graffiti
    hardware headquarters homework information jewelry knowledge laundry livestock luggage machinery mail media
    merchandise metadata middleware money moose music news offspring personnel progress research rice salmon series
    sheep shrimp software spacecraft species staff traffic transportation weather
    """
)
_IRREGULAR = {
    "alumnus": "alumni",
    "analysis": "analyses",
    "appendix": "appendices",
    "axis": "axes",
    "bacterium": "bacteria",
    "cactus": "cacti",
    "child": "children",
    "crisis": "crises",
    "criterion": "criteria",
    "curriculum": "curricula",
    "datum": "data",
    "diagnosis": "diagnoses",
    "emphasis": "emphases",
    "foot": "feet",
    "fungus": "fungi",
    "goose": "geese",
    "hypothesis": "hypotheses",
    "louse": "lice",
    "man": "men",
    "matrix": "matrices",
    "mouse": "mice",
    "nucleus": "nuclei",
    "oasis": "oases",
    "ox": "oxen",
    "parenthesis": "parentheses",
    "person": "people",
    "phenomenon": "phenomena",
    "prognosis": "prognoses",
    "quiz": "quizzes",
    "radius": "radii",
    "stimulus": "stimuli",
    "synopsis": "synopses",
    "synthesis": "syntheses",
    "thesis": "theses",
    "tooth": "teeth",
    "vertex": "vertices",
    "woman": "women",
}
_IRREGULAR_BACK = {several: one for one, several in _IRREGULAR.items()} | {"indices": "index", "syllabi": "syllabus"}
_COMPOUND_MAN = re.compile(
    r"(?:camera|chair|congress|crafts|fire|fore|free|gentle|police|post|sales|spokes)(?:wo)?m[ae]n"
)

_F = _set("calf elf half hoof knife leaf life loaf scarf self sheaf shelf thief wharf wife wolf")
_F_TO_VES = {f: f.removesuffix("e").removesuffix("f") + "ves" for f in _F}
_VES_TO_F = {ves: f for f, ves in _F_TO_VES.items()}
_F_COMPOUND = re.compile(r".+(?=(?:knife|shelf|wife|wolf|knives|shelves|wives|wolves)$)")
_O_TO_OES = _set("echo embargo hero potato tomato torpedo veto")
_CH_TO_CHS = _set("epoch matriarch monarch patriarch stomach tech")
_CHE = _set("ache avalanche backache cache creche headache microfiche moustache niche quiche toothache")
_IE = _set(
    """
    birdie bookie brownie budgie calorie collie cookie cutie die eerie foodie freebie genie hippie hoodie junkie lie
    magpie movie necktie newbie pie pixie prairie rookie selfie smoothie sortie talkie tie veggie walkie zombie
    """
)
_USE = re.compile(r"(?:.*[ao]|ab|am|conf|exc|f|inf|m|mis|ref|re|r)?uses")  # houses, causes, uses, but not buses
_SINGULAR_IN_S = _set("alias atlas bias canvas chaos christmas cosmos dns ethos gas gps lens pancreas sms")
_PLURAL_IN_US = _set(
    "bureaus chateaus cpus emus flus gnus gpus gurus haikus impromptus menus plateaus skus submenus tutus vcpus"
)
_PLURAL_IN_IS = _set("alibis apis bikinis clis emojis guis kiwis kpis salamis saris skis taxis uis wikis yetis")


def _plural_word(word: str) -> str:
    if word in _UNCOUNTABLE or _singular_word(word) != word:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if _COMPOUND_MAN.fullmatch(word):
        return word[:-2] + "en"
    if compound := _F_COMPOUND.match(word):
        return compound.group() + _F_TO_VES[word[compound.end() :]]
    if word in _F_TO_VES:
        return _F_TO_VES[word]
    if re.search(r"(?:[^aeiou]|qu)y$", word) and len(word) > 1:
        return word[:-1] + "ies"
    if word in _O_TO_OES or (re.search(r"(?:s|x|z|ch|sh)$", word) and word not in _CH_TO_CHS):
        return word + "es"
    return word + "s"


def _singular_word(word: str) -> str:
    if word in _UNCOUNTABLE or word in _SINGULAR_IN_S:
        return word
    if word in _IRREGULAR_BACK:
        return _IRREGULAR_BACK[word]
    if _COMPOUND_MAN.fullmatch(word):
        return word[:-2] + "an"
    if len(word) < 3 or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("es"):
        return _singular_of_es(word)
    if (word.endswith("us") and word not in _PLURAL_IN_US) or (word.endswith("is") and word not in _PLURAL_IN_IS):
        return word
    return word[:-1]


def _singular_of_es(word: str) -> str:
    without_s, stem = word[:-1], word[:-2]
    if word in _VES_TO_F:
        return _VES_TO_F[word]
    if compound := _F_COMPOUND.match(word):
        return compound.group() + _VES_TO_F[word[compound.end() :]]
    if word.endswith("ies") and len(word) > 3:
        return without_s if without_s in _IE else word[:-3] + "y"
    if stem.endswith(("ss", "x", "sh", "zz", "tz")) or stem in _SINGULAR_IN_S or stem in _O_TO_OES:
        return stem
    if stem.endswith("us"):
        return without_s if _USE.fullmatch(word) else stem
    if stem.endswith("ch"):
        return without_s if without_s in _CHE else stem
    return without_s


def _on_last_word(name: str, change: Callable[[str], str]) -> str:
    match = _LAST_WORD.search(name)
    if match is None:  # ends in a digit or in a letter that is not ASCII
        return name + "s" if change is _plural_word and name else name
    word = match.group()
    if word == "s" and name[: match.start()][-1:].isdigit():
        return name if change is _plural_word else name[:-1]
    changed = change(word.lower())
    if word[:2].isupper() and len(word) > 1:
        changed = changed[:-1].upper() + "s" if changed.endswith("s") else changed.upper()
    elif word[0].isupper():
        changed = changed[0].upper() + changed[1:]
    return name[: match.start()] + changed
