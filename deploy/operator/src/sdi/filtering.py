"""What a person picks records by: `type=EventLabelled region=84 title~forge`. All of it must hold.

A term is a field, how it is compared, and a text. No program is in it, and no pattern: nothing that is written here can
take long, or do anything but compare.

    field=text     is that; of several, with commas, one of them        field!=text    is not
    field~text     holds the text, whatever its accents and capitals    field!~text    does not
    field<text     comes before it, as numbers or as texts (dates)      <=  >  >=

A field is `type`, `key`, `topic`, `partition`, `offset`, `at` (Kafka's time), or one of the value: the way to it
(`event.venue.address.city`), or its last name alone wherever it stands (`city`; `region` is `region_code` too).
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Refusal

_TERM = re.compile(r"([\w.\-]{1,100})(!=|!~|<=|>=|=|~|<|>)(.*)", re.DOTALL)
MOST_TERMS = 20

Fields = Mapping[str, Any]
"""What a record says besides its value."""


@dataclass(frozen=True)
class Term:
    """One thing that must hold."""

    field: str
    holds: Callable[[str], bool]
    negated: bool

    def picks(self, around: Fields, value: Any) -> bool:
        found = self._told(around, value)
        return any(self.holds(_as_text(one)) for one in found if one is not None) is not self.negated

    def is_told(self, around: Fields, value: Any) -> bool:
        """Whether the record has such a field at all, whatever it holds."""
        return bool(self._told(around, value))

    def _told(self, around: Fields, value: Any) -> list[Any]:
        return [around[self.field]] if self.field in around else list(_found(value, self.field.split(".")))


def read_filter(said: str) -> Sequence[Term]:
    """Raises Refusal, which says what is wrong with it."""
    try:
        words = shlex.split(said)
    except ValueError:
        raise Refusal(f"the filter {said} opens a quotation mark and does not close it") from None
    if len(words) > MOST_TERMS:
        raise Refusal(f"the filter has more than {MOST_TERMS} terms")
    return [_term(word) for word in words]


def picks(terms: Sequence[Term], around: Fields, value: Any) -> bool:
    """Whether all terms hold of a record."""
    return all(term.picks(around, value) for term in terms)


def _term(word: str) -> Term:
    parts = _TERM.fullmatch(word)
    if parts is None:
        raise Refusal(f"« {word} » compares nothing: type=EventLabelled, region=84, title~forge, revision>1")
    field, how, text = parts.groups()
    return Term(field, _HOLDS[how.removeprefix("!") if how in ("!=", "!~") else how](text), how.startswith("!"))


def _is_one_of(text: str) -> Callable[[str], bool]:
    wanted = frozenset(text.split(","))
    return lambda found: found in wanted or found == text


def _has(text: str) -> Callable[[str], bool]:
    wanted = _plain(text)
    return lambda found: wanted in _plain(found)


def _compared(is_so: Callable[[Any, Any], bool]) -> Callable[[str], Callable[[str], bool]]:
    def with_text(text: str) -> Callable[[str], bool]:
        def holds(found: str) -> bool:
            try:
                return is_so(float(found), float(text))
            except ValueError:
                return is_so(found, text)

        return holds

    return with_text


_HOLDS: Mapping[str, Callable[[str], Callable[[str], bool]]] = {
    "=": _is_one_of,
    "~": _has,
    "<": _compared(lambda found, text: found < text),
    ">": _compared(lambda found, text: found > text),
    "<=": _compared(lambda found, text: found <= text),
    ">=": _compared(lambda found, text: found >= text),
}


def _plain(text: str) -> str:
    """Without accents and capitals."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).replace("’", "'")


def _found(value: Any, way: Sequence[str]) -> Iterator[Any]:
    """What lies at the end of the way; one that has a single name may begin anywhere."""
    if isinstance(value, list):
        for item in value:
            yield from _found(item, way)
    elif isinstance(value, dict):
        for name, part in value.items():
            is_meant = name == way[0] or (len(way) == 1 and name == f"{way[0]}_code")
            if is_meant and len(way) > 1:
                yield from _found(part, way[1:])
            elif is_meant:
                yield from part if isinstance(part, list) else [part]
            elif len(way) == 1:
                yield from _found(part, way)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
