"""The grammar of one field, read: `price:decimal(10,2):min=0`, `status:enum(draft,active)=draft`, `notes:text?`."""

from __future__ import annotations

import re
from difflib import get_close_matches

from backwright.core.errors import UsageError
from backwright.core.request import FieldType
from backwright.engine.request_types import NUMERIC, SHORT, TEXTUAL, TYPES, Said, default_of, number
from backwright.kit.naming import pascal, singular, snake

_FLAGS: dict[str, Said] = {
    "unique": {"unique": True},
    "index": {"index": True},
    "indexed": {"index": True},
    "immutable": {"update": False},
    "optional": {"required": False, "nullable": True},
    "nullable": {"nullable": True},
    "required": {"required": True, "nullable": False},
    "restrict": {"on_delete": "restrict"},
    "cascade": {"on_delete": "cascade"},
    "set_null": {"on_delete": "set_null"},
    "positive": {"min": "0", "exclusive_min": True},
}
_KEYED = ("min", "max", "gt", "len", "length", "min_length", "max_length", "range", "default", "on_delete")
OPTIONS = (*_FLAGS, *_KEYED)

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE_ARGUMENTS = {  # what may follow the type after a colon, for shells in which parentheses need quotes
    **dict.fromkeys(TEXTUAL, re.compile(r"\d*\.\.\d*|\d+")),
    **dict.fromkeys(("integer", "float"), re.compile(r"[-+.\d]*\.\.[-+.\d]*")),
    "decimal": re.compile(r"\d+,\d+|[-+.\d]*\.\.[-+.\d]*"),
    "enum": re.compile(r"[^:=?]*[,|][^:=?]*"),
    "ref": re.compile(r"[A-Z]\w*"),
}
_AFTER_DEFAULT = re.compile(rf":(?=(?:{'|'.join(OPTIONS)})(?:[:=(\[?]|$))")
_VALUE = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,|]*?))\s*(?:[,|]|$)""")


def fault(text: str, start: int, end: int, message: str, hints: tuple[str, ...] = ()) -> UsageError:
    """A usage error that shows `text` with a caret under `start:end` (0-based, end exclusive)."""
    caret = " " * start + "^" * max(1, end - start)
    return UsageError(f"{message}\n  {text}\n  {caret}", hints=hints)


def did_you_mean(word: str, known: tuple[str, ...] | list[str], also: str = "") -> tuple[str, ...]:
    """The hint line for a misspelt word, and all that would be known."""
    close = get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=0.6)
    first = tuple(f"did you mean {SHORT.get(k, k)}?" for k in known if close and k.lower() == close[0])[:1]
    return first + ((f"{also}: {', '.join(known)}",) if also and known else ())


def read_field(token: str) -> tuple[str, Said | None]:
    """`name:spelling` → the name and what is said; None for a bare name, whose type is open. Raises UsageError."""
    end = re.match(r"[^:=?()\[\]\s]*", token)
    assert end is not None
    name, at = end.group(), end.end()
    if not name:
        raise fault(token, 0, 1, f"a field starts with its name: {token}", ("for example name:str(200)",))
    field, said = snake(name), Said()
    if token[at : at + 1] == "?":
        said, at = dict(_FLAGS["optional"]), at + 1
    if at == len(token):
        return field, said or None
    if token[at] != ":":
        message = f"'{token[at]}' in {token} comes before a type"
        raise fault(token, at, at + 1, message, (f"for example {name}:str{token[at:]}",))
    said |= _Spelling(token, at + 1, field).read()
    if said.get("type") == "ref":
        field = field.removesuffix("_id") or field
    return field, said


def read_spelling(text: str, name: str) -> Said:
    """What a spelling without the name says: `decimal(12,2)?`. Raises UsageError."""
    return _Spelling(text, 0, name).read()


class _Spelling:
    """A cursor over `type(arguments):option:key=value?=default`."""

    def __init__(self, text: str, at: int, name: str) -> None:
        self.text, self.at, self.name = text, at, name
        self.kind: FieldType = "string"
        self.said: Said = {}

    def read(self) -> Said:
        self._type()
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == "?":
                self.said |= _FLAGS["optional"]
            elif char == "=":
                self._default()
            elif char == ":":
                self._option()
            else:
                message = f"unexpected '{char}' in {self.text}"
                raise fault(
                    self.text, self.at - 1, self.at, message, ("a field is name:type(…):option=value?=default",)
                )
        return self.said

    def _type(self) -> None:
        start, word = self.at, self._word()
        kind = TYPES.get(word.lower())
        if kind is None:
            if word in _FLAGS or not word:
                message = f"a type is missing in {self.text}"
                raise fault(
                    self.text, start, self.at, message, (f"for example {self.name}:str" + f":{word}" * bool(word),)
                )
            hints = did_you_mean(word, [*TYPES])
            if word[:1].isupper() and not hints:
                hints = (f"for a reference: {self.name}:ref({word})",)
            hints += (f"types: {' '.join(dict.fromkeys(SHORT.get(t, t) for t in TYPES.values()))}",)
            raise fault(self.text, start, self.at, f"unknown type '{word}' in {self.text}", hints)
        self.kind = kind
        self.said["type"] = kind
        start, arguments = self._arguments()
        if arguments is None and self.text[self.at : self.at + 1] == ":":
            bare = _BARE_ARGUMENTS[kind].match(self.text, self.at + 1) if kind in _BARE_ARGUMENTS else None
            if bare is not None and self.text[bare.end() : bare.end() + 1] in ("", ":", "=", "?"):
                start, arguments, self.at = bare.start(), bare.group(), bare.end()
        self._apply_arguments(arguments, start)

    def _apply_arguments(self, arguments: str | None, start: int) -> None:
        if self.kind == "ref":
            target = arguments if arguments is not None else singular(self.name.removesuffix("_id"))
            if not re.fullmatch(r"\s*[A-Za-z]\w*\s*", target):
                raise self._fault(start, f"'{target}' names no entity", (f"for example {self.name}:ref(Category)",))
            self.said["ref"] = pascal(target.strip())
        elif self.kind == "enum":
            self._values(arguments or "", start)
        elif arguments is None:
            return
        elif self.kind in TEXTUAL:
            self._length(arguments, start)
        elif self.kind == "decimal" and ".." not in arguments:
            digits = re.fullmatch(r"\s*(\d{1,4})\s*,\s*(\d{1,4})\s*", arguments)
            if digits is None:
                raise self._fault(
                    start, f"'{arguments}' is not digits,scale", (f"for example {self.name}:decimal(10,2)",)
                )
            self.said |= {"precision": int(digits[1]), "scale": int(digits[2])}
        elif self.kind in NUMERIC:
            self._range(arguments, start)
        else:
            raise self._fault(
                start, f"the type {self.kind} takes no '({arguments})'", (f"write {self.name}:{self.kind}",)
            )

    def _values(self, arguments: str, start: int) -> None:
        found = [m[1] or m[2] or m[3] or "" for m in _VALUE.finditer(arguments) if m.group()]
        if not found or not all(found):
            hints = (f"for example {self.name}:enum(draft,active,archived)",)
            raise self._fault(start, f"the enum '{self.name}' has no values", hints)
        self.said["values"] = tuple(found)

    def _length(self, text: str, start: int) -> None:
        low, high = self._bounds(text, start, f"for example {self.name}:str(200) or {self.name}:str(1..200)", "length")
        for key, bound in (("min_length", low), ("max_length", high)):
            if bound and not re.fullmatch(r"\d{1,9}", bound):
                raise self._fault(start, f"'{bound}' is no length", ("a length is a number of characters",))
            if bound:
                self.said[key] = int(bound)

    def _range(self, text: str, start: int) -> None:
        if ".." not in text:
            hints = (f"for example {self.name}:{SHORT.get(self.kind, self.kind)}(0..100)",)
            raise self._fault(start, f"'{text}' is no range", hints)
        low, high = self._bounds(text, start, "a range is 0..100, 0.. or ..100", "range")
        if low:
            self.said["min"] = self._number(low, start)
        if high:
            self.said["max"] = self._number(high, start)

    def _bounds(self, text: str, start: int, hint: str, what: str) -> tuple[str, str]:
        low, dots, high = text.strip().partition("..")
        low, high = (low.strip(), high.strip()) if dots else ("", low.strip())
        if not low and not high:
            raise self._fault(start, f"'{text}' is no {what}", (hint,))
        return low, high

    def _number(self, text: str, start: int) -> str:
        try:
            return number(text)
        except ValueError as error:
            raise self._fault(start, str(error)) from None

    def _option(self) -> None:
        start, word = self.at, self._word()
        if word in _FLAGS:
            self.said |= _FLAGS[word]
            return
        if word not in _KEYED:
            message = f"unknown option '{word}' in {self.text}" if word else f"an option is missing in {self.text}"
            raise fault(self.text, start, self.at, message, did_you_mean(word, list(OPTIONS), "options"))
        if word == "default" and self.text[self.at : self.at + 1] == "=":
            self.at += 1
            self._default()
            return
        value_start, value = self._arguments()
        if value is None and self.text[self.at : self.at + 1] == "=":
            value_start = self.at + 1
            end = re.compile(r"[:?=]|$").search(self.text, value_start)
            assert end is not None
            self.at, value = end.start(), self.text[value_start : end.start()]
        if not value:
            raise fault(self.text, start, self.at, f"'{word}' in {self.text} has no value", (f"for example {word}=1",))
        self._apply_keyed(word, value, value_start)

    def _apply_keyed(self, word: str, value: str, start: int) -> None:
        if word == "on_delete":
            if value not in ("restrict", "cascade", "set_null"):
                raise self._fault(start, f"on_delete is not '{value}'", ("one of restrict, cascade, set_null",))
            self.said["on_delete"] = value
        elif word in ("len", "length") or (word == "range" and self.kind in TEXTUAL):
            self._length(value, start)
        elif word == "range":
            self._range(value, start)
        elif word == "gt":
            self.said |= {"min": self._number(value, start), "exclusive_min": True}
        elif word == "min_length" or (word == "min" and self.kind in TEXTUAL):
            self._length(f"{value}..", start)
        elif word == "max_length" or (word == "max" and self.kind in TEXTUAL):
            self._length(f"..{value}", start)
        else:
            self.said[word] = self._number(value, start)

    def _default(self) -> None:
        start, quote = self.at, self.text[self.at : self.at + 1]
        closing = self.text.find(quote, start + 1) if quote in ("'", '"') else -1
        if closing > 0:
            value, self.at = self.text[start + 1 : closing], closing + 1
        else:
            end = _AFTER_DEFAULT.search(self.text, start)
            self.at = end.start() if end else len(self.text)
            value = self.text[start : self.at]
        try:
            self.said |= {"default": default_of(self.kind, value), "has_default": True}
        except ValueError as error:
            message = f"the default of '{self.name}' does not fit {self.kind}: {error}"
            raise fault(self.text, start, self.at, message) from None

    def _word(self) -> str:
        match = _WORD.match(self.text, self.at) or re.compile(r"[^:=?()\[\]]*").match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return match.group()

    def _arguments(self) -> tuple[int, str | None]:
        start = self.at
        closing = {"(": ")", "[": "]"}.get(self.text[start : start + 1])
        if closing is None:
            return start, None
        end = self.text.find(closing, start)
        if end < 0:
            raise fault(self.text, start, len(self.text), f"'{self.text[start]}' in {self.text} is not closed")
        self.at = end + 1
        return start + 1, self.text[start + 1 : end]

    def _fault(self, start: int, message: str, hints: tuple[str, ...] = ()) -> UsageError:
        return fault(self.text, start, max(self.at, start + 1), f"{message} in {self.text}", hints)
