"""What somebody may be reached by: telephone numbers, mailboxes and links that stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from phonenumbers import PhoneNumberMatcher

from backbone.texts.pasted import skeleton

_AT = r"\s?(?:@|\(at\)|\[at\]|\(arobase\)|\[arobase\]|\sarobase\s)\s?"  # as people write who fear machines
_DOT = r"\s?(?:\.|\(dot\)|\[dot\]|\(point\)|\[point\]|\spoint\s)\s?"
_MAILBOX = re.compile(rf"[\w.+-]*\w{_AT}[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE)
_SOME_AT = re.compile(_AT, re.IGNORECASE)
_LINK = re.compile(
    r"https?://[^\s<>«»]+\.[^\s<>«»]+|\bwww\.[\w-]+\.\w+|\b[\w-]+\.(?:fr|com|org|net|eu|io|bzh|re|alsace)\b", re.I
)
REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT")  # whose numbers begin with a nought when dialled from there
_MOST_TRIES, _MOST_NUMBERS = 100, 10  # in one text: one that is made of digits alone takes a quarter of a second
_SOME_DIGITS = re.compile(r"\d(?:[\W_x]{0,8}\d){5}")  # no number has less, its country included
_SLASHED = re.compile(r"\b0[1-9](?:/\d\d){4}\b")


def reachable(text: str) -> Iterator[str]:
    """The telephone numbers and mailboxes in a text, as they stand there."""
    if _SOME_AT.search(text):
        yield from (match.group().strip() for match in _MAILBOX.finditer(text))
    # in the digits of one script and with one kind of blank, as the library knows numbers
    plain = skeleton(text) if text else ""
    if not _SOME_DIGITS.search(plain):
        return  # as in most texts: the library would look at it six times over
    for region in REGIONS:
        numbers = PhoneNumberMatcher(plain, region, max_tries=_MOST_TRIES)
        yield from (at.raw_string.strip() for at in islice(numbers, _MOST_NUMBERS))
    yield from (match.group() for match in _SLASHED.finditer(plain))


def says_how_to_register(text: str) -> bool:
    """Whether a text has a link, a mailbox or a number in it that a visitor may use."""
    return _LINK.search(text) is not None or any(reachable(text))
